"""What is exported is safe in a spreadsheet, and imported again it changes nothing."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from catalog.csv_export import PRODUCTS, USERS, Export, download, exported
from catalog.models import Product, ShopUser
from orders.csv_export import ORDERS
from orders.models import Order
from pages.visible import A_CONTROL, A_CONTROL_IN_LINES, SOMETHING_SEEN
from tests.catalog.importing.csv_files import imported
from tests.catalog.importing.test_hostile import EXAMPLES, NASTY
from tests.shop import ann, lamp, order_of, sql

pytestmark = pytest.mark.django_db

FORMULAS = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "'=1", "''-1", "＝1", "=cmd|' /C calc'!A0"]
SAFE = ["'quoted'", "plain", "a=b", '5" screen', "a,b;c", "one\ntwo\r\nthree\rfour", "ü🎈", "\\N", "\\.", "NULL", " x "]
TAGS = [
    [],
    ["a", "b"],
    ["a, b", "{c"],
    [""],
    ["{}"],
    [" a"],
    ["a b", 'q"', "\\"],
    ["=1"],
    ["'=1", "x"],
    ["NULL"],
    [","],
]


def name(text: str) -> str:
    """As much of it as a name may hold."""
    in_one_line = re.sub(A_CONTROL, " ", text)
    return in_one_line if re.search(SOMETHING_SEEN, in_one_line) else f"{in_one_line}."


def rows(export: Export, **options: object) -> list[list[str]]:
    text = b"".join(exported(export, **options)).decode("utf-8-sig")  # type: ignore[arg-type]
    return list(csv.reader(io.StringIO(text, newline="")))


def assert_unchanged_by_its_own_export(export: Export) -> None:
    entries = AuditEntry.objects.count()
    report = imported(b"".join(exported(export)), export.name)
    assert report.faults == [] and (report.inserted, report.updated) == (0, 0)
    assert report.unchanged == report.lines
    assert AuditEntry.objects.count() == entries


def test_products_come_back_as_they_were() -> None:
    for number, text in enumerate([*FORMULAS, *SAFE]):
        lamp(
            sku=f"={number}",
            name=name(text),
            description=text,
            category=name(text),
            tags=[name(text)],
            stock_quantity=number,
        )
    for tags in TAGS:
        lamp(tags=tags, price="99999999.99", description="")
    assert_unchanged_by_its_own_export(PRODUCTS)
    kept = list(
        Product.objects.values_list("sku", "name", "description", "price", "stock_quantity", "category", "tags")
    )
    file = b"".join(exported(PRODUCTS))
    Product.objects.all().delete()
    assert imported(file).inserted == len(kept)
    fields = ("sku", "description", "price", "stock_quantity", "tags")
    made = {product[0]: product for product in Product.objects.values_list(*fields)}
    assert made == {sku: (sku, text, price, stock, tags) for sku, _, text, price, stock, _, tags in kept}


def test_users_come_back_as_they_were() -> None:
    for number, text in enumerate([*FORMULAS, *SAFE]):
        said = {"username": name(text).strip() + str(number), "full_name": name(text)}
        ann(email=f"={number}@example.com", metadata={"role": text, "n": [number]}, **said)
    ann(is_active=False, preferences={"a": None})
    assert_unchanged_by_its_own_export(USERS)
    file = b"".join(exported(USERS))
    kept = list(ShopUser.objects.values_list("email", "username", "metadata", "preferences", "is_active"))
    ShopUser.objects.all().delete()
    assert imported(file, "users").inserted == len(kept)
    assert list(ShopUser.objects.values_list("email", "username", "metadata", "preferences", "is_active")) == kept


@pytest.mark.fuzz
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    texts=st.lists(
        st.one_of(st.sampled_from([cell for cell in NASTY if 0 < len(cell) < 250]), st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)),
        min_size=1, max_size=5,
    )
)  # fmt: skip
def test_whatever_a_product_holds_comes_back(texts: list[str]) -> None:
    Product.objects.all().delete()
    for text in texts:
        description = re.sub(A_CONTROL_IN_LINES, "", text)
        lamp(name=name(text), description=description, category=name(text[:100]), tags=[*map(name, texts)])
    assert_unchanged_by_its_own_export(PRODUCTS)


def test_no_cell_is_a_formula_and_numbers_stay_numbers() -> None:
    for text in FORMULAS:
        called = name(text).strip() if text[0] not in "\t\r\n" else "=x"
        lamp(name=called, description=text, category=called, tags=[called])
    _, *lines = rows(PRODUCTS)
    for _, called, description, price, stock, category, tags in lines:
        assert {cell[0] for cell in (called, description, category, tags)} <= {"'", "{"}
        assert (price, stock) == ("12.50", "0")


def test_orders_have_a_row_for_each_line() -> None:
    user, first, second = ann(username="=ann"), lamp(sku="A"), lamp(sku="B", name="-x", price=3)
    placed = order_of(user, (first, 2), (second, 1))
    empty = Order.objects.create(user=user, order_date=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    sql('UPDATE orders SET shipping_address = \'{"city": "Denver"}\' WHERE order_id = %s', [empty.pk])
    heading, *lines = rows(ORDERS)
    assert [line[0] for line in lines] == [str(placed.pk), str(placed.pk), str(empty.pk)]
    told = [dict(zip(heading, line, strict=True)) for line in lines]
    assert [line["subtotal"] for line in told] == ["25.00", "3.00", ""]
    assert told[1]["product"] == "'-x" and told[0]["username"] == "'=ann"
    assert told[2]["order_date"] == "2026-01-02T03:04:05Z" and told[2]["shipping_address"] == '{"city": "Denver"}'


def test_only_chosen_rows_in_a_file_that_is_named() -> None:
    lamp(sku="A"), lamp(sku="B", name="Desk"), lamp(sku="C", name="50%")
    chosen = rows(PRODUCTS, only=Product.objects.filter(name__icontains="%").order_by("-name"))
    assert [line[0] for line in chosen] == ["sku", "C"]
    answer = download(PRODUCTS, Product.objects.none().filter(sku="A") | Product.objects.filter(sku="A"))
    assert b"".join(answer).startswith(b"\xef\xbb\xbfsku,name,description,price,stock_quantity,category,tags\nA,")
    assert answer["Content-Disposition"].startswith('attachment; filename="products-20')


def test_many_rows_come_in_pieces() -> None:
    sql("INSERT INTO products (name, price) SELECT repeat('x', 200), 1 FROM generate_series(1, 2000)")
    pieces = list(exported(PRODUCTS))
    assert len(pieces) > 5 and max(map(len, pieces)) < 80_000
    assert b"".join(pieces).count(b"\n") == 2001
