"""CSV files of products and users: shown before they are imported, and imported whole or without their wrong lines.

`preview` and `import_file` read, stage and judge a file in the same way; the admin, the Bulk Import page and
`manage.py import_csv` all come through these two. The lines are copied into a temporary table of texts, judged by
set-wise statements (statements.py) and merged by one. docs/csv.md tells people what a file may look like.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

from django.db import IntegrityError, OperationalError, transaction

from pages.counted import counted

from ..models import CsvImport
from .columns import KINDS
from .file import FileRefused
from .rejected import REASON, write_rejected
from .staging import MOST_NAMED, Staged, named, one, run, stage

MOST_FAULTS = 200
SHOWN = 200  # characters of a cell
# One import of a kind at a time: two would wait for each other's rows. "csv" in ASCII, and the kind's place.
LOCK = 0x637376

ACTING = """
SELECT coalesce(current_setting('lakeshop.actor', true), ''),
    coalesce(current_setting('lakeshop.request_id', true), ''), txid_current()
"""


class Fault(NamedTuple):
    """What is wrong in one cell; `column` is "" where it is the whole line."""

    line: int
    column: str
    value: str
    message: str


class Change(NamedTuple):
    """What a line changes in one column of the row that is known by `key`; long values are cut."""

    line: int
    key: str
    column: str
    old: str
    new: str


@dataclass(kw_only=True)
class Judged:
    """What both answers tell about a file. `faults` are the first of `fault_count`, which are in `rejected` lines."""

    kind: str
    file_name: str
    sha256: str
    delimiter: str
    columns: list[str]
    ignored: list[str]
    lines: int
    rejected: int
    fault_count: int
    faults: list[Fault]
    # Why importing this file again would make its rows a second time; "" where it would not.
    repeated: str

    @property
    def wrong_words(self) -> str:
        """As in "1 of 2 lines is wrong"."""
        return f"{self.rejected:,} of {counted(self.lines, 'line')} {'is' if self.rejected == 1 else 'are'} wrong"

    @property
    def ignored_words(self) -> str:
        return named(self.ignored)

    @property
    def ignored_more(self) -> str:
        more = len(self.ignored) - MOST_NAMED
        return f"{more:,}" if more > 0 else ""


@dataclass(kw_only=True)
class Preview(Judged):
    """What an import would do; nothing was written. `rows` are the first of the file with their line numbers.

    `changes` are those of the first MOST_CHANGED rows that it would change.
    """

    new: int
    changed: int
    unchanged: int
    changes: list[Change]
    headings: list[str]
    rows: list[tuple[int, list[str]]]


@dataclass(kw_only=True)
class Report(Judged):
    """What an import did. Not `imported`: there were wrong lines, and so nothing at all was written."""

    imported: bool = False
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    seconds: float = 0.0
    # Of the audit entries and of the history.
    txid: int = field(default=0)
    request_id: str = ""
    actor: str = ""
    import_id: int | None = None


def preview(file: IO[bytes], kind: str, *, file_name: str = "", rejected: IO[bytes] | None = None) -> Preview:
    """What importing the file would do, without doing it or locking anything.

    `file` must be able to seek, and is read from its start. The wrong lines go to `rejected` as import_file() says.
    Raises FileRefused when the file as a whole cannot be used.
    """
    with transaction.atomic():
        staged = stage(file, KINDS[kind])
        judged = _judged(staged, file_name, rejected)
        new, changed, lines = one(staged.statements.count)
        changes = [Change(*each) for each in run(staged.statements.changes(lines))] if lines else []
        transaction.set_rollback(True)
    return Preview(
        **vars(judged),
        new=new,
        changed=changed,
        unchanged=staged.sound - new - changed,
        changes=changes,
        headings=staged.headings,
        rows=[(line, [cell[:SHOWN] for cell in cells]) for line, cells in staged.rows],
    )


def import_file(
    file: IO[bytes],
    kind: str,
    *,
    partial: bool = False,
    again: bool = False,
    file_name: str = "",
    rejected: IO[bytes] | None = None,
) -> Report:
    """Bring the table to what the file says, in one transaction in the name of whoever acts in it.

    With wrong lines nothing is written or, if `partial`, the others are. The wrong ones go to the binary file
    `rejected` as CSV, each as it stood with its reasons before it, to be mended and imported. A file that was imported
    before and has rows without a key would make those a second time: that is refused unless `again` is given.

    Raises FileRefused as preview() does, also when another writer was in the way; then nothing was written.
    """
    began = time.monotonic()
    with _refusals(), transaction.atomic():
        run("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, list(KINDS).index(kind)])
        staged = stage(file, KINDS[kind])
        report = Report(**vars(_judged(staged, file_name, rejected)))
        if report.repeated and not again:
            raise FileRefused(report.repeated)
        if partial or not report.rejected:
            _merge(staged, report)
            report.seconds = time.monotonic() - began
            _record(report)
    report.seconds = time.monotonic() - began
    return report


def _judged(staged: Staged, file_name: str, rejected: IO[bytes] | None) -> Judged:
    fault_count, wrong_lines, faults, staged.sound, keyless = one(staged.statements.found(MOST_FAULTS))
    if wrong_lines and rejected is not None:
        write_rejected(staged.file.again(), rejected)
    return Judged(
        kind=staged.kind.name,
        file_name=Path(file_name or str(getattr(staged.file.source, "name", ""))).name[:SHOWN],
        sha256=staged.file.sha256,
        delimiter=staged.file.delimiter,
        columns=[name for name in staged.columns if name],
        ignored=[name for name in staged.ignored() if name != REASON],
        lines=staged.lines,
        rejected=wrong_lines,
        fault_count=fault_count,
        faults=[Fault(*fault) for fault in faults],
        repeated=_repeated(staged, keyless) if keyless else "",
    )


def _repeated(staged: Staged, keyless: int) -> str:
    before = CsvImport.objects.filter(sha256=staged.file.sha256, kind=staged.kind.name, inserted__gt=0).last()
    if before is None:
        return ""
    by = f" by {before.actor}" if before.actor else ""
    have, them = ("has", "it") if keyless == 1 else ("have", "them")
    return (
        f"This very file was imported on {before.imported_at:%d %B %Y at %H:%M} UTC{by}, and {keyless:,} of its rows "
        f"{have} no {staged.kind.key_words}: importing it again makes {them} a second time."
    )


def _merge(staged: Staged, report: Report) -> None:
    run(staged.statements.lock)
    report.inserted, report.updated = one(staged.statements.merge)
    report.unchanged = staged.sound - report.inserted - report.updated
    report.imported = True


def _record(report: Report) -> None:
    report.actor, report.request_id, report.txid = one(ACTING)
    told = asdict(report)
    report.import_id = CsvImport.objects.create(**{name: told[name] for name in CsvImport.TOLD}).pk


@contextmanager
def _refusals() -> Iterator[None]:
    """Another writer in the way, as a sentence."""
    try:
        yield
    except (IntegrityError, OperationalError) as error:
        state = getattr(error.__cause__, "sqlstate", None) or ""
        if not state.startswith(("23", "40")):
            raise
        raise FileRefused(
            "Somebody else changed the same rows while the file was being imported, and nothing of it was written. "
            "Import it again."
        ) from error
