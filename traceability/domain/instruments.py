"""Instruments by which knees are scored: what is known of each from its publications, and when a value can be normalised.

A bare WOMAC total has no range of its own (published totals run 0–10 to 0–2400): without its source's range it is never
normalised (R50).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Instrument:
    """`low` and `high` where every version shares them; `best` which end is good; `whole`: a grade, with none between two."""

    name: str
    title: str
    best: Literal["low", "high"]
    low: Decimal | None
    high: Decimal | None
    whole: bool = False


def _one(
    name: str, title: str, best: Literal["low", "high"], low: str | None, high: str | None, *, whole: bool = False
) -> Instrument:
    return Instrument(name, title, best, Decimal(low) if low else None, Decimal(high) if high else None, whole)


INSTRUMENTS = {
    one.name: one
    for one in (
        _one("VAS", "Visual analogue scale, pain", "low", "0", "100"),
        _one("WOMAC", "Western Ontario and McMaster Universities Osteoarthritis Index", "low", "0", "2400"),
        _one("NRS", "Numeric rating scale, pain", "low", "0", "10", whole=True),
        _one("PGA", "Patient’s global assessment", "low", "0", "100"),
        _one("KL", "Kellgren–Lawrence grade", "low", "0", "4", whole=True),
        _one("KOOS", "Knee Injury and Osteoarthritis Outcome Score", "high", "0", "100"),
        _one("KSS", "Knee Society Score", "high", "0", "200"),
    )
}


def normalised(raw: str, low: str | None, high: str | None, best: Literal["low", "high"]) -> Decimal | None:
    """0–100 with 0 best, or None where the source reports no range: not reported is not guessed (R50)."""
    if low is None or high is None or Decimal(high) <= Decimal(low):
        return None
    share = (Decimal(raw) - Decimal(low)) / (Decimal(high) - Decimal(low)) * 100
    return (share if best == "low" else 100 - share).quantize(Decimal("0.1"))


class Missing(StrEnum):
    """Why a score cannot be evaluated."""

    NO_BASELINE = "no_baseline"
    NO_VALUE = "no_value"
    UNDECIDED = "undecided"
    NO_RANGE = "no_range"


class Said(Protocol):
    """A value as one source gives it, with the range that it reports."""

    @property
    def raw(self) -> str: ...
    @property
    def low(self) -> str | None: ...
    @property
    def high(self) -> str | None: ...


def evaluated(instrument: str, told: Sequence[Said]) -> Decimal | Missing:
    """0–100 with 0 best of what sources say of one moment, where they agree; its range from whichever reports one (R50).

    Where one was adjudicated, that one alone is told.
    """
    if not told:
        return Missing.NO_VALUE
    if len({Decimal(one.raw) for one in told}) > 1:
        return Missing.UNDECIDED
    known = INSTRUMENTS.get(instrument)
    scaled = {normalised(one.raw, one.low, one.high, known.best) for one in told} - {None} if known else set()
    if len(scaled) > 1:
        return Missing.UNDECIDED
    return next((one for one in scaled if one is not None), Missing.NO_RANGE)
