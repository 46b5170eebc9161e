"""The tags that there are, to choose from in the search."""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection

KEPT_SECONDS = 60
MOST = 200
# Of the newest products: to read all of very many takes a while.
TAGS = f"""
SELECT tag FROM (SELECT tags FROM products ORDER BY product_id DESC LIMIT 5000) AS newest, unnest(tags) AS tag
GROUP BY tag ORDER BY count(*) DESC, tag LIMIT {MOST}
"""


def tags() -> list[str]:
    """Those that most products bear, in alphabetical order; remembered for a minute."""
    known: list[str] | None = cache.get("tags")
    if known is None:
        with connection.cursor() as cursor:
            cursor.execute(TAGS)
            known = sorted((tag for (tag,) in cursor.fetchall()), key=str.casefold)
        cache.set("tags", known, KEPT_SECONDS)
    return known


def as_known(tag: str) -> str:
    """As it is written among them, if it is there in another case."""
    known = tags()
    return tag if tag in known else next((each for each in known if each.casefold() == tag.casefold()), tag)
