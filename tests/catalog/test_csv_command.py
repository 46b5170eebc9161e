"""manage.py import_csv."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import AuditEntry
from catalog.models import CsvImport, Product

pytestmark = pytest.mark.django_db

WRONG = "sku,Colour,name,price\nA,red,Lamp,1\nB,,Table,x\n"


def run(file: Path, *options: str, **more: Any) -> str:
    out = StringIO()
    call_command("import_csv", str(file), "--kind", "products", *options, stdout=out, **more)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "lamps.csv"
    file.write_text(WRONG.replace("x", "2"))
    return file


def test_file_is_imported_in_the_commands_name(file: Path) -> None:
    said = run(file)
    assert "Not known, and so left out: Colour." in said
    assert "2 inserted, 0 updated, 0 unchanged, 0 wrong" in said
    assert CsvImport.objects.get().file_name == "lamps.csv"
    entry = AuditEntry.objects.filter(table_name="products").latest("audit_id")
    assert entry.actor == "command:import_csv" and f"transaction {entry.txid}." in said
    assert "0 inserted, 0 updated, 2 unchanged" in run(file)


def test_dry_run_writes_nothing(file: Path) -> None:
    file.write_text(WRONG)
    said = run(file, "--dry-run")
    assert "Line 3 price 'x': This is not a price such as 12.50." in said
    assert "2 lines: 1 new, 0 changed, 0 unchanged, 1 wrong. Nothing was written." in said
    assert not Product.objects.exists()


def test_wrong_lines_stop_it_unless_partial(file: Path, tmp_path: Path) -> None:
    file.write_text(WRONG)
    with pytest.raises(CommandError, match="1 of 2 lines are wrong, so nothing was written"):
        run(file)
    assert not Product.objects.exists()
    assert "1 inserted, 0 updated, 0 unchanged, 1 wrong" in run(file, "--partial", "--rejected", str(tmp_path / "back"))
    assert (tmp_path / "back").read_text("utf-8-sig").splitlines() == [
        "reason,sku,Colour,name,price",
        "price: This is not a price such as 12.50.,B,,Table,x",
    ]


def test_second_import_of_keyless_rows_must_be_meant(file: Path) -> None:
    file.write_text("name,price\nLamp,1\n")
    run(file)
    with pytest.raises(CommandError, match="makes them a second time"):
        run(file)
    assert "That needs --again." in run(file, "--dry-run")
    assert "1 inserted" in run(file, "--again")


def test_what_cannot_be_read_is_said_in_a_sentence(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "none.csv")
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError, match="This is a workbook"):
        run(file)


def test_many_faults_are_cut(file: Path) -> None:
    file.write_text("sku,name,price\n" + "A,b,x\n" * 300)
    assert "... and 400 more." in run(file, "--dry-run")
