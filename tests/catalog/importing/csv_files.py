"""CSV files for the tests, and the two doors they go through."""

from io import BytesIO
from typing import Any

from catalog.importing import Preview, Report, import_file, preview


def file_of(text: str | bytes) -> BytesIO:
    return BytesIO(text if isinstance(text, bytes) else text.encode())


def imported(text: str | bytes, kind: str = "products", **options: Any) -> Report:
    return import_file(file_of(text), kind, **options)


def previewed(text: str | bytes, kind: str = "products", **options: Any) -> Preview:
    return preview(file_of(text), kind, **options)


def faults(text: str | bytes, kind: str = "products") -> list[tuple[int, str, str]]:
    """(line, column, message) of what is wrong, which both doors must tell alike."""
    said = previewed(text, kind).faults
    report = imported(text, kind)
    assert not report.imported and report.faults == said
    return [(fault.line, fault.column, fault.message) for fault in said]
