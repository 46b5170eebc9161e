"""Files as spreadsheets and people make them: read as meant, or refused with one sentence that helps."""

import gzip
import zipfile
from io import BytesIO

import pytest

from catalog.importing import FileRefused
from catalog.models import CsvImport, Product
from tests.catalog.importing.csv_files import faults, imported, previewed

pytestmark = pytest.mark.django_db

PLAIN = "sku,name,price\nA,Lämp,1\nB,Table,2\n"

READ = {
    "UTF-8": PLAIN,
    "UTF-8 with a byte order mark": "\ufeff" + PLAIN,
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "lone CR": PLAIN.replace("\n", "\r"),
    "no newline at the end": PLAIN.rstrip(),
    "semicolons": PLAIN.replace(",", ";"),
    "tabs": PLAIN.replace(",", "\t"),
    "Excel's hint": "sep=;\r\n" + PLAIN.replace(",", ";"),
    "empty lines": "\n\n" + PLAIN.replace("\n", "\n\n") + ",,\n\n  \n;\n".replace(";", ", ,"),
    "header in another order and case": "PRICE,Name,SKU\n1,Lämp,A\n2,Table,B\n",
    "header with blanks and synonyms": " Unit Price , Product-Name ,Article Number\n1,Lämp,A\n2,Table,B\n",
    "quoted everything": '"sku","name","price"\n"A","Lämp","1"\n"B","Table","2"\n',
    "quoted header with its mark": '\ufeff"sku",name,price\nA,Lämp,1\nB,Table,2\n',
    "a column that is not known": "sku,Colour,name,price\nA,red,Lämp,1\nB,,Table,2\n",
    "a column without a heading": "sku,name,price,\nA,Lämp,1,\nB,Table,2,x\n",
}


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_file_is_read_as_meant(text: str) -> None:
    report = imported(text)
    assert report.faults == []
    assert list(Product.objects.order_by("sku").values_list("sku", "name", "price")) == [
        ("A", "Lämp", 1),
        ("B", "Table", 2),
    ]


def zipped() -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return into.getvalue()


REFUSED: dict[str, tuple[bytes | str, str]] = {
    "empty": ("", "The file is empty."),
    "blank lines only": ("\n \n,,\n", "The file is empty."),
    "byte order mark only": ("\ufeff", "The file is empty."),
    "header only": ("sku,name,price\n", "no rows below it"),
    "header and blank lines": ("sku,name,price\n\n,,\n", "no rows below it"),
    "no header": ("A,Lamp,1\nB,Table,2\n", "names no column of products. Name some of these in it: sku, name,"),
    "nothing needed": ("tags,category\na,b\n", "no column name and no column price"),
    "a column twice": ("sku,name,Product Name,price\nA,b,c,1\n", "2 columns mean name: name, Product Name."),
    "Windows-1252": (PLAIN.encode("cp1252"), "Line 2 is not in UTF-8. .* Windows-1252: “A,Lämp,1”. In the spreadsheet"),
    "UTF-16": (PLAIN.encode("utf-16"), "in UTF-16"),
    "UTF-16 without mark": (PLAIN.encode("utf-16-le"), "in UTF-16"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
    "a workbook": (zipped(), "a workbook or a zip file, .* Save as, CSV UTF-8"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old Excel workbook"),
    "a compressed file": (gzip.compress(PLAIN.encode()), "compressed"),
    "a program": (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0", "UTF-16 or is no text|binary"),
    "a NUL byte": ("sku,name,price\nA,L\0mp,1\n", "Line 2 holds a NUL byte"),
    "a late NUL byte": (PLAIN + "x" * 9000 + "\0", "Line 4 holds a NUL byte"),
    "a late wrong byte": (PLAIN.encode() + b"C," + b"x" * 200_000 + b"\xff,1\n", "Line 4 is not in UTF-8"),
    "a cell over 1 MB": (PLAIN + f"C,{'x' * 1_000_002},3\n", "begins in line 4 has a cell of more than 1 MB"),
    "a line over 3 MB": (PLAIN + "x," * 1_600_000, "line 4 one row takes more than 3 MB"),
    "a row over 3 MB": (PLAIN + '"a\n",' * 700_000, "one row takes more than 3 MB"),
    "an open quotation mark": (PLAIN + 'C,"Chair,3\nD,Stool,4\n', "begins in line 4 opens a quotation mark"),
    "text after a quotation mark": (PLAIN + 'C,"5" screen",3\n', "line 4 text follows a closing quotation mark"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_file_is_refused_in_one_sentence_and_leaves_nothing(text: str | bytes, said: str) -> None:
    for door in (previewed, imported):
        with pytest.raises(FileRefused, match=said):
            door(text, partial=True) if door is imported else door(text)
    assert not Product.objects.exists() and not CsvImport.objects.exists()


def test_users_need_their_key_column() -> None:
    with pytest.raises(FileRefused, match="no column email, by which users are known"):
        previewed("username\nann\n", "users")


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = 'sku,name,description,price\r\nA,Lamp,"two\r\nlines",1\r\n\r\nB,Table,"three\n\nlines",x\r\nC,Chair,,y\r\n'
    assert [(line, column) for line, column, _ in faults(text)] == [(5, "price"), (8, "price")]


def test_lines_with_too_few_or_too_many_cells_are_faults_of_their_own() -> None:
    few, many = "The line has 1 cell, the first line 3.", "The line has 4 cells, the first line 3."
    quoting = " A cell that holds the delimiter must be in quotation marks."
    assert faults("sku,name,price\nA\nB,Lamp, big,2\nC,Table,3\n") == [(2, "", few + quoting), (3, "", many + quoting)]


@pytest.mark.parametrize(
    ("text", "theirs", "first"),
    [
        ("sku;name;price\nA,Lamp,1\n", "comma", "semicolon"),
        ("sku,name,price\nA;Lamp;1\n", "semicolon", "comma"),
        ("sku,name,price\nA\tLamp\t1\n", "tab", "comma"),
        ('sku;name;price\nA,"Lamp, big",1\n', "comma", "semicolon"),
        ("sku,name,price\nA;Lamp, big;1\n", "semicolon", "comma"),
    ],
)
def test_a_line_with_another_delimiter_is_told_so(text: str, theirs: str, first: str) -> None:
    told = f"This line has {theirs}s between its cells, and the first line has {first}s:"
    text += text.splitlines()[0].replace("sku", "B").replace("price", "1") + "\n"
    assert faults(text) == [(2, "", f"{told} use one of them in the whole file.")]


def test_a_quoted_line_with_another_delimiter_is_told_so() -> None:
    said = "Line 3: This line has commas between its cells, and the first line has semicolons: use one of them"
    with pytest.raises(FileRefused, match=said):
        previewed('sku;name;price\nA;Lamp;1\n"B","Table","2"\n')


def test_a_line_that_is_none_by_the_other_delimiter_is_a_fault_all_the_same() -> None:
    assert "cells, the first line 3." in faults('sku,name,price\n,,,"\r0"\n', "products")[0][2]


def test_a_line_of_the_only_column_has_no_other_delimiter() -> None:
    assert "cells, the first line 1." in faults("email\na@b.de,x\n", "users")[0][2]


def test_unknown_columns_are_named() -> None:
    assert previewed("sku,Colour,price,,reason\nA,red,1,,\n").ignored == ["Colour", "(column 4)"]


def test_quoted_newlines_and_quotation_marks_arrive() -> None:
    imported('sku,name,description,price\nA,"5"" screen","one\r\ntwo\rthree\nfour",1\nB,5" screen,,1\n')
    first, second = Product.objects.order_by("sku")
    assert (first.name, first.description) == ('5" screen', "one\r\ntwo\rthree\nfour")
    assert second.name == '5" screen'


def test_delimiter_is_the_one_that_gives_known_headings() -> None:
    told = previewed("sku;name;price;tags\nA;Lamp, big;1;a,b\n")
    assert (told.delimiter, told.new, told.faults) == (";", 1, [])
