"""A virtual environment that holds named packages and what they say they need, and nothing else.

Linked from the one we run in, so that nothing is downloaded: what a package forgot to name is missing there.
"""

import re
import subprocess
import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


class BareEnvironment:
    def __init__(self, directory: Path, wheel: Path, *packages: str) -> None:
        command = [sys.executable, "-m", "venv", "--without-pip", str(directory)]
        subprocess.run(command, check=True)
        self.bin = directory / "bin"
        (self.site,) = directory.glob("lib/python3.*/site-packages")
        command = [sys.executable, "-m", "pip", "--python", str(self.bin / "python"), "install", "-q"]
        subprocess.run([*command, "--no-deps", "--no-index", str(wheel)], check=True)
        (installed,) = self.site.glob("*.dist-info")
        self._linked: set[str] = set()
        needed = [Requirement(text) for text in Distribution.at(installed).requires or []]
        for requirement in [*needed, *map(Requirement, packages)]:
            self._link(requirement)

    def _link(self, requirement: Requirement) -> None:
        """The package, in a version that is asked for, with what it needs itself. Extras count, markers too."""
        package = distribution(requirement.name)
        assert requirement.specifier.contains(package.version, prereleases=True), f"{requirement}: {package.version}"
        for extra in ("", *requirement.extras):
            key = f"{canonicalize_name(requirement.name)}[{extra}]"
            if key in self._linked:
                continue
            self._linked.add(key)
            for text in package.requires or []:
                inner = Requirement(text)
                if inner.marker is None or inner.marker.evaluate({"extra": extra}):
                    self._link(inner)
        self._link_files(package)

    def _link_files(self, package: Distribution) -> None:
        for file in package.files or []:
            at, top = Path(str(package.locate_file(file))), file.parts[0]
            if top == ".." and at.parent.name == "bin":
                self._write_script(at)
            elif top != ".." and not (self.site / top).exists():
                (self.site / top).symlink_to(Path(str(package.locate_file(top))).resolve())

    def _write_script(self, script: Path) -> None:
        """A program such as `pytest`, under this environment's Python."""
        text = script.read_bytes()
        if text.startswith(b"#!") and b"python" in text.partition(b"\n")[0]:
            ours = self.bin / script.name
            ours.write_bytes(re.sub(rb"\A#!.*", b"#!" + bytes(self.bin / "python"), text, count=1))
            ours.chmod(0o755)
