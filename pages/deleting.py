"""Deleting many rows after a look at them: those that others still need are kept, and told by name; those that others
have changed since are looked at again."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import PROTECT, Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import Truncator

from .counted import counted
from .keys import key_of

AT_ONCE = 100


class Kept(NamedTuple):
    """A row that cannot be deleted, and the plural name of what needs it: "orders"."""

    row: Any
    needed_by: str


class Choice(NamedTuple):
    """What was chosen: to be deleted, or needed; which of the former were changed since somebody looked at them; how
    many are gone; whether it is done."""

    free: list[Any]
    kept: list[Kept]
    changed: list[Any]
    gone: int
    done: bool = False


def choice_of(rows: QuerySet[Any], keys: Iterable[str]) -> Choice:
    """Of the rows with these keys, as a form sends them, which may be deleted and which are needed. One query."""
    numbers = {number for key in list(keys)[:AT_ONCE] if (number := key_of(key)) is not None}
    relations = [each for each in rows.model._meta.related_objects if each.on_delete is PROTECT]
    found = list(
        rows.filter(pk__in=numbers).annotate(
            **{
                f"needed_{place}": Exists(
                    relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
                )
                for place, relation in enumerate(relations)
            }
        )
    )
    free, kept = [], []
    for row in found:
        needs = [
            str(relation.related_model._meta.verbose_name_plural)
            for place, relation in enumerate(relations)
            if getattr(row, f"needed_{place}")
        ]
        if needs:
            kept.append(Kept(row, " and ".join(needs)))
        else:
            free.append(row)
    return Choice(free, kept, [], len(numbers) - len(found))


def stamp(row: Any) -> str:
    """Another one as soon as somebody writes the row."""
    return f"{row.pk} {row.updated_at.isoformat()}"


def delete(rows: QuerySet[Any], keys: Collection[str], seen: Collection[str]) -> Choice:
    """Delete all that nothing needs, or none where one was changed after `seen`, the stamps that its page had shown.

    To be called in a transaction: the rows stay locked until it ends.
    """
    choice = choice_of(rows.select_for_update().order_by("pk"), keys)
    changed = [row for row in choice.free if stamp(row) not in seen]
    if changed:
        return choice._replace(changed=changed)
    try:
        with transaction.atomic():
            rows.filter(pk__in=[row.pk for row in choice.free]).delete()
    except IntegrityError:  # something has begun to need one, between the look and the lock
        return choice_of(rows, keys)
    return choice._replace(done=True)


def page(request: HttpRequest, rows: QuerySet[Any], *, one: str, template: str, after: str) -> HttpResponse:
    """Asks, deletes, and leads to the page `after`; or asks again. `one` is what a row is called."""
    if request.method == "POST":
        choice = delete(rows, request.POST.getlist("pk"), request.POST.getlist("seen"))
        if choice.done:
            tell(request, choice, one)
            return redirect(after)
    else:
        choice = choice_of(rows, request.GET.getlist("pk"))
    return render(request, template, {"choice": choice})


def tell(request: HttpRequest, choice: Choice, one: str) -> None:
    """Say what was deleted, and by name what was not."""
    if choice.free:
        messages.success(request, f"{counted(len(choice.free), one)} deleted.")
    if choice.gone:
        messages.info(request, f"Somebody else had deleted {counted(choice.gone, one)} of these already.")
    if choice.kept:
        named = ", ".join(Truncator(str(kept.row)).chars(60) for kept in choice.kept[:3])
        more = f" and {len(choice.kept) - 3} more" if len(choice.kept) > 3 else ""
        messages.warning(request, f"Kept, since still needed by {choice.kept[0].needed_by}: {named}{more}.")
