"""A CSV file as people really have them: bytes to rows with their line numbers, one at a time, or one clear refusal.

Nothing but the current record is ever in memory, whatever the file holds.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import IO

from ..models import LONGEST_DESCRIPTION

# In characters. A quotation mark that nobody closes would otherwise take in the rest of the file. The longest that the
# shop keeps is a description, with the apostrophe that an export may put before it; a row of one has its quotation
# marks twice, and its other cells.
LONGEST_CELL = LONGEST_DESCRIPTION + 1
LONGEST_RECORD = 3 * LONGEST_DESCRIPTION
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
BUFFER = 1 << 16
EMPTY = "The file is empty. Its first line names the columns, each further line is one row."
SAVE_AS = "In the spreadsheet choose Save as, CSV UTF-8 (comma delimited), and give that file."
BEGINNINGS = {
    b"PK\x03\x04": f"This is a workbook or a zip file, not a CSV file. {SAVE_AS}",
    b"\xd0\xcf\x11\xe0": f"This is an old Excel workbook, not a CSV file. {SAVE_AS}",
    b"\xff\xfe": f"The file is in UTF-16 (Unicode text). {SAVE_AS}",
    b"\xfe\xff": f"The file is in UTF-16 (Unicode text). {SAVE_AS}",
    b"\x89PNG": "This is a picture, not a CSV file.",
    b"\xff\xd8\xff": "This is a picture, not a CSV file.",
    b"GIF8": "This is a picture, not a CSV file.",
    b"%PDF": "This is a PDF document, not a CSV file.",
    b"\x1f\x8b": "The file is compressed. Unpack it and give the CSV file that is in it.",
}
# The module's limit is the process's, and 131,072 at first: too little for a long description.
csv.field_size_limit(LONGEST_CELL)


class FileRefused(ValueError):
    """The file as a whole cannot be used; the message says why and what helps."""


class OfNoKind(FileRefused):
    """Nor would it be of use as one of another kind of ours."""


class CsvFile:
    """Reads a binary file, which must be able to seek: `header` first, then `records()`; `sha256` when those are read.

    Raises FileRefused from both.
    """

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self.source = file
        self.digest = hashlib.sha256()
        self.line = 0
        self.delimiter = ","
        self._size = 0
        self._last = ""
        self._text = io.TextIOWrapper(
            io.BufferedReader(_Digested(file, self.digest), BUFFER),
            # A byte that is no UTF-8 comes out as a lone surrogate, which tells the line it stands in.
            encoding="utf-8-sig",
            errors="surrogateescape",
            newline="",
        )
        self._lines: Iterator[str] = self._checked(_beginning(file))

    @property
    def sha256(self) -> str:
        return self.digest.hexdigest()

    def choose_delimiter(self, known: Callable[[list[str]], int]) -> None:
        """Take the delimiter by which most headings of the first line are `known`, of equal ones the comma."""
        line = self._first_line()
        found = {}
        for delimiter in DELIMITERS:
            # Not strictly: a heading may go on in the next line.
            found[delimiter] = known(next(csv.reader([line], delimiter=delimiter)))
        self.delimiter = max(DELIMITERS, key=found.__getitem__)

    def again(self) -> CsvFile:
        """The same file from its start."""
        again = CsvFile(self.source)
        again.delimiter = self.delimiter
        again._first_line()
        return again

    def _first_line(self) -> str:
        """The first line that says anything, which the next record begins with again."""
        for line in self._lines:
            if line.lower().startswith("sep=") and self.line == 1:  # Excel's own hint, no data
                continue
            if line.strip(" ,;\t\r\n\ufeff"):
                self.line -= 1
                self._lines = chain(self._once(line), self._lines)
                return line
        raise FileRefused(EMPTY)

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Each record with the number of the line in which it begins; lines that hold nothing are passed over."""
        reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)
        while True:
            begins, self._size = self.line + 1, 0
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise self._malformed(begins, error) from None
            if row and (row[0].strip() or any(map(str.strip, row))):
                yield begins, row

    def other_delimiter(self, cells: list[str], width: int) -> str:
        """The delimiter by which a line would have `width` cells, where it has not by that of the first; else ""."""
        if width == 1:
            return ""
        line = self.delimiter.join(cells)
        others = (each for each in DELIMITERS if each != self.delimiter)
        return next((each for each in others if _cells_in(line, each) == width), "")

    def mixed(self, other: str) -> str:
        """What is said of a line that has another delimiter than the first one."""
        return (
            f"This line has {DELIMITERS[other]}s between its cells, and the first line has "
            f"{DELIMITERS[self.delimiter]}s: use one of them in the whole file."
        )

    def _once(self, line: str) -> Iterator[str]:
        self.line += 1
        yield line

    def _checked(self, refused: str | None) -> Iterator[str]:
        if refused:
            raise FileRefused(refused)
        for line in iter(partial(self._text.readline, LONGEST_RECORD + 1), ""):
            self.line += 1
            self._last = line
            self._size += len(line)
            if self._size > LONGEST_RECORD:
                raise FileRefused(
                    f"Up to line {self.line} one row takes more than 3 MB. Perhaps a quotation mark before it is not "
                    "closed, or this is no CSV file."
                )
            if "\0" in line:
                raise FileRefused(f"Line {self.line} holds a NUL byte. {SAVE_AS}")
            if not line.isascii():
                self._refuse_other_encodings(line)
            yield line

    def _refuse_other_encodings(self, line: str) -> None:
        try:
            line.encode()
        except UnicodeEncodeError as error:
            around = line[max(error.start - 20, 0) : error.end + 20].strip()
            read = around.encode(errors="surrogateescape").decode("cp1252", errors="replace")
            raise FileRefused(
                f"Line {self.line} is not in UTF-8. If this reads right, the file is in Windows-1252: “{read}”. "
                f"{SAVE_AS}"
            ) from None

    def _malformed(self, begins: int, error: csv.Error) -> FileRefused:
        if "field larger" in str(error):
            return FileRefused(
                f"The row that begins in line {begins} has a cell of more than 1 MB. Perhaps a quotation mark is not "
                "closed."
            )
        if "end of data" in str(error):
            return FileRefused(
                f"The row that begins in line {begins} opens a quotation mark that is never closed. Close it; inside a "
                'quoted cell a quotation mark is written twice ("").'
            )
        if other := next((each for each in DELIMITERS if each != self.delimiter and f'"{each}' in self._last), ""):
            return FileRefused(f"Line {self.line}: {self.mixed(other)}")
        return FileRefused(
            f"In the row that begins in line {begins} text follows a closing quotation mark. Inside a quoted cell a "
            'quotation mark is written twice ("").'
        )


class _Digested(io.RawIOBase):
    """Passes a file's bytes on and takes their digest; closing it leaves the file open."""

    def __init__(self, file: IO[bytes], digest: hashlib._Hash) -> None:
        self.file, self.digest = file, digest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader hands it
        chunk = self.file.read(len(buffer))
        self.digest.update(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _beginning(file: IO[bytes]) -> str | None:
    """Why a file that begins like this is no CSV file; it is read from its start again."""
    head = file.read(4096)
    file.seek(0)
    for beginning, refusal in BEGINNINGS.items():
        if head.startswith(beginning):
            return refusal
    if head.count(0) > len(head) // 4:
        return f"The file is in UTF-16 or is no text at all. {SAVE_AS}"
    if b"\0" in head and any(byte < 9 for byte in head.replace(b"\0", b"")):
        return f"This is a binary file, not a CSV file. {SAVE_AS}"
    return None


def _cells_in(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter), []))
    except csv.Error:  # it is no line by this delimiter: a return stands in the middle of it
        return 0
