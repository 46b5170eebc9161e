"""What was typed into a form that could not be taken, kept on the page that says so, to be sent once more."""

from dataclasses import dataclass

from django.http import HttpRequest

TOKEN = "csrfmiddlewaretoken"


@dataclass(frozen=True, kw_only=True)
class Posted:
    """`fields` are names with their values, as sent; `left_out` are the names of what no page may hold."""

    address: str
    fields: list[tuple[str, str]]
    left_out: list[str]


def posted(request: HttpRequest) -> Posted | None:
    """None where nothing was sent that is to arrive, or not by a page of ours.

    A stranger's form must not be one click from being taken. What nobody has read so far stays unread, since it may
    be a large file.
    """
    if request.method != "POST" or not hasattr(request, "_post") or _only_asks(request) or not _is_ours(request):
        return None
    sent = [(name, value) for name, values in request.POST.lists() for value in values if name != TOKEN]
    fields = [(name, value) for name, value in sent if not _is_secret(name)]
    left_out = [*request.FILES, *(name for name, _ in sent if _is_secret(name))]
    return Posted(address=request.get_full_path(), fields=fields, left_out=left_out)


def _only_asks(request: HttpRequest) -> bool:
    """As the views do that are `answered_soon`."""
    match = request.resolver_match
    return match is not None and getattr(match.func, "only_asks", False)


def _is_ours(request: HttpRequest) -> bool:
    """Its token was found good, or the browser says that it comes from here."""
    here = f"{request.scheme}://{request.get_host()}"
    return getattr(request, "csrf_processing_done", False) or request.headers.get("Origin") == here


def _is_secret(name: str) -> bool:
    return "password" in name.lower()
