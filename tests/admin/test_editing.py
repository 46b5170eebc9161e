"""Records are made, changed and deleted in the admin, in the person's name; what the database refuses is a message."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User

from audit.models import AuditEntry
from catalog.models import Product, ShopUser
from orders.models import Order
from tests.admin.conftest import Visitor
from tests.shop import ann, lamp, order_of

pytestmark = pytest.mark.django_db

PRODUCT = {"sku": "L1", "name": "Lamp", "description": "", "price": "12.50", "stock_quantity": "3", "category": "Light"}
PRODUCT |= {"tags": "desk,led"}
USER = {"email": "ann@example.com", "username": "ann", "full_name": "", "is_active": "on"}
USER |= {"metadata": '{"role": "vendor"}', "preferences": ""}
PRODUCTS, USERS = "/admin/catalog/product/", "/admin/catalog/shopuser/"


def changed(product: Product, **fields: Any) -> dict[str, Any]:
    return PRODUCT | {"sku": product.sku} | fields


def test_what_is_made_is_audited_with_person_and_request(visitor: Visitor) -> None:
    visitor.post(f"{PRODUCTS}add/", PRODUCT, headers={"X-Request-Id": "r-1"})
    product = Product.objects.get()
    assert (product.sku, product.tags, product.stock_quantity) == ("L1", ["desk", "led"], 3)
    entry = AuditEntry.objects.in_table("products").get()
    assert (entry.actor, entry.request_id) == ("ada", "r-1")


def test_sku_left_empty_is_made_by_the_database_and_then_kept(visitor: Visitor) -> None:
    visitor.send(f"{PRODUCTS}add/", PRODUCT | {"sku": ""})
    product = Product.objects.get()
    assert product.sku.startswith("LS-")
    visitor.change(f"{PRODUCTS}{product.pk}/change/", changed(product, sku="", price="1"))
    made = product.sku
    product.refresh_from_db()
    assert (product.sku, product.price) == (made, 1)


def test_user_is_made_and_an_empty_json_field_is_an_empty_object(visitor: Visitor) -> None:
    visitor.send(f"{USERS}add/", USER)
    user = ShopUser.objects.get()
    assert (user.metadata, user.preferences, user.is_active) == ({"role": "vendor"}, {}, True)


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        (PRODUCTS, PRODUCT | {"sku": "TAKEN"}, "This SKU is another product&#x27;s."),
        (PRODUCTS, PRODUCT | {"price": "-1"}, "Give a price from 0 to 99999999.99."),
        (PRODUCTS, PRODUCT | {"price": "NaN"}, "Give a number, such as 9.99."),
        (PRODUCTS, PRODUCT | {"price": "1e9"}, "Give at most 8 digits before the point."),
        (PRODUCTS, PRODUCT | {"stock_quantity": "-1"}, "Give a stock of 0 or more."),
        (PRODUCTS, PRODUCT | {"stock_quantity": "9" * 30}, "Give 2147483647 or less."),
        (PRODUCTS, PRODUCT | {"name": "\0"}, "Null characters are not allowed."),
        (PRODUCTS, PRODUCT | {"tags": "x" * 600}, "A tag has at most 500 characters."),
        (USERS, USER | {"email": "taken@example.com"}, "This e-mail is another user&#x27;s."),
        (USERS, USER | {"metadata": "[1]"}, "Write a JSON object, such as"),
        (USERS, USER | {"metadata": "{"}, "Write a JSON object, such as"),
        (USERS, USER | {"metadata": "[" * 50_000}, "Write a JSON object, such as"),
        (USERS, USER | {"preferences": '{"a": "\\ud800"}'}, "Write a JSON object, such as"),
        (USERS, USER | {"metadata": '{"a": ' * 400 + "1" + "}" * 400}, "This is nested more than 100 deep."),
        (USERS, USER | {"metadata": '{"a": "\\u0000"}'}, "PostgreSQL stores neither NaN and Infinity nor"),
    ],
)
def test_what_is_wrong_is_said_beside_what_was_typed(
    visitor: Visitor, path: str, form: dict[str, str], said: str
) -> None:
    lamp(sku="TAKEN"), ann(email="taken@example.com", username="taken")
    page = visitor.send(f"{path}add/", form)
    assert said in page
    assert 'value="Light"' in page or 'value="ann"' in page
    assert (Product.objects.count(), ShopUser.objects.count()) == (1, 1)


def test_what_orders_hold_cannot_be_deleted(visitor: Visitor) -> None:
    user, product = ann(), lamp()
    order_of(user, (product, 1))
    for path, key in ((PRODUCTS, product.pk), (USERS, user.pk)):
        assert "Cannot delete" in visitor.page(f"{path}{key}/delete/")
        answer = visitor.post(f"{path}{key}/delete/", {"post": "yes"})
        assert answer.status_code == 200
    assert Product.objects.exists() and ShopUser.objects.exists()


def test_deleting_is_audited(visitor: Visitor) -> None:
    product = lamp()
    visitor.send(f"{PRODUCTS}{product.pk}/delete/", {"post": "yes"})
    assert AuditEntry.objects.of_operation("DELETE").get().actor == "ada"


def test_order_shows_its_lines_and_takes_what_may_change(visitor: Visitor) -> None:
    order = order_of(ann(), (lamp(name="Lamp of gold"), 2))
    path = f"/admin/orders/order/{order.pk}/change/"
    page = visitor.page(path)
    assert "Lamp of gold" in page and "25.00" in page
    form = {"status": "paid", "payment_method": "paypal", "shipping_address": '{"city": "Denver"}'}
    form |= {"items-TOTAL_FORMS": "0", "items-INITIAL_FORMS": "0"}
    visitor.change(path, form)
    order.refresh_from_db()
    assert (order.status, order.payment_method, order.shipping_address) == ("paid", "paypal", {"city": "Denver"})
    visitor.change(path, form | {"shipping_address": ""})
    order.refresh_from_db()
    assert order.shipping_address == {}
    assert "There is no “lost” to choose." in visitor.send(path, form | {"status": "lost"})
    for refused in ("/admin/orders/order/add/", f"/admin/orders/order/{order.pk}/delete/"):
        assert visitor.get(refused).status_code == 403
    assert Order.objects.count() == 1


def test_the_admin_is_for_the_role_admin_whatever_permissions_others_have(visitor: Visitor) -> None:
    other = User.objects.create_user("vic", password="x", is_staff=True)
    other.user_permissions.add(*Permission.objects.filter(content_type__app_label__in=("catalog", "orders", "audit")))
    other.groups.add(Group.objects.get(name="editor"))
    visitor.force_login(other)
    product = lamp()
    for path in ("", "export/", "add/", "import/", f"{product.pk}/history/", f"{product.pk}/delete/"):
        assert visitor.get(PRODUCTS + path).status_code == 403
    for path in ("process_import/", f"{product.pk}/change/"):
        assert visitor.post(PRODUCTS + path, PRODUCT).status_code == 403
    for path in (USERS, f"{USERS}export/", "/admin/orders/order/export/", "/admin/audit/auditentry/"):
        assert visitor.get(path).status_code == 403
    assert Product.objects.get() == product
