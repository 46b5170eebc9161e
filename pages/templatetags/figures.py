"""Numbers as people read them."""

from django import template

register = template.Library()


@register.filter
def figure(value: int) -> str:
    return f"{value:,}"


@register.filter
def seconds(value: float) -> str:
    """To about three figures: 0.042 s, 1.73 s, 25.1 s, 312 s."""
    digits = next(digits for least, digits in ((100, 0), (10, 1), (1, 2), (0, 3)) if value >= least)
    return f"{value:,.{digits}f} s"
