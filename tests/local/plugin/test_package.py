"""`lakebase/local` lifted out: a wheel of it alone serves, and docs/other-projects.md runs on it as it stands."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.emulator import CHECKOUT, plain_environment
from tests.local.plugin.bare_environment import BareEnvironment

PACKAGE = CHECKOUT / "lakebase" / "local"
PAGE = (CHECKOUT / "docs" / "other-projects.md").read_text()
BLOCK = re.compile(r"^```(python|bash)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_SHIPPED = {"pyproject.toml", "LICENSE"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the directory, with nothing of this project around it."""
    directory = tmp_path_factory.mktemp("package")
    copied = shutil.copytree(PACKAGE, directory / "anywhere", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--no-deps", "--no-build-isolation", "--no-index", "-q", "-w", str(directory)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(copied)], check=True)
    (wheel,) = directory.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> BareEnvironment:
    """With the package, and what a project that tests with it has besides."""
    return BareEnvironment(tmp_path_factory.mktemp("bare") / "venv", wheel, "databricks-sdk", "sqlalchemy", "pytest")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The page's files, each named by its first line."""
    blocks = [code for language, code in BLOCK.findall(PAGE) if language == "python"]
    files = {code.splitlines()[0].removeprefix("# "): code for code in blocks}
    programs = {"items_psycopg.py", "items_sqlalchemy.py", "make_project.py"}
    assert set(files) == programs | {"conftest.py", "test_items.py", "test_faults.py"}
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    return tmp_path


def run(bare: BareEnvironment, project: Path, script: str) -> str:
    """What the page's commands print in a shell whose environment is the bare one."""
    environment = plain_environment() | {"PATH": f"{bare.bin}:/usr/bin:/bin", "TMPDIR": str(project)}
    for name in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS", "VIRTUAL_ENV"):
        environment.pop(name, None)
    process = subprocess.Popen(
        ["bash", "-eu", "-c", script], cwd=project, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    try:
        said, _ = process.communicate(timeout=60)
    finally:
        # Where a command fails, the emulator in the shell's background would stay.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    assert process.returncode == 0, said
    return said


def commands(containing: str) -> str:
    (script,) = [code for language, code in BLOCK.findall(PAGE) if language == "bash" and containing in code]
    return script


def test_wheel_holds_every_file_and_the_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (licence,) = [name for name in names if name.endswith("/licenses/LICENSE")]
        assert archive.read(licence) == (CHECKOUT / "LICENSE").read_bytes()
    files = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    expected = {
        f"lakebase/local/{path.relative_to(PACKAGE).as_posix()}" for path in files if path.name not in NOT_SHIPPED
    }
    assert {name for name in names if ".dist-info/" not in name} == expected


def test_bare_environment_has_nothing_else_of_ours(bare: BareEnvironment, project: Path) -> None:
    script = "import importlib.util as u, lakebase.local; print([bool(u.find_spec(n)) for n in ('django', 'lakeshop')])"
    assert run(bare, project, f'python -c "{script}; print(lakebase.local.__file__)"').splitlines() == [
        "[False, False]",
        str(bare.site / "lakebase" / "local" / "__init__.py"),
    ]


def test_programs_of_the_page_run(bare: BareEnvironment, project: Path) -> None:
    said = run(bare, project, commands("make_project.py"))
    assert [line for line in said.splitlines() if line.startswith(("made", "psycopg", "SQLAlchemy"))] == [
        "made projects/demo",
        "psycopg: 1",
        "SQLAlchemy: 2",
    ]
    assert not (project / ".lakebase").exists()


def test_tests_of_the_page_pass(bare: BareEnvironment, project: Path) -> None:
    said = run(bare, project, commands("pytest\n"))
    assert re.search(r"plugins:.*lakebase-local", said)
    assert "5 passed" in said
