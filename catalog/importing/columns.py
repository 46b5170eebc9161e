"""What a file of products or of users may hold: the columns, how each cell is read, and what is said of a wrong one.

The rules are SQL on a staged cell, written as {cell}: one statement judges and reads a whole file. A cell is staged
without the blanks around it. An empty one says nothing: a new row takes the column's default, an existing one keeps
what it has. In a description, a full name and tags, which may well be empty, it says just that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from pages import visible
from pages.fields import LONG_NUMBER, MOST_DIGITS, NOT_STORED

from ..models import EMAIL_SHAPE, LONGEST_DESCRIPTION, ROLES
from ..tag_list import LONGEST_TAG, MOST_TAGS

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


CONTROL = Hint(_matches(visible.A_CONTROL), visible.HOLDS_CONTROL)
HIDDEN = Hint(_matches(visible.A_HIDDEN), visible.HOLDS_HIDDEN)
UNSEEN = Hint(f"NOT {_matches(visible.SOMETHING_SEEN)}", visible.NOTHING_SEEN)


def _short(name: str, longest: int, *forbidden: Hint, **more: Any) -> Column:
    """A text of one line's length; the blanks around it do not count."""
    right = " AND ".join([f"length({{cell}}) <= {longest}", *(f"NOT ({each.when})" for each in forbidden)])
    return Column(name, right, f"This is longer than {longest} characters.", forbidden, is_text=True, **more)


def _name(name: str, longest: int, **more: Any) -> Column:
    return _short(name, longest, CONTROL, UNSEEN, **more)


def _key(name: str, longest: int, **more: Any) -> Column:
    return _short(name, longest, CONTROL, HIDDEN, **more)


SHALLOW = f"length({{cell}}) - length(translate({{cell}}, '[{{', '')) <= {DEEPEST_JSON}"
# Only what is long, or has an exponent, can hold such a number: the others need not be taken apart.
HAS_LONG_NUMBER = f"""CASE WHEN length({{cell}}) > {MOST_DIGITS} OR {{cell}} ~ '[0-9][eE]' THEN EXISTS (
    SELECT FROM jsonb_path_query({{cell}}::jsonb, 'strict $.** ? (@.type() == "number")') AS number
    WHERE abs(number::numeric) >= 1e{MOST_DIGITS} OR scale(number::numeric) > {MOST_DIGITS}) ELSE false END"""
WITHOUT_TEXTS = r"""regexp_replace({cell}, '"([^"\\]|\\.)*"', '""', 'g')"""
HAS_NAN = rf"{{cell}} IS NOT JSON AND regexp_replace({WITHOUT_TEXTS}, '-?\m(NaN|Infinity)\M', '0', 'g') IS JSON OBJECT"
HAS_NUL = r"{cell} IS JSON OBJECT AND {cell} ~ '\\u0000'"


def _json(name: str, **more: Any) -> Column:
    # jsonb itself keeps the last value of a key that is there twice, and says nothing.
    unique, is_object = (
        f"{{cell}} IS JSON {shape} AND pg_input_is_valid({{cell}}, 'jsonb')"
        for shape in ("OBJECT WITH UNIQUE KEYS", "OBJECT")
    )
    hints = (
        Hint(_if_shallow(f"CASE WHEN {unique} THEN {HAS_LONG_NUMBER} END"), LONG_NUMBER),
        Hint(_if_shallow(is_object), "A key is there twice in the same object: change or remove one of the two."),
        Hint(_if_shallow(f"({HAS_NUL} OR {HAS_NAN})"), NOT_STORED),
    )
    right = _if_shallow(f"CASE WHEN {unique} THEN NOT ({HAS_LONG_NUMBER}) ELSE false END")
    message = 'This is not a JSON object such as {"tier": "gold"}.'
    return Column(name, right, message, hints, value=f"{SAID}::jsonb", new="'{}'::jsonb", **more)


def _if_shallow(condition: str) -> str:
    return f"CASE WHEN {SHALLOW} THEN {condition} ELSE false END"


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
# NULL: neither.
READ = f"CASE WHEN NOT {BRACED} THEN {LISTED} WHEN pg_input_is_valid({{cell}}, 'text[]') THEN {ARRAY} END"


def _of_tags(condition: str) -> str:
    """SQL: whether it holds for the `tags` that a cell gives; false where it gives none."""
    flat = f"CASE WHEN tags IS NULL OR array_ndims(tags) > 1 THEN false ELSE {condition} END"
    return f"(SELECT {flat} FROM (SELECT {READ} AS tags OFFSET 0) AS read)"


CONTROL_IN_TAG = f"array_to_string(tags, '') ~ '{visible.A_CONTROL}'"
TOO_LONG = f"EXISTS (SELECT FROM unnest(tags) AS tag WHERE length(tag) > {LONGEST_TAG})"
TOO_MANY = f"cardinality(tags) > {MOST_TAGS}"
TAGS = Column(
    "tags",
    f"CASE WHEN NOT {BRACED} AND length({{cell}}) <= {LONGEST_TAG} AND NOT {CONTROL.when} THEN true ELSE "
    + _of_tags(f"array_position(tags, NULL) IS NULL AND NOT ({CONTROL_IN_TAG} OR {TOO_LONG} OR {TOO_MANY})")
    + " END",
    'Write tags as a,b or {a,b}, and one with a comma in it as {"a, b",c}.',
    (
        Hint(_of_tags(CONTROL_IN_TAG), "A tag holds a control character, such as a tab or ESC: take it out."),
        Hint(_of_tags(TOO_LONG), f"A tag is longer than {LONGEST_TAG} characters."),
        Hint(_of_tags(TOO_MANY), f"There are more than {MOST_TAGS} tags."),
    ),
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
        _key("sku", 64, headings=("article_number", "item_number", "product_code", "article", "item_code")),
        _name("name", 255, headings=("product", "product_name", "title")),
        Column(
            "description",
            f"length({{cell}}) <= {LONGEST_DESCRIPTION} AND NOT {_matches(visible.A_CONTROL_IN_LINES)}",
            f"This is longer than {LONGEST_DESCRIPTION:,} characters.",
            (Hint(_matches(visible.A_CONTROL_IN_LINES), visible.HOLDS_CONTROL_IN_LINES),),
            value="{cell}",
            new="''",
            keeps_blanks=True,
            headings=("details", "text"),
        ),
        PRICE,
        STOCK,
        _name("category", 100, new="'Other'", headings=("product_category", "group")),
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
            f"length({{cell}}) <= 255 AND {_matches(EMAIL_SHAPE)} AND NOT {HIDDEN.when}",
            "Write the e-mail as name@example.com.",
            (CONTROL, HIDDEN),
            headings=("e_mail", "mail", "email_address", "e_mail_address"),
        ),
        _key("username", 100, headings=("user", "user_name", "login")),
        _name("full_name", 255, value="{cell}", new="''", headings=("name", "fullname")),
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
