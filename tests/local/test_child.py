"""Lakebase Local as a child: whoever waits for the end of a change does not do so for ever."""

from pathlib import Path

import pytest

from tests.emulator import Emulator


@pytest.mark.slow
def test_change_that_does_not_end_is_told(tmp_path: Path) -> None:
    emulator = Emulator(tmp_path / "local", "--no-history", "--operation-delay", "60")
    try:
        with pytest.raises(TimeoutError, match=r"POST projects\?project_id=shop: not done after 0\.2 s"):
            emulator.finish("POST", "projects?project_id=shop", {}, seconds=0.2)
    finally:
        emulator.destroy()
