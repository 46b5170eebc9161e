"""Rows of the shop and plain SQL, for tests of its tables."""

from typing import Any

from django.db import connection

from catalog.models import Product, ShopUser
from orders.models import Order

USER = "INSERT INTO ecommerce.users (email, username) VALUES ('ann@example.com', 'ann') RETURNING user_id"
PRODUCT = "INSERT INTO ecommerce.products (name, price) VALUES ('Lamp', 12.50) RETURNING product_id"


def sql(statement: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
    """Run a statement on the default connection; its rows, none when it returns none."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def value(statement: str, parameters: list[Any] | None = None) -> Any:
    return sql(statement, parameters)[0][0]


def lamp(**fields: Any) -> Product:
    return Product.objects.create(**{"name": "Lamp", "price": "12.50"} | fields)


def ann(**fields: Any) -> ShopUser:
    return ShopUser.objects.create(**{"email": "ann@example.com", "username": "ann"} | fields)


def order_of(user: ShopUser, *lines: tuple[Product, int]) -> Order:
    order = Order.objects.create(user=user)
    for product, quantity in lines:
        order.items.create(product=product, quantity=quantity, unit_price=product.price)
    return order
