"""Lists, searches and filters: what they find, and how few questions they ask."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from audit.paging import CappedPaginator
from catalog.models import Product
from orders.models import Order
from tests.admin.conftest import Visitor
from tests.shop import ann, lamp, order_of, sql

pytestmark = pytest.mark.django_db

LISTS = [
    "/admin/catalog/product/",
    "/admin/catalog/shopuser/",
    "/admin/catalog/csvimport/",
    "/admin/orders/order/",
    "/admin/audit/auditentry/",
]


def shop(number: int) -> None:
    for count in range(number):
        user = ann(email=f"u{count}@example.com", username=f"user {count}")
        order_of(user, (lamp(sku=f"S{count}", name=f"Lamp {count}"), 1))


@pytest.mark.parametrize("path", LISTS)
def test_a_list_asks_as_much_for_many_rows_as_for_few(visitor: Visitor, path: str) -> None:
    shop(2)
    visitor.page(path)
    with CaptureQueriesContext(
        connection,
    ) as few:
        visitor.page(path)
    for count in range(20, 40):
        order_of(ann(email=f"{count}@example.com", username=str(count)), (lamp(), 1))
    with CaptureQueriesContext(connection) as many:
        visitor.page(path)
    assert len(many) == len(few) <= 12


def test_an_orders_page_asks_as_much_for_many_lines_as_for_few(visitor: Visitor) -> None:
    user = ann()
    few, many = order_of(user, (lamp(), 1)), order_of(user, *[(lamp(), 1) for _ in range(20)])
    visitor.page(f"/admin/orders/order/{few.pk}/change/")
    counts = []
    for order in (few, many):
        with CaptureQueriesContext(connection) as asked:
            visitor.page(f"/admin/orders/order/{order.pk}/change/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("path", "query", "found", "left_out"),
    [
        ("/admin/catalog/product/", {"q": "lamp 1"}, "Lamp 1", "Lamp 0"),
        ("/admin/catalog/product/", {"q": "S0"}, "Lamp 0", "Lamp 1"),
        ("/admin/catalog/product/", {"stock": "available"}, "In stock", "Lamp 0"),
        ("/admin/catalog/product/", {"stock": "none"}, "Lamp 0", "In stock"),
        ("/admin/catalog/product/", {"stock": "low"}, "Lamp 0", "In stock"),
        ("/admin/catalog/shopuser/", {"q": "u1@"}, "user 1", "user 0"),
        ("/admin/catalog/shopuser/", {"role": "vendor"}, "seller", "user 0"),
        ("/admin/catalog/shopuser/", {"is_active__exact": "0"}, "seller", "user 0"),
        ("/admin/orders/order/", {"q": "user 1"}, "user 1 (", "user 0 ("),
        ("/admin/orders/order/", {"status__exact": "pending"}, "user 1 (", "seller ("),
    ],
)
def test_searches_and_filters(visitor: Visitor, path: str, query: dict[str, str], found: str, left_out: str) -> None:
    shop(2)
    seller = ann(username="seller", metadata={"role": "vendor"}, is_active=False)
    Order.objects.create(user=seller, status="completed")
    lamp(name="In stock", stock_quantity=50)
    page = visitor.page(path, **query)
    assert found in page and left_out not in page


def test_a_search_keeps_the_filter(visitor: Visitor) -> None:
    lamp(name="Lamp 1", stock_quantity=50)
    page = visitor.page("/admin/catalog/product/", stock="available", q="lamp")
    assert '<input type="hidden" name="stock" value="available">' in page and 'value="lamp" id="searchbar"' in page


def test_order_is_found_by_its_number(visitor: Visitor) -> None:
    shop(2)
    first, second = Order.objects.all()
    page = visitor.page("/admin/orders/order/", q=str(first.pk))
    assert f"/order/{first.pk}/change/" in page and f"/order/{second.pk}/change/" not in page
    visitor.page("/admin/orders/order/", q="9" * 18)


def test_audit_trail_is_filtered_and_read_only(visitor: Visitor) -> None:
    product = lamp(name="Old")
    Product.objects.update(name="New")
    ann()
    path = "/admin/audit/auditentry/"
    page = visitor.page(path, table="products", operation="UPDATE", within="1")
    assert "1 audit entry" in page and "name, updated_at" in page
    assert "0 audit entries" in visitor.page(path, operation="DELETE")
    assert "2 audit entries" in visitor.page(path, q=str(product.pk), table="products")
    assert "0 audit entries" in visitor.page(path, q="nobody")
    assert "0 audit entries" in visitor.page(path, q="9" * 19)
    entry = AuditEntry.objects.of_operation("UPDATE").get()
    page = visitor.page(f"{path}{entry.pk}/change/")
    assert '<td class="before">Old</td><td class="after">New</td>' in page
    for method in ("add/", f"{entry.pk}/delete/"):
        assert visitor.get(path + method).status_code == 403
    assert visitor.post(f"{path}{entry.pk}/change/", {"operation": "DELETE"}).status_code == 403


def test_only_so_many_rows_are_counted(visitor: Visitor) -> None:
    sql("INSERT INTO products (name, price) SELECT 'Lamp', 1 FROM generate_series(1, 1200)")
    for path, name in (("/admin/catalog/product/", "products"), ("/admin/audit/auditentry/", "audit entries")):
        page = visitor.page(path)
        assert f"1000+ {name}" in page and "filter or search for others" in page
        assert "?p=40" in page and visitor.get(path, {"p": "41"}).status_code == 302
    paginator = CappedPaginator(Product.objects.filter(name="none"), 100)
    assert (paginator.count, paginator.more) == (0, False)


@pytest.mark.parametrize("year", ["0", "99999"])
@pytest.mark.parametrize(
    ("path", "field"),
    [(path, "created_at") for path in LISTS if "product" in path or "user" in path or "audit" in path]
    + [("/admin/orders/order/", "order_date"), ("/admin/catalog/csvimport/", "imported_at")],
)
def test_a_year_that_no_calendar_has_is_refused(visitor: Visitor, path: str, field: str, year: str) -> None:
    answer = visitor.get(path, {f"{field}__year": year})
    assert (answer.status_code, answer["Location"]) == (302, f"{path}?e=1")
