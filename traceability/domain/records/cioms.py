"""What the CIOMS I form asks of one adverse event, by its fields. None is "not reported"; a name or initials stand nowhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from traceability.domain.records.head import Head, Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectPart:
    """One vial that may have done it: 14 to 18. `after_onset`: it was given after the harm had begun."""

    product: str | None
    maker: str | None
    lot: str | None
    serial: str
    given_ul: int
    laterality: str
    joint: str
    given_at: datetime
    after_onset: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WordPart:
    """How somebody judges it; `copied`: the maker's word as the house copied it."""

    by: str | None
    copied: bool
    causality: str
    expectedness: str
    reference: str | None
    telling: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OnwardPart:
    to: str
    receiver: str | None
    number: str | None
    on: date
    telling: int
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GraverPart:
    """The telling that says how grave the event counts, as long as no physician has signed the last one, which says less."""

    telling: int
    told_at: datetime
    term: str | None
    grade: int | None
    description: str | None
    narrative: str | None
    criteria: tuple[str, ...]
    outcome: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedPart:
    kind: str
    due_on: date
    reported_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CiomsRecord:
    """One adverse event as it was told last (R53). `later`: what was given after it had begun, and is not suspected.

    `serious`: as it counts, which is what `graver` says where that is not empty.
    """

    head: Head
    event: str
    telling: int
    pseudonym: str
    age_y: int | None
    sex: str | None
    onset_on: date | None
    onset_at: datetime | None
    ended_on: date | None
    term: str | None
    grade: int | None
    description: str | None
    narrative: str | None
    serious: bool | None
    graver: GraverPart | None
    criteria: tuple[str, ...]
    outcome: str | None
    suspects: tuple[SuspectPart, ...]
    later: tuple[SuspectPart, ...]
    indication: str | None
    dechallenge: str | None
    rechallenge: str | None
    concomitant: tuple[str, ...]
    history: str | None
    makers: tuple[str, ...]
    origin: str | None
    source: str | None
    known_at: datetime
    told_at: datetime
    words: tuple[WordPart, ...]
    onward: tuple[OnwardPart, ...]
    owed: tuple[OwedPart, ...]
    signatures: tuple[Signed, ...]
