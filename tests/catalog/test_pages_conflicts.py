"""Two people and one record, truly at once: one is served, the other is told, and nothing is overwritten unseen."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from catalog.models import Product, ShopUser
from orders.checkout import Line, place_order
from orders.models import Order
from pages.roles import Role
from tests.catalog.test_pages_editing import ANN, LAMP, seen
from tests.orders.conftest import AtOnce, at_once  # noqa: F401  a fixture
from tests.people import account, visitor
from tests.shop import ann, lamp, sql

TOLD, GONE = "Somebody else has changed this meanwhile.", "Somebody else has deleted this meanwhile."
SAVED = 302
CONFLICT = 409


class People:
    """Editors, each with a browser of their own; made before the threads begin."""

    def __init__(self, count: int) -> None:
        self.clients = [Client() for _ in range(count)]
        for number, client in enumerate(self.clients):
            client.force_login(account(Role.EDITOR, f"editor{number}"))

    def send(self, number: int, path: str, fields: dict[str, Any]) -> tuple[int, str]:
        answer = self.clients[number].post(path, fields)
        return answer.status_code, answer.content.decode()


def stamps(client: Client, path: str, *keys: int) -> dict[str, list[str]]:
    page = client.get(path, {"pk": keys}).content.decode()
    return {name: re.findall(f'name="{name}" value="([^"]+)"', page) for name in ("pk", "seen")}


def test_of_six_who_save_one_product_one_does(at_once: AtOnce) -> None:  # noqa: F811
    product, people = lamp(name="Lamp", sku="L-1"), People(6)
    form = LAMP | {"sku": "L-1", "seen": seen(product)}
    answers = at_once(
        6, lambda number: people.send(number, f"/products/{product.pk}/edit", form | {"price": str(number + 1)})
    )
    assert sorted(status for status, _ in answers) == [200] * 5 + [SAVED]
    winner = next(number for number, (status, _) in enumerate(answers) if status == SAVED)
    product.refresh_from_db()
    assert product.price == winner + 1
    for number, (status, page) in enumerate(answers):
        if status != SAVED:
            told = re.sub(r"<[^>]+>", " ", page.partition('class="conflict"')[2])
            assert TOLD in page
            assert re.search(rf"Price\s+{winner + 1}\.00\s+{number + 1}\s", told)
            assert f'name="price" value="{number + 1}"' in page
    assert AuditEntry.objects.of_record("products", product.pk).of_operation("UPDATE").count() == 1


def test_of_six_who_save_one_user_one_does(at_once: AtOnce) -> None:  # noqa: F811
    user, people = ann(), People(6)
    form = ANN | {"seen": seen(user)}
    answers = at_once(
        6, lambda number: people.send(number, f"/users/{user.pk}/edit", form | {"metadata": f'{{"by": {number}}}'})
    )
    assert sorted(status for status, _ in answers) == [200] * 5 + [SAVED]
    winner = next(number for number, (status, _) in enumerate(answers) if status == SAVED)
    user.refresh_from_db()
    assert user.metadata == {"role": "vendor", "by": winner}
    assert all(TOLD in page and "Metadata" in page for status, page in answers if status != SAVED)


@pytest.mark.parametrize("turn", range(4))
def test_who_edits_and_who_deletes_at_once(at_once: AtOnce, turn: int) -> None:  # noqa: F811
    """Whoever comes second is told, whichever that is."""
    user, people = ann(), People(2)
    edited = ANN | {"seen": seen(user), "full_name": "Kept"}
    chosen = stamps(people.clients[1], "/users/delete", user.pk)
    work = [(f"/users/{user.pk}/edit", edited), ("/users/delete", chosen)]
    (edit, edit_page), (deletion, deletion_page) = at_once(2, lambda number: people.send(number, *work[number]))
    if edit == SAVED:
        assert deletion == 200 and "Nothing is deleted yet" in deletion_page
        assert ShopUser.objects.get().full_name == "Kept"
    else:
        assert deletion == SAVED and GONE in edit_page and 'value="Kept"' in edit_page
        assert not ShopUser.objects.exists()


def test_of_four_who_delete_the_same_one_does(at_once: AtOnce) -> None:  # noqa: F811
    product, people = lamp(), People(4)
    chosen = stamps(people.clients[0], "/products/delete", product.pk)
    answers = at_once(4, lambda number: people.send(number, "/products/delete", chosen))
    assert [status for status, _ in answers] == [SAVED] * 4
    told = [client.get("/products/").content.decode() for client in people.clients]
    assert sum("1 product deleted." in page for page in told) == 1
    assert sum("Somebody else had deleted 1 product of these already." in page for page in told) == 3
    assert AuditEntry.objects.of_record("products", product.pk).of_operation("DELETE").count() == 1


def test_a_product_that_is_sold_while_it_is_deleted_stays(at_once: AtOnce) -> None:  # noqa: F811
    product, user, people = lamp(stock_quantity=1), ann(), People(1)
    chosen = stamps(people.clients[0], "/products/delete", product.pk)

    def work(number: int) -> Any:
        if number:
            return place_order(customer_id=user.pk, lines=[Line(product.pk, 1)])
        return people.send(0, "/products/delete", chosen)

    deleted, sold = at_once(2, work)
    assert deleted[0] in (200, SAVED)
    assert Product.objects.exists() == (not isinstance(sold, Exception)) == Order.objects.exists()


def test_of_four_who_cancel_one_gives_the_goods_back(at_once: AtOnce) -> None:  # noqa: F811
    product, people = lamp(stock_quantity=5), People(4)
    order = place_order(customer_id=ann().pk, lines=[Line(product.pk, 3)]).order
    path = f"/orders/{order.pk}/cancel"
    answers = at_once(4, lambda number: people.send(number, path, {"seen": "pending"}))
    assert sorted(status for status, _ in answers) == [SAVED, *[CONFLICT] * 3]
    assert all("is cancelled, and stays so" in page for status, page in answers if status == CONFLICT)
    product.refresh_from_db()
    assert product.stock_quantity == 5


@pytest.mark.parametrize("turn", range(3))
def test_who_moves_and_who_cancels_at_once(at_once: AtOnce, turn: int) -> None:  # noqa: F811
    """A payment that came first is told to who cancels, and asked about; one that comes second is refused."""
    product, people = lamp(stock_quantity=5), People(2)
    order = place_order(customer_id=ann().pk, lines=[Line(product.pk, 3)]).order
    work = [(f"/orders/{order.pk}/move", {"status": "paid"}), (f"/orders/{order.pk}/cancel", {"seen": "pending"})]
    (moved, moved_page), (cancelled, cancelled_page) = at_once(2, lambda number: people.send(number, *work[number]))
    order.refresh_from_db()
    assert {moved, cancelled} == {SAVED, CONFLICT}
    if order.status == "paid":
        assert "Nothing is cancelled yet" in cancelled_page
    else:
        assert order.status == "cancelled" and "is cancelled, and stays so" in moved_page


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [ANN, {}, ANN | {"email": "no"}, ANN | {"metadata": "["}])
def test_what_was_typed_of_a_user_survives_a_deletion(fields: dict[str, str]) -> None:
    editor, user = visitor(Role.EDITOR), ann(metadata={"role": "vendor"})
    form = {"seen": seen(user)} | fields
    sql("DELETE FROM ecommerce.users")
    answer = editor.post(f"/users/{user.pk}/edit", form)
    page = answer.content.decode()
    assert answer.status_code == 200
    if fields == ANN:
        assert GONE in page and 'formaction="/users/add"' in page and "gold" in page
        assert editor.post("/users/add", form).status_code == SAVED
        assert ShopUser.objects.get().metadata == {"role": "vendor", "tier": "gold"}
    assert editor.post(f"/users/{user.pk}/check?field=email", form).status_code == 200


@pytest.mark.django_db
def test_a_product_that_is_gone_is_told_while_it_is_typed() -> None:
    editor, product = visitor(Role.EDITOR), lamp()
    sql("DELETE FROM ecommerce.products")
    checked = editor.post(f"/products/{product.pk}/check?field=price", LAMP | {"price": "-1"})
    assert "Give a number from 0 to" in checked.content.decode()
    assert editor.post(f"/products/{product.pk}/edit", {}).status_code == 200
    assert not Product.objects.exists()


def form_of(client: Client, path: str) -> dict[str, Any]:
    """What a browser would send back of the form, untouched."""
    fields = client.get(path).context["form"]
    sent = {each.html_name: each.field.prepare_value(each.initial) for each in fields}
    return {name: "" if value is None else value for name, value in sent.items() if value is not False}


def labels(told: list[Any]) -> list[str]:
    return [each.label for each in told]


@pytest.mark.django_db
def test_who_changed_another_field_is_not_overwritten() -> None:
    """The second is told what came, finds it in the form, and both are kept by one more save."""
    first, second = visitor(Role.EDITOR, "first"), visitor(Role.EDITOR, "second")
    product = lamp(name="Lamp", sku="L-1", description="One\nand two", tags=["new"], price=5)
    path = f"/products/{product.pk}/edit"
    one, two = form_of(first, path), form_of(second, path)
    fields = one | {
        "name": "Renamed",
        "tags": 'new, "led, bright"',
        "stock_quantity": 9,
        "description": "One\r\nand two",
    }
    assert first.post(path, fields).status_code == SAVED
    told = second.post(path, two | {"price": "7.5", "description": "One\r\nand two"})
    form = told.context["form"]
    assert TOLD in told.content.decode() and 'name="price" value="7.5"' in told.content.decode()
    assert (labels(form.differences), labels(form.came)) == ([], ["Name", "In stock", "Tags"])
    product.refresh_from_db()
    assert (product.name, product.price) == ("Renamed", 5)
    assert second.post(path, {each.html_name: each.value() for each in form}).status_code == SAVED
    product.refresh_from_db()
    assert (product.name, product.price, product.stock_quantity) == ("Renamed", 7.5, 9)
    assert (product.tags, product.description) == (["new", "led, bright"], "One\nand two")
    assert next(AuditEntry.objects.of_record("products", product.pk)[0].changes()).field == "price"


@pytest.mark.django_db
def test_only_what_both_have_changed_is_to_be_decided() -> None:
    """Each key of a JSON object counts by itself; the same change made twice is none."""
    first, second = visitor(Role.EDITOR, "first"), visitor(Role.EDITOR, "second")
    user = ann(metadata={"role": "customer", "tier": "gold", "old": 1, "deep": {"b": [1], "a": 2}})
    path = f"/users/{user.pk}/edit"
    one, two = form_of(first, path), form_of(second, path)
    theirs = one | {"role": "admin", "metadata": '{"tier": "tin", "deep": {"a": 2, "b": [1]}, "new": null, "same": 1}'}
    assert first.post(path, theirs | {"is_active": ""}).status_code == SAVED
    yours = '{"tier": "iron", "old": 1, "deep": {"a": 2, "b": [1, 2]}, "same": 1}'
    told = second.post(path, two | {"full_name": "Ann B", "metadata": yours}).context["form"]
    (tier,) = told.differences
    assert tier == ("Metadata: tier", "tin", "iron")
    came = ["Metadata: new", "Metadata: old", "Metadata: role", "Active"]
    assert sorted(labels(told.came)) == sorted(came)
    again = {each.html_name: each.field.prepare_value(each.value()) for each in told if each.value() is not False}
    assert second.post(path, again).status_code == SAVED
    user.refresh_from_db()
    assert user.metadata == {"role": "admin", "tier": "iron", "new": None, "deep": {"a": 2, "b": [1, 2]}, "same": 1}
    assert (user.full_name, user.is_active) == ("Ann B", False)


@pytest.mark.django_db
def test_what_changed_and_went_back_is_no_matter() -> None:
    editor, product = visitor(Role.EDITOR), lamp(stock_quantity=5)
    path = f"/products/{product.pk}/edit"
    fields = form_of(editor, path)
    sql("UPDATE ecommerce.products SET stock_quantity = 4")
    sql("UPDATE ecommerce.products SET stock_quantity = 5")
    assert editor.post(path, fields | {"price": "3"}).status_code == SAVED
    product.refresh_from_db()
    assert product.price == 3
    assert editor.post(path, fields | {"price": "3"}).status_code == SAVED


@pytest.mark.django_db
@pytest.mark.parametrize("read", ["", "no", "[]", "[" * 10_000, '{"price": 1}', "\x00", '{"a": {}, "price": []}'])
def test_a_form_that_does_not_know_what_it_read_loses_nothing(read: str) -> None:
    editor, product = visitor(Role.EDITOR), lamp(name="Lamp", sku="L-1")
    path = f"/products/{product.pk}/edit"
    fields = form_of(editor, path)
    sql("UPDATE ecommerce.products SET name = 'Theirs', updated_at = now() + interval '1 second'")
    told = editor.post(path, fields | {"price": "3", "read": read}).context["form"]
    assert labels(told.differences) == ["Name", "Price"] and not told.came
    assert Product.objects.get().name == "Theirs"


ODD = [[], [1], "text", 5, {"role": 7}, {"role": {"a": 1}}, None]


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_a_user_whose_metadata_are_no_object_can_be_edited(odd: object) -> None:
    editor, user = visitor(Role.EDITOR), ann()
    sql("UPDATE ecommerce.users SET metadata = %s::jsonb", [json.dumps(odd)])
    path, fields = f"/users/{user.pk}/edit", ANN | {"seen": seen(user), "full_name": "Ann B"}
    assert editor.get(path).status_code == editor.post(f"/users/{user.pk}/check?field=email", fields).status_code == 200
    sql("UPDATE ecommerce.users SET username = 'other', updated_at = now() + interval '1 second'")
    form = form_of(editor, path)
    sql("UPDATE ecommerce.users SET username = 'theirs', updated_at = now() + interval '2 seconds'")
    told = editor.post(path, form | {"full_name": "Ann B", "metadata": '{"tier": "gold"}'}).context["form"]
    assert [each.label for each in told.came] == ["Username"] and not told.differences
    assert told["metadata"].value() == '{"tier": "gold"}'


@pytest.mark.django_db
def test_metadata_that_became_no_object_meanwhile_is_told() -> None:
    editor, user = visitor(Role.EDITOR), ann(metadata={"tier": "tin"})
    path = f"/users/{user.pk}/edit"
    form = form_of(editor, path)
    sql("UPDATE ecommerce.users SET metadata = '[1]', updated_at = now() + interval '1 second'")
    told = editor.post(path, form | {"metadata": '{"tier": "gold"}'}).context["form"]
    assert [(each.label, each.theirs, each.yours) for each in told.differences] == [("Metadata", [1], {"tier": "gold"})]
    assert told["metadata"].value() == '{"tier": "gold"}'


@pytest.mark.django_db
def test_what_differs_in_a_long_text_is_seen() -> None:
    editor, long = visitor(Role.EDITOR), "x" * 600
    product = lamp(sku="L-1", description=long)
    path = f"/products/{product.pk}/edit"
    form = form_of(editor, path)
    assert editor.post(path, form | {"description": f"{long} THEIRS"}).status_code == SAVED
    told = editor.post(path, form | {"description": f"{long} MINE"}).content.decode().partition('class="conflict"')[2]
    assert "x THEIRS</span>" in told and "x MINE</span>" in told
    history = editor.get(f"/products/{product.pk}/").content.decode().partition('class="history-list"')[2]
    assert "x THEIRS</span>" in history
