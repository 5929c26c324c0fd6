"""A laboratory's file of results, CSV or JSON: bytes in, rows as told out, each with its line. What they mean is not asked here."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from traceability.domain.errors import Refused

MOST_BYTES = 1024 * 1024
MOST_ROWS = 500
MOST_COLUMNS = 40
MOST_CELL = 200
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Column(StrEnum):
    TEST = "test"
    VALUE = "value"
    UNIT = "unit"
    TESTED_ON = "tested_on"
    LOT = "lot"
    METHOD = "method"


NEEDED = (Column.TEST, Column.VALUE, Column.TESTED_ON)
HEADINGS: Mapping[str, Column] = {
    # as laboratories write them, in English and Indonesian; compared without case, blanks and underscores
    **dict.fromkeys(("test", "testname", "parameter", "analysis", "analyte", "uji", "parameteruji"), Column.TEST),
    **dict.fromkeys(("value", "result", "finding", "nilai", "hasil", "hasiluji"), Column.VALUE),
    **dict.fromkeys(("unit", "units", "uom", "satuan"), Column.UNIT),
    **dict.fromkeys(("testedon", "testedat", "testdate", "date", "tanggal", "tanggaluji"), Column.TESTED_ON),
    **dict.fromkeys(("lot", "batch", "lotnumber", "batchnumber", "nomorbets", "bets"), Column.LOT),
    **dict.fromkeys(("method", "metode"), Column.METHOD),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One row as the file tells it. `line`: where it stands in a CSV, counted from 1; in JSON the how-manieth object it is."""

    line: int
    cells: Mapping[Column, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was understood of a file: its kind, which heading was read as what, which were not read, and its rows."""

    kind: str
    mapping: Mapping[str, Column]
    unread: tuple[str, ...]
    rows: tuple[Told, ...]


def read(data: bytes) -> Sheet:
    """Raises Refused: `results_…` where the file is no table of results, `field_…` where it holds what no text does."""
    if not data.strip():
        raise Refused("results_empty")
    if len(data) > MOST_BYTES:
        raise Refused("body_too_large", most=MOST_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("results_encoding") from None
    if UNREADABLE.search(text):
        raise Refused("text_unreadable")
    return _json(text) if text.lstrip()[0] in "[{" else _csv(text)


def _json(text: str) -> Sheet:
    try:
        told = json.loads(text, object_pairs_hook=_once, parse_constant=_unread, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise Refused("results_unreadable", format="JSON") from None
    rows = told.get("results") if isinstance(told, dict) else told
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise Refused("results_not_a_list")
    headings = list(dict.fromkeys(name for one in rows for name in one))
    mapping, unread = _mapped(headings)
    return _sheet("JSON", mapping, unread, ((at, _flat(one)) for at, one in enumerate(rows, 1)))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name stands twice")
    return made


def _unread(_: str) -> NoReturn:
    raise ValueError("not a number")


def _flat(row: Mapping[str, Any]) -> dict[str, str]:
    """A number stands as the file writes it; what is neither text nor number is no value."""
    return {name: value if isinstance(value, str) else "" for name, value in row.items()}


CsvLine = tuple[int, tuple[str, ...]]
"""Where it ends in the file, counted from 1, and its cells without blanks around them."""


def csv_lines(text: str, separator: str) -> list[CsvLine]:
    """The lines of a CSV that say anything; the first are its headings. Raises Refused where there is none or a quote stays open."""
    try:
        lines = csv.reader(re.split(r"(?<=\n)", text), delimiter=separator, strict=True)
        table = [(lines.line_num, tuple(cell.strip() for cell in row)) for row in lines]
    except csv.Error:
        raise Refused("results_unreadable", format="CSV") from None
    if not (told := [(line, row) for line, row in table if any(row)]):
        raise Refused("results_empty")
    return told


def even(table: Sequence[CsvLine]) -> None:
    """Raise Refused for a line that has not as many cells as there are headings."""
    columns = len(table[0][1])
    for line, row in table:
        if len(row) != columns:
            raise Refused("results_ragged", line=line, cells=len(row), columns=columns)


def _csv(text: str) -> Sheet:
    first = text.lstrip().partition("\n")[0]
    table = csv_lines(text, max(",;\t", key=first.count))
    headings = list(table[0][1])
    mapping, unread = _mapped(headings)
    even(table)
    rows = ((line, dict(zip(headings, row, strict=True))) for line, row in table[1:])
    return _sheet("CSV", mapping, unread, rows)


def _mapped(headings: list[str]) -> tuple[dict[str, Column], tuple[str, ...]]:
    if len(headings) > MOST_COLUMNS:
        raise Refused("results_too_many", most=MOST_COLUMNS)
    mapping: dict[str, Column] = {}
    for heading in headings:
        column = HEADINGS.get(re.sub(r"[\s_.\-]", "", heading).casefold())
        if column is None:
            continue
        if heading in mapping or column in mapping.values():
            raise Refused("results_heading_twice", heading=column)
        mapping[heading] = column
    if missing := [one for one in NEEDED if one not in mapping.values()]:
        raise Refused("results_heading_missing", headings=missing)
    return mapping, tuple(heading for heading in headings if heading not in mapping)


def _sheet(
    kind: str, mapping: Mapping[str, Column], unread: tuple[str, ...], rows: Iterator[tuple[int, Mapping[str, str]]]
) -> Sheet:
    made = []
    for line, row in rows:
        cells = {column: row.get(heading, "").strip() for heading, column in mapping.items()}
        if any(len(cell) > MOST_CELL for cell in cells.values()):
            raise Refused("results_cell_too_long", line=line, most=MOST_CELL)
        made.append(Told(line, cells))
        if len(made) > MOST_ROWS:
            raise Refused("results_too_many", most=MOST_ROWS)
    if not made:
        raise Refused("results_empty")
    return Sheet(kind, dict(mapping), unread, tuple(made))
