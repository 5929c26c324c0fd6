"""Papers: credentials of makers and hospitals, on which day they cover, and which of them open a legal route (R15, R16)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from traceability.domain.rules import Answer


class FileKind(StrEnum):
    """What a file of a lot is."""

    CERTIFICATE_OF_ANALYSIS = "certificate_of_analysis"
    STABILITY_STATEMENT = "stability_statement"
    LICENCE = "licence"
    LOGGER = "logger"
    RESULTS = "results"
    OTHER = "other"


ATTACHED = tuple(kind for kind in FileKind if kind not in (FileKind.LOGGER, FileKind.RESULTS))
"""What somebody attaches; a logger's file and a laboratory's come in by being read."""


@dataclass(frozen=True, slots=True)
class Suspended:
    """From a day on; through another, where the suspension was lifted. `id`: of its row, in the order of recording."""

    since: date
    until: date | None = None
    id: str = field(default="", compare=False)

    def on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class CredentialFact:
    """`suspensions`: every one there was: none is forgotten for a later one."""

    id: str
    number: str
    valid_from: date | None
    valid_until: date | None
    suspensions: tuple[Suspended, ...] = ()

    def covers(self, day: date) -> bool | None:
        """True on a day inside its validity; None where its source gives no dates."""
        if self.suspended(day):
            return False
        if self.valid_from is None or self.valid_until is None:
            return None
        return self.valid_from <= day <= self.valid_until

    def suspended(self, day: date) -> bool:
        return any(one.on(day) for one in self.suspensions)


def one_paper(number: str) -> str:
    """What makes numbers of one kind and holder the same paper, however they were typed: letters and digits, in any case."""
    return "".join(sign for sign in number.casefold() if sign.isalnum()) or number


def shared(told: Iterable[tuple[Hashable, CredentialFact]]) -> tuple[CredentialFact, ...]:
    """Each paper with every suspension of its number: recorded once more it is the same paper, and as suspended (R15).

    One of the same holder and kind that was recorded after a suspension has it too, until that is lifted: nobody signs a new paper,
    and the number of the old one is easily typed with a word before it. `told`: each with whose it is and of which kind.
    """
    rows = list(told)
    known: dict[Hashable, set[Suspended]] = {}
    for of, fact in rows:
        known.setdefault(of, set()).update(fact.suspensions)
        known.setdefault((of, one_paper(fact.number)), set()).update(fact.suspensions)

    def has(of: Hashable, fact: CredentialFact) -> set[Suspended]:
        return known[of, one_paper(fact.number)] | {one for one in known[of] if _stands_over(one, fact)}

    return tuple(
        replace(fact, suspensions=tuple(sorted(has(of, fact), key=lambda one: (one.since, one.until or date.max))))
        for of, fact in rows
    )


def _stands_over(one: Suspended, fact: CredentialFact) -> bool:
    """Recorded before the paper, and not over before that begins. Ids of rows are in the order of recording."""
    return one.id < fact.id and (one.until is None or fact.valid_from is None or fact.valid_from <= one.until)


class Standing(StrEnum):
    """How a paper stands on a day, what presses most first."""

    SUSPENDED = "suspended"
    OVER = "over"
    WITHIN_7 = "within_7"
    WITHIN_30 = "within_30"
    WITHIN_90 = "within_90"
    BEGINS = "begins"
    UNDATED = "undated"
    VALID = "valid"


WARNED: tuple[tuple[int, Standing], ...] = ((7, Standing.WITHIN_7), (30, Standing.WITHIN_30), (90, Standing.WITHIN_90))
"""So many days before it ends its holder is told: a new one takes months (R15)."""


def standing(paper: CredentialFact, day: date) -> Standing:
    """By its dates; the last day still counts. One without an end is undated: nobody can be told of it."""
    if paper.suspended(day):
        return Standing.SUSPENDED
    if paper.valid_until is None:
        return Standing.UNDATED
    if day > paper.valid_until:
        return Standing.OVER
    if paper.valid_from is not None and day < paper.valid_from:
        return Standing.BEGINS
    left = (paper.valid_until - day).days
    return next((stage for days, stage in WARNED if left <= days), Standing.VALID)


def covered(credentials: tuple[CredentialFact, ...], day: date) -> Answer:
    """One paper that covers the day is enough; none on file does not hold; only undated ones are unknown."""
    answers = {paper: paper.covers(day) for paper in credentials}
    told = {
        "numbers": [paper.number for paper in credentials],
        "day": day,
        "credentials": [paper.id for paper in credentials],
    }
    if True in answers.values():
        return True, told
    return (None if None in answers.values() else False), told


def allowed(route: str, number: str, papers: tuple[CredentialFact, ...], day: date) -> Answer:
    if route == "marketed":
        return bool(number), {"route": route, "numbers": [number]}
    holds, told = covered(papers, day)
    return holds, {**told, "route": route}


ROUTE_PAPERS: Mapping[str, tuple[str, ...]] = {"trial": ("trial", "ethics")}
DESIGNATION = ("designation",)
"""Which of the hospital's own papers allow a legal route: by the route, or for any other."""

NAMED_PAPERS: Mapping[str, tuple[str, ...]] = {"service": ("designation", "ethics"), "trial": ("trial", "ethics")}
"""Which of the hospital's papers a protocol names, each of them, by its route; a registered product brings its own number."""
_NUMBER = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9 ./:()_-]{2,63}")


def is_number(told: str) -> bool:
    """Whether this could be the number of a paper: three signs or more of those that authorities use, a digit among them."""
    return _NUMBER.fullmatch(told) is not None


def named(kind: str, number: str, route: str, papers: tuple[CredentialFact, ...], day: date) -> Answer:
    """Whether the paper that a protocol names is on file and covers the day; one that it does not name does not hold."""
    same = tuple(one for one in papers if number and one_paper(one.number) == one_paper(number))
    holds, _ = covered(same, day)
    return holds, {"kind": kind, "number": number, "route": route, "day": day, "filed": len(same)}
