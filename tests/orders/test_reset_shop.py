"""`manage.py reset_shop`: back to the sample, asked first, by the site's role."""

import io
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import AuditEntry
from catalog.models import Product, ShopUser
from orders.checkout import Line, OrderRefused, place_order
from orders.models import Order
from orders.seeding import reset
from orders.seeding.reset import ShopIsBusy, reset_shop
from orders.seeding.sample import plant
from tests.audit.conftest import AsOwner, as_owner  # noqa: F401  a fixture
from tests.orders.conftest import AtOnce, somebody_writes
from tests.orders.exact import assert_exact
from tests.shop import ann, lamp, order_of, sql


def reset_by_command(**options: bool) -> str:
    out = StringIO()
    call_command("reset_shop", stdout=out, **options)
    return out.getvalue()


def is_the_sample() -> bool:
    sizes = (ShopUser.objects.count(), Product.objects.count(), Order.objects.count())
    return sizes == (5, 10, 4) and Product.objects.get(sku="MOUSE-WL").name == "Wireless Mouse"


@pytest.mark.django_db
def test_shop_is_the_sample_again() -> None:
    plant()
    Product.objects.update(name="Broken")
    order_of(ann(), (lamp(), 2))
    told = reset_by_command(no_input=True)
    assert told == "Removed 6 users, 11 products and 5 orders with 9 items; the sample is planted anew.\n"
    assert is_the_sample()


@pytest.mark.django_db
def test_empty_shop_is_planted() -> None:
    reset_by_command(no_input=True)
    assert is_the_sample()


@pytest.mark.django_db
def test_audit_trail_stays_and_tells_it() -> None:
    order_of(ann(), (lamp(), 2))
    before = list(AuditEntry.objects.values_list("audit_id", flat=True))
    reset_by_command(no_input=True)
    assert AuditEntry.objects.filter(audit_id__in=before).count() == len(before)
    gone = AuditEntry.objects.by_actor("command:reset_shop").of_operation("DELETE")
    assert {entry.table_name for entry in gone} == {"users", "products", "orders", "order_items"}


@pytest.mark.django_db
def test_numbers_go_on() -> None:
    used = ann().pk
    reset_shop()
    assert min(ShopUser.objects.values_list("pk", flat=True)) > used


@pytest.mark.django_db
@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_it_asks_first(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str) -> None:
    order_of(ann(), (lamp(), 2))
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    reset_by_command()
    asked = capsys.readouterr().out
    assert "1 user, 1 product and 1 order with 1 item" in asked and "The audit trail stays" in asked
    assert is_the_sample()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answer", "sentence"), [("n\n", "Nothing was changed."), ("\n", "Nothing was changed."), ("", "Say --no-input")]
)
def test_anything_else_than_yes_changes_nothing(monkeypatch: pytest.MonkeyPatch, answer: str, sentence: str) -> None:
    ann()
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    with pytest.raises(CommandError, match=sentence):
        reset_by_command()
    assert [user.username for user in ShopUser.objects.all()] == ["ann"]


def test_owner_resets_it_as_well(as_owner: AsOwner) -> None:  # noqa: F811
    ann()
    with as_owner():
        reset_by_command(no_input=True)
        assert is_the_sample()


def test_many_rows_go_at_once_for_the_owner(as_owner: AsOwner, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(reset, "MANY", 4)
    order_of(ann(), (lamp(), 2))
    used = ShopUser.objects.get().pk
    with as_owner():
        assert reset_shop() == (1, 1, 1, 1)
        assert is_the_sample()
        assert min(ShopUser.objects.values_list("pk", flat=True)) > used
        emptied = AuditEntry.objects.of_operation("TRUNCATE")
        assert {entry.table_name for entry in emptied} == {"users", "products", "orders", "order_items"}
        assert not AuditEntry.objects.of_operation("DELETE").exists()
    assert_exact()


@pytest.mark.django_db
def test_many_rows_go_one_by_one_for_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "MANY", 4)
    order_of(ann(), (lamp(), 2))
    reset_shop()
    assert AuditEntry.objects.of_operation("DELETE").count() == 4


def test_order_under_way_is_waited_for(own_database: str) -> None:
    user, lines = ann(), [(lamp(), 1)]
    with somebody_writes(lambda: order_of(user, *lines)) as may_commit, ThreadPoolExecutor(1) as threads:
        resetting = threads.submit(lambda: (reset_shop(), connection.close())[0])
        may_commit.set()
        assert resetting.result(30).orders == 1
    assert is_the_sample()


def test_busy_shop_is_told_and_left_alone(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "LOCK", reset.LOCK.replace("10s", "50ms"))
    with somebody_writes(ann):
        with pytest.raises(ShopIsBusy):
            reset_shop()
        with pytest.raises(CommandError, match="was not reset"):
            reset_by_command(no_input=True)
    assert sql("SELECT count(*) FROM products") == [(0,)]


def test_reset_while_orders_are_placed(at_once: AtOnce) -> None:
    call_command("seed", stdout=StringIO())
    users, products = (list(model.objects.values_list("pk", flat=True)) for model in (ShopUser, Product))

    def work(number: int) -> object:
        if number == 0:
            return reset_shop()
        placed = 0
        for turn in range(60):
            try:
                place_order(customer_id=users[turn % 5], lines=[Line(key, 1) for key in products[turn % 7 :]])
            except OrderRefused:  # the stock is out, or the shop is another by now
                continue
            placed += 1
        return placed

    assert [outcome for outcome in at_once(5, work) if isinstance(outcome, BaseException)] == []
    assert is_the_sample()
