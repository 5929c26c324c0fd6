"""What is a row of a table and what is not: a line beside it that looks like what is left of a row is damage."""

from __future__ import annotations

import re
from collections.abc import Sequence

from traceability.domain.errors import Refused
from traceability.loggers import clocks, columns, degrees, dialect
from traceability.loggers.body import Body
from traceability.loggers.columns import Table
from traceability.loggers.plan import Plan

TAIL = 200  # lines looked at for footers


def edges(text: str, head: Sequence[str], table: Table) -> tuple[list[str], list[str], int, int]:
    """Lines above and below the table, and where it begins and ends. A line beside it that looks like one of its rows
    is damage: dropping it would tell other readings."""
    begin = sum(len(line) + 1 for line in head[: table.first])
    tail_at = max(begin, text.rfind("\n", begin, max(begin, len(text) - TAIL * 2_000)) + 1)
    tail = text[tail_at:].split("\n")
    last = next((i for i in range(len(tail) - 1, -1, -1) if _row(tail[i], table)), None)
    if last is None:
        raise Refused("logger_row_unreadable", row=table.first + 1)
    end = tail_at + sum(len(line) + 1 for line in tail[: last + 1]) - 1
    line_of_tail = text.count("\n", 0, tail_at) + 1
    for i, line in enumerate(tail[last + 1 :], last + 1):
        if _like_a_row(line, table):
            torn = not text.endswith("\n") and not any(rest.strip() for rest in tail[i + 1 :])
            raise Refused("logger_truncated" if torn else "logger_row_unreadable", row=line_of_tail + i)
    header = table.header_at if table.header_at is not None else table.first
    names = range(header, header + len(table.header))
    for i, line in enumerate(head[: table.first]):
        beneath = i >= header or table.header_at is None
        if _row(line, table) or (beneath and _like_a_row(line, table, names=i in names)):
            raise Refused("logger_row_unreadable", row=i + 1)
    return [*head[:header], *head[header + len(table.header) : table.first]], tail[last + 1 :], begin, end


def speaks(text: str, begin: int, end: int, table: Table, column: int) -> bool:
    """Whether any row of the table has a number in this column."""
    return any(
        (row := columns.row_of(line, table.delimiter)) and column < len(row) and degrees.points(row[column]) is not None
        for _, lines in dialect.chunks(text, begin, end)
        for line in lines.split("\n")
    )


def _row(line: str, table: Table) -> bool:
    row = columns.row_of(line, table.delimiter)
    return bool(row) and len(row or ()) == table.width and _timed_alike(row or [], table)


def _timed_alike(row: list[str], table: Table) -> bool:
    found = columns.timed(row, table.dotted, table.skip)
    return found is not None and found[:2] == (table.date, table.clock)


def _like_a_row(line: str, table: Table, *, names: bool = False) -> bool:
    """Whether a line could be what is left of a row: torn, without a column, or with one sign changed. A line that
    names columns may be of numbers alone."""
    if not line.strip(f" {table.delimiter}"):
        return False
    bare, row_bare = (text.strip(f"\"'([ {table.delimiter}") for text in (line, table.delimiter.join(table.rows[0])))
    if row_bare[:1].isdigit() and bare[:1].isdigit() and sum(map(str.isdigit, bare)) >= 6:
        return True
    shape, wanted = _shape(line), _shape(table.delimiter.join(table.rows[0]))
    if not names and wanted.startswith(shape):
        return True
    if not names and (not any(map(str.isalpha, _without_noon(line))) and any(map(str.isdigit, line))):
        return True
    row = columns.row_of(line, table.delimiter)
    if row is None:
        return line.lstrip().startswith('"')
    number = any(degrees.points(cell) is not None for i, cell in enumerate(row) if i not in table.timed)
    at = row[table.date] if table.date < len(row) else ""
    if len(row) == table.width and number and sum(map(str.isdigit, at)) >= 4:
        return True
    return number and bool(clocks.split(at) or clocks.orders(at))


def _shape(line: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", line.replace('"', "").strip()))


def _without_noon(line: str) -> str:
    return re.sub(r"(?i)\b[ap]\.?m\b\.?", "", line)


def torn(plan: Plan, text: str, end: int, body: Body) -> None:
    """A last line without an end may be cut inside its last cell: 4.9 of 4.95 looks just like a reading."""
    if end < len(text):
        return
    cell = re.split(f"[{re.escape(plan.delimiter)}\n]", text[max(0, end - 300) : end])[-1]
    last = plan.width - 1
    if last in (plan.value, plan.fraction) and not cell.rstrip().endswith('"'):
        places = (
            len(cell.strip()) if last == plan.fraction else len(cell.strip().partition(plan.degrees.point or ".")[2])
        )
        most = max(plan.degrees.places, default=0)
        if degrees.points(cell) is not None and (not most or places < most or plan.degrees.behind):
            raise Refused("logger_truncated", row=text.count("\n", 0, end) + 1)
    if last in (plan.date, plan.clock, plan.noon) and body.rows > 1:
        before = text.rfind("\n", 0, end)
        other = re.split(f"[{re.escape(plan.delimiter)}\n]", text[max(0, before - 300) : before])[-1]
        if _shape(cell) != _shape(other):
            raise Refused("logger_truncated", row=text.count("\n", 0, end) + 1)
