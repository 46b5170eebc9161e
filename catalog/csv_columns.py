"""What a file of products or of users may hold: the columns, how each cell is read, and what is said of a wrong one.

The rules are SQL on a staged cell, written as {cell}: one statement judges and reads a whole file. A cell is staged
without the blanks around it. An empty one says nothing: a new row takes the column's default, an existing one keeps
what it has. In a description, a full name and tags, which may well be empty, it says just that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from .models import EMAIL_SHAPE, LONGEST_TAG, ROLES

BLANKS = " \t\r\n\xa0"
SAID = "nullif({cell}, '')"
# PostgreSQL reads JSON by recursion, and gives up the whole statement where its stack ends.
DEEPEST_JSON = 1000


class Hint(NamedTuple):
    """What is said of a wrong cell for which the SQL `when` is true."""

    when: str
    message: str


@dataclass(frozen=True)
class Column:
    name: str
    right: str  # SQL: whether a cell that says something can be used
    message: str  # of one that cannot, where no hint fits
    hints: tuple[Hint, ...] = ()
    value: str = SAID  # SQL: what the cell says; NULL: nothing
    new: str | None = None  # SQL: what a new row has where nothing is said; None: it must be said
    is_text: bool = False  # a stored text that differs in the blanks around it only is left alone
    keeps_blanks: bool = False  # the blanks around the cell are part of it
    headings: tuple[str, ...] = ()  # other words for it in a file's first line
    into: str = ""  # the column of the table, where that is another


def plain(heading: str) -> str:
    """A heading in small letters, with underscores for blanks, dashes and points."""
    return re.sub(r"[\s_.-]+", "_", heading.lower()).strip("_")


@dataclass(frozen=True)
class Kind:
    """A kind of file: the table it fills and the column by which its rows are known again."""

    name: str
    row_id: str
    key: str
    key_words: str
    key_default: str | None  # SQL: the key of a row that brings none; None: every row must bring one
    columns: tuple[Column, ...]
    unique: tuple[str, ...] = ()  # further columns in which no two rows may be equal
    key_in_any_case: bool = False  # capitals make no other key; the table's unique index is on lower() of it

    @property
    def table(self) -> str:
        return self.name

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def same(self, name: str, sql: str) -> str:
        """SQL: what is equal for equal values of a column, from the SQL of one value."""
        return f"lower({sql})" if name == self.key and self.key_in_any_case else sql

    def recognised(self, heading: str) -> str | None:
        """The column that a heading means, in any case, with blanks, dashes or points for underscores."""
        said = plain(heading)
        return next((each.name for each in self.columns if said in (each.name, *each.headings)), None)


def _matches(pattern: str) -> str:
    return f"{{cell}} ~ '{pattern}'"


def _short(name: str, longest: int, **more: Any) -> Column:
    """A text of one line's length; the blanks around it do not count."""
    right = f"length({{cell}}) <= {longest}"
    return Column(name, right, f"This is longer than {longest} characters.", is_text=True, **more)


def _json(name: str, **more: Any) -> Column:
    shallow = f"length({{cell}}) - length(translate({{cell}}, '[{{', '')) <= {DEEPEST_JSON}"
    right = (
        f"CASE WHEN {shallow} AND pg_input_is_valid({{cell}}, 'jsonb')"
        f" THEN jsonb_typeof({{cell}}::jsonb) = 'object' ELSE false END"
    )
    message = 'This is not a JSON object such as {"tier": "gold"}.'
    return Column(name, right, message, value=f"{SAID}::jsonb", new="'{}'::jsonb", **more)


IN_THOUSANDS = _matches(r"^[0-9]{1,3}([,.’'' \u00A0\u202F][0-9]{3})+([.,][0-9]+)?$")
PRICE = Column(
    "price",
    _matches(r"^0*[0-9]{1,8}(\.[0-9]{1,2}0*)?$"),
    "This is not a price such as 12.50.",
    (
        Hint("{cell} ~* '[$€£¥₹]|usd|eur|gbp|chf|jpy'", "Write the price without a currency: 12.50."),
        Hint(_matches("^[-−(]"), "A price cannot be negative."),
        Hint(_matches(r"^[0-9]+\.[0-9]{3,}$"), "A price has at most two decimals."),
        Hint(IN_THOUSANDS, "Write the price without thousands separators: 1234.50."),
        Hint(_matches("^[0-9]+,[0-9]+$"), "Write the price with a decimal point, not a comma: 12.50."),
        Hint(_matches(r"^[0-9]{9,}(\.[0-9]+)?$"), "The highest price is 99999999.99."),
        Hint(_matches("^[0-9.,]+[eE][-+]?[0-9]+$"), "Write the price in full: 100000, not 1e5."),
    ),
    value=f"{SAID}::numeric(10, 2)",
    headings=("unit_price", "price_each", "sales_price"),
)
STOCK = Column(
    "stock_quantity",
    f"{_matches('^[0-9]+$')} AND pg_input_is_valid({{cell}}, 'integer')",
    "This is not a whole number such as 25.",
    (
        Hint(_matches("^[-−(]"), "A stock cannot be negative."),
        Hint(_matches("^[0-9]+$"), "The highest stock is 2147483647."),
        Hint(IN_THOUSANDS, "Write the stock without thousands separators: 1234."),
        Hint(_matches("^[0-9]*[.,][0-9]*$"), "Write the stock as a whole number: 25, not 25.0."),
        Hint(_matches("^[0-9.,]+[eE][-+]?[0-9]+$"), "Write the stock in full: 100000, not 1e5."),
    ),
    value=f"{SAID}::integer",
    new="0",
    headings=("stock", "in_stock", "quantity", "qty", "inventory", "stock_qty"),
)

WITHOUT_COMMAS = r"btrim({cell}, E', \t\r\n\u00A0')"
# The plain case is told from the others first: splitting by a pattern takes ten times as long.
LISTED = (
    r"CASE WHEN {cell} ~ '^[^\s,{]+(,[^\s,]+)*$' THEN string_to_array({cell}, ',')"
    rf" ELSE regexp_split_to_array({WITHOUT_COMMAS}, '\s*(,\s*)+') END"
)
BRACED = "{cell} LIKE '{%'"
ARRAY = "{cell}::text[]"
TAGS = Column(
    "tags",
    f"CASE WHEN NOT {BRACED}"
    f" THEN length({{cell}}) <= {LONGEST_TAG} OR {LONGEST_TAG} >= ALL (SELECT length(unnest({LISTED})))"
    f" WHEN NOT pg_input_is_valid({{cell}}, 'text[]') THEN false"
    f" WHEN array_ndims({ARRAY}) > 1 THEN false"
    f" ELSE array_position({ARRAY}, NULL) IS NULL AND {LONGEST_TAG} >= ALL (SELECT length(unnest({ARRAY}))) END",
    'Write tags as a,b or {a,b}, and one with a comma in it as {"a, b",c}.',
    (Hint(f"NOT {BRACED}", f"A tag is longer than {LONGEST_TAG} characters."),),
    value=f"CASE WHEN {BRACED} THEN {ARRAY} WHEN {WITHOUT_COMMAS} = '' THEN '{{}}' ELSE {LISTED} END",
    new="'{}'::text[]",
    headings=("tag", "labels", "keywords"),
)

PRODUCTS = Kind(
    "products",
    row_id="product_id",
    key="sku",
    key_words="SKU",
    # As the column's own default, which an INSERT cannot name for some of its rows only.
    key_default="'LS-' || upper(left(md5(gen_random_uuid()::text), 16))",
    columns=(
        _short("sku", 64, headings=("article_number", "item_number", "product_code", "article", "item_code")),
        _short("name", 255, headings=("product", "product_name", "title")),
        Column("description", "true", "", value="{cell}", new="''", keeps_blanks=True, headings=("details", "text")),
        PRICE,
        STOCK,
        _short("category", 100, new="'Other'", headings=("product_category", "group")),
        TAGS,
    ),
)
USERS = Kind(
    "users",
    row_id="user_id",
    key="email",
    key_words="e-mail",
    key_default=None,
    key_in_any_case=True,
    unique=("username",),
    columns=(
        Column(
            "email",
            f"length({{cell}}) <= 255 AND {_matches(EMAIL_SHAPE)}",
            "Write the e-mail as name@example.com.",
            headings=("e_mail", "mail", "email_address", "e_mail_address"),
        ),
        _short("username", 100, headings=("user", "user_name", "login")),
        _short("full_name", 255, value="{cell}", new="''", headings=("name", "fullname")),
        Column(
            "role",
            f"lower({{cell}}) = ANY ('{{{','.join(ROLES)}}}')",
            f"The roles are {', '.join(ROLES)}.",
            value=f"lower({SAID})",
            new="NULL",
            into="metadata",
        ),
        _json("metadata"),
        _json("preferences", headings=("prefs", "settings")),
        Column(
            "is_active",
            "lower({cell}) = ANY ('{true,t,yes,y,1,on,false,f,no,n,0,off}')",
            "Write true or false.",
            value=f"{SAID}::boolean",
            new="true",
            headings=("active", "enabled"),
        ),
    ),
)
KINDS = {kind.name: kind for kind in (PRODUCTS, USERS)}
