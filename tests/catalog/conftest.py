"""Uploads of each test in a folder of its own."""

from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def uploads(tmp_path: Path, settings: Settings) -> Path:
    """Where the site keeps uploads; made when the first one comes."""
    settings.UPLOADS_DIR = tmp_path / "uploads"
    return tmp_path / "uploads"
