"""Property-based: whatever a file holds, it is imported, told to be wrong line by line, or refused; never a fault."""

import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.csv_guard import guarded, unguarded
from catalog.csv_import import FileRefused, Report
from catalog.models import CsvImport, Product, ShopUser
from tests.catalog.csv_files import imported, previewed
from tests.shop import ann, lamp

FUZZ = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
EXAMPLES, LINES = (10_000 if FUZZ else 100), 20  # two thousand lines
NASTY = [
    *[
        "",
        " ",
        "\0",
        "'",
        '"',
        '""',
        "\\",
        "\\N",
        "\\.",
        "NULL",
        "\x1a",
        "\x85",
        "\u2028",
        "\ufeff",
        "\udcff",
        "🎈" * 50,
    ],
    *["=1+1", "'=1", "-5", "+5", "@x", "\t", "%s", "%(x)s", "{}", "{cell}", "{a,b}", "{{", '{"a', "}{", "[1:2]={1,2}"],
    *[
        "'; DROP TABLE products; --",
        "$$",
        "E'\\''",
        "<script>",
        "1e400",
        "-0",
        "NaN",
        "0" * 300 + "1",
        "9" * 300,
        "½",
        "١",
    ],
    *['{"a": 1}', '{"a": NaN}', '{"a": "\\ud800"}', "[" * 5000, '{"a":' * 5000, "true", "S1", "ann@example.com"],
]
cells = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=20),
    st.text(alphabet=",;\"\t\r\n'=\\{}[] a1.-", max_size=20),
    st.integers().map(str),
    st.floats().map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-10, max_value=10**9).map(str),
)
quoted = cells.map(lambda cell: '"' + cell.replace('"', '""') + '"')
lines = st.lists(st.one_of(cells, quoted), min_size=0, max_size=8).map(",".join)
HEADERS = {
    "products": ["sku,name,price,stock,category,tags,description", "name,price,tags", "sku,price", "sku,stock,x"],
    "users": ["email,username,full_name,role,metadata,preferences,is_active", "email,metadata", "email,username,role"],
}
files = st.sampled_from([(kind, header) for kind, headers in HEADERS.items() for header in headers])


@pytest.mark.fuzz
@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(file=files, body=st.lists(lines, min_size=LINES, max_size=LINES), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_lines_are_answered_and_never_half_imported(file: tuple[str, str], body: list[str], end: str) -> None:
    kind, header = file
    raw = end.join([header, *body]).encode(errors="surrogatepass")
    with transaction.atomic():
        lamp(sku="S1"), ann()
        before = rows()
        answered(raw, kind, before)
        transaction.set_rollback(True)


@pytest.mark.fuzz
@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(raw=st.binary(max_size=400).map(lambda body: b"sku,name,price\n" + body))
def test_any_bytes_are_answered(raw: bytes) -> None:
    with transaction.atomic():
        answered(raw, "products", rows())
        transaction.set_rollback(True)


@pytest.mark.fuzz
@pytest.mark.django_db
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(column=st.sampled_from(["sku", "name", "price", "stock", "category", "tags", "description"]), cell=cells)
def test_any_cell_is_right_or_named(column: str, cell: str) -> None:
    row = {"sku": "A", "name": "Lamp", "price": "1"} | {column: cell}
    quoted = ('"' + said.replace('"', '""') + '"' for said in row.values())
    with transaction.atomic():
        answered(f"{','.join(row)}\n{','.join(quoted)}\n".encode(errors="surrogatepass"), "products", rows())
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
