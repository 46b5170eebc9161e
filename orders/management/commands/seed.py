"""`manage.py seed`: the sample; with numbers, a believable shop of that size."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, connection
from rich.console import Console
from rich.progress import Progress

from audit.actor import acting_as
from catalog.search import background
from orders.seeding.crowd import Size, populate
from orders.seeding.sample import in_words, plant

ACTOR = "command:seed"
# Else nobody knows how large the tables are until autovacuum comes. Who does not own them is warned, and passed over.
ANALYZE = "ANALYZE users, products, orders, order_items, product_search, audit_log"


class Number(NamedTuple):
    """What one option may be, and is where only others are given."""

    what: str
    usual: int
    least: int
    most: int


NUMBERS = {
    "users": Number("users to add", 1_000, 1, 10_000_000),
    "products": Number("products to add", 200, 1, 1_000_000),
    "orders": Number("orders to add, of one to seven items each", 10_000, 0, 10_000_000),
    "days": Number("days over which they are spread", 365, 1, 3_650),
    "seed": Number("another number gives another shop", 1, 0, 1 << 62),
}


class Command(BaseCommand):
    help = (
        "Plant the sample of 5 users, 10 products and 4 orders: what is missing of it is added, nothing is changed. "
        "With any of the numbers: add a believable shop of that size to what is there, all or nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, number in NUMBERS.items():
            parser.add_argument(f"--{name}", type=int, metavar="N", help=f"{number.what} ({number.usual:,})")
        parser.add_argument("--until", metavar="TIME", help="when the last orders come, as in 2026-01-31 (now), UTC")

    def handle(self, **options: Any) -> None:
        asked = any(options[name] is not None for name in (*NUMBERS, "until"))
        size = _size(options) if asked else None
        try:
            with acting_as(ACTOR):
                self.stdout.write(self._crowd(size) if size else str(plant()))
        except IntegrityError as error:
            raise CommandError(f"Nothing was added: {' '.join(str(error).split())}") from error
        if left := background.at_once(size.products if size else 0):
            self.stdout.write(left)
        with connection.cursor() as cursor:
            cursor.execute(ANALYZE)

    def _crowd(self, size: Size) -> str:
        """Shows bars on a terminal only."""
        wanted = {"users": size.users, "products": size.products, "orders": size.orders}
        console = Console(stderr=True)
        with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
            bars = {kind: progress.add_task(kind.capitalize(), total=rows) for kind, rows in wanted.items()}
            populate(size, lambda kind, rows: progress.advance(bars[kind], rows))
        return f"Added {in_words(size.users, size.products, size.orders)}."


def _size(options: dict[str, Any]) -> Size:
    given = {name: number.usual if options[name] is None else options[name] for name, number in NUMBERS.items()}
    for name, number in NUMBERS.items():
        if not number.least <= given[name] <= number.most:
            raise CommandError(f"--{name} {given[name]}: give a number from {number.least:,} to {number.most:,}.")
    return Size(**given, until=_until(options["until"]))


def _until(text: str | None) -> datetime:
    now = datetime.now(UTC)
    try:
        until = now if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--until {text}: write a day or a time, as in 2026-01-31 or 2026-01-31T18:00.") from None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    if until.year < 2000 or until > now:
        raise CommandError(f"--until {text}: give a time from the year 2000 on that has passed.")
    return until
