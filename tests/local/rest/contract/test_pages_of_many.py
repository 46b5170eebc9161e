"""Lists of 250 branches, page by page: each once, in order, also while others come and go."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from lakebase.local.records import Branch, Database, Endpoint, Project, Record, Role, Snapshot
from lakebase.local.store import Store
from tests.emulator import Emulator
from tests.local.rest.contract.wire import ask, read
from tests.local.sdk import Sdk

# Each second the emulator looks whether an endpoint may sleep: of read-only ones no more than fill a page.
MANY, READERS, PROJECT = 250, 100, "projects/many"
ROOT = f"{PROJECT}/branches/b000"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sdk]:
    """An emulator whose records say that there are 250 branches, and about as many of each other kind on one of them.

    The records alone: a PostgreSQL behind each would take minutes, and no list looks at it.
    """
    emulator = Emulator(tmp_path_factory.mktemp("many") / "local")
    try:
        emulator.stop()
        store, now = Store(emulator.directory / "state.db"), time.time()
        with store.together():
            for record in records(now):
                store.put(record)
        store.close()
        emulator.start()
        yield Sdk(emulator)
    finally:
        emulator.destroy()


def records(now: float) -> Iterator[Record]:
    yield Project(PROJECT, "many", now, now, default_branch=ROOT)
    for number in range(MANY):
        branch = f"{PROJECT}/branches/b{number:03}"
        source = "" if branch == ROOT else ROOT
        yield Branch(branch, f"br-{number:012x}", now, now, state="READY", source_branch=source)
        yield Endpoint(f"{branch}/endpoints/primary", f"ep-{number:012x}", now, now)
        yield Role(f"{ROOT}/roles/rol-{number:03}", f"rol-{number:03}", now, now, postgres_role=f"r{number}")
        yield Database(f"{ROOT}/databases/db-{number:03}", f"db-{number:03}", now, now, postgres_database=f"d{number}")
        yield Snapshot(f"{PROJECT}/snapshots/s{number:03}", f"sn-{number:012x}", now, now, source_branch=ROOT)
        yield Project(f"projects/p{number:03}", f"p{number:03}", now, now)
    for number in range(READERS):
        reader = f"{ROOT}/endpoints/r{number:03}"
        yield Endpoint(reader, f"ep-r{number:011x}", now, now, read_only=True, disabled=True)


def pages(sdk: Sdk, path: str, key: str, size: int | None) -> Iterator[list[dict[str, Any]]]:
    """What each page holds, as a client that follows next_page_token gets them."""
    token, seen = "", set[str]()
    while True:
        query = f"?page_token={token}" + (f"&page_size={size}" if size is not None else "")
        body = read(sdk, path + query)
        yield body[key]
        token = body.get("next_page_token", "")
        if not token:
            return
        assert token not in seen
        seen.add(token)


BRANCHES = [f"{PROJECT}/branches/b{n:03}" for n in range(MANY)]


@pytest.mark.parametrize(
    ("path", "key", "expected"),
    [
        (f"{ROOT}/roles", "roles", [f"{ROOT}/roles/rol-{n:03}" for n in range(MANY)]),
        (f"{ROOT}/databases", "databases", [f"{ROOT}/databases/db-{n:03}" for n in range(MANY)]),
        (f"{PROJECT}/snapshots", "snapshots", [f"{PROJECT}/snapshots/s{n:03}" for n in range(MANY)]),
        (f"{ROOT}/endpoints", "endpoints",
         [f"{ROOT}/endpoints/primary", *(f"{ROOT}/endpoints/r{n:03}" for n in range(READERS))]),
        ("projects", "projects", [PROJECT, *(f"projects/p{n:03}" for n in range(MANY))]),
    ],
)  # fmt: skip
def test_pages_of_every_kind_hold_each_once(many: Sdk, path: str, key: str, expected: list[str]) -> None:
    found = list(pages(many, path, key, None))
    assert [one["name"] for page in found for one in page] == expected
    full, rest = divmod(len(expected), 100)
    assert [len(page) for page in found] == [100] * full + [rest]


@pytest.mark.parametrize(("size", "largest"), [(None, 100), (0, 100), (25, 25), (249, 100), (5000, 100)])
def test_pages_of_each_size_hold_each_once_and_in_order(many: Sdk, size: int | None, largest: int) -> None:
    found = list(pages(many, f"{PROJECT}/branches", "branches", size))
    assert [one["name"] for page in found for one in page] == BRANCHES
    assert {len(page) for page in found[:-1]} == {largest} and 1 <= len(found[-1]) <= largest


def test_the_sdk_follows_the_pages_by_itself(many: Sdk) -> None:
    names = [branch.name for branch in many.postgres.list_branches(PROJECT)]
    assert names == BRANCHES
    assert [branch.name for branch in many.postgres.list_branches(PROJECT, page_size=30)] == names
    assert len(list(many.postgres.list_roles(ROOT))) == len(list(many.postgres.list_databases(ROOT))) == MANY
    assert len(list(many.postgres.list_snapshots(PROJECT))) == MANY
    assert len(list(many.postgres.list_endpoints(ROOT))) == READERS + 1
    assert len(list(many.postgres.list_projects())) == MANY + 1


def test_nothing_is_skipped_or_doubled_when_branches_go_meanwhile(many: Sdk) -> None:
    following = pages(many, f"{PROJECT}/branches", "branches", 50)
    found = [one["name"] for one in next(following)]
    # The last one of the page that was read, whose name is the token, and one of the page to come.
    gone = [f"{PROJECT}/branches/b049", f"{PROJECT}/branches/b060"]
    for name in gone:
        assert ask(many, "DELETE", name).status_code == 200
    found += [one["name"] for page in following for one in page]
    assert found == [name for name in BRANCHES if name != gone[1]]
    left = {branch.name for branch in many.postgres.list_branches(PROJECT)}
    assert left == set(found) - {gone[0]}
    assert len(list(many.postgres.list_branches(PROJECT, show_deleted=True))) == MANY
    for name in gone:
        assert ask(many, "POST", f"{name}/undelete", {}).status_code == 200
