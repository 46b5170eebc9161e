"""Deleting many rows after a look at them: those that others still need are kept, and told by name."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import PROTECT, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

AT_ONCE = 100


class Kept(NamedTuple):
    """A row that cannot be deleted, and the plural name of what needs it: "orders"."""

    row: Any
    needed_by: str


class Choice(NamedTuple):
    free: list[Any]
    kept: list[Kept]


def choice_of(rows: QuerySet[Any], keys: Iterable[str]) -> Choice:
    """Of the rows with these keys, as a form sends them, which may be deleted and which are needed. One query."""
    numbers = [int(key) for key in list(keys)[:AT_ONCE] if key.isascii() and key.isdecimal() and len(key) < 19]
    relations = [each for each in rows.model._meta.related_objects if each.on_delete is PROTECT]
    found = rows.filter(pk__in=numbers).annotate(
        **{
            f"needed_{place}": Exists(
                relation.related_model._default_manager.filter(**{relation.field.name: OuterRef("pk")})
            )
            for place, relation in enumerate(relations)
        }
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
    return Choice(free, kept)


def delete(rows: list[Any]) -> bool:
    """Delete all of them in one statement, or none: False when something began to need one meanwhile."""
    if not rows:
        return True
    try:
        with transaction.atomic():
            type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows]).delete()
    except IntegrityError:
        return False
    return True


def tell(request: HttpRequest, choice: Choice, one: str) -> None:
    """Say what was deleted, and by name what was not."""
    if choice.free:
        count = len(choice.free)
        messages.success(request, f"{count} {one}{'' if count == 1 else 's'} deleted.")
    if choice.kept:
        named = ", ".join(Truncator(str(kept.row)).chars(60) for kept in choice.kept[:3])
        more = f" and {len(choice.kept) - 3} more" if len(choice.kept) > 3 else ""
        messages.warning(request, f"Kept, since still needed by {choice.kept[0].needed_by}: {named}{more}.")
