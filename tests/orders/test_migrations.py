"""The migrations of orders go back and forth with rows, and count what they find."""

import pytest
from django.core.management import call_command

from orders import figures
from orders.checkout import Line, place_order
from orders.models import Order
from tests.audit.conftest import AsOwner
from tests.orders.exact import assert_exact
from tests.shop import ann, lamp, order_of, value

LEFT = """SELECT count(*) FROM pg_class WHERE relnamespace = 'ecommerce'::regnamespace
    AND relname ~ '^(orders|order_|daily|sales|category_|product_sales|product_days|figures|deleted|counted)'"""


@pytest.mark.parametrize("back", ["zero", "0002", "0003", "0004", "0005", "0006", "0007"])
def test_back_and_forth_with_rows(as_owner: AsOwner, back: str) -> None:
    user, product = ann(), lamp(stock_quantity=9)
    order_of(user, (product, 1))
    place_order(customer_id=user.pk, lines=[Line(product.pk, 2)], idempotency_key="k")
    for status in ("paid", "shipped", "completed"):
        Order.objects.update(status=status)
    assert figures.totals().orders.total == 2
    with as_owner():
        call_command("migrate", "orders", back, verbosity=0, interactive=False)
        if back == "zero":
            assert value(LEFT) == 0
        ann(email="b@example.com", username="b")
        call_command("migrate", verbosity=0, interactive=False)
        assert figures.totals().users.total == 2
        assert figures.totals().orders.total == (0 if back == "zero" else 2)
        assert_exact()
        place_order(customer_id=user.pk, lines=[Line(product.pk, 2)])
        assert_exact()
