"""A page of the admin that was left open overwrites nothing that others have written meanwhile."""

from typing import Any

import pytest

from audit.models import AuditEntry
from catalog.models import Product, ShopUser
from orders.checkout import Line, place_order
from orders.models import Order
from tests.admin.conftest import Visitor
from tests.shop import ann, lamp, order_of

pytestmark = pytest.mark.django_db

INLINES = {"items-TOTAL_FORMS": "0", "items-INITIAL_FORMS": "0"}


def page_of(row: Product | ShopUser | Order) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def form_of(product: Product, **typed: Any) -> dict[str, Any]:
    fields = ("sku", "name", "description", "price", "stock_quantity", "category")
    return {name: getattr(product, name) for name in fields} | {"tags": ""} | typed


def test_stock_sold_meanwhile_is_not_put_back(visitor: Visitor) -> None:
    product = Product.objects.get(pk=lamp(stock_quantity=5).pk)
    typed = form_of(product, description="Brass", seen=visitor.seen(page_of(product)))
    place_order(customer_id=ann().pk, lines=[Line(product.pk, 4)])
    page = visitor.send(page_of(product), typed)
    assert "Somebody else has changed this meanwhile." in page
    assert "Stock quantity: “1” in the database, “5” here." in page and "Price: “" not in page
    assert ">Brass</textarea>" in page.replace("> Brass", ">Brass")
    product.refresh_from_db()
    assert (product.stock_quantity, product.description) == (1, "")


def test_who_has_seen_the_difference_may_save(visitor: Visitor) -> None:
    product = Product.objects.get(pk=lamp(stock_quantity=5).pk)
    typed = form_of(product, description="Brass", seen=visitor.seen(page_of(product)))
    Product.objects.update(stock_quantity=1)
    refused = visitor.post(page_of(product), typed).context["adminform"].form
    visitor.send(page_of(product), typed | {"seen": refused["seen"].value(), "stock_quantity": "1"})
    product.refresh_from_db()
    assert (product.stock_quantity, product.description) == (1, "Brass")


@pytest.mark.parametrize("seen", ["", "x", "\0", "2026-01-01T00:00:00"])
def test_a_form_that_has_seen_nothing_changes_nothing(visitor: Visitor, seen: str) -> None:
    product = Product.objects.get(pk=lamp(stock_quantity=5).pk)
    visitor.send(page_of(product), form_of(product, stock_quantity="9", seen=seen))
    product.refresh_from_db()
    assert product.stock_quantity == 5


def test_what_is_saved_unchanged_is_not_written(visitor: Visitor) -> None:
    product = Product.objects.get(pk=lamp().pk)
    visitor.change(page_of(product), form_of(product))
    assert not AuditEntry.objects.of_operation("UPDATE").exists()


def test_a_user_changed_meanwhile_stays(visitor: Visitor) -> None:
    user = ann(metadata={"role": "customer"})
    typed = {"email": user.email, "username": "anna", "is_active": "on", "metadata": '{"role": "customer"}'}
    typed |= {"seen": visitor.seen(page_of(user))}
    ShopUser.objects.update(metadata={"role": "vendor"})
    page = visitor.send(page_of(user), typed)
    assert "Metadata: “{ &quot;role&quot;: &quot;vendor&quot; }” in the database" in page and 'value="anna"' in page
    user.refresh_from_db()
    assert (user.username, user.metadata) == ("ann", {"role": "vendor"})


def test_an_order_moved_meanwhile_stays(visitor: Visitor) -> None:
    order = order_of(ann(), (lamp(), 1))
    typed = INLINES | {"status": "paid", "payment_method": "paypal", "shipping_address": "{}"}
    typed |= {"seen": visitor.seen(page_of(order))}
    Order.objects.update(status="cancelled")
    assert "Status: “cancelled” in the database, “paid” here." in visitor.send(page_of(order), typed)
    order.refresh_from_db()
    assert (order.status, order.payment_method) == ("cancelled", "credit_card")


@pytest.mark.parametrize(
    "address", ["[" * 50_000, '{"a": "\\ud800"}', '{"a": NaN}', "[]", "null"], ids=lambda each: each[:9]
)
def test_an_address_that_is_no_object_is_refused_beside_its_field(visitor: Visitor, address: str) -> None:
    order = order_of(ann())
    form = INLINES | {"status": "paid", "payment_method": "paypal", "shipping_address": address}
    page = visitor.change(page_of(order), form)
    assert 'id="id_shipping_address_error"' in page
    order.refresh_from_db()
    assert (order.status, order.shipping_address) == ("pending", {})
