"""gunicorn's workers are forks, with or without preload: a child uses nothing that is its parent's."""

import os
from collections.abc import Callable

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker

from lakebase.backend.base import DatabaseWrapper
from lakebase.backend.pool import LakebasePool
from tests.emulator import Emulator
from tests.lakebase.conftest import Connect, ask

POOLS = pytest.mark.parametrize("pool", [False, True], ids=["direct", "pool"])


def child_succeeds(work: Callable[[], bool]) -> bool:
    """What `work` answers in a forked child; False when it raises there."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = 0 if work() else 1
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


@POOLS
def test_child_has_connections_of_its_own(
    local_lakebase: Emulator, connect: Connect, django_db_blocker: DjangoDbBlocker, pool: bool
) -> None:
    settings = connect(pool=pool).settings_dict
    connections.settings["forked"] = settings
    parent = connections["forked"]
    assert isinstance(parent, DatabaseWrapper)
    try:
        pid = ask(parent, "SELECT pg_backend_pid()")

        def child() -> bool:
            mine = connections["forked"]
            fresh = mine.connection is None and not mine._connection_pools.get("forked")
            return fresh and ask(mine, "SELECT pg_backend_pid()") != pid

        for _ in range(2):
            assert child_succeeds(child)
            assert ask(parent, "SELECT pg_backend_pid()") == pid
    finally:
        parent.close()
        if pool:
            parent.close_pool()
        del connections["forked"]
        del connections.settings["forked"]


def test_parents_idle_connections_survive_the_child(connect: Connect, local_lakebase: Emulator) -> None:
    connection = connect(pool=True)
    pid = ask(connection, "SELECT pg_backend_pid()")
    connection.close()  # back to the pool, where the child must not close it

    def child() -> bool:
        import gc

        pools = dict(connection._connection_pools)
        gc.collect()
        return not any(isinstance(pool, LakebasePool) for pool in pools.values())

    assert child_succeeds(child)
    assert ask(connection, "SELECT pg_backend_pid()") == pid
