"""What a list of tags is, for its constraint: PostgreSQL's arrays may be much else."""

from typing import Any

from django.db.models import BooleanField, Func

from pages.visible import A_CONTROL

# The index over tags holds none of more than 2,700 bytes.
LONGEST_TAG = 500
# All of them together are well within a cell that an import takes.
MOST_TAGS = 500


class IsTagList(Func):
    """One dimension that begins at 1, as exports and imports write one; no NULL in it, no control characters."""

    output_field = BooleanField()
    # array_position() raises an error for more dimensions: CASE asks in this order.
    test = (
        "CASE WHEN array_ndims({tags}) > 1 OR array_lower({tags}, 1) <> 1 THEN false"
        f" ELSE cardinality({{tags}}) <= {MOST_TAGS} AND array_position({{tags}}, NULL) IS NULL"
        f" AND array_to_string({{tags}}, '') !~ '{A_CONTROL}' END"
    )

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, list[Any]]:
        tags, parameters = compiler.compile(self.source_expressions[0])
        return self.test.format(tags=tags), [*parameters] * self.test.count("{tags}")
