"""When orders come: more at weekends, before the holidays and in the evening, and more as the shop grows."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

DAY = 86_400
AT_ONCE = 50_000
WEEKDAYS = (0.95, 0.9, 0.92, 0.97, 1.1, 1.2, 1.15)  # Monday first
MONTHS = (0.85, 0.8, 0.88, 0.92, 0.95, 0.95, 0.85, 0.88, 1.0, 1.05, 1.45, 1.6)
HOURS = tuple(accumulate((2, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 11, 13, 11, 9, 9, 10, 12, 15, 18, 20, 18, 11, 5)))
GROWTH = 1.6  # the last day's orders to the first's, weekday and season apart


def moments(count: int, since: datetime, until: datetime, random: Random) -> Iterator[float]:
    """`count` moments from `since` on and before `until`, in order, as seconds since 1970."""
    first = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [first + timedelta(days=number) for number in range((until - first) // timedelta(days=1) + 1)]
    weights = [_weight(day, since, until) for day in days]
    share: Counter[int] = Counter()
    for left in range(count, 0, -AT_ONCE):
        share.update(random.choices(range(len(days)), weights, k=min(left, AT_ONCE)))
    for number, day in enumerate(days):
        begins, ends = max(day, since).timestamp(), min(day.timestamp() + DAY, until.timestamp())
        if ends - begins == DAY:
            yield from sorted(_in_a_day(begins, share[number], random))
        else:
            yield from sorted(begins + random.random() * (ends - begins) for _ in range(share[number]))


def _weight(day: datetime, since: datetime, until: datetime) -> float:
    open_for = min(day + timedelta(days=1), until) - max(day, since)
    grown = 1 + (GROWTH - 1) * (max(day, since) - since) / (until - since)
    return WEEKDAYS[day.weekday()] * MONTHS[day.month - 1] * grown * open_for.total_seconds() / DAY


def _in_a_day(begins: float, count: int, random: Random) -> Iterator[float]:
    for hour in random.choices(range(24), cum_weights=HOURS, k=count):
        yield begins + (hour + random.random()) * 3600
