"""updated_at is kept by the database; seen over several transactions."""

from tests.shop import ann, lamp, sql, value


def test_update_time_is_kept_by_the_database(own_database: str) -> None:
    product = lamp()
    sql("UPDATE ecommerce.products SET name = name")
    assert value("SELECT updated_at FROM ecommerce.products") == product.created_at
    sql("UPDATE ecommerce.products SET stock_quantity = 3, updated_at = '2000-01-01'")
    assert value("SELECT updated_at FROM ecommerce.products") > product.created_at
    user = ann()
    user.full_name = "Ann"
    user.save()
    user.refresh_from_db()
    assert user.updated_at > user.created_at
