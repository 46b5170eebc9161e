"""How much the tests that make up their own cases try, and a data directory without an emulator."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import settings

from lakebase.local.cluster.account import postgres_account
from lakebase.local.cluster.data import DataDirectory

settings.register_profile("suite", max_examples=500, deadline=None)
settings.register_profile("fuzz", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture
def data(tmp_path: Path) -> Iterator[DataDirectory]:
    """In which no server runs; its directory of sockets, which may lie elsewhere, goes afterwards."""
    with closing(DataDirectory(tmp_path, tmp_path / "clusters", postgres_account(), cast(Any, None))) as data:
        yield data
