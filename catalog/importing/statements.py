"""The SQL of an import, made for one kind of file and for the columns that this file has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .columns import SAID, Column, Kind

SHOWN = 200  # characters of a wrong cell, and of one that changes
MOST_CHANGED = 20  # rows of which a preview tells what changes
BROKEN_LINES = "SELECT line, 0, '', '', broken FROM pg_temp.csv_stage WHERE broken <> ''"


@dataclass(frozen=True)
class Statements:
    """Each property or method is one way to the database. The temporary tables live no longer than the transaction.

    csv_stage holds the lines as texts, csv_fault what is wrong with them, the view csv_ready what the sound lines would
    make of the table's rows, csv_change the existing rows that are to be changed, which are locked.
    """

    kind: Kind
    given: tuple[Column, ...]

    @property
    def tables(self) -> str:
        cells = "".join(f", {column.name} text" for column in self.given)
        return f"""
            DROP TABLE IF EXISTS pg_temp.csv_stage, pg_temp.csv_fault, pg_temp.csv_change CASCADE;
            CREATE TEMPORARY TABLE csv_stage (line bigint, broken text{cells}) ON COMMIT DROP;
            CREATE TEMPORARY TABLE csv_fault (line bigint, place int, name text, value text, message text)
                ON COMMIT DROP;
        """

    @property
    def copy(self) -> str:
        return f"COPY pg_temp.csv_stage (line, broken{''.join(f', {each.name}' for each in self.given)}) FROM STDIN"

    @property
    def judge(self) -> str:
        """All at once, on one way to the database: judges the lines, takes the wrong ones out, and makes csv_ready."""
        given = {column.name for column in self.given}
        unique = [name for name in self.kind.unique if name in given]
        repeated = [self._repeated(name) for name in [self.kind.key, *unique] if name in given]
        faults = [BROKEN_LINES, self._wrong_cells, self._missing, *repeated, *map(self._taken, unique)]
        return f"""
            {self._analyze};
            INSERT INTO pg_temp.csv_fault {" UNION ALL ".join(faults)};
            DELETE FROM pg_temp.csv_stage WHERE line IN (SELECT line FROM pg_temp.csv_fault);
            {self._ready};
        """

    @property
    def _analyze(self) -> str:
        """For the plans of the joins; of the other columns nobody asks."""
        names = {self.kind.key, *self.kind.unique} & {column.name for column in self.given}
        return f"ANALYZE pg_temp.csv_stage ({', '.join(['line', *sorted(names)])})"

    @property
    def _wrong_cells(self) -> str:
        """Every wrong cell of every line. Which lines have one is asked first: that is all a sound file costs."""
        wrong = [_on(f"NOT ({{cell}} = '' OR ({column.right}))", column) for column in self.given]
        cells = [
            f"({place}, '{column.name}', s.{column.name}, CASE WHEN {is_wrong} THEN {_message(column)} END)"
            for place, (column, is_wrong) in enumerate(zip(self.given, wrong, strict=True), start=1)
        ]
        return f"""
            SELECT s.line, cell.place, cell.name, left(cell.value, {SHOWN}), cell.message
            FROM pg_temp.csv_stage AS s
            CROSS JOIN LATERAL (VALUES {", ".join(cells)}) AS cell (place, name, value, message)
            WHERE s.broken IS NULL AND ({" OR ".join(wrong)}) AND cell.message IS NOT NULL
        """

    @property
    def _missing(self) -> str:
        """Lines of rows that are new and do not say what a new row needs, or that say no key where one is needed."""
        needed = [each for each in self.kind.columns if each.new is None and each.name != self.kind.key]
        empty = {each.name: _on("{cell} = ''", each) if each in self.given else "true" for each in needed}
        cells = ", ".join(
            f"('{name}', CASE WHEN t.{self.kind.row_id} IS NULL AND {is_empty}"
            f" THEN 'A new row needs a {name.replace('_', ' ')}.' END)"
            for name, is_empty in empty.items()
        )
        some_empty = " OR ".join(empty.values())
        if self.kind.key_default is None:
            cells += f", ('{self.kind.key}', CASE WHEN {self._key} IS NULL THEN 'Each row needs an e-mail.' END)"
            some_empty += f" OR {self._key} IS NULL"
        return f"""
            SELECT s.line, 50, cell.name, '', cell.message
            FROM pg_temp.csv_stage AS s LEFT JOIN {self.kind.table} AS t ON {self._same_row}
            CROSS JOIN LATERAL (VALUES {cells}) AS cell (name, message)
            WHERE s.broken IS NULL AND ({some_empty}) AND cell.message IS NOT NULL
        """

    def _repeated(self, name: str) -> str:
        """Lines that say the same of a column in which no two rows may be equal."""
        said = _on(SAID, self.kind.column(name))
        same = self.kind.same(name, said)
        words = self.kind.key_words if name == self.kind.key else name.replace("_", " ")
        return f"""
            SELECT s.line, 60, '{name}', left({said}, {SHOWN}), CASE times
                WHEN 2 THEN format('Lines %s and %s have the same {words}.', first, last)
                ELSE format('%s lines have the same {words}, from line %s to line %s.', times, first, last) END
            FROM (
                SELECT {same} AS same, count(*) AS times, min(s.line) AS first, max(s.line) AS last
                FROM pg_temp.csv_stage AS s WHERE {said} IS NOT NULL GROUP BY 1 HAVING count(*) > 1
            ) AS repeated
            JOIN pg_temp.csv_stage AS s ON {same} = repeated.same
        """

    def _taken(self, name: str) -> str:
        """Lines that give a row what another row of the table has, in a column in which no two may be equal."""
        said = _on("{cell}", self.kind.column(name))
        return f"""
            SELECT s.line, 70, '{name}', left({said}, {SHOWN}), format('This is taken by %s.', t.{self.kind.key})
            FROM pg_temp.csv_stage AS s JOIN {self.kind.table} AS t ON t.{name} = {said}
            WHERE {self._same("t." + self.kind.key)} IS DISTINCT FROM {self._same(self._key)}
        """

    @property
    def _ready(self) -> str:
        """What each sound line makes of its row: no cell is read as a number before all were found to be right."""
        return f"CREATE TEMPORARY VIEW csv_ready AS {self._made_of('')}"

    def _made_of(self, only: str) -> str:
        """SQL: the rows of csv_ready, or only those of the lines that are named."""
        said = ", ".join(_on(f"{each.value} AS {each.name}", each) for each in self.given)
        made = ", ".join(f"{self._made(each)} AS {each.name}" for each in self._columns)
        there = f"{self._same(f't.{self.kind.key}')} = {self._same(f'said.{self.kind.key}')}"
        is_there = there if self._has_key else "false"
        new = ", ".join(self._made(each) for each in self._changing)
        old = ", ".join(f"t.{each.name}" for each in self._changing)
        differs = f"ROW({new}) IS DISTINCT FROM ROW({old})" if self._changing else "false"
        row_id = f"t.{self.kind.row_id}"
        return f"""
            SELECT line, {row_id} AS row_id, {made}, {row_id} IS NOT NULL AND {differs} AS differs
            -- Fenced: each cell is read once.
            FROM (SELECT s.line, {said} FROM pg_temp.csv_stage AS s {only} OFFSET 0) AS said
            LEFT JOIN {self.kind.table} AS t ON {is_there}
        """

    @property
    def count(self) -> str:
        """How many rows are new and changed, and the first lines that change one."""
        return f"""
            SELECT count(*) FILTER (WHERE row_id IS NULL), count(*) FILTER (WHERE differs),
                coalesce((array_agg(line ORDER BY line) FILTER (WHERE differs))[1:{MOST_CHANGED}], '{{}}')
            FROM pg_temp.csv_ready
        """

    def changes(self, lines: Sequence[int]) -> str:
        """(line, key, column, old, new) of each value that these lines change."""
        cells = ", ".join(
            f"({place}, '{each.name}', t.{each.name}::text, made.{each.name}::text)"
            for place, each in enumerate(self._changing)
        )
        old, new = (f"left({side}, {SHOWN}) || CASE WHEN length({side}) > {SHOWN} THEN '…' ELSE '' END"
                    for side in ("cell.old", "cell.new"))  # fmt: skip
        return f"""
            SELECT line, t.{self.kind.key}, cell.name, {old}, {new}
            FROM ({self._made_of(f"WHERE s.line IN ({', '.join(map(str, lines))})")}) AS made
            JOIN {self.kind.table} AS t ON t.{self.kind.row_id} = made.row_id
            CROSS JOIN LATERAL (VALUES {cells}) AS cell (place, name, old, new)
            WHERE cell.old IS DISTINCT FROM cell.new ORDER BY line, cell.place
        """

    def found(self, most: int) -> str:
        """How many faults in how many lines, the first of them; how many sound lines, and of these without a key."""
        return f"""
            SELECT * FROM (
                SELECT count(*), count(DISTINCT line), coalesce((
                    SELECT json_agg(json_build_array(line, name, value, message) ORDER BY line, place, name)
                    FROM (SELECT * FROM pg_temp.csv_fault ORDER BY line, place, name LIMIT {most}) AS first
                ), '[]') FROM pg_temp.csv_fault
            ) AS faults, (
                SELECT count(*), count(*) FILTER (WHERE {self._key} IS NULL) FROM pg_temp.csv_stage AS s
            ) AS sound
        """

    @property
    def lock(self) -> str:
        """Locks what will change in the order in which place_order() locks products: neither waits for the other."""
        return f"""
            CREATE TEMPORARY TABLE csv_change ON COMMIT DROP AS
            SELECT t.{self.kind.row_id} AS row_id
            FROM {self.kind.table} AS t JOIN pg_temp.csv_ready AS r ON r.row_id = t.{self.kind.row_id}
            WHERE r.differs ORDER BY t.{self.kind.row_id} FOR NO KEY UPDATE OF t
        """

    @property
    def merge(self) -> str:
        """All new rows and all changed ones. A row that someone else makes meanwhile gets what the file says of it."""
        columns = ", ".join(each.name for each in self._columns)
        old = ", ".join(f"t.{each.name}" for each in self._changing)
        new = ", ".join(f"excluded.{each.name}" for each in self._changing)
        update = f"UPDATE SET ({old.replace('t.', '')}) = ROW({new}) WHERE ROW({old}) IS DISTINCT FROM ROW({new})"
        return f"""
            WITH written AS (
                INSERT INTO {self.kind.table} AS t ({columns})
                SELECT {columns} FROM pg_temp.csv_ready
                WHERE row_id IS NULL OR row_id IN (SELECT row_id FROM pg_temp.csv_change)
                ORDER BY line
                ON CONFLICT ({self._same(self.kind.key)}) DO {update if self._changing else "NOTHING"}
                -- A row just made has no transaction that locked or replaced it.
                RETURNING t.xmax = 0 AS is_new
            )
            SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM written
        """

    @property
    def _columns(self) -> list[Column]:
        return [each for each in self.kind.columns if not each.into]

    @property
    def _changing(self) -> list[Column]:
        """The table's columns of which this file says something, but for the key."""
        names = {column.into or column.name for column in self.given}
        return [each for each in self._columns if each.name in names and each.name != self.kind.key]

    @property
    def _has_key(self) -> bool:
        return self.kind.column(self.kind.key) in self.given

    @property
    def _key(self) -> str:
        return _on(SAID, self.kind.column(self.kind.key)) if self._has_key else "NULL::text"

    @property
    def _same_row(self) -> str:
        return f"{self._same(f't.{self.kind.key}')} = {self._same(self._key)}" if self._has_key else "false"

    def _same(self, sql: str) -> str:
        return self.kind.same(self.kind.key, sql)

    def _made(self, column: Column) -> str:
        """SQL: the value of a row's column after the import, from the line `said` and the row as it is, `t`."""
        name = column.name
        new = (self.kind.key_default if name == self.kind.key else column.new) or "NULL"
        said = f"said.{name}" if column in self.given else "NULL"
        if column.is_text and column in self.given:
            said = f"CASE WHEN btrim(t.{name}, E' \\t\\r\\n\\u00A0') = {said} THEN t.{name} ELSE {said} END"
        # A row keeps its key as it is written there.
        made = f"coalesce(t.{name}, {said}, {new})" if name == self.kind.key else f"coalesce({said}, t.{name}, {new})"
        for part in self.given:
            if part.into == name:
                one = f"jsonb_build_object('{part.name}', said.{part.name})"
                made = f"{made} || CASE WHEN said.{part.name} IS NULL THEN '{{}}' ELSE {one} END"
        return made


def _on(sql: str, column: Column) -> str:
    return sql.replace("{cell}", f"s.{column.name}")


def _message(column: Column) -> str:
    """SQL that chooses what is said of a wrong cell."""
    hints = "".join(f" WHEN {hint.when} THEN '{hint.message}'" for hint in column.hints)
    return _on(f"CASE{hints} ELSE '{column.message}' END" if hints else f"'{column.message}'", column)
