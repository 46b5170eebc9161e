"""What nobody can see is refused at every door, and so is a text that is too long to come back from an export."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from catalog.csv_export import PRODUCTS, exported
from catalog.models import LONGEST_DESCRIPTION, Product, ShopUser
from pages.roles import Role
from pages.visible import HOLDS_CONTROL, HOLDS_CONTROL_IN_LINES, HOLDS_HIDDEN, NOTHING_SEEN
from tests.catalog.importing.csv_files import faults, imported
from tests.people import visitor
from tests.shop import ann, lamp, sql

pytestmark = pytest.mark.django_db

PRODUCT = {"sku": "S", "name": "Lamp", "price": "1", "stock_quantity": "1", "category": "Light"}
USER = {"email": "bob@example.com", "username": "bob", "full_name": "Bob"}
KINDS = {"product": (Product, PRODUCT, "products"), "user": (ShopUser, USER, "users")}
CONTROLS = ("a\x1b[31mb", "a\x01b", "a\tb", "a\nb", "a\x7fb", "a\x9bb", "a\u2028b")
BLANK = ("\u200b", "\ufeff", "\u2060\u200d", "\u3164", "\u2800", "\u200b \u200b", "\U000e0041")


def unseen() -> Iterator[tuple[str, str, str, str]]:
    for kind, column in (("product", "name"), ("product", "category"), ("user", "full_name")):
        yield from ((kind, column, text, HOLDS_CONTROL) for text in CONTROLS)
        yield from ((kind, column, text, NOTHING_SEEN) for text in BLANK)
    for kind, column in (("product", "sku"), ("user", "username")):
        yield from ((kind, column, text, HOLDS_CONTROL) for text in CONTROLS)
        yield from (
            (kind, column, text, HOLDS_HIDDEN) for text in ("a\u200b", "a\u200bb", "\ufeffa", "\u00ad", "\u202ea")
        )
    yield from (("user", "email", f"bo{hidden}b@example.com", HOLDS_HIDDEN) for hidden in ("\u200b", "\u00ad"))
    yield from (("product", "description", text, HOLDS_CONTROL_IN_LINES) for text in ("\x1b[2J", "a\x0bb", "\x9b"))


UNSEEN = list(unseen())


@pytest.mark.parametrize(("kind", "column", "text", "told"), UNSEEN, ids=ascii)
def test_unseen_text_is_refused_everywhere(kind: str, column: str, text: str, told: str) -> None:
    model, row, plural = KINDS[kind]
    with pytest.raises(ValidationError) as refused:
        model(**row | {column: text}).full_clean()
    assert told in refused.value.message_dict[column]
    (lamp if kind == "product" else ann)()
    with pytest.raises(IntegrityError, match=f"{plural}_{column}_"), transaction.atomic():
        sql(f"UPDATE ecommerce.{plural} SET {column} = %s", [text])
    said = row | {column: text}
    file = f"{','.join(said)}\n{','.join(map(quoted, said.values()))}\n"
    assert faults(file, plural) == [(2, column, told)]
    assert model.objects.count() == 1


@pytest.mark.parametrize("door", ["/{}s/add", "/admin/catalog/{}/add/"])
def test_forms_say_it_beside_the_field(door: str) -> None:
    person = visitor(Role.ADMIN)
    for kind, admin, row, column, told in (
        ("product", "product", PRODUCT, "name", NOTHING_SEEN),
        ("user", "shopuser", USER, "username", HOLDS_HIDDEN),
    ):
        sent = row | {"metadata": "{}", "preferences": "{}", column: "\u200b"}
        assert errors(person, door.format(admin if "admin" in door else kind), sent)[column] == [told]
    assert not Product.objects.exists() and not ShopUser.objects.exists()


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("name", "نمی\u200cخواهم"),
        ("name", "👩\u200d💻"),
        ("name", "\u202eback"),
        ("description", "one\n\ttwo\r\nthree\u200b"),
        ("sku", "A B"),
    ],
)
def test_what_can_be_seen_is_taken_with_what_joins_it(column: str, text: str) -> None:
    said = PRODUCT | {column: text}
    assert imported(f"{','.join(said)}\n{','.join(map(quoted, said.values()))}\n").inserted == 1
    Product.objects.get().full_clean()


@pytest.mark.parametrize("door", ["/products/add", "/admin/catalog/product/add/"])
def test_a_description_too_long_to_come_back_is_refused(door: str) -> None:
    person = visitor(Role.ADMIN)
    told = f"Give at most {LONGEST_DESCRIPTION} characters: these are 2000000."
    assert errors(person, door, PRODUCT | {"description": "x" * 2_000_000})["description"] == [told]
    lamp()
    with pytest.raises(IntegrityError, match="products_description_readable"), transaction.atomic():
        sql("UPDATE ecommerce.products SET description = repeat('x', 1000001)")
    said = "This is longer than 1,000,000 characters."
    assert faults(f"sku,name,price,description\nS,Lamp,1,{'x' * 1_000_001}\n") == [(2, "description", said)]


def test_the_longest_product_comes_back_from_its_own_export() -> None:
    """Every quotation mark stands twice in the file, and the apostrophe before it makes a cell longer."""
    longest = "=" + '"' * (LONGEST_DESCRIPTION - 1)
    product = lamp(sku='"' * 64, name='"' * 255, category='"' * 100, description=longest, tags=['"' * 500] * 500)
    file = b"".join(exported(PRODUCTS))
    assert imported(file).unchanged == 1
    product.delete()
    assert imported(file).inserted == 1
    made = Product.objects.get()
    assert (made.description, made.tags) == (longest, product.tags)


@pytest.mark.parametrize(
    "tags",
    ["{a,NULL}", "{NULL}", "{{a},{b}}", "[0:1]={a,b}", '{"a\nb"}', '{"\x1b"}', "{" + "a," * 500 + "a}"],
)
def test_plain_sql_writes_one_list_of_tags(tags: str) -> None:
    lamp(tags=["a"])
    with pytest.raises(IntegrityError, match="products_tags_list"), transaction.atomic():
        sql("UPDATE ecommerce.products SET tags = %s::text[]", [tags])
    sql("UPDATE ecommerce.products SET tags = %s::text[]", ["{" + "a," * 499 + "a}"])
    Product.objects.get().full_clean()
    sql("UPDATE ecommerce.products SET tags = '{}'")
    Product.objects.get().full_clean()


def test_too_many_tags_are_told_by_the_form() -> None:
    many = ",".join(map(str, range(501)))
    for door in ("/products/add", "/admin/catalog/product/add/"):
        person = visitor(Role.ADMIN, door.strip("/"))
        assert errors(person, door, PRODUCT | {"tags": many})["tags"] == ["At most 500 tags can be kept."]
        assert errors(person, door, PRODUCT | {"tags": "a\x1bb"})["tags"] == [HOLDS_CONTROL]


def errors(person: Client, path: str, sent: dict[str, Any]) -> Any:
    answer = person.post(path, sent)
    assert answer.status_code == 200
    form = answer.context["form"] if "form" in answer.context else answer.context["adminform"].form
    return dict(form.errors)


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
