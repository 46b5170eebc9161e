"""Back to the sample, so that nobody fears to break things."""

from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from pages.counted import counted

from .sample import in_words, plant

# Each refers to those after it; the site's role owns none of them and may not TRUNCATE.
TABLES = ("order_items", "orders", "products", "users")
# From so many rows on who may TRUNCATE does: the trail then has one entry for each table, not one for each row.
MANY = 20_000
MAY_TRUNCATE = (
    f"SELECT bool_and(has_table_privilege(place, 'TRUNCATE')) FROM unnest('{{{', '.join(TABLES)}}}'::text[]) AS place"
)
TRUNCATE = f"TRUNCATE order_placements, {', '.join(TABLES)}"
# Else somebody could order between the deletion of the orders and that of the products. EXCLUSIVE lets others read and
# no more: a row that they had locked before they write would wait for us, and we for it. The order is place_order()'s;
# who cancels takes orders before products, hence more than one attempt.
LOCK = "SET LOCAL lock_timeout = '10s'; LOCK TABLE users, products, orders, order_items IN {} MODE"
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
        return f"{in_words(self.users, self.products, self.orders)} with {counted(self.order_items, 'item')}"


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
    at_once = sum(what_there_is()) >= MANY and _may_truncate()
    _keep_others_out("ACCESS EXCLUSIVE" if at_once else "EXCLUSIVE")
    lost = what_there_is()
    with connection.cursor() as cursor:
        for statement in [TRUNCATE] if at_once else [f"DELETE FROM {table}" for table in TABLES]:
            cursor.execute(statement)
    plant()
    return lost


def _may_truncate() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(MAY_TRUNCATE)
        return bool(cursor.fetchone()[0])


def _keep_others_out(mode: str) -> None:
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(LOCK.format(mode))
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected | LockNotAvailable):
                raise
        else:
            return
    raise ShopIsBusy("Others write to the shop all the time, so it was not reset. Nothing was changed; try again.")
