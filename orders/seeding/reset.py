"""Back to the sample, so that nobody fears to break things."""

from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from .sample import plant

# Each refers to those after it; the site's role owns none of them and may not TRUNCATE.
TABLES = ("order_items", "orders", "products", "users")
# Else somebody could order between the deletion of the orders and that of the products. The mode lets others read and
# no more: a row that they had locked before they write would wait for us, and we for it. The order is place_order()'s;
# who cancels takes orders before products, hence more than one attempt.
LOCK = "SET LOCAL lock_timeout = '10s'; LOCK TABLE users, products, orders, order_items IN EXCLUSIVE MODE"
ATTEMPTS = 3


class ShopIsBusy(Exception):
    """Others went on writing for so long that nothing was changed."""


class Lost(NamedTuple):
    """How many rows of each kind there were."""

    order_items: int
    orders: int
    products: int
    users: int

    def __str__(self) -> str:
        return f"{self.users} users, {self.products} products and {self.orders} orders with {self.order_items} items"


def what_there_is() -> Lost:
    """What a reset would remove."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(f'(SELECT count(*) FROM {table})' for table in TABLES)}")
        return Lost(*cursor.fetchone())


@transaction.atomic
def reset_shop() -> Lost:
    """Remove every user, product and order, and plant the sample, in one transaction; tells what went.

    The audit trail stays and records all of it. Numbers go on, so that no entry of it ever means two records. Raises
    ShopIsBusy.
    """
    _keep_others_out()
    with connection.cursor() as cursor:
        lost = []
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")
            lost.append(cursor.rowcount)
    plant()
    return Lost(*lost)


def _keep_others_out() -> None:
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(LOCK)
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected | LockNotAvailable):
                raise
        else:
            return
    raise ShopIsBusy("Others write to the shop all the time, so it was not reset. Nothing was changed; try again.")
