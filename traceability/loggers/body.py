"""The rows of a table, column by column: what was understood from a few rows is demanded of every one."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from operator import add

from traceability.domain.errors import Refused
from traceability.loggers import clocks, dialect
from traceability.loggers.clocks import DAY_S, Unreadable
from traceability.loggers.degrees import LOST, Thousandths
from traceability.loggers.file import MOST_READINGS


class Days(dict[str, int]):
    """A date's text → epoch seconds of its midnight; without an order, its number in turn, in seconds of days."""

    def __init__(self, order: str | None, zone: tzinfo) -> None:
        super().__init__()
        self.order, self.zone = order, zone
        self.odd: set[int] = set()  # midnights of days on which clocks were set

    def __missing__(self, text: str) -> int:
        if self.order is None:
            if not clocks.orders(text.strip()):
                raise Unreadable(text)
            made = DAY_S * len(self)
        else:
            made = self.of(text)
        self[text] = made
        return made

    def of(self, text: str) -> int:
        day = clocks.day(text.strip(), self.order or "named")
        if day is None:
            raise Unreadable(text)
        made, even = clocks.midnight(day, self.zone)
        if not even:
            self.odd.add(made)
        return made


class Clocks(dict[str, int]):
    """A time of day's text → its seconds, less the offset where the texts name one: all of them do, or none."""

    def __init__(self, aware: bool, twelve: bool) -> None:
        super().__init__()
        self.aware, self.twelve = aware, twelve

    def __missing__(self, text: str) -> int:
        at = clocks.clock(text.strip())
        if at is None or (at.east_min is not None) != self.aware or at.twelve != self.twelve:
            raise Unreadable(text)
        made = self[text] = at.second - 60 * (at.east_min or 0)
        return made


@dataclass(slots=True)
class Plan:
    """The columns to take and how to read each."""

    delimiter: str
    width: int
    date: int
    clock: int | None
    noon: int | None
    split: clocks.Split | None
    value: int
    fraction: int | None
    counter: int | None
    serial_days: int | None
    days: Days
    clocks: Clocks
    degrees: Thousandths


@dataclass(slots=True)
class Body:
    times: array[int] = field(default_factory=lambda: array("q"))
    values: array[int] = field(default_factory=lambda: array("i"))
    rows: int = 0
    lost: int = 0
    """Rows whose reading is missing; their times are kept out."""
    serials: array[float] = field(default_factory=lambda: array("d"))
    number: int | None = None
    """What the rows' own count goes on with."""


def read(plan: Plan, text: str, begin: int, end: int, row: int, lead: str | None = None) -> Body:
    """Every row between two places of the text; `row` is the number of the first line as an editor tells it.

    Raises Refused: logger_row_unreadable, logger_time_unreadable, logger_value_unreadable, logger_damaged,
    logger_too_large."""
    body = Body()
    if lead is not None:
        _take(body, plan, lead, row)
        begin, row = text.index("\n", begin) + 1, row + 1
    for _, lines in dialect.chunks(text, begin, end):
        _take(body, plan, lines, row)
        row += lines.count("\n") + 1
        if body.rows > MOST_READINGS:
            raise Refused("logger_too_large", readings=body.rows, most=MOST_READINGS)
    return body


def _take(body: Body, plan: Plan, lines: str, row: int) -> None:
    columns = dialect.columns(lines, plan.delimiter, plan.width)
    if columns is None and "\n\n" in "\n" + lines + "\n":
        full = [(n, line) for n, line in enumerate(lines.split("\n"), row) if line.strip()]
        columns = dialect.columns("\n".join(line for _, line in full), plan.delimiter, plan.width) if full else []
        numbers = [n for n, _ in full]
    else:
        numbers = []
    if columns is None:
        raise Refused("logger_row_unreadable", row=_bad_row(plan, lines, row))
    if not columns:
        return
    try:
        _columns(body, plan, columns)
    except _In as wrong:
        at = wrong.index
        named = numbers[at] if numbers else row + at
        raise wrong.refused(named) from None


class _In(Exception):
    """A cell that cannot be read, by its place in the chunk."""

    def __init__(self, code: str, index: int, text: str = "", expected: int = 0) -> None:
        super().__init__(code)
        self.code, self.index, self.text, self.expected = code, index, text, expected

    def refused(self, row: int) -> Refused:
        text = self.text.strip()[:40]
        if self.code == "time":
            return Refused("logger_time_unreadable", row=row, time=text)
        if self.code == "value":
            return Refused("logger_value_unreadable", row=row, value=text)
        return Refused("logger_damaged", row=row, expected=self.expected)


def _columns(body: Body, plan: Plan, columns: list[list[str]]) -> None:
    times = _times(plan, columns)
    cells = columns[plan.value]
    if plan.fraction is not None:
        if not all(re.fullmatch(r"\d{1,3}", part.strip(), re.ASCII) for part in set(columns[plan.fraction])):
            wrong = next(
                i
                for i, part in enumerate(columns[plan.fraction])
                if not re.fullmatch(r"\d{1,3}", part.strip(), re.ASCII)
            )
            raise _In("value", wrong, columns[plan.fraction][wrong])
        cells = [
            f"{whole.strip()}{plan.degrees.point}{part.strip()}"
            for whole, part in zip(cells, columns[plan.fraction], strict=True)
        ]
    try:
        values = list(map(plan.degrees.__getitem__, cells))
    except Unreadable as wrong:
        raise _In("value", cells.index(wrong.text), wrong.text) from None
    if plan.counter is not None:
        _counted(body, columns[plan.counter])
    if plan.serial_days is not None:
        body.serials.extend(map(_float, columns[plan.serial_days]))
    body.rows += len(values)
    if LOST in values:
        kept = [i for i, value in enumerate(values) if value != LOST]
        body.lost += len(values) - len(kept)
        times, values = [times[i] for i in kept], [values[i] for i in kept]
        if plan.serial_days is not None:
            base = len(body.serials) - len(cells)
            body.serials[base:] = array("d", [body.serials[base + i] for i in kept])
    body.times.extend(times)
    body.values.extend(values)


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _times(plan: Plan, columns: list[list[str]]) -> list[int]:
    dates = columns[plan.date]
    for tidy in (False, True):
        cells = [" ".join(cell.split()) for cell in dates] if tidy else dates
        try:
            return _read_times(plan, columns, cells)
        except Unreadable as wrong:
            refused = wrong
    texts = [dates, *(columns[i] for i in (plan.clock, plan.noon) if i is not None)]
    at = next((i for i in range(len(dates)) if any(refused.text.split() == cell[i].split() for cell in texts)), None)
    if at is None:
        at = next(
            (
                i
                for i in range(len(dates))
                if any(" ".join(refused.text.split()) in " ".join(cell[i].split()) for cell in texts)
            ),
            0,
        )
    raise _In("time", at, dates[at] if plan.clock is None else f"{dates[at]} {columns[plan.clock][at]}")


def _read_times(plan: Plan, columns: list[list[str]], dates: Sequence[str]) -> list[int]:
    if plan.split:
        dates, at = plan.split.columns(dates)
        if plan.noon is not None:
            at = list(map(" ".join, zip(at, columns[plan.noon], strict=True)))
    else:
        assert plan.clock is not None
        at = columns[plan.clock]
        if plan.noon is not None:
            at = list(map(" ".join, zip(at, columns[plan.noon], strict=True)))
    midnights = list(map(plan.days.__getitem__, dates))
    return list(map(add, midnights, map(plan.clocks.__getitem__, at)))


def _counted(body: Body, cells: Sequence[str]) -> None:
    """The rows' own numbers go on by one, or a row was lost or doubled."""
    try:
        numbers = list(map(int, cells))
    except ValueError:
        at = next(i for i, cell in enumerate(cells) if not cell.strip().isdigit())
        raise _In("count", at, expected=(body.number or 0) + at) from None
    start = numbers[0] if body.number is None else body.number
    if numbers != list(range(start, start + len(numbers))):
        at = next(i for i, number in enumerate(numbers) if number != start + i)
        raise _In("count", at, expected=start + at)
    body.number = start + len(numbers)


def _bad_row(plan: Plan, lines: str, row: int) -> int:
    """The first line that is not as wide as the table."""
    for number, line in enumerate(lines.split("\n"), row):
        if line.strip() and dialect.columns(line, plan.delimiter, plan.width) is None:
            return number
    return row


def dated(days: Days, body: Body, order: str) -> None:
    """Give days that were numbered in turn their dates, now that the order is known. Raises Unreadable."""
    days.order = order
    real = [days.of(text) for text in days]
    body.times = array("q", [real[at // DAY_S] + at % DAY_S for at in body.times])


def settle(days: Days, body: Body, zone: tzinfo, row: int) -> None:
    """On days when clocks were set, place each reading by itself. Raises Refused: logger_ambiguous_time."""
    if not days.odd:
        return
    spans = sorted(days.odd)
    for i, at in enumerate(body.times):
        for begins in spans:
            if begins <= at < begins + DAY_S:
                day = datetime.fromtimestamp(begins, UTC).astimezone(zone).replace(tzinfo=None)
                body.times[i] = clocks.seconds(day + timedelta(seconds=at - begins), zone, row + i)
                break
