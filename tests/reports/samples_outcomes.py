"""Outcomes by lot to draw: twelve lots, one that stands out, one with too few, and what could not be evaluated."""

from __future__ import annotations

from tests.reports import samples
from traceability.domain.records import (
    FirstEventPart,
    LotOutcomePart,
    OutcomesRecord,
    RecordKind,
    SharePart,
    VisitPart,
)


def share(count: int, n: int) -> SharePart:
    enough = n >= 5
    low, high = max(0, count * 10_000 // max(n, 1) - 2_300), min(10_000, count * 10_000 // max(n, 1) + 2_300)
    return SharePart(count=count, n=n, low_bp=low if enough else None, high_bp=high if enough else None)


def lot(number: int) -> LotOutcomePart:
    few, worse = number == 12, number == 7
    scored = 3 if few else 6 + number % 4
    value = None if few else 187 if worse else (number * 37) % 60 - 30
    return LotOutcomePart(
        lot=f"UC26-K{number}", maker="PT. Bifarma Adiluhung", persons=scored + 1, courses=scored + 2, stands_out=worse, scored=scored,
        value_tenths=value, low_tenths=None if value is None else value - 80, high_tenths=None if value is None else value + 80,
        inner_tenths=None if few else 95, outer_tenths=None if few else 150, score_p=None if few else "0.040" if worse else "0.64", score_out=worse,
        responses=share(2 if worse else scored - 1, scored), missing_as_no=share(2 if worse else scored - 1, scored + 1),
        not_evaluable=1, response_p=None if few else "0.08" if worse else "0.71", response_out=False, events=share(1, scored), not_asked=2,
        event_p=None if few else "0.55", event_out=False,
    )  # fmt: skip


def outcomes(**other: object) -> OutcomesRecord:
    told: dict[str, object] = {
        "head": samples.head(RecordKind.OUTCOMES, "OUT-0001"), "instrument": "VAS", "visit": "month_6", "improved_tenths": 199,
        "persons": 92, "several": 7, "unknown": 1, "without_consent": 3, "before_first": 2, "looks": 4, "looked": 92, "scored": 84, "sd_tenths": 121,
        "lots": tuple(lot(number) for number in range(1, 13)),
        "visits": (
            VisitPart(visit="after_series", complete=share(51, 80), missing_as_no=share(51, 92)),
            VisitPart(visit="month_6", complete=share(48, 70), missing_as_no=share(48, 88)),
        ),
        "first_events": (
            FirstEventPart(day=9, watched=92, events=2, free_bp=9783, low_bp=9150, high_bp=9946),
            FirstEventPart(day=61, watched=80, events=1, free_bp=9660, low_bp=8980, high_bp=9890),
        ),
        "watched": 92, "with_event": 3,
    }  # fmt: skip
    return OutcomesRecord(**(told | other))
