"""`manage.py reset_shop`: back to the sample."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.actor import acting_as
from orders.seeding.reset import ShopIsBusy, reset_shop, what_there_is

QUESTION = (
    "This removes {}, whatever they are, and plants the sample of `manage.py seed` anew. The audit trail stays and\n"
    "records it, accounts of the site stay as well. Go on? [y/N] "
)


class Command(BaseCommand):
    help = (
        "Remove all users, products and orders and plant the sample anew. The audit trail stays; numbers go on. "
        "Each row is recorded; from 20,000 rows on the owner of the tables empties them at once, and that is recorded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-input", "--noinput", action="store_true", help="do not ask first")

    def handle(self, *, no_input: bool, **options: Any) -> None:
        if not no_input and not self._agreed():
            raise CommandError("Nothing was changed.")
        try:
            with acting_as("command:reset_shop"):
                lost = reset_shop()
        except ShopIsBusy as busy:
            raise CommandError(str(busy)) from busy
        self.stdout.write(f"Removed {lost}; the sample is planted anew.")

    def _agreed(self) -> bool:
        try:
            return input(QUESTION.format(what_there_is())).strip().lower() in {"y", "yes"}
        except EOFError:
            raise CommandError("Nobody is there to ask. Say --no-input to reset the shop all the same.") from None
