"""Each wrong cell is named with its line, its column and what helps; each odd but right one is taken."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Product, ShopUser
from pages.fields import LONG_NUMBER, NOT_STORED, JsonObjectField
from tests.catalog.importing.csv_files import faults, imported
from tests.shop import lamp

pytestmark = pytest.mark.django_db

PRICES = {
    "1,234.50": "Write the price without thousands separators: 1234.50.",
    "1.234,50": "Write the price without thousands separators: 1234.50.",
    "1 234": "Write the price without thousands separators: 1234.50.",
    "1\u00a0234,50": "Write the price without thousands separators: 1234.50.",
    "1'234'567": "Write the price without thousands separators: 1234.50.",
    "1,234": "Write the price without thousands separators: 1234.50.",
    "12,50": "Write the price with a decimal point, not a comma: 12.50.",
    "$12.50": "Write the price without a currency: 12.50.",
    "12.50 €": "Write the price without a currency: 12.50.",
    "EUR 12.50": "Write the price without a currency: 12.50.",
    "-1": "A price cannot be negative.",
    "(5.00)": "A price cannot be negative.",
    "12.505": "A price has at most two decimals.",
    "123456789": "The highest price is 99999999.99.",
    "99999999999999999999999999.5": "The highest price is 99999999.99.",
    "1e5": "Write the price in full: 100000, not 1e5.",
    **dict.fromkeys(
        ["NaN", "Infinity", "inf", "free", "0x10", "1_000", "12.", ".5", "1.2.3", "+5", "١٢", "1;2", "'", "\\N"],
        "This is not a price such as 12.50.",
    ),
}
STOCKS = {
    "1,000": "Write the stock without thousands separators: 1234.",
    "-1": "A stock cannot be negative.",
    "25.0": "Write the stock as a whole number: 25, not 25.0.",
    "2,5": "Write the stock as a whole number: 25, not 25.0.",
    "2147483648": "The highest stock is 2147483647.",
    "9" * 400: "The highest stock is 2147483647.",
    "1e3": "Write the stock in full: 100000, not 1e5.",
    **dict.fromkeys(["NaN", "many", "0x1", "١", "true"], "This is not a whole number such as 25."),
}
TAGS = {
    "{a": 'Write tags as a,b or {a,b}, and one with a comma in it as {"a, b",c}.',
    "{a}b": 'Write tags as a,b or {a,b}, and one with a comma in it as {"a, b",c}.',
    "{{a},{b}}": 'Write tags as a,b or {a,b}, and one with a comma in it as {"a, b",c}.',
    "{a,NULL}": 'Write tags as a,b or {a,b}, and one with a comma in it as {"a, b",c}.',
    "a," + "b" * 501: "A tag is longer than 500 characters.",
    "{a," + "b" * 501 + "}": "A tag is longer than 500 characters.",
    "a," * 501: "There are more than 500 tags.",
    "{" + "a," * 500 + "a}": "There are more than 500 tags.",
    "a,\x1b[31m": "A tag holds a control character, such as a tab or ESC: take it out.",
    '{"a\nb"}': "A tag holds a control character, such as a tab or ESC: take it out.",
}
WRONG = [
    *(("price", cell, message) for cell, message in PRICES.items()),
    *(("stock_quantity", cell, message) for cell, message in STOCKS.items()),
    *(("tags", cell, message) for cell, message in TAGS.items()),
    ("sku", "x" * 65, "This is longer than 64 characters."),
    ("name", "x" * 256, "This is longer than 255 characters."),
    ("category", "x" * 101, "This is longer than 100 characters."),
]
RIGHT: list[tuple[str, str, Any]] = [
    *(("price", cell, price) for cell, price in {"0": 0, " 7 ": 7, "12.5": 12.5, "007": 7, "1.500": 1.5}.items()),
    ("price", "99999999.99", 99999999.99),
    ("stock_quantity", "2147483647", 2147483647),
    ("stock_quantity", "007", 7),
    *(
        ("tags", cell, tags)
        for cell, tags in {
            "a,b": ["a", "b"],
            " a , b ,": ["a", "b"],
            ",,a,,b": ["a", "b"],
            "{a,b}": ["a", "b"],
            '{"a, b","c\\"d",""}': ["a, b", 'c"d', ""],
            "{}": [],
            ", ,": [],
            "two words,x": ["two words", "x"],
            "NULL": ["NULL"],
            "a}": ["a}"],
            ",".join(["x" * 500] * 3): ["x" * 500] * 3,
            "a,\n b": ["a", "b"],
        }.items()
    ),
    ("name", "x" * 255, "x" * 255),
    ("name", "<script>alert('ü🎈')</script>", "<script>alert('ü🎈')</script>"),
    ("name", "\\N", "\\N"),
    ("name", "NULL", "NULL"),
    ("name", "\u202eright to left", "\u202eright to left"),
    ("name", "'=1+1", "=1+1"),
    ("name", "''=1+1", "'=1+1"),
    ("name", "'quoted'", "'quoted'"),
    ("description", "tab\there, \\ back", "tab\there, \\ back"),
    ("description", "x" * 999_999, "x" * 999_999),
]


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def line_with(column: str, cell: str) -> str:
    row = {"sku": "S", "name": "Lamp", "price": "1"} | {column: cell}
    return f"{','.join(row)}\n{','.join(map(quoted, row.values()))}\n"


@pytest.mark.parametrize(("column", "cell", "message"), WRONG, ids=lambda said: str(said)[:30])
def test_wrong_cell_is_named(column: str, cell: str, message: str) -> None:
    assert faults(line_with(column, cell)) == [(2, column, message)]
    assert not Product.objects.exists()


@pytest.mark.parametrize(("column", "cell", "meant"), RIGHT, ids=lambda said: str(said)[:30])
def test_right_cell_is_taken(column: str, cell: str, meant: Any) -> None:
    report = imported(line_with(column, cell))
    assert (report.faults, report.inserted) == ([], 1)
    found = getattr(Product.objects.get(), column)
    assert float(found) == meant if column == "price" else found == meant


UNSTORABLE = (
    *('{"a": NaN}', '{"a": [1, -Infinity]}', '{"NaN": "Infinity", "\\"": {"b":Infinity}}'),
    *('{"a": "\\u0000"}', '{"\\u0000": 1}'),
)
LONG = (
    *('{"a": 1e400}', '{"a": -1E400}', '{"o": [{"a": 1e-401}]}', f'{{"a": {"1" * 500}}}'),
    *(f'{{"a": 0.{"1" * 401}}}', f'{{"a": {"1" * 400}e1}}'),
)


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        *(
            ("email", cell, "Write the e-mail as name@example.com.")
            for cell in ("not-an-email", "a@b", "a b@c.de", "a@b@c.de", "@c.de", "x" * 251 + "@c.de")
        ),
        *(
            ("metadata", cell, 'This is not a JSON object such as {"tier": "gold"}.')
            for cell in ("gold", "[1]", "1", "null", '"x"', "{a: 1}", '{"a": 1', '{"a": "\\ud800"}', '{"a":' * 100_000)
        ),
        *(("metadata", cell, NOT_STORED) for cell in UNSTORABLE),
        *(("metadata", cell, LONG_NUMBER) for cell in LONG),
        *(
            (column, cell, "A key is there twice in the same object: change or remove one of the two.")
            for column in ("metadata", "preferences")
            for cell in ('{"a": 1, "a": 2}', '{"o": [{"a": 1, "\\u0061": 1}]}')
        ),
        ("preferences", "{}}", 'This is not a JSON object such as {"tier": "gold"}.'),
        ("role", "boss", "The roles are customer, vendor, admin."),
        ("is_active", "maybe", "Write true or false."),
        ("is_active", "tr", "Write true or false."),
        ("username", "x" * 101, "This is longer than 100 characters."),
    ],
    ids=lambda said: str(said)[:30],
)
def test_wrong_cell_of_a_user_is_named(column: str, cell: str, message: str) -> None:
    row = {"email": "ann@example.com", "username": "ann"} | {column: cell}
    text = f"{','.join(row)}\n{','.join(map(quoted, row.values()))}\n"
    assert faults(text, "users") == [(2, column, message)]


@pytest.mark.parametrize("cell", [*UNSTORABLE, *LONG])
def test_form_says_the_same_of_json_that_cannot_be_kept(cell: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        JsonObjectField().clean(cell)
    assert refusal.value.messages == [NOT_STORED if cell in UNSTORABLE else LONG_NUMBER]


@pytest.mark.parametrize(
    "cell",
    [
        '{"a": 1e399, "b": -9e399, "c": 1e-400}',
        f'{{"a": {"1" * 400}, "b": 0.{"1" * 400}}}',
        f'{{"a": "{"1" * 500}", "b": "1e400, NaN"}}',
    ],
)
def test_numbers_that_the_form_takes_are_imported(cell: str) -> None:
    report = imported(f"email,username,metadata\nann@example.com,ann,{quoted(cell)}\n", "users")
    assert (report.faults, report.inserted) == ([], 1)
    assert ShopUser.objects.get().metadata == JsonObjectField().clean(cell)


def test_every_fault_of_every_line_is_told_in_the_files_order() -> None:
    lamp(sku="OLD")
    text = "sku,name,price,stock\nOLD,,x,-1\nNEW,,,\n\nA,Lamp,1,1\nD,Lamp,1,y\nD,Lamp,1,1\nD,,1,1\n"
    assert faults(text) == [
        (2, "price", "This is not a price such as 12.50."),
        (2, "stock_quantity", "A stock cannot be negative."),
        (3, "name", "A new row needs a name."),
        (3, "price", "A new row needs a price."),
        (6, "stock_quantity", "This is not a whole number such as 25."),
        (6, "sku", "3 lines have the same SKU, from line 6 to line 8."),
        (7, "sku", "3 lines have the same SKU, from line 6 to line 8."),
        (8, "name", "A new row needs a name."),
        (8, "sku", "3 lines have the same SKU, from line 6 to line 8."),
    ]
