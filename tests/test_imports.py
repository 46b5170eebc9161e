"""Who imports whom, read from the sources: docs/architecture.md tells why."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator import CHECKOUT

APPS = ("audit", "catalog", "orders", "console", "training")
OURS = ("lakebase", "lakeshop", "pages", *APPS)
SOURCES = sorted(
    path for package in OURS for path in (CHECKOUT / package).rglob("*.py") if (CHECKOUT / package).is_dir()
)

# What each package may import of ours, beside itself.
MAY_IMPORT = {
    "pages": set[str](),
    "audit": {"pages"},
    "catalog": {"audit", "pages"},
    "orders": {"catalog", "audit", "pages"},
    "console": {"catalog", "orders", "audit", "pages"},
    "training": {"catalog", "orders", "audit", "pages"},
    "lakebase": set[str](),
    "lakeshop": {"lakebase", "pages", *APPS},
}

# What each room of the emulator may import of the other rooms; the files beside them may import all.
ROOMS = {
    "cluster": set[str](),
    "gateway": set[str](),
    "history": {"cluster"},
    "rest": {"cluster", "history"},
    "standby": {"cluster", "rest"},
    "faults": {"gateway", "rest"},
}

READS_THE_ENVIRONMENT = {
    "lakeshop/env.py",
    "lakeshop/wsgi.py",
    "manage.py",
    "gunicorn.conf.py",
    "lakebase/processes.py",  # hands ours on to child processes
}


def imports(path: Path, *, within_functions: bool = True) -> Iterator[str]:
    """The full names of what a file imports; relative imports are resolved."""
    package = list(path.relative_to(CHECKOUT).with_suffix("").parts)
    tree = ast.parse(path.read_text())
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if id(node) in inner and not within_functions:
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: -node.level]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            yield module
            yield from (f"{module}.{name.name}" for name in node.names)


def relative(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_imports_point_one_way(path: Path) -> None:
    package = path.relative_to(CHECKOUT).parts[0]
    foreign = {name.split(".")[0] for name in imports(path)} & set(OURS) - {package}
    assert foreign <= MAY_IMPORT[package]


@pytest.mark.parametrize("path", sorted((CHECKOUT / "catalog" / "search").glob("*.py")), ids=relative)
def test_the_search_knows_nothing_of_imports_from_files(path: Path) -> None:
    assert not [name for name in imports(path) if name.startswith("catalog.importing")]


@pytest.mark.parametrize("path", sorted((CHECKOUT / "lakebase" / "local").rglob("*.py")), ids=relative)
def test_the_emulator_imports_nothing_of_ours_and_no_django(path: Path) -> None:
    for name in imports(path):
        assert name.split(".")[0] not in {*OURS, "django"} or name.startswith("lakebase.local") or name == "lakebase"


@pytest.mark.parametrize("path", sorted((CHECKOUT / "lakebase" / "local").glob("*/*.py")), ids=relative)
def test_the_rooms_of_the_emulator_know_each_other_one_way(path: Path) -> None:
    room = path.parent.name
    known = {name.split(".")[2] for name in imports(path) if name.startswith("lakebase.local.")}
    assert known & set(ROOMS) - {room} <= ROOMS[room]


@pytest.mark.parametrize("path", [p for p in SOURCES if "local" not in p.parts], ids=relative)
def test_only_its_command_imports_the_emulator(path: Path) -> None:
    if relative(path) != "lakebase/management/commands/lakebase_local.py":
        assert not [name for name in imports(path) if name.startswith("lakebase.local.") or name == "lakebase.local"]


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_the_sdk_is_imported_behind_one_door_and_inside_functions(path: Path) -> None:
    """Its import takes seconds, which a page, a command or a test that needs no workspace shall not wait for."""
    type_checking = ast.parse(path.read_text())
    guarded = {
        id(inner)
        for node in ast.walk(type_checking)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in type_checking.body:
        names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.append(node.module)
        assert id(node) in guarded or not [name for name in names if name.startswith("databricks")]


@pytest.mark.parametrize("path", [*SOURCES, CHECKOUT / "manage.py", CHECKOUT / "gunicorn.conf.py"], ids=relative)
def test_the_environment_is_read_in_few_places(path: Path) -> None:
    if relative(path) in READS_THE_ENVIRONMENT or "local" in path.parts:
        return
    read = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "putenv"}
    ]
    assert not read, f"{relative(path)} reads the environment in line {read}"
