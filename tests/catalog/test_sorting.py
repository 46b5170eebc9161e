"""A list is sorted only by what an index keeps in order: a page then costs the same among hundreds of thousands."""

import pytest

from catalog.tables import ProductTable, UserTable
from orders.tables import OrderTable
from pages.tables import Table
from tests.shop import sql

pytestmark = pytest.mark.django_db
FIRST_COLUMNS = """
SELECT attname FROM pg_index
JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
JOIN pg_class ON pg_class.oid = indexrelid
JOIN pg_am ON pg_am.oid = relam
WHERE indrelid = %s::regclass AND indpred IS NULL AND amname = 'btree'
"""


@pytest.mark.parametrize("table", [ProductTable, UserTable, OrderTable])
def test_an_index_begins_with_each_column_that_sorts(table: type[Table]) -> None:
    model = table._meta.model
    sorts = {
        model._meta.get_field(name).column
        for name, column in table.base_columns.items()
        if column.orderable is not False
    }
    assert sorts
    assert sorts <= {column for (column,) in sql(FIRST_COLUMNS, [f"ecommerce.{model._meta.db_table}"])}
