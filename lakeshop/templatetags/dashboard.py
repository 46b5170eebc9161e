"""What the dashboard shows: its charts, and figures as people read them."""

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from pages import charts

register = template.Library()
register.filter("money", charts.money)


@register.simple_tag
@lru_cache(maxsize=64)
def chart(form: str, figures: charts.Bars | charts.Line, empty: str = "") -> SafeString:
    """Drawn once for the same figures: it is most of the dashboard's work. `form` names one of templates/charts/."""
    return render_to_string(f"charts/_{form}.html", {"chart": figures, "empty": empty})
