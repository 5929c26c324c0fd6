"""Instruments by which knees are scored: what is known of each from its publications, and when a value can be normalised.

A bare WOMAC total has no range of its own (published totals run 0–10 to 0–2400): without its source's range it is never
normalised (R50).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


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
