"""The site reads the figures; only writes to the shop's rows change them."""

import pytest
from django.db import ProgrammingError, transaction

from tests.orders.exact import assert_exact
from tests.shop import ann, sql, value

pytestmark = pytest.mark.django_db
TABLES = [
    "daily_deltas", "daily_figures", "sales_deltas", "category_sales", "product_sales", "product_days", "figures_week",
    "deleted_orders",
]  # fmt: skip
FUNCTIONS = [
    "recount_figures()", "move_figures_week('9999-01-01')", "fold_daily_deltas()", "fold_sales_deltas()"
]  # fmt: skip
FORGERIES = [
    ("users", "created_at timestamptz", "figures_count_made", "AFTER INSERT", "NEW TABLE AS new_rows"),
    ("orders", "order_date timestamptz", "figures_count_orders", "AFTER INSERT", "NEW TABLE AS new_rows"),
    ("orders", "order_date timestamptz", "figures_count_changed_orders", "AFTER INSERT", "NEW TABLE AS new_rows"),
    ("order_items", "order_id bigint", "figures_count_lines", "AFTER INSERT", "NEW TABLE AS new_rows"),
    ("order_items", "order_id bigint", "figures_forget", "AFTER INSERT", ""),
    ("orders", "order_id bigint", "figures_remember_order", "BEFORE INSERT", ""),
]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("attempt", ["DELETE FROM {}", "TRUNCATE {}", "INSERT INTO {} DEFAULT VALUES", "DROP TABLE {}"])
def test_the_site_cannot_write_them(table: str, attempt: str) -> None:
    sql(f"SELECT * FROM {table}")
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        sql(attempt.format(table))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_of_the_owner_are_refused(function: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        sql(f"SELECT {function}")


@pytest.mark.parametrize(("table", "column", "function", "when", "rows"), FORGERIES)
def test_a_table_of_the_same_name_counts_nothing(table: str, column: str, function: str, when: str, rows: str) -> None:
    ann()
    sql(f"CREATE TEMP TABLE {table} ({column})")
    referencing = f"REFERENCING {rows}" if rows else ""
    sql(f"CREATE TRIGGER forge {when} ON pg_temp.{table} {referencing} EXECUTE FUNCTION {function}()")
    with pytest.raises(ProgrammingError, match="cannot be counted"), transaction.atomic():
        sql(f"INSERT INTO pg_temp.{table} VALUES (NULL)")
    sql(f"DROP TABLE pg_temp.{table}")
    assert_exact()


def test_fold_is_the_sites_to_call() -> None:
    ann()
    sql("SELECT fold_figures()")
    assert value("SELECT users FROM daily_figures") == 1
