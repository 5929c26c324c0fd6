"""Which order of day and month is meant, and in which zone: by what the file shows, else a person says it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta, timezone, tzinfo
from itertools import pairwise

from traceability.domain.errors import Refused
from traceability.loggers import clocks, preamble, sound
from traceability.loggers.body import Body
from traceability.loggers.columns import Table
from traceability.loggers.file import ZONES, Told
from traceability.loggers.plan import Days
from traceability.loggers.preamble import Around


def texts(table: Table) -> tuple[list[str], list[str]]:
    """Dates and times of day of the sample."""
    dates, times = [], []
    for row in table.rows:
        if table.split:
            one, two = (clocks.split(row[table.date]) or table.split).parts(row[table.date]) or ("", "")
        else:
            one, two = row[table.date], row[table.clock or 0]
        dates.append(one)
        times.append(f"{two} {row[table.noon]}" if table.noon is not None else two)
    return dates, times


def zone(
    table: Table, names: Sequence[str], lines: Sequence[str], told: Told, times: Sequence[str]
) -> tuple[tzinfo, str]:
    """The zone that the file names, else the mission's. Raises Refused: logger_zone_missing."""
    clock = clocks.clock(times[0])
    if clock and clock.east_min is not None:
        return timezone(timedelta(minutes=clock.east_min)), "file"
    header = [names[i] for i in table.timed] + [row[i] for row in table.header for i in table.timed if i < len(row)]
    found = preamble.zone([*header, times[0], *preamble.zoned(lines)])
    if found:
        return found, "file"
    if told.zone is None:
        raise Refused("logger_zone_missing", field="zone", choices=list(ZONES))
    return told.zone, "told"


def order(dates: Sequence[str], names: Sequence[str], told: Told) -> str | None:
    """The order of day and month, where dates or names leave no choice, or a person said it."""
    ways = [set(clocks.orders(text)) for text in dates]
    common = set.intersection(*(way for way in ways if way)) if any(ways) else set()
    if len(common) == 1:
        return common.pop()
    if told.date_order in common:
        return told.date_order
    for name in names:
        if match := re.search(
            r"\b(d{1,2}[-/. ]m{1,3}|m{1,3}[-/. ]d{1,2}|y{2,4}[-/. ]m{1,3})[-/. ][dy]{1,4}", name, re.IGNORECASE
        ):
            order = {"d": "dmy", "m": "mdy", "y": "ymd"}[match[1][0].lower()]
            if order in common:
                return order
    return None


def decide(days: Days, body: Body, said: Around, row: int) -> str:
    """Of the orders in which every date is one and time goes on, the one; two are told apart only by what the file
    itself shows: readings that go on past midnight, or a date in its title. Raises Refused: logger_ambiguous_date."""
    texts = list(days.seen)
    ways: dict[str, list[date]] = {}
    valid = False
    for order in ("dmy", "mdy", "ymd"):
        dates = [clocks.day(text.strip(), order) for text in texts]
        if all(dates):
            valid = True
            whole = [one for one in dates if one]
            if all(a < b for a, b in pairwise(whole)):
                ways[order] = whole
    if not ways:
        if valid:
            raise Refused("logger_not_in_order", reading=2)
        raise Refused("logger_time_unreadable", row=row, time=texts[0])
    if len(ways) > 1:
        titles = {
            clocks.day(p[0], "named")
            for text in (*said.first, *said.last, *said.began, *said.ended)
            if (p := clocks.moment(text))
        } - {None}
        named = [order for order, dates in ways.items() if titles & {dates[0], dates[-1]}]
        goes_on = [order for order, dates in ways.items() if _goes_on(dates, body)]
        for shown in (named, goes_on):
            if len(shown) == 1:
                return shown[0]
        raise Refused(
            "logger_ambiguous_date", text=texts[0].strip(), dates={order: str(dates[0]) for order, dates in ways.items()},
            field="date_order", choices=list(ways),
        )  # fmt: skip
    return next(iter(ways))


def _goes_on(dates: Sequence[date], body: Body) -> bool:
    """Whether each day follows the one before, and readings go on past every midnight at their usual step."""
    if (
        len(dates) < 2
        or body.rows < 2 * len(dates)
        or any(b.toordinal() - a.toordinal() != 1 for a, b in pairwise(dates))
    ):
        return False
    return max(body.steps) <= 2 * sound.usual(body.steps)
