"""Each person's queries: kept when run, the newest only, and found again by a part of their text."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from .asking import Answer
from .models import PastQuery

KEPT = 200
LONGEST = 20_000  # characters of a statement that is kept
LONGEST_TROUBLE = 300


def of(person: User, words: str = "") -> QuerySet[PastQuery]:
    """The person's queries, newest first; with words those whose text holds them."""
    found = PastQuery.objects.filter(person=person).order_by("-query_id")
    return found.filter(sql__icontains=words) if words else found


def remember(person: User, answer: Answer) -> None:
    """Keep what was asked, and what came of it."""
    keep(
        person,
        answer.sql,
        seconds=answer.result.seconds if answer.result else None,
        rows=len(answer.result.rows) if answer.result and not answer.is_plan else None,
        trouble=answer.trouble.message if answer.trouble else "",
    )


def keep(person: User, typed: str, *, seconds: float | None, rows: int | None, trouble: str = "") -> None:
    """The same text again renews its entry; what is blank or too long is not kept."""
    sql = typed.strip()
    if not sql or len(sql) > LONGEST or "\0" in sql:
        return
    how: dict[str, Any] = {
        "asked_at": Now(),
        "seconds": seconds,
        "rows": rows,
        "trouble": trouble[:LONGEST_TROUBLE],
    }
    with transaction.atomic():
        last = of(person).first()
        if last is not None and last.sql == sql:
            PastQuery.objects.filter(pk=last.pk).update(**how)
            return
        PastQuery.objects.create(person=person, sql=sql, **how)
        beyond = of(person).values_list("query_id", flat=True)[KEPT : KEPT + 1]
        if oldest := list(beyond):
            PastQuery.objects.filter(person=person, query_id__lte=oldest[0]).delete()
