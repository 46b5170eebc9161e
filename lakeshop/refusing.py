"""How a refusal is told: as a page, or to htmx as the part of it that has room on the page that asked."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pages.roles import is_refused_alone

FORBIDDEN = 403


def refuse(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int, beside: bool = False
) -> HttpResponse:
    """What may not be seen takes the place of the content; any other trouble stands beside what was typed there."""
    if not is_refused_alone(request):
        return render(request, template, context, status=status)
    answer = render(request, template, (context or {}) | {"frame": "_refusal_alone.html"}, status=status)
    answer["HX-Retarget"] = "#main" if status == FORBIDDEN and not beside else "#trouble"
    answer["HX-Reswap"] = "innerHTML"
    return answer
