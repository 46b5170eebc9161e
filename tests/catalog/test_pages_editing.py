"""Adding and editing: what is written, by whom, and what stands against it."""

import json
import re
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEntry
from catalog.forms import ProductForm, UserForm
from catalog.models import Product, ShopUser
from pages.exact_json import ExactDecoder, written
from pages.roles import Role
from pages.visible import isolated
from tests.people import visitor
from tests.shop import ann, lamp, sql

pytestmark = pytest.mark.django_db
LAMP = {"name": "Lamp", "sku": "", "price": "12.50", "stock_quantity": "3", "category": "Light", "tags": "new, led"}
ANN = {
    "email": "ann@example.com",
    "username": "ann",
    "is_active": "on",
    "role": "vendor",
    "metadata": '{"tier": "gold"}',
}


@pytest.fixture
def editor() -> Client:
    return visitor(Role.EDITOR)


def errors(answer: HttpResponse) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["form"].errors)


def seen(row: Product | ShopUser) -> str:
    row.refresh_from_db()
    return row.updated_at.isoformat()


def test_a_product_is_added_in_the_name_of_who_adds_it(editor: Client) -> None:
    answer = editor.post("/products/add", LAMP)
    product = Product.objects.get()
    assert answer["Location"] == f"/products/{product.pk}/"
    assert (product.name, product.price, product.tags) == ("Lamp", Decimal("12.50"), ["new", "led"])
    assert product.sku.startswith("LS-")
    assert AuditEntry.objects.get(table_name="products").actor == "editor"
    page = editor.get(answer["Location"]).content.decode()
    assert f"{isolated('Lamp')} is added." in page
    assert '<strong dir="auto">editor</strong>' in page and "INSERT" in page


def test_a_user_is_added_with_the_role_in_the_metadata(editor: Client) -> None:
    editor.post("/users/add", ANN)
    user = ShopUser.objects.get()
    assert (user.username, user.is_active, user.preferences) == ("ann", True, {})
    assert user.metadata == {"role": "vendor", "tier": "gold"}


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("name", "", "Fill this in."),
        ("name", "x" * 10_000, "at most 255 characters"),
        ("price", "-1", "Give a number from 0 to"),
        ("price", "NaN", "Give a number, such as 9.99."),
        ("price", "1.999", "at most 2 decimals"),
        ("price", "1e300", "to 99,999,999.99"),
        ("price", "1e400", "Give a number from 0 to 99,999,999.99."),
        ("stock_quantity", "-1", "Give a number from 0 to"),
        ("stock_quantity", "99999999999", "to 2,147,483,647"),
        ("stock_quantity", "1.5", "Give a whole number, such as 25."),
        ("tags", "x" * 501, "at most 500 characters"),
        ("sku", "x" * 65, "at most 64 characters"),
        ("sku", "TAKEN", "This SKU is another product's."),
        ("description", "a\x00b", "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_stored_is_told_beside_its_field(editor: Client, field: str, typed: str, told: str) -> None:
    lamp(sku="TAKEN")
    answer = editor.post("/products/add", LAMP | {field: typed})
    assert told in errors(answer)[field][0]
    assert 'value="Light"' in answer.content.decode()
    assert f'aria-invalid="true" aria-describedby="id_{field}' in answer.content.decode() or field in ("sku", "tags")
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("email", "not-an-email", "Write the e-mail as name@example.com."),
        ("email", "ann@example.com", "This e-mail is another user's."),
        ("email", "Ann@example.com", "This e-mail is another user's."),
        ("username", "ann", "This username is taken."),
        ("metadata", "[1]", 'Write a JSON object, such as {"tier": "gold"}.'),
        ("metadata", '{"a": 1,\n“b”: 2}', "In line 2 a key does not stand in double quotes."),
        ("metadata", '{"a": gold}', "In line 1 a value is missing or does not stand in double quotes."),
        ("metadata", '{"role": "admin"}', "Choose the role above"),
        ("preferences", '{"a": NaN}', "PostgreSQL stores neither"),
        ("role", "emperor", "There is no “emperor” to choose."),
    ],
)
def test_a_user_that_cannot_be_stored_is_told_so(editor: Client, field: str, typed: str, told: str) -> None:
    ann()
    fields = ANN | {"email": "b@example.com", "username": "b"} | {field: typed}
    assert told in errors(editor.post("/users/add", fields))[field][0]
    assert ShopUser.objects.count() == 1


def test_a_product_is_changed_and_its_page_tells_what(editor: Client) -> None:
    product = lamp(name="Lamp", sku="L-1", tags=["new"])
    fields = LAMP | {"sku": "", "price": "9.99", "seen": seen(product)}
    answer = editor.post(f"/products/{product.pk}/edit", fields)
    assert answer["Location"] == f"/products/{product.pk}/"
    product.refresh_from_db()
    assert (product.price, product.sku, product.tags) == (Decimal("9.99"), "L-1", ["new", "led"])
    page = editor.get(f"/products/{product.pk}/").content.decode()
    assert "<dt>price</dt>" in page and "9.99" in page


def test_a_form_sent_unchanged_writes_nothing(editor: Client) -> None:
    product = lamp(name="Lamp", sku="L-1", stock_quantity=3, category="Light", tags=["new", "led"])
    entries = AuditEntry.objects.count()
    answer = editor.post(f"/products/{product.pk}/edit", LAMP | {"sku": "L-1", "seen": seen(product)})
    assert answer.status_code == 302
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("lost", ["", "2020-01-01T00:00:00Z", "yesterday"])
def test_another_persons_change_is_not_overwritten(editor: Client, lost: str) -> None:
    product = lamp(name="Lamp", sku="L-1")
    fields = LAMP | {"sku": "L-1", "price": "9.99"}
    answer = editor.post(f"/products/{product.pk}/edit", fields | {"seen": lost})
    page = answer.content.decode()
    assert "Somebody else has changed this meanwhile." in page
    assert 'value="9.99"' in page
    assert [each.label for each in answer.context["form"].differences] == ["Category", "Price", "In stock", "Tags"]
    product.refresh_from_db()
    assert product.price == Decimal("12.50")
    again = fields | {"seen": answer.context["form"]["seen"].value()}
    assert editor.post(f"/products/{product.pk}/edit", again).status_code == 302
    product.refresh_from_db()
    assert product.price == Decimal("9.99")


def test_two_people_edit_and_the_second_is_told(editor: Client) -> None:
    product = lamp(name="Lamp", sku="L-1")
    both = {"sku": "L-1", "seen": seen(product)}
    assert editor.post(f"/products/{product.pk}/edit", LAMP | both | {"price": "1"}).status_code == 302
    second = visitor(Role.EDITOR, "second")
    answer = second.post(f"/products/{product.pk}/edit", LAMP | both | {"price": "2"})
    (difference,) = answer.context["form"].differences
    assert (difference.label, difference.theirs, difference.yours) == ("Price", Decimal("1.00"), Decimal(2))
    assert AuditEntry.objects.filter(operation="UPDATE").get().actor == "editor"


def test_what_was_typed_survives_a_deletion(editor: Client) -> None:
    product = lamp(sku="L-1")
    moment = seen(product)
    sql("DELETE FROM ecommerce.products")
    answer = editor.post(f"/products/{product.pk}/edit", LAMP | {"price": "9.99", "seen": moment})
    page = answer.content.decode()
    assert "Somebody else has deleted this meanwhile." in page
    assert 'value="9.99"' in page and 'formaction="/products/add"' in page
    assert editor.get(f"/products/{product.pk}/edit").status_code == 404


def test_a_race_is_told_beside_the_field() -> None:
    """Between the check and the write another row takes it: only the write sees that."""
    product, user = ProductForm(LAMP | {"sku": "TAKEN"}), UserForm(ANN)
    assert product.is_valid() and user.is_valid()
    lamp(sku="TAKEN")
    ann()
    assert not product.write() and not user.write()
    assert product.errors == {"sku": ["This SKU is another product's."]}
    assert user.errors == {"email": ["This e-mail is another user's."]}
    assert Product.objects.count() == ShopUser.objects.count() == 1


def test_what_only_the_database_knows_to_be_wrong_is_told_beside_the_field() -> None:
    user = UserForm(ANN | {"email": "ann@localhost"})
    assert user.is_valid()
    assert not user.write()
    assert user.errors == {"email": ["Write the e-mail as name@example.com."]}


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("price", "-1", "Give a number from 0 to"),
        ("sku", "TAKEN", "This SKU is another product"),
        ("sku", "FREE", ""),
        ("name", "", "Fill this in."),
        ("name", "x" * 300, "at most 255 characters"),
    ],
)
def test_a_field_is_checked_as_it_is_left(editor: Client, field: str, typed: str, told: str) -> None:
    lamp(sku="TAKEN")
    answer = editor.post(f"/products/check?field={field}", LAMP | {field: typed}, headers={"HX-Request": "true"})
    page = answer.content.decode().strip()
    assert page.startswith(f'<div class="field-errors" id="id_{field}_error">')
    assert told in page and ("<p>" in page) == bool(told)
    assert Product.objects.count() == 1


@pytest.mark.parametrize("address", ["/products/add", "/users/add", "/orders/place"])
def test_a_browser_cuts_nothing_off(editor: Client, address: str) -> None:
    fields = re.findall(r"<(?:input|textarea)[^>]*maxlength[^>]*>", editor.get(address).content.decode())
    assert [field for field in fields if 'placeholder="' not in field] == []  # a search's words are none of the form's


def test_a_check_of_a_product_leaves_itself_out(editor: Client) -> None:
    product = lamp(sku="MINE")
    assert "<p>" not in editor.post(f"/products/{product.pk}/check?field=sku", LAMP | {"sku": "MINE"}).content.decode()
    assert editor.post("/products/check?field=password", LAMP).status_code == 404


def test_a_save_costs_few_queries(editor: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    product = lamp(sku="L-1")
    fields = LAMP | {"sku": "L-1", "price": "9.99", "seen": seen(product)}
    editor.get("/products/add")  # the categories are remembered
    with django_assert_num_queries(11):  # who, row, unique, update; the rest are transactions and their actor
        editor.post(f"/products/{product.pk}/edit", fields)


@pytest.mark.parametrize("address", ["/products/{}/edit", "/products/add", "/products/delete"])
def test_a_viewer_may_not_write(address: str) -> None:
    product = lamp()
    viewer = visitor(Role.VIEWER)
    assert viewer.get(address.format(product.pk)).status_code == 403
    assert viewer.post(address.format(product.pk), LAMP | {"pk": product.pk}).status_code == 403
    assert Product.objects.get().name == "Lamp"


def test_a_write_needs_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(visitor(Role.EDITOR).get("/").wsgi_request.user)
    assert client.post("/products/add", LAMP).status_code == 403
    assert not Product.objects.exists()


@pytest.mark.parametrize("number", ["0", "99999999999999999999"])
def test_what_is_not_there_is_not_found(editor: Client, number: str) -> None:
    assert editor.get(f"/products/{number}/").status_code == 404
    assert editor.get(f"/users/{number}/edit").status_code == 404


@pytest.mark.parametrize(("place", "fields", "model"), [("products", LAMP, Product), ("users", ANN, ShopUser)])
def test_a_form_that_was_sent_before_adds_no_second_row_unasked(
    editor: Client, place: str, fields: dict[str, str], model: type[Product | ShopUser]
) -> None:
    key = {"key": editor.get(f"/{place}/add").context["form"]["key"].value()}
    assert editor.post(f"/{place}/add", fields | key).status_code == 302
    told = editor.post(f"/{place}/add", fields | key).content.decode()
    (row,) = model.objects.all()
    assert "You have added this already" in told and f'href="/{place}/{row.pk}/"' in told and 'name="again"' in told
    asked = fields | key | {"again": "1", "email": "b@example.com", "username": "b"}
    assert editor.post(f"/{place}/add", asked).status_code == 302
    assert model.objects.count() == 2
    assert editor.post(f"/{place}/add", fields | key | {"again": "1", "name": "", "email": ""}).context["form"].is_bound


def test_a_row_that_is_gone_can_be_added_again(editor: Client) -> None:
    key = {"key": editor.get("/products/add").context["form"]["key"].value()}
    assert editor.post("/products/add", LAMP | key).status_code == 302
    sql("DELETE FROM ecommerce.products")
    assert editor.post("/products/add", LAMP | key).status_code == 302
    for odd in ("", "\x00", "x" * 10_000):
        assert editor.post("/products/add", LAMP | {"key": odd}).status_code == 302
    assert Product.objects.count() == 4


def test_a_key_is_changed_and_the_numbers_beside_it_keep_their_digits(editor: Client) -> None:
    user, exact = ann(), '{"long": 12345678901234567890.123456789, "tier": "%s", "price": 1.10}'
    sql("UPDATE ecommerce.users SET metadata = %s", [exact % "tin"])
    typed = editor.get(f"/users/{user.pk}/edit").context["form"]["metadata"].value()
    assert written(json.loads(typed, cls=ExactDecoder)) == exact % "tin"
    fields = ANN | {"seen": seen(user), "role": "", "metadata": exact % "gold"}
    assert editor.post(f"/users/{user.pk}/edit", fields)["Location"] == f"/users/{user.pk}/"
    assert sql("SELECT metadata::text FROM ecommerce.users") == [(exact % "gold",)]
    assert "12345678901234567890.123456789" in editor.get(f"/users/{user.pk}/").content.decode()


@pytest.mark.parametrize("field", ["metadata", "preferences"])
def test_a_key_that_is_there_twice_is_told_beside_the_field_and_nothing_is_saved(editor: Client, field: str) -> None:
    typed = {field: '{"tier": "gold", "tier": "tin"}'}
    told = f"The key “{isolated('tier')}” is there twice"
    checked = editor.post(f"/users/check?field={field}", ANN | typed, headers={"HX-Request": "true"})
    assert told in checked.content.decode()
    form = editor.post("/users/add", ANN | typed).context["form"]
    assert form.errors[field][0].startswith(told) and form[field].value() == typed[field]
    assert not ShopUser.objects.exists()
