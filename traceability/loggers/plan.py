"""What is taken from each row of a table, and how each kind of cell is read: a text that was met once is not read again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, tzinfo

from traceability.loggers import clocks
from traceability.loggers.clocks import DAY_S, Unreadable
from traceability.loggers.degrees import Thousandths

ODD = 10**10


class Days(dict[str, int]):
    """A date's text → epoch seconds of its midnight. Without an order, its number in turn, in seconds of days; on a day
    when clocks were set, a number below zero, from which `settle` finds it again."""

    def __init__(self, order: str | None, zone: tzinfo) -> None:
        super().__init__()
        self.order, self.zone = order, zone
        self.seen: dict[str, int] = {}
        self.odd: list[date] = []

    def __missing__(self, text: str) -> int:
        bare = text.strip()
        if bare not in self.seen:
            if self.order is None and not clocks.orders(bare):
                raise Unreadable(text)
            self.seen[bare] = DAY_S * len(self.seen) if self.order is None else self.of(bare)
        made = self[text] = self.seen[bare]
        return made

    def of(self, text: str) -> int:
        day = clocks.day(text, self.order or "named")
        if day is None:
            raise Unreadable(text)
        made, even = clocks.midnight(day, self.zone)
        if even:
            return made
        self.odd.append(day)
        return -ODD * len(self.odd)


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


class HalfDays(dict[str, int]):
    """The same where the word for the half of the day stands apart: its seconds since midnight or noon."""

    def __missing__(self, text: str) -> int:
        at = clocks.clock(f"{text.strip()} am")
        if at is None or at.east_min is not None or not at.twelve:
            raise Unreadable(text)
        made = self[text] = at.second
        return made


class Noons(dict[str, int]):
    """The word for the half of the day → where it begins."""

    def __missing__(self, text: str) -> int:
        word = clocks.bare(text)
        if word not in clocks.BEFORE_NOON | clocks.AFTER_NOON:
            raise Unreadable(text)
        made = self[text] = DAY_S // 2 * (word in clocks.AFTER_NOON)
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
    halves: HalfDays = field(default_factory=HalfDays)
    noons: Noons = field(default_factory=Noons)
