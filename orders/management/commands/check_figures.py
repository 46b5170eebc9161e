"""`manage.py check_figures`: are the dashboard's figures what the rows say?"""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError

from audit.actor import acting_as
from orders import figures


class Command(BaseCommand):
    help = (
        "Compares the dashboard's figures with a count of all rows, and each order's total with its lines; prints "
        "every difference, and ends with exit code 1 when there is one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--repair", action="store_true", help="count the figures anew first, as the owner of the tables"
        )

    def handle(self, *, repair: bool, **options: Any) -> None:
        if repair:
            self.repair()
        differences = figures.differences()
        for difference in differences:
            self.stdout.write(str(difference))
        if differences:
            raise CommandError(told(differences))
        self.stdout.write("The figures are what the rows say.")

    def repair(self) -> None:
        try:
            with acting_as("command:check_figures"):
                figures.recount()
        except ProgrammingError as error:
            raise CommandError(
                f"The figures were not counted anew: {error} Run this as the owner of the tables."
            ) from error
        self.stdout.write("All figures were counted anew.")


def told(differences: list[figures.Difference]) -> str:
    """How many there are, and what to do about them."""
    totals = [one for one in differences if one.figure == figures.ORDER_TOTAL]
    advice = []
    if len(totals) < len(differences):
        advice.append("Run `manage.py check_figures --repair` to count the figures anew.")
    if totals:
        advice.append("Correct the orders' totals or lines: what was meant is not to be told from here.")
    return " ".join([f"Differences: {len(differences)}.", *advice])
