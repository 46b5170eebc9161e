"""Property-based: whatever a file holds, it is imported, told to be wrong line by line, or refused; never a fault."""

import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.importing import FileRefused, Report
from catalog.models import CsvImport, Product, ShopUser
from pages.csv_guard import guarded, unguarded
from tests.catalog.importing.csv_files import imported, previewed
from tests.shop import ann, lamp

FUZZ = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
EXAMPLES, LINES = (10_000 if FUZZ else 100), 20  # two thousand lines
NASTY = [
    *["", " ", "'", '"', '""', "\\", "\\N", "\\.", "NULL", "\x1a", "\x85", "\u2028", "\ufeff", "🎈" * 50, "½", "١"],
    *["=1+1", "'=1", "-5", "+5", "@x", "\t", "%s", "%(x)s", "{}", "{cell}", "{a,b}", "{{", '{"a', "}{", "[1:2]={1,2}"],
    *["'; DROP TABLE products; --", "$$", "E'\\''", "<script>", "1e400", "-0", "NaN", "0" * 300 + "1", "9" * 300],
    *['{"a": 1}', '{"a": NaN}', '{"a": "\\ud800"}', "[" * 5000, '{"a":' * 5000, "true", "S1", "ann@example.com"],
]  # fmt: skip
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
cells = st.one_of(
    st.sampled_from(NASTY),
    text,
    st.text(alphabet=",;\"\t\r\n'=\\{}[] a1.-", max_size=20),
    st.integers().map(str),
    st.floats().map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-10, max_value=10**9).map(str),
)
RIGHT = {
    "name": ["Lamp", "'=x", "Ü"],
    "price": ["1", " 2.50", "0.1"],
    "stock": ["1", ""],
    "category": ["Light", ""],
    "tags": ["a,b", "{a}", ""],
    "description": ["", "x\ny"],
    "full_name": ["Ann", ""],
    "role": ["vendor", "Admin", ""],
    "metadata": ['{"a": 1}', ""],
    "preferences": ["{}", ""],
    "is_active": ["yes", "0", ""],
}
HEADERS = [
    *["sku,name,price,stock,category,tags,description", "name,price,tags", "sku,price", "sku,name,price,x"],
    *["email,username,full_name,role,metadata,preferences,is_active", "email,metadata", "email,username,role"],
]


def right(name: str, number: int) -> st.SearchStrategy[str]:
    keys = {"sku": ["", f"S{number}"], "email": [f"{number}@example.com"], "username": [f"user {number}", "ann"]}
    return st.sampled_from(RIGHT.get(name, [""]) if name not in keys else [f"{number}@example.com", *keys[name]])


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str]:
    """A kind and a file of twenty lines, most of whose cells are right and whose structure mostly is."""
    header = draw(st.sampled_from(HEADERS))
    names, lines = header.split(","), [header]
    for number in range(LINES):
        row = [draw(cells) if draw(st.integers(0, 40)) == 40 else draw(right(name, number)) for name in names]
        if draw(st.integers(0, 30)) == 30:
            row = row[1:] if draw(st.booleans()) else [*row, draw(cells)]
        lines.append(",".join(map(quoted, row)))
    return ("users" if header.startswith("email") else "products"), draw(st.sampled_from(["\n", "\r\n", "\r"])).join(
        lines
    )


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


@pytest.mark.slow
@pytest.mark.fuzz
@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(file=files())
def test_any_lines_are_answered_and_never_half_imported(file: tuple[str, str]) -> None:
    kind, said = file
    with transaction.atomic():
        lamp(sku="S1"), ann()
        answered(said.encode(), kind, rows())
        transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.fuzz
@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(st.lists(st.one_of(cells, cells.map(quoted)), max_size=5).map(",".join), min_size=1, max_size=9))
def test_any_structure_is_answered(lines: list[str]) -> None:
    with transaction.atomic():
        answered("\n".join(["sku,name,price", *lines]).encode(), "products", rows())
        transaction.set_rollback(True)


@pytest.mark.slow
@pytest.mark.fuzz
@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=st.binary(max_size=400).map(lambda body: b"sku,name,price\n" + body))
def test_any_bytes_are_answered(raw: bytes) -> None:
    with transaction.atomic():
        answered(raw, "products", rows())
        transaction.set_rollback(True)


@pytest.mark.fuzz
@settings(max_examples=EXAMPLES)
@given(cell=cells)
def test_guard_is_taken_off_as_it_was_put_on(cell: str) -> None:
    safe = guarded(cell)
    assert unguarded(safe) == cell or guarded(cell) == cell
    assert not safe.startswith(("=", "+", "@", "\t", "\r", "\n")) and (safe[:1] != "-" or float(safe) <= 0)


def answered(raw: bytes, kind: str, before: tuple[int, int]) -> None:
    """Preview, strict and partial import agree on what is wrong; the sound lines, and only they, are written."""
    try:
        told = previewed(raw, kind)
    except FileRefused as refusal:
        assert str(refusal).endswith(".")
        for partial in (False, True):
            with pytest.raises(FileRefused):
                imported(raw, kind, partial=partial)
        assert rows() == before and not CsvImport.objects.exists()
        return
    assert rows() == before
    assert (told.rejected == 0) == (not told.faults)
    strict = imported(raw, kind)
    assert strict.faults == told.faults and strict.imported == (not told.faults)
    if told.faults:
        assert rows() == before
        strict = imported(raw, kind, partial=True)
    sound(strict, before)
    assert (strict.inserted, strict.updated, strict.unchanged) == (told.new, told.changed, told.unchanged)
    assert told.new + told.changed + told.unchanged + told.rejected == told.lines


def sound(report: Report, before: tuple[int, int]) -> None:
    assert sum(rows()) - sum(before) == report.inserted
    for product in Product.objects.all():
        assert product.sku and product.name and 0 <= product.price < 10**8 and product.stock_quantity >= 0


def rows() -> tuple[int, int]:
    return Product.objects.count(), ShopUser.objects.count()
