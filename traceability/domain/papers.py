"""Papers: credentials of makers and hospitals, on which day they cover, and which of them open a legal route (R15, R16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
class CredentialFact:
    id: str
    number: str
    valid_from: date | None
    valid_until: date | None
    suspended_from: date | None

    def covers(self, day: date) -> bool | None:
        """True on a day inside its validity; None where its source gives no dates."""
        if self.suspended_from is not None and day >= self.suspended_from:
            return False
        if self.valid_from is None or self.valid_until is None:
            return None
        return self.valid_from <= day <= self.valid_until


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
