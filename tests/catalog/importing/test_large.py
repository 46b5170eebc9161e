"""Files far larger than the memory an import may take."""

import tempfile
import tracemalloc
from collections.abc import Iterator
from typing import IO

import pytest

from catalog.importing import import_file, preview
from catalog.models import Product
from tests.catalog.importing.csv_files import file_of
from tests.shop import value

pytestmark = pytest.mark.slow

MEGABYTE = 1 << 20
TWO_HUNDRED = 200 * MEGABYTE


@pytest.fixture
def large() -> Iterator[IO[bytes]]:
    """More than 200 MB in 20,000 lines, each tenth of which is wrong."""
    description = "A word or two about it. " * 440
    with tempfile.TemporaryFile() as file:
        file.write(b"sku,name,price,stock,description\n")
        for number in range(20_000):
            price = "x" if number % 10 == 0 else "1.50"
            file.write(f"S{number},Product {number},{price},{number},{description}\n".encode())
        assert file.tell() > TWO_HUNDRED
        yield file


def test_two_hundred_megabytes_take_little_memory_here(own_database: str, large: IO[bytes]) -> None:
    with tempfile.TemporaryFile() as rejected:
        tracemalloc.start()
        report = import_file(large, "products", partial=True, rejected=rejected)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (report.lines, report.inserted, report.rejected) == (20_000, 18_000, 2_000)
        assert most < 20 * MEGABYTE
        assert rejected.tell() > TWO_HUNDRED / 10
    assert value("SELECT count(*) FROM audit_log WHERE table_name = 'products'") == 18_000 == Product.objects.count()


@pytest.mark.soak
def test_many_wrong_lines_take_little_memory_here(own_database: str) -> None:
    file = file_of(b"sku,name,price\n" + b",,x\n" * 300_000)
    with tempfile.TemporaryFile() as rejected:
        tracemalloc.start()
        told = preview(file, "products", rejected=rejected)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (told.rejected, told.fault_count, len(told.faults)) == (300_000, 600_000, 200)
        assert most < 20 * MEGABYTE
        assert rejected.tell() > 15 * MEGABYTE
