"""The cells of an Elitech report in its own words: labelled fields, then numbered rows, over its sheets.
What the words mean, and whether they agree, is `elitech`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from traceability.domain.errors import Refused
from traceability.loggers.xls import Cell, Sheets

KNOWN = frozenset(
    {"device model", "model", "serial number", "s/n", "firmware version", "trip number", "trip description"}
    | {"logging interval", "time zone", "timezone", "start mode", "stop mode", "logging duration"}
    | {"maximum", "minimum", "average", "first reading", "last reading", "current readings"}
)
TIME = ("time", "date time", "datetime", "date/time")
UNIT = re.compile(r"[°º]\s*+([CF])\b|([℃℉])")
ZONE = re.compile(r"(?:UTC|GMT)\s*+(?:([+-])?\s*+(\d{1,2})(?::?([0-5]\d))?)?", re.ASCII | re.IGNORECASE)


class Columns(NamedTuple):
    number: int
    time: int
    value: int


@dataclass(slots=True)
class Report:
    """Fields by lower-case label; every cell that names a zone; unit C or F; rows of (time, temperature)."""

    fields: dict[str, str] = field(default_factory=dict)
    zones: list[str] = field(default_factory=list)
    unit: str | None = None
    rows: list[tuple[Cell, Cell]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def get(self, *labels: str) -> str | None:
        return next((self.fields[label] for label in labels if label in self.fields), None)


def report(sheets: Sheets) -> Report:
    """Gather a report. Raises Refused: logger_unknown_format, logger_no_readings, logger_damaged (row),
    logger_unit_unknown, logger_several_channels, logger_contradicts_itself."""
    made, columns = Report(), None
    for name, rows in sheets:
        header = next((number for number, row in enumerate(rows) if _columns(row)), None)
        if header is not None and (found := _columns(rows[header])):
            if columns not in (None, found):
                raise Refused("logger_contradicts_itself", field="columns", sheet=name)
            columns = found
            _fields(made, rows[:header])
            _unit_of(made, rows[header])
            _rows(made, rows[header + 1 :], columns, header + 2)
        elif columns and rows and _is(rows[0], columns.number, len(made.rows) + 1):
            _rows(made, rows, columns, 1)  # the readings go on without a new header
        elif any(any(row) for row in rows):
            made.ignored.append(name)
    if columns is None or len(KNOWN & made.fields.keys()) < 3:
        raise Refused("logger_unknown_format")
    if not made.rows:
        raise Refused("logger_no_readings")
    return made


def unit(text: str) -> str | None:
    """C or F, where a text names degrees."""
    return (match[1] or "CF"["℃℉".index(match[2])]) if (match := UNIT.search(text)) else None


def _columns(row: Sequence[Cell]) -> Columns | None:
    """Where number, time and temperature stand in a header row; None where this is none."""
    names = [cell.strip().lower() if isinstance(cell, str) else "" for cell in row]
    number = next((i for i, name in enumerate(names) if name in ("no.", "no", "#")), None)
    time = next((i for i, name in enumerate(names) if name in TIME), None)
    if number is None or time is None:
        return None
    warm = [i for i, name in enumerate(names) if name.startswith("temp") or unit(name.upper())]
    if len(warm) > 1:
        raise Refused("logger_several_channels", channels=[str(row[i]) for i in warm])
    return Columns(number, time, warm[0]) if warm else None


def _fields(made: Report, rows: Sequence[Sequence[Cell]]) -> None:
    for row in rows:
        for label, value in pairwise(row):
            if isinstance(label, str) and isinstance(value, str | float) and str(value).strip():
                key = label.strip().rstrip(":").strip().lower()
                made.fields.setdefault(key, f"{value:.15g}" if isinstance(value, float) else value.strip())
        made.zones += [cell.strip() for cell in row if isinstance(cell, str) and ZONE.fullmatch(cell.strip())]


def _unit_of(made: Report, header: Sequence[Cell]) -> None:
    """The unit: header and summary may both name it, and then they agree."""
    names = [str(cell).strip() for cell in header if cell]
    figures = [made.fields.get(key, "") for key in ("maximum", "minimum", "average")]
    known = {found for text in [*names, *figures] if (found := unit(text))}
    if not known:
        raise Refused("logger_unit_unknown")
    if len(known) > 1 or made.unit not in (None, *known):
        raise Refused("logger_contradicts_itself", field="unit")
    made.unit = known.pop()
    made.ignored += [name for name in names if "%" in name or "humidity" in name.lower()]


def _rows(made: Report, rows: Sequence[Sequence[Cell]], columns: Columns, first: int) -> None:
    """Readings are numbered without holes, over all sheets or from 1 in each: a lost row does not pass."""
    filled = list(_filled(rows, first))
    start = 1 if filled and _is(filled[0][1], columns.number, 1) else len(made.rows) + 1
    for expected, (row, cells) in enumerate(filled, start):
        if row != first + expected - start or not _is(cells, columns.number, expected):
            raise Refused("logger_damaged", row=row, expected=expected)
        time, value = (cells[i] if i < len(cells) else None for i in (columns.time, columns.value))
        made.rows.append((time, value))


def _filled(rows: Sequence[Sequence[Cell]], first: int) -> Iterator[tuple[int, Sequence[Cell]]]:
    for row, cells in enumerate(rows, first):
        if any(cell is not None and cell != "" for cell in cells):
            yield row, cells


def _is(cells: Sequence[Cell], column: int, number: int) -> bool:
    """Whether the cell is this number, as text or as a number."""
    cell = cells[column] if column < len(cells) else None
    return cell == number or (isinstance(cell, str) and cell.strip() == str(number))
