"""Which columns of a table tell when each reading was. Where those of a server stand beside those of the device, a person
says which are meant; times that never change, or count from the beginning, are none."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import product
from typing import NamedTuple

from traceability.domain.errors import Refused
from traceability.loggers import clocks, columns
from traceability.loggers.columns import Table
from traceability.loggers.file import Told

ELAPSED = re.compile(r"elaps|durat|dauer|laufzeit|relativ|berjalan|durée|duraci|since|remain|interval", re.IGNORECASE)

At = tuple[int, frozenset[date]]
"""The second of the day, and the days that a date can be."""


class Moments(NamedTuple):
    """The column of date and time of day, or the two of them, and what they say row by row; None where it is damaged."""

    columns: tuple[int, ...]
    said: list[At | None]

    @property
    def changes(self) -> bool:
        return len({at for at in self.said if at}) > 1

    def agrees(self, other: Moments) -> bool:
        pairs = [(a, b) for a, b in zip(self.said, other.said, strict=True) if a and b]
        return all(a[0] == b[0] and a[1] & b[1] for a, b in pairs)


def table(lines: Sequence[str], told: Told) -> Table:
    """The table of these lines by the times that are meant. Raises Refused: logger_unknown_format,
    logger_several_clocks, logger_clock_unknown."""
    made = columns.table(lines)
    if made is None:
        raise Refused("logger_unknown_format")
    here = (made.date,) if made.clock is None else (made.date, made.clock)
    found, others = _moments(made, here)
    if not found:
        return made
    called = {_name(made, one): one for one in found}
    if told.clock is not None:
        chosen = [one for name, one in called.items() if name.casefold() == told.clock.strip().casefold()]
        if not chosen:
            raise Refused("logger_clock_unknown", clock=told.clock, field="clock", choices=list(called))
        found = chosen
    if len(found) > 1:
        raise Refused("logger_several_clocks", clocks=list(called), field="clock", choices=list(called))
    if found[0].columns == here:
        return made
    other = columns.table(lines, skip=frozenset(others - set(found[0].columns)))
    if other is None:
        raise Refused("logger_unknown_format")
    return other


def _name(made: Table, one: Moments) -> str:
    """What its columns are called; by their numbers where another is called so too."""
    names = made.names()
    twice = any(names.count(names[i]) > 1 for i in one.columns)
    return " ".join(f"{names[i]} #{i + 1}".strip() if twice or not names[i] else names[i] for i in one.columns)


def _moments(made: Table, here: tuple[int, ...]) -> tuple[list[Moments], set[int]]:
    """Those that differ from one another, in the order of their columns; and every column that holds a time."""
    if made.dotted:  # there a temperature looks like a time of day
        return [], set()
    names = made.names()
    whole, days, hours = (
        {i: told for i in range(made.width) if (told := _each(made.sample(i), kind))} for kind in (_both, _day, _hour)
    )
    found = [Moments((i,), told) for i, told in whole.items()]
    going = [i for i in hours if not ELAPSED.search(names[i])]
    if len(days) > 1 and len(going) > 1:
        pairs = [(i, min(going, key=lambda at, i=i: (abs(at - i), -at))) for i in days]
    else:
        pairs = list(product(days, going))
    for day, hour in pairs:
        told = [a and b and (b[0], a[1]) for a, b in zip(days[day], hours[hour], strict=True)]
        found.append(Moments((day, hour), told))
    found.sort(key=lambda one: one.columns != here)  # of those that say the same, the one that is there
    found = [one for one in found if one.changes] or found
    differ = [one for n, one in enumerate(found) if not any(one.agrees(other) for other in found[:n])]
    return sorted(differ, key=lambda one: one.columns), {*whole, *days, *hours}


def _each(cells: Sequence[str], kind: Callable[[str], At | None]) -> list[At | None] | None:
    """What the cells say, where most of them say such a thing."""
    told = [kind(cell) if sum(map(str.isdigit, cell[:40])) >= 3 and len(cell) <= 60 else None for cell in cells]
    return told if 2 * sum(one is not None for one in told) > len(cells) else None


def _both(cell: str) -> At | None:
    parts = clocks.moment(cell)
    if parts is None or (at := clocks.clock(parts[1])) is None:
        return None
    return at.second, _days(parts[0])


def _day(cell: str) -> At | None:
    return (0, days) if clocks.moment(cell) is None and (days := _days(cell)) else None


def _hour(cell: str) -> At | None:
    at = clocks.clock(cell) if ":" in cell or re.search("[h時时시]", cell) else None
    return None if at is None or clocks.moment(cell) else (at.second, frozenset())


def _days(text: str) -> frozenset[date]:
    return frozenset(day for order in clocks.orders(text) if (day := clocks.day(text, order)))
