"""Outcomes by lot as they are printed: counts whole, shares in hundredths of a per cent, scores in tenths of a point, p as told."""

from __future__ import annotations

from dataclasses import dataclass

from traceability.domain.records.head import Head


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePart:
    """So many of so many; without an interval where there are fewer than five."""

    count: int
    n: int
    low_bp: int | None
    high_bp: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotOutcomePart:
    """A lot against the rest. Of scores: the difference at the same baseline, above 0 is worse; None is not compared.

    `…_out`: it stands out in that figure, judged before p was rounded.
    """

    lot: str
    maker: str
    persons: int
    courses: int
    stands_out: bool
    scored: int
    value_tenths: int | None
    low_tenths: int | None
    high_tenths: int | None
    inner_tenths: int | None
    outer_tenths: int | None
    score_p: str | None
    score_out: bool
    responses: SharePart
    missing_as_no: SharePart
    not_evaluable: int
    response_p: str | None
    response_out: bool
    events: SharePart
    not_asked: int
    event_p: str | None
    event_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPart:
    visit: str
    complete: SharePart
    missing_as_no: SharePart


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstEventPart:
    day: int
    watched: int
    events: int
    free_bp: int
    low_bp: int | None
    high_bp: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesRecord:
    """One organisation's lots by the primary rule. `looks`: how often outcomes were compared there before; `before_first`: events that
    began before the first injection.
    """

    head: Head
    instrument: str
    visit: str
    improved_tenths: int
    persons: int
    several: int
    unknown: int
    without_consent: int
    before_first: int
    looks: int
    looked: int
    scored: int
    sd_tenths: int
    lots: tuple[LotOutcomePart, ...]
    visits: tuple[VisitPart, ...]
    first_events: tuple[FirstEventPart, ...]
    watched: int
    with_event: int
