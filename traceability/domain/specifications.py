"""Results against their specification: which versions judge one, and which of several results of a test stands (R31, R32)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

REPORTED = re.compile(r"(?P<sign>[<>≤≥]?)\s*(?P<figure>[+-]?[0-9]{1,15}(?:\.[0-9]{1,10})?)")
"""0.06 · < 0.05 · ≥ 95: what instruments and certificates write, with a decimal point."""


class Outcome(StrEnum):
    """What an investigation of a result outside its specification found."""

    CONFIRMED = "confirmed"
    LABORATORY_ERROR = "laboratory_error"


class Specified(Protocol):
    """One version of one test: its limits in `unit` as decimal text or an expected word, and from when to when it is in force."""

    test: str
    version: int
    unit: str
    low: str | None
    high: str | None
    expected: str | None
    mandatory: bool
    valid_from: date
    valid_until: date | None


S = TypeVar("S", bound=Specified)


class Interval(NamedTuple):
    """What a reported value says: between these, ends included; None has no end on that side."""

    low: Decimal | None
    high: Decimal | None


def reported(value: str) -> Interval | None:
    """The interval that a value names; None where it is no figure. < and ≤ are kept alike: the careful reading of both."""
    found = REPORTED.fullmatch(value.strip())
    if found is None:
        return None
    figure = Decimal(found["figure"])
    match found["sign"]:
        case "<" | "≤":
            return Interval(None, figure)
        case ">" | "≥":
            return Interval(figure, None)
    return Interval(figure, figure)


def within(expected: str | None, low: str | None, high: str | None, value: str) -> bool | None:
    """Inside the limits, or the expected word. None where that cannot be said: < 1 against at most 0.25 is neither."""
    if expected is not None:
        return value.strip().casefold() == expected.strip().casefold()
    if (found := reported(value)) is None:
        return None
    least = Decimal(low) if low is not None else None
    most = Decimal(high) if high is not None else None
    below = least is not None and found.high is not None and found.high < least
    above = most is not None and found.low is not None and found.low > most
    if below or above:
        return False
    over = least is not None and (found.low is None or found.low < least)
    under = most is not None and (found.high is None or found.high > most)
    return None if over or under else True


def in_force(versions: Iterable[S], day: date) -> dict[str, S]:
    """Test → the version in force on a day: the newest that had begun, unless it had ended. A later one supersedes."""
    made: dict[str, S] = {}
    for one in sorted(versions, key=lambda one: one.version):
        if one.valid_from <= day:
            made[one.test] = one
    return {test: one for test, one in made.items() if one.valid_until is None or day <= one.valid_until}


def conforms(value: str, *versions: Specified | None) -> bool | None:
    """Against every one of these versions: outside any of them is outside; in another unit nothing can be said of it."""
    asked = [one for one in versions if one is not None]
    answers = {within(one.expected, one.low, one.high, value) if one.unit == asked[0].unit else None for one in asked}
    return False if False in answers else None if None in answers or not answers else True


@dataclass(frozen=True, slots=True)
class Tried:
    """One result of a test of a lot. Outside its specification it has a case: `closed`, and what the investigation found."""

    id: str
    value: str
    conforms: bool | None
    case: str | None = None
    closed: bool = False
    outcome: Outcome | None = None
    relied: bool = True
    """Whoever is asked for may rest on it. What another house found outside counts against a lot all the same."""

    @property
    def answered(self) -> bool:
        """Somebody said which result stands, and the case is closed. What is not outside needs no answer."""
        return self.conforms is not False or (self.closed and self.outcome is not None)

    @property
    def invalidated(self) -> bool:
        return self.answered and self.outcome is Outcome.LABORATORY_ERROR


def standing(tried: Sequence[Tried]) -> Tried | None:
    """Which of the results of one test, oldest first, stands: one outside is not tested away, whoever entered it. One that nobody
    here may rest on stands for nothing else.

    Until its case is closed as a laboratory's error, a result outside its specification stands, whatever was found after it.
    """
    outside = [one for one in tried if one.conforms is False and not one.invalidated]
    kept = [one for one in tried if one.relied and not one.invalidated]
    return outside[-1] if outside else kept[-1] if kept else None
