"""`manage.py check_figures` finds what is wrong, and the owner repairs it."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from orders import figures
from orders.models import Order
from tests.audit.conftest import AsOwner
from tests.orders.exact import assert_exact
from tests.shop import ann, lamp, order_of, sql


def check(*arguments: str) -> str:
    printed = StringIO()
    try:
        call_command("check_figures", *arguments, stdout=printed)
    except CommandError as error:
        return f"{printed.getvalue()}{error}"
    return printed.getvalue()


@pytest.fixture
def completed(own_database: str) -> Order:
    """An order of two lamps, committed."""
    order = order_of(ann(), (lamp(category="Light"), 2))
    Order.objects.update(total_amount=25)
    for status in ("paid", "shipped", "completed"):
        Order.objects.update(status=status)
    return order


def test_all_is_well(completed: Order) -> None:
    assert check() == "The figures are what the rows say.\n"
    figures.fold()
    assert check() == "The figures are what the rows say.\n"


def test_difference_is_named_and_repaired_by_the_owner(completed: Order, as_owner: AsOwner) -> None:
    with as_owner():
        sql("ALTER TABLE order_items DISABLE TRIGGER figures_update")
        sql("UPDATE order_items SET category = 'Dark'")
        sql("ALTER TABLE order_items ENABLE TRIGGER figures_update")
    printed = check()
    assert printed.splitlines() == [
        "revenue of category Dark: 0, but counted 25.00",
        "revenue of category Light: 25.00, but counted 0",
        "units of category Dark: 0, but counted 2",
        "units of category Light: 2, but counted 0",
        "Differences: 4. Run `manage.py check_figures --repair` to count the figures anew.",
    ]
    assert check("--repair").endswith("Run this as the owner of the tables.")
    with as_owner():
        assert check("--repair") == "All figures were counted anew.\nThe figures are what the rows say.\n"
    assert_exact()


def test_total_that_is_not_its_lines_sum(completed: Order) -> None:
    sql("UPDATE orders SET total_amount = 24")
    with pytest.raises(CommandError, match="Correct the orders' totals or lines"):
        call_command("check_figures", stdout=StringIO())
    assert check().startswith(f"total of order {completed.pk}: 24.00, but counted 25.00\n")
