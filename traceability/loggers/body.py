"""The rows of a table, column by column: what was understood from a few rows is demanded of every one."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from operator import add

import numpy as np

from traceability.domain.errors import Refused
from traceability.loggers import clocks, dialect
from traceability.loggers.clocks import DAY_S, Unreadable
from traceability.loggers.degrees import FRACTION, LOST, Beyond, Elsewhere
from traceability.loggers.file import MOST_READINGS
from traceability.loggers.plan import ODD, Days, Plan
from traceability.loggers.sound import steps_of
from traceability.loggers.wholesale import Wholesale


@dataclass(slots=True)
class Body:
    times: array[int] = field(default_factory=lambda: array("q"))
    values: array[int] = field(default_factory=lambda: array("i"))
    rows: int = 0
    lost: int = 0
    """Rows whose reading is missing; their times are kept out."""
    serials: array[float] = field(default_factory=lambda: array("d"))
    steps: Counter[int] = field(default_factory=Counter)
    number: int | None = None
    """What the rows' own count goes on with."""


def read(plan: Plan, text: str, begin: int, end: int, row: int, lead: str | None = None) -> Body:
    """Every row between two places of the text; `row` is the number of the first line as an editor tells it.

    Raises Refused: logger_row_unreadable, logger_time_unreadable, logger_value_unreadable, logger_value_beyond,
    logger_scale_unknown, logger_damaged, logger_too_large."""
    body, wholesale = Body(), Wholesale(plan)
    if lead is not None:
        _take(body, plan, lead, row)
        begin, row = text.index("\n", begin) + 1, row + 1
    for _, lines in dialect.chunks(text, begin, end):
        if taken := wholesale.take(lines, body.number):
            body.rows += taken.rows
            body.lost += taken.rows - len(taken.times)
            body.times.frombytes(taken.times.tobytes())
            body.values.frombytes(taken.values.tobytes())
            body.number = taken.number
        else:
            _take(body, plan, lines, row)
        row += lines.count("\n") + 1
        if body.rows > MOST_READINGS:
            raise Refused("logger_too_large", readings=body.rows, most=MOST_READINGS)
    body.steps = steps_of(body.times)
    return body


def _take(body: Body, plan: Plan, lines: str, row: int) -> None:
    split = plan.split
    if split and len(split.sep) == 1 and split.sep != plan.delimiter:
        columns = dialect.columns(lines, plan.delimiter, plan.width, split.sep, split.words)
        if columns:  # date and time of day came apart with the cells
            strands = columns[plan.date : plan.date + split.words]
            columns[plan.date : plan.date + split.words] = [strands[0]]
            with suppress(_In):
                _columns(body, plan, columns, *split.halves(strands))
                return
    columns, numbers = dialect.columns(lines, plan.delimiter, plan.width), range(row, row + lines.count("\n") + 1)
    if columns and split is None:
        with suppress(_In):
            _columns(body, plan, columns, columns[plan.date], [columns[plan.clock or 0]])
            return
    if columns is None and "\n\n" in f"\n{lines}\n":
        full = [(n, line) for n, line in zip(numbers, lines.split("\n"), strict=True) if line.strip()]
        lines, numbers = "\n".join(line for _, line in full), [n for n, _ in full]
        columns = dialect.columns(lines, plan.delimiter, plan.width) if full else []
    if columns is None:
        raise Refused("logger_row_unreadable", row=_bad_row(plan, lines, numbers))
    if columns:
        try:
            _columns(body, plan, columns, *_whens(plan, columns))
        except _In as wrong:
            raise wrong.refused(numbers[wrong.index]) from None


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
        if self.code == "beyond":
            return Refused("logger_value_beyond", row=row, value=text)
        if self.code == "scale":
            return Refused("logger_scale_unknown", row=row, value=text)
        return Refused("logger_damaged", row=row, expected=self.expected)


def _columns(body: Body, plan: Plan, columns: list[list[str]], dates: list[str], at: list[list[str]]) -> None:
    times = _times(plan, columns, dates, at)
    cells = columns[plan.value]
    if plan.fraction is not None:
        cells = _joined(cells, columns[plan.fraction], plan.degrees.point)
    try:
        values = list(map(plan.degrees.__getitem__, cells))
    except Unreadable as wrong:
        code = "beyond" if isinstance(wrong, Beyond) else "scale" if isinstance(wrong, Elsewhere) else "value"
        raise _In(code, cells.index(wrong.text), wrong.text) from None
    if plan.counter is not None:
        _counted(body, columns[plan.counter])
    serials = array("d", map(_float, columns[plan.serial_days])) if plan.serial_days is not None else array("d")
    body.rows += len(values)
    if LOST in values:
        kept = [i for i, value in enumerate(values) if value != LOST]
        body.lost += len(values) - len(kept)
        times, values = [times[i] for i in kept], [values[i] for i in kept]
        serials = array("d", [serials[i] for i in kept]) if serials else serials
    body.times.fromlist(times)
    body.values.fromlist(values)
    body.serials.extend(serials)


def _joined(wholes: Sequence[str], parts: Sequence[str], point: str) -> list[str]:
    """Numbers whose decimals stand in a column of their own."""
    for i, part in enumerate(parts):
        if not FRACTION.fullmatch(part.strip()):
            raise _In("value", i, part)
    return [f"{whole.strip()}{point}{part.strip()}" for whole, part in zip(wholes, parts, strict=True)]


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _whens(plan: Plan, columns: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Dates, and what tells the time of day, where they did not come apart with the cells."""
    dates = [" ".join(cell.split()) for cell in columns[plan.date]]
    if plan.split is None:
        assert plan.clock is not None
        return dates, [columns[plan.clock]]
    try:
        return plan.split.columns(dates)
    except Unreadable as wrong:
        raise _In("time", dates.index(wrong.text), wrong.text) from None


def _times(plan: Plan, columns: list[list[str]], dates: list[str], at: list[list[str]]) -> list[int]:
    if plan.noon is not None:
        at = [*at, columns[plan.noon]]
    try:
        midnights = list(map(plan.days.__getitem__, dates))
        if len(at) == 2 and clocks.bare(at[1][0]) in clocks.BEFORE_NOON | clocks.AFTER_NOON:
            since = map(add, map(plan.noons.__getitem__, at[1]), map(plan.halves.__getitem__, at[0]))
        else:
            since = map(plan.clocks.__getitem__, clocks.woven(at))
        return list(map(add, midnights, since))
    except Unreadable as wrong:
        texts = [dates, *at, clocks.woven(at)]
        i = next(i for i in range(len(dates)) if any(wrong.text.strip() == text[i].strip() for text in texts))
        raise _In("time", i, f"{dates[i]} {texts[-1][i]}") from None


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


def _bad_row(plan: Plan, lines: str, numbers: Sequence[int]) -> int:
    """The first line that is not as wide as the table."""
    for number, line in zip(numbers, lines.split("\n"), strict=True):
        if dialect.columns(line, plan.delimiter, plan.width) is None:
            return number
    return numbers[0]


def dated(plan: Plan, body: Body, order: str) -> None:
    """Give days that were numbered in turn their dates, now that the order is known. Raises Refused, Unreadable."""
    days = plan.days
    days.order = order
    real = [days.of(text) for text in days.seen]
    if min(body.steps, default=1) <= 0:
        raise Refused(
            "logger_not_in_order", reading=next(i for i, (a, b) in enumerate(pairwise(body.times), 2) if a >= b)
        )
    told = np.array(body.times, dtype=np.int64)
    # by clocks of the east the day begins on the UTC day before: which one is meant shows from the earliest time of day
    earliest = min(plan.clocks.values()) if plan.clocks.aware else 0
    if plan.clocks.aware and max(plan.clocks.values()) - earliest >= DAY_S:  # so many offsets in one file
        text = next(iter(days.seen))
        raise Refused("logger_ambiguous_date", text=text, dates={order: str(clocks.day(text, order))})
    number = (told - earliest) // DAY_S
    body.times = array("q", (told + (np.array(real) - DAY_S * np.arange(len(real)))[number]).tobytes())
    if any(b - a != DAY_S for a, b in pairwise(real)):
        body.steps = steps_of(body.times)


def settle(days: Days, body: Body, row: int) -> None:
    """On days when clocks were set, place each reading by itself. Raises Refused: logger_ambiguous_time."""
    for i, at in enumerate(body.times) if days.odd else ():
        if at < 0:
            day = days.odd[-(at // ODD) - 1]
            wall = datetime(day.year, day.month, day.day) + timedelta(seconds=at % ODD)  # noqa: DTZ001
            body.times[i] = clocks.seconds(wall, days.zone, row + i)
    if days.odd:
        body.steps = steps_of(body.times)
