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
    with pytest.raises(CommandError, match="1 of 2 lines is wrong, so nothing was written"):
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
    with pytest.raises(CommandError, match="makes it a second time"):
        run(file)
    assert "That needs --again." in run(file, "--dry-run")
    assert "1 inserted" in run(file, "--again")


def test_what_cannot_be_read_is_said_in_a_sentence(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^There is no file \S+none\.csv\.$"):
        run(tmp_path / "none.csv")
    with pytest.raises(CommandError, match="is a directory"):
        run(tmp_path)
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError, match="This is a workbook"):
        run(file)


def test_many_faults_are_cut(file: Path) -> None:
    file.write_text("sku,name,price\n" + "A,b,x\n" * 300)
    assert "... and 400 more." in run(file, "--dry-run")


@pytest.mark.parametrize("how", ["itself", "symlink", "hard link"])
@pytest.mark.parametrize("dry", [True, False])
def test_rejected_lines_never_go_into_the_file_that_is_read(file: Path, tmp_path: Path, how: str, dry: bool) -> None:
    file.write_text(WRONG)
    target = file if how == "itself" else tmp_path / "other.csv"
    if how == "symlink":
        target.symlink_to(file)
    elif how == "hard link":
        target.hardlink_to(file)
    with pytest.raises(CommandError, match=r"^\S+ is the file to import itself\. Name another one"):
        run(file, "--partial", "--rejected", str(target), *(["--dry-run"] if dry else []))
    assert file.read_text() == WRONG and not Product.objects.exists()


@pytest.mark.parametrize("text", [WRONG.replace("x", "2"), "PK\x03\x04", "colour\nred\n"])
def test_target_is_left_alone_unless_lines_are_wrong(file: Path, tmp_path: Path, text: str) -> None:
    file.write_text(text)
    target = tmp_path / "back.csv"
    target.write_text("earlier")
    if text.startswith("sku"):
        assert f"No line is wrong, so nothing was written to {target}." in run(file, "--rejected", str(target))
    else:
        with pytest.raises(CommandError):
            run(file, "--rejected", str(target))
    assert target.read_text() == "earlier" and sorted(tmp_path.iterdir()) == [target, file]


def test_wrong_lines_take_the_targets_place_through_a_link(file: Path, tmp_path: Path) -> None:
    file.write_text(WRONG)
    target, link = tmp_path / "back.csv", tmp_path / "link.csv"
    target.write_text("earlier")
    target.chmod(0o600)
    link.symlink_to(target)
    assert f"Written to {link}: 1 line, with what is wrong" in run(file, "--dry-run", "--rejected", str(link))
    assert link.is_symlink() and "B,,Table,x" in target.read_text() and target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match="nothing was written"):
        run(file, "--rejected", str(tmp_path / "new.csv"))
    assert (tmp_path / "new.csv").read_text() == target.read_text()
    assert len(list(tmp_path.iterdir())) == 4


def test_places_that_cannot_be_written_are_said_in_a_sentence(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^There is no directory \S+none for the rejected lines\. Make it first\.$"):
        run(file, "--rejected", str(tmp_path / "none" / "back.csv"))
    for place in (tmp_path, Path("/dev/null")):
        with pytest.raises(CommandError, match="is no file that rejected lines could be written to"):
            run(file, "--rejected", str(place))
    assert not Product.objects.exists()


def test_rejected_lines_given_again_bring_one_column_of_reasons(file: Path, tmp_path: Path) -> None:
    file.write_text(WRONG)
    once, twice = tmp_path / "once.csv", tmp_path / "twice.csv"
    run(file, "--partial", "--rejected", str(once))
    said = run(once, "--partial", "--rejected", str(twice))
    assert twice.read_text() == once.read_text()
    assert "0 inserted, 0 updated, 0 unchanged, 1 wrong" in said and "audit trail" not in said


def test_one_line_and_many_columns_are_told_as_people_would(file: Path) -> None:
    file.write_text(f"sku,name,price,{','.join(f'c{n}' for n in range(3000))}\nA,Lamp,x{',' * 3000}\n")
    said = run(file, "--dry-run")
    assert "left out: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 2,990 more." in said and "\n1 line: 0 new" in said
    with pytest.raises(CommandError, match=r"^1 of 1 line is wrong, so nothing was written\. Mend it, or --partial\.$"):
        run(file)
