"""A form that has added a row already adds no second one unasked, when somebody comes back to it and sends it again.

What each form has added is remembered in the visitor's own session, by the key that the form brings along.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.db.models import Model

from .requests import Request

SESSION, REMEMBERED = "added", 10


def added_before(request: Request, form: Any) -> bool:
    """Whether the form that was sent has added a row that is still there, which its page then leads to.

    Who asks for another one with the button of that page gets it: the form is a new one from then on.
    """
    if "again" in request.POST:
        form.renew_key()
        return False
    number = request.session.get(SESSION, {}).get(form["key"].value())
    form.added = None if number is None else form._meta.model._default_manager.filter(pk=number).first()
    return form.added is not None


def remember(request: Request, key: str | None, row: Model) -> None:
    """That the form of this key has added the row; the latest few are known, for a cookie holds them."""
    try:
        name = str(UUID(key or ""))
    except ValueError:
        return
    known = {each: number for each, number in request.session.get(SESSION, {}).items() if each != name}
    request.session[SESSION] = dict([*known.items(), (name, row.pk)][-REMEMBERED:])


def new_key() -> str:
    return str(uuid4())
