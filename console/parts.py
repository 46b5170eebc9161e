"""What a statement that only reads is made of: PostgreSQL's own names of the parts, as its parser gives them.

A part that is not named here is refused, so what a later PostgreSQL adds is refused until somebody has looked at it.
"""

from __future__ import annotations

PARTS = """
SelectStmt ExplainStmt VariableShowStmt ResTarget RangeVar RangeSubselect RangeFunction RangeTableSample
JoinExpr Alias ColumnDef SortBy WindowDef GroupingSet GroupingFunc WithClause
CommonTableExpr CTESearchClause CTECycleClause ColumnRef A_Star A_Const Integer Float Boolean String BitString List
A_Expr BoolExpr NullTest BooleanTest SubLink FuncCall NamedArgExpr TypeCast TypeName CollateClause CaseExpr CaseWhen
CoalesceExpr MinMaxExpr SQLValueFunction A_ArrayExpr RowExpr A_Indirection A_Indices DefElem XmlExpr XmlSerialize
JsonFormat JsonReturning JsonValueExpr JsonIsPredicate JsonBehavior JsonOutput JsonArgument JsonFuncExpr
JsonTablePathSpec JsonTable JsonTableColumn JsonKeyValue JsonParseExpr JsonScalarExpr JsonSerializeExpr
JsonObjectConstructor JsonArrayConstructor JsonArrayQueryConstructor JsonAggConstructor JsonObjectAgg JsonArrayAgg
"""
READING = frozenset(PARTS.split())
STATEMENTS = frozenset({"SelectStmt", "ExplainStmt", "VariableShowStmt"})

READS_ONLY = "The query builder only reads: write a SELECT, VALUES, TABLE, WITH, EXPLAIN or SHOW"
# By the parser's name: the word it may be found by inside another statement, and what it does.
OTHERS = {
    "InsertStmt": ("INSERT", "adds rows"),
    "UpdateStmt": ("UPDATE", "changes rows"),
    "DeleteStmt": ("DELETE", "deletes rows"),
    "MergeStmt": ("MERGE", "changes rows"),
    "TruncateStmt": ("TRUNCATE", "deletes rows"),
    "CopyStmt": ("COPY", "moves rows from and to files and programs"),
    "CallStmt": ("CALL", "runs a procedure"),
    "DoStmt": ("DO", "runs a program"),
    "PrepareStmt": ("PREPARE", "keeps a statement in the session"),
    "ExecuteStmt": ("EXECUTE", "runs a statement that the session keeps"),
    "DeallocateStmt": ("DEALLOCATE", "changes what the session keeps"),
    "DeclareCursorStmt": ("DECLARE", "opens a cursor, which the query builder does by itself"),
    "FetchStmt": ("FETCH", "reads a cursor, which the query builder does by itself"),
    "TransactionStmt": ("BEGIN", "steers the transaction, which the query builder always rolls back"),
    "VariableSetStmt": ("SET", "changes a setting. SHOW reads it"),
    "LockStmt": ("LOCK", "takes locks"),
    "NotifyStmt": ("NOTIFY", "talks to other sessions"),
    "ListenStmt": ("LISTEN", "talks to other sessions"),
    "UnlistenStmt": ("UNLISTEN", "talks to other sessions"),
    "VacuumStmt": ("VACUUM", "works on the tables themselves"),
    "CreateTableAsStmt": ("CREATE", "makes a table"),
    "RangeTableFunc": ("XMLTABLE", "searches by XPath, in which a short text works for hours and nothing stops it"),
}
INSTEAD = {
    "InsertStmt": "Add rows on the pages Products, Users and Create an order",
    "UpdateStmt": "Change rows on the shop's pages",
    "DeleteStmt": "Delete rows on the shop's pages",
    "RangeTableFunc": "Use JSON and json_to_recordset()",
}


def refusal(kind: str, word: str) -> str:
    """Why a part of this kind, which begins with `word`, is refused, and what to write instead."""
    if kind in OTHERS:
        return f"{word} {OTHERS[kind][1]}. {READS_ONLY}. {INSTEAD.get(kind, 'For this use psql')}."
    if kind.endswith("Stmt"):
        return f"{word} does more than read. {READS_ONLY}. For this use psql."
    return f"This part ({kind}) is not known to be harmless. {READS_ONLY}."
