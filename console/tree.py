"""A walk through a parsed statement that ends at the first part that is not known to read only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.message import Message
from postgast import unwrap_node

from . import functions, parts, relations
from .places import Text

Names = frozenset[str]
# What EXPLAIN knows in PostgreSQL 16 to 18; another may be an extension's.
PLAN_WORDS = "analyze verbose costs settings generic_plan buffers wal timing summary memory serialize format"
PLAN_OPTIONS = frozenset(PLAN_WORDS.split())
# Their operators compare each point with each, and look for no interrupt meanwhile.
UNSTOPPED_TYPES = frozenset({"path", "polygon", "_path", "_polygon"})
SAMPLING = frozenset({"bernoulli", "system"})


class Refusal(Exception):
    """`reason` for people; `offset` is the byte where the part begins that it is about."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def check(statement: Message, text: Text, offset: int) -> set[int]:
    """Raise Refusal unless every part of a statement only reads; returns the bytes where a schema is to be written."""
    walk = _Walk(text)
    walk.visit(statement, offset, frozenset())
    return walk.unqualified


class _Walk:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.unqualified: set[int] = set()

    def visit(self, node: Message, offset: int, common: Names) -> None:
        """Check a part and all its parts; `common` are the names of the WITH queries that it can see.

        Recursion is safe: the parser's answer is at most 100 messages deep.
        """
        node = unwrap_node(node)
        kind = type(node).DESCRIPTOR.name
        if kind == "Node":
            return  # an empty place in a list
        offset = self._offset(node, offset)
        if kind in FIRST:
            FIRST[kind](self, node, offset, common)
        if kind not in parts.READING:
            keyword = parts.OTHERS.get(kind, (kind.upper(), ""))[0]
            raise Refusal(parts.refusal(kind, keyword), self.text.word(offset, keyword))
        if kind == "SelectStmt":
            common = self._common_tables(node, offset, common)
        for name, child in _children(node):
            if name != "with_clause":
                self.visit(child, offset, common)

    def _offset(self, node: Message, inherited: int) -> int:
        # Zero stands for "unknown" as well as for the very beginning, where the inherited one is no larger.
        location: int = getattr(node, "location", 0)
        return location if location > 0 else inherited

    def _common_tables(self, select: Any, offset: int, common: Names) -> Names:
        """Check the WITH queries; a recursive WITH sees all of its names, another one those before it."""
        if not select.HasField("with_clause"):
            return common
        tables = [each.common_table_expr for each in select.with_clause.ctes]
        if select.with_clause.recursive:
            common |= {table.ctename for table in tables}
        for table in tables:
            self.visit(table, offset, common)
            common |= {table.ctename}
        return common

    def relation(self, node: Any, offset: int, common: Names) -> None:
        schema, name = node.schemaname, node.relname
        if not schema and name in common:
            return
        if node.catalogname:
            raise Refusal(f"Leave the database's name out: write {schema}.{name}.", offset)
        if reason := relations.refusal(schema, name):
            raise Refusal(reason, offset)
        if not schema and relations.belongs_to_the_shop("", name):
            self.unqualified.add(offset)

    def type_name(self, node: Any, offset: int, _: Names) -> None:
        names = _strings(node.names)
        if node.pct_type:
            raise Refusal("The type of another column cannot be asked for here. Write the type's name.", offset)
        schema, name = "".join(names[:-1]), names[-1] if names else ""
        if len(names) < 3 and relations.belongs_to_the_shop(schema, name):
            if not schema:
                self.unqualified.add(offset)
        elif len(names) > 2 or schema not in ("", relations.CATALOG, relations.STANDARD):
            written = ".".join(names)
            raise Refusal(
                f"The type {written} is not PostgreSQL's own. Use one without a schema, such as text.", offset
            )
        elif name in UNSTOPPED_TYPES:
            reason = "Nothing stops a comparison of two of them after some seconds. Use point, box or circle."
            raise Refusal(f"The type {name.lstrip('_')} is left out. {reason}", offset)

    def function(self, node: Any, offset: int, _: Names) -> None:
        names = _strings(node.funcname)
        if _is_elsewhere(names):
            raise Refusal(
                f"The function {'.'.join(names)} belongs to the schema {names[-2]}. The query builder calls only "
                "PostgreSQL's own functions: read the tables themselves, or call it in psql.",
                offset,
            )
        if reason := functions.refusal(names[-1]):
            raise Refusal(reason, offset)

    def operator(self, names: list[str], offset: int) -> None:
        if _is_elsewhere(names):
            raise Refusal(
                f"The operator {'.'.join(names)} belongs to the schema {names[0]}, and an operator is a function. "
                f"Write PostgreSQL's own: {names[-1]} without a schema.",
                offset,
            )

    def field(self, names: list[str], offset: int) -> None:
        """row.name is name(row) where the row has no column of that name."""
        for name in names:
            if name.startswith("pg_") and (reason := functions.refusal(name)):
                raise Refusal(reason, offset)

    def column(self, node: Any, offset: int, _: Names) -> None:
        self.field(_strings(node.fields)[1:], offset)

    def indirection(self, node: Any, offset: int, _: Names) -> None:
        self.field(_strings(node.indirection), offset)

    def expression(self, node: Any, offset: int, _: Names) -> None:
        self.operator(_strings(node.name), offset)

    def subquery(self, node: Any, offset: int, _: Names) -> None:
        self.operator(_strings(node.oper_name), offset)

    def sorting(self, node: Any, offset: int, _: Names) -> None:
        self.operator(_strings(node.use_op), offset)

    def collation(self, node: Any, offset: int, _: Names) -> None:
        names = _strings(node.collname)
        if _is_elsewhere(names):
            raise Refusal(f"The collation {'.'.join(names)} is not PostgreSQL's own. Leave its schema out.", offset)

    def sampling(self, node: Any, offset: int, _: Names) -> None:
        names = _strings(node.method)
        if _is_elsewhere(names) or names[-1] not in SAMPLING:
            raise Refusal(f"Rows are sampled by BERNOULLI or SYSTEM, not by {'.'.join(names)}.", offset)

    def into(self, node: Any, offset: int, _: Names) -> None:
        begins = self.text.word(offset, "INTO")
        raise Refusal("SELECT INTO makes a table. Leave INTO and the name out to see the rows.", begins)

    def locking(self, node: Any, offset: int, _: Names) -> None:
        raise Refusal(
            "FOR UPDATE and FOR SHARE lock the rows that are read. Leave the clause out.", self._locking_clause(offset)
        )

    def _locking_clause(self, offset: int) -> int:
        strengths = ("UPDATE", "NO", "SHARE", "KEY")
        pairs = zip(self.text.words, self.text.words[1:], strict=False)
        found = (word.start for word, after in pairs if word.keyword == "FOR" and after.keyword in strengths)
        return next(found, offset)

    def parameter(self, node: Any, offset: int, _: Names) -> None:
        raise Refusal("A parameter has no value here. Write the value in its place.", offset)

    def plan(self, node: Any, offset: int, _: Names) -> None:
        query = unwrap_node(node.query)
        kind = type(query).DESCRIPTOR.name
        if kind != "SelectStmt":
            keyword = parts.OTHERS.get(kind, (kind.removesuffix("Stmt").upper(), ""))[0]
            reason = f"EXPLAIN shows the plan of a query, and {keyword} is none. Write EXPLAIN SELECT ..."
            raise Refusal(reason, self.text.word(offset, keyword) if kind in parts.OTHERS else offset)
        for option in node.options:
            name = option.def_elem.defname
            if name not in PLAN_OPTIONS:
                known = ", ".join(sorted(PLAN_OPTIONS)).upper()
                raise Refusal(f"EXPLAIN has no option {name.upper()} here. It has {known}.", option.def_elem.location)


FIRST: dict[str, Callable[[_Walk, Any, int, Names], None]] = {
    "RangeVar": _Walk.relation,
    "TypeName": _Walk.type_name,
    "FuncCall": _Walk.function,
    "ColumnRef": _Walk.column,
    "A_Indirection": _Walk.indirection,
    "A_Expr": _Walk.expression,
    "SubLink": _Walk.subquery,
    "SortBy": _Walk.sorting,
    "CollateClause": _Walk.collation,
    "RangeTableSample": _Walk.sampling,
    "IntoClause": _Walk.into,
    "LockingClause": _Walk.locking,
    "ParamRef": _Walk.parameter,
    "ExplainStmt": _Walk.plan,
}


def _is_elsewhere(names: list[str]) -> bool:
    """Whether a name, schema first if it has one, is not PostgreSQL's own."""
    return names[:-1] not in ([], [relations.CATALOG])


def _children(node: Message) -> Iterator[tuple[str, Message]]:
    for descriptor, value in node.ListFields():
        if descriptor.message_type is not None:
            many = value if not isinstance(value, Message) else (value,)
            yield from ((descriptor.name, each) for each in many)


def _strings(nodes: Any) -> list[str]:
    return [each.string.sval for each in nodes if each.HasField("string")]
