"""What an import of products costs: beside a raw COPY of the same rows, beside bulk_create, and in memory here.

Each works on the default connection, audited, and is undone. `measured` alternates the three and takes medians.
"""

import csv
import io
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from typing import IO, NamedTuple

from django.db import connection, transaction

from bench.figures import Figures
from catalog.importing import import_file
from catalog.models import Product

COLUMNS = ("sku", "name", "description", "price", "stock_quantity", "category", "tags")
CATEGORIES = ("Electronics", "Books", "Other")
MEGABYTE = 1 << 20


class Seconds(NamedTuple):
    copied: float
    imported: float
    created: float


def imports(figures: Figures, *, rows: int = 100_000, many: int = 1_000_000, turns: int = 5) -> None:
    """The figures of this module with their bars."""
    with products(rows) as file:
        seconds = measured(file, turns)
        used = memory(file)
    with products(many) as file:
        used_by_many = memory(file)
    share = seconds.copied / seconds.imported
    value = f"{rows / seconds.imported:,.0f} / {rows / seconds.copied:,.0f} = {share:.2f}"
    figures.say("import / raw COPY, audited, rows a second", value, "at least 0.6", holds=share >= 0.6)
    times = seconds.created / seconds.imported
    value = f"{rows / seconds.imported:,.0f} / {rows / seconds.created:,.0f} = {times:.1f}"
    figures.say("import / bulk_create, audited, rows a second", value, "at least 5", holds=times >= 5)
    value = f"{used / MEGABYTE:.1f} / {used_by_many / MEGABYTE:.1f} MB"
    holds = max(used, used_by_many) < 20 * MEGABYTE
    figures.say(f"memory of an import of {rows:,} / {many:,} rows", value, "under 20 MB", holds=holds)


def products(rows: int) -> IO[bytes]:
    """A file of new products, at its start."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed by who asked for it
    text = io.TextIOWrapper(file, newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for n in range(rows):
        price, tags = f"{n % 1000}.{n % 100:02}", f"a{n % 10},b{n % 7}"
        words = f"A fine product, number {n} of our range"
        writer.writerow([f"SKU-{n:07}", f"Product {n}", words, price, n % 500, CATEGORIES[n % 3], tags])
    text.detach()
    file.seek(0)
    return file


def measured(file: IO[bytes], turns: int) -> Seconds:
    timed = [(_undone(copied, file), _undone(imported, file), _undone(created, file)) for _ in range(turns)]
    return Seconds(*(statistics.median(each) for each in zip(*timed, strict=True)))


def memory(file: IO[bytes]) -> int:
    """The most that Python held more than before, in bytes; the client of COPY keeps nothing of its own."""
    tracemalloc.start()
    _undone(imported, file)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def imported(file: IO[bytes]) -> None:
    report = import_file(file, "products")
    assert report.imported and report.inserted == report.lines, report.faults


def copied(file: IO[bytes]) -> None:
    """The floor: the same rows straight into the table, read and checked by nobody."""
    columns = ", ".join(COLUMNS)
    with connection.cursor() as cursor, cursor.copy(f"COPY products ({columns}) FROM STDIN") as copy:
        for *cells, tags in _rows(file):
            copy.write_row([*cells, f"{{{tags}}}"])


def created(file: IO[bytes]) -> None:
    """As one writes it with Django alone."""
    Product.objects.bulk_create(
        (Product(**dict(zip(COLUMNS, [*cells, tags.split(",")], strict=True))) for *cells, tags in _rows(file)),
        batch_size=1000,
    )


def _rows(file: IO[bytes]) -> "csv._reader":
    file.seek(0)
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(file.read()), newline=""))
    next(rows)
    return rows


def _undone(work: Callable[[IO[bytes]], None], file: IO[bytes]) -> float:
    """Seconds of the work. What it wrote is taken back and swept away: the next begins as it did."""
    with transaction.atomic():
        began = time.perf_counter()
        work(file)
        took = time.perf_counter() - began
        transaction.set_rollback(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
    return took
