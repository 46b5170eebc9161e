"""Light, dark, or as the device says: one cookie, so that a page is drawn right before any script runs."""

from django.http import HttpRequest

COOKIE = "theme"
CHOICES = ("auto", "light", "dark")


def theme(request: HttpRequest) -> dict[str, str]:
    """Context processor: `theme` is one of CHOICES."""
    chosen = request.COOKIES.get(COOKIE, "auto")
    return {"theme": chosen if chosen in CHOICES else "auto"}
