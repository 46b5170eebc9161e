"""A record's history is the audit trail's."""

import pytest

from audit.actor import acting_as
from catalog.models import Product
from pages.keyset import PAGE_SIZE
from tests.admin.conftest import Visitor
from tests.shop import ann, lamp, order_of, sql

pytestmark = pytest.mark.django_db


def test_history_tells_each_field_and_who(visitor: Visitor) -> None:
    with acting_as("bob"):
        product = lamp(tags=["<b>"])
    Product.objects.update(name="<script>alert(1)</script>", tags=["a", "b"])
    page = visitor.page(f"/admin/catalog/product/{product.pk}/history/")
    assert "bob" in page and ", by SQL" in page
    assert '<td class="before">Lamp</td><td class="after">&lt;script&gt;alert(1)&lt;/script&gt;</td>' in page
    assert "&quot;&lt;b&gt;&quot;" in page and "<script>alert" not in page
    assert page.index("UPDATE") < page.index("INSERT")
    assert f"/product/{product.pk}/history/" in visitor.page(f"/admin/catalog/product/{product.pk}/change/")


def test_long_history_has_pages(visitor: Visitor) -> None:
    product = lamp()
    for price in range(PAGE_SIZE + 10):
        sql("UPDATE products SET price = %s", [price])
    path = f"/admin/catalog/product/{product.pk}/history/"
    page = visitor.page(path)
    assert page.count('class="module entry"') == PAGE_SIZE
    before = page.split("?before=")[1].split('"')[0]
    older = visitor.page(path, before=before)
    assert older.count('class="module entry"') == 11 and "Older changes" not in older


@pytest.mark.parametrize("before", ["x", "-1", "9" * 19, "9" * 30, "١"])
def test_odd_page_numbers_are_no_fault(visitor: Visitor, before: str) -> None:
    visitor.page(f"/admin/catalog/product/{lamp().pk}/history/", before=before)


def test_users_and_orders_have_theirs(visitor: Visitor) -> None:
    user = ann()
    order = order_of(user, (lamp(), 1))
    assert "INSERT" in visitor.page(f"/admin/catalog/shopuser/{user.pk}/history/")
    assert "INSERT" in visitor.page(f"/admin/orders/order/{order.pk}/history/")


def test_no_such_record_is_said(visitor: Visitor) -> None:
    answer = visitor.get("/admin/catalog/product/77/history/", follow=True)
    assert "Perhaps it was deleted" in answer.content.decode()
