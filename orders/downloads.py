"""Orders as a CSV file."""

from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from catalog.csv_export import download
from pages.requests import Request
from pages.roles import may_view

from .csv_export import ORDERS


@require_safe
@may_view
def export(request: Request) -> HttpResponseBase:
    """All of them, a row for each line."""
    return download(ORDERS)
