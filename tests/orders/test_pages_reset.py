"""The sample from the site: planted in an empty shop by editors, and a shop led back to it by admins."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from audit.models import AuditEntry
from catalog.models import Product, ShopUser
from orders import resetting_views
from orders.models import Order
from orders.seeding import reset
from orders.seeding.sample import plant
from pages.roles import Role
from tests.orders.conftest import AtOnce, somebody_writes
from tests.orders.test_reset_shop import is_the_sample
from tests.people import account, visitor
from tests.shop import ann, lamp, order_of


def page(client: Client, path: str = "/") -> str:
    return client.get(path).content.decode()


@pytest.mark.django_db
def test_an_empty_shop_is_planted_by_a_button() -> None:
    editor = visitor(Role.EDITOR)
    assert '<form method="post" action="/sample"' in page(editor)
    assert editor.post("/sample")["Location"] == "/"
    assert is_the_sample()
    told = page(editor)
    assert "Added 5 users, 10 products and 4 orders." in told and 'action="/sample"' not in told
    assert set(AuditEntry.objects.values_list("actor", flat=True)) == {"editor"}


@pytest.mark.django_db
def test_who_looks_on_is_told_who_can() -> None:
    viewer = visitor(Role.VIEWER)
    told = page(viewer)
    assert 'action="/sample"' not in told and "an editor can plant a small one" in told
    assert viewer.post("/sample").status_code == 403
    assert not Product.objects.exists()


@pytest.mark.django_db
def test_planting_changes_nothing_that_is_there() -> None:
    editor = visitor(Role.EDITOR)
    for _ in range(2):
        editor.post("/sample")
    assert "The sample is there already" in page(editor)
    assert is_the_sample()


@pytest.mark.django_db
def test_a_name_that_is_taken_is_told_and_nothing_added() -> None:
    editor = visitor(Role.EDITOR)
    ann(username="johndoe")
    editor.post("/sample")
    assert "so nothing was added" in page(editor)
    assert ShopUser.objects.count() == 1 and not Product.objects.exists()


def test_two_who_plant_at_once_plant_one(at_once: AtOnce) -> None:
    editor = account(Role.EDITOR)

    def press(_: int) -> int:
        client = Client()
        client.force_login(editor)
        return client.post("/sample").status_code

    assert at_once(4, press) == [302] * 4
    assert is_the_sample()


@pytest.mark.django_db
def test_a_reset_is_asked_first_and_done_in_the_admins_name() -> None:
    admin = visitor(Role.ADMIN)
    order_of(ann(), (lamp(), 2))
    asked = page(admin, "/reset")
    for told in ("1 user</li>", "1 product</li>", "1 order, with all their lines", "The audit trail stays"):
        assert told in asked
    assert Product.objects.get().name == "Lamp"
    assert admin.post("/reset")["Location"] == "/"
    assert is_the_sample()
    assert "Removed 1 user, 1 product and 1 order with 1 item; the sample is planted anew." in page(admin)
    assert {entry.actor for entry in AuditEntry.objects.of_operation("DELETE")} == {"admin"}


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.NOBODY, Role.VIEWER, Role.EDITOR])
def test_others_may_not(role: Role) -> None:
    client = visitor(role)
    lamp()
    assert client.get("/reset").status_code == client.post("/reset").status_code == 403
    assert Product.objects.get().name == "Lamp"


@pytest.mark.django_db
def test_a_large_shop_is_left_to_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resetting_views, "MANY", 2)
    admin = visitor(Role.ADMIN)
    order_of(ann(), (lamp(), 2))
    for told in (page(admin, "/reset"), admin.post("/reset").content.decode()):
        assert "manage.py reset_shop" in told and 'class="btn btn-danger"' not in told
    assert Order.objects.count() == 1 and Product.objects.get().name == "Lamp"


@pytest.mark.django_db
def test_the_question_costs_few_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    plant()
    admin = visitor(Role.ADMIN)
    with django_assert_num_queries(2):  # who it is, the figures
        assert admin.get("/reset").status_code == 200


def test_a_busy_shop_is_told_and_left_alone(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "LOCK", reset.LOCK.replace("10s", "50ms"))
    admin = visitor(Role.ADMIN)
    with somebody_writes(ann):
        assert admin.post("/reset")["Location"] == "/reset"
        told = page(admin, "/reset")
    assert "toast-error" in told and "was not reset. Nothing was changed; try again." in told
    assert not Product.objects.exists()
