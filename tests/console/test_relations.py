"""What may be read of the standard's catalogs, against the server's own list of them."""

from console.relations import STANDARD_VIEWS, refusal
from lakebase.backend.base import DatabaseWrapper

VIEWS = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'information_schema'::regnamespace AND relkind IN ('r', 'v') "
    # Of foreign tables, for the views upon them.
    "AND relname NOT LIKE '\\_pg\\_%'"
)


def test_each_is_read_or_refused_with_its_reason(owner: DatabaseWrapper) -> None:
    with owner.cursor() as cursor:
        cursor.execute(VIEWS)
        there = {name for (name,) in cursor.fetchall()}
    assert there >= STANDARD_VIEWS
    for name in there - STANDARD_VIEWS:
        assert ": it tells of " in str(refusal("information_schema", name)), name
