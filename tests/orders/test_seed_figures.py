"""The dashboard's figures are exact after every kind of seed."""

from datetime import UTC, datetime

import pytest

from orders.figures import differences, fold, totals
from orders.seeding.crowd import populate
from orders.seeding.reset import reset_shop
from orders.seeding.sample import plant
from tests.orders.test_seed_crowd import size


@pytest.mark.django_db
def test_figures_are_exact() -> None:
    plant()
    assert differences() == []
    assert totals().orders.total == 4
    populate(size(until=datetime.now(UTC)))
    assert differences() == []
    fold()
    assert differences() == []
    reset_shop()
    assert differences() == []
    fold()
    assert differences() == []
    assert totals().orders.total == 4
