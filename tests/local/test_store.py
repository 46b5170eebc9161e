"""The records: found by kind and parent, in the order of their making, without a look at all others."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lakebase.local.records import Branch, Database, Record, Role
from lakebase.local.store import Store

MANY = 50


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "state.db")) as store:
        yield store


def role(branch: int, name: str, **fields: str) -> Role:
    return Role(f"projects/p/branches/b{branch}/roles/{name}", name, 0, 0, **fields)


def names(records: list[Role]) -> list[str]:
    return [f"{record.parent[-2:]} {record.id}" for record in records]


def test_found_by_kind_and_parent_in_the_order_of_their_making(store: Store) -> None:
    database = Database("projects/p/branches/b1/databases/z", "z", 0, 0)
    for record in (role(1, "z"), role(2, "y"), database, role(1, "a")):
        store.put(record)
    store.put(role(1, "z", postgres_role="changed"))
    assert names(store.all(Role)) == ["b1 z", "b2 y", "b1 a"]
    assert names(store.all(Role, "projects/p/branches/b1")) == ["b1 z", "b1 a"]
    assert store.all(Role, "projects/p/branches/b1")[0].postgres_role == "changed"
    assert store.all(Database, "projects/p/branches/b1") == [database]
    assert store.all(Branch) == store.all(Role, "projects/p/branches/b3") == []


def test_what_is_dropped_or_rolled_back_is_not_found(store: Store) -> None:
    for record in (role(1, "z"), role(1, "a")):
        store.put(record)
    store.drop("projects/p/branches/b1/roles/z")
    store.drop("projects/p/branches/b1/roles/nobody")
    with pytest.raises(RuntimeError), store.together():
        store.drop("projects/p/branches/b1/roles/a")
        store.put(role(2, "y"))
        raise RuntimeError
    assert names(store.all(Role)) == names(store.all(Role, "projects/p/branches/b1")) == ["b1 a"]
    assert store.all(Role, "projects/p/branches/b2") == []


def test_the_children_of_others_are_not_looked_at(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(MANY):
        store.put(role(number, "z"))
    looked_at, parent = [], Record.parent.fget
    assert parent is not None
    monkeypatch.setattr(Record, "parent", property(lambda record: looked_at.append(record) or parent(record)))
    assert store.all(Role, "projects/p/branches/b7")[0].name == "projects/p/branches/b7/roles/z"
    assert looked_at == []
