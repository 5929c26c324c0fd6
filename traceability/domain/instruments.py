"""Instruments by which knees are scored: what is known of each from its publications, and when a value can be normalised.

A bare WOMAC total has no range of its own (published totals run 0–10 to 0–2400): without its source's range it is never
normalised (R50).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Literal, Protocol

Best = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """`low` and `high` where every version shares them; `best` which end is good, None where publications differ; `whole`: a
    grade, with none between two. `units`: in which it is measured; such a value has no range, and is never normalised (R51).
    """

    name: str
    title: str
    best: Best | None
    low: Decimal | None
    high: Decimal | None
    source: str
    whole: bool = False
    units: tuple[str, ...] = ()


def _scale(name: str, title: str, best: Best, low: str, high: str, source: str, *, whole: bool = False) -> Instrument:
    return Instrument(name, title, best, Decimal(low), Decimal(high), source, whole)


def _measured(name: str, title: str, best: Best | None, units: tuple[str, ...], source: str) -> Instrument:
    return Instrument(name, title, best, None, None, source, units=units)


_WOMAC_TITLE = "Western Ontario and McMaster Universities Osteoarthritis Index"
_KOOS_TITLE = "Knee Injury and Osteoarthritis Outcome Score"
_BIOMARKERS = "Bauer 2006, Osteoarthritis Cartilage 14:723 (BIPED)"

INSTRUMENTS = {
    one.name: one
    for one in (
        _scale("VAS", "Visual analogue scale, pain", "low", "0", "100", "Hawker 2011, Arthritis Care Res 63:S240"),
        _scale("WOMAC", _WOMAC_TITLE, "low", "0", "2400", "Bellamy, WOMAC User Guide X"),
        _scale(
            "NRS", "Numeric rating scale, pain", "low", "0", "10", "Hawker 2011, Arthritis Care Res 63:S240", whole=True
        ),
        _scale("PGA", "Patient’s global assessment", "low", "0", "100", "Pham 2004, Osteoarthritis Cartilage 12:389"),
        _scale("KL", "Kellgren–Lawrence grade", "low", "0", "4", "Kellgren 1957, Ann Rheum Dis 16:494", whole=True),
        _scale("KOOS", _KOOS_TITLE, "high", "0", "100", "Roos, KOOS User’s Guide 1.1, 2012"),
        _scale("KSS", "Knee Society Score", "high", "0", "200", "Insall 1989, Clin Orthop 248:13"),
        _measured("T2", "MRI T2 of cartilage", "low", ("ms",), "Mosher 2004, Semin Musculoskelet Radiol 8:355"),
        _measured("COMP", "Cartilage oligomeric matrix protein", "low", ("ng/mL", "U/L"), _BIOMARKERS),
        _measured("CTX-II", "C-telopeptide of collagen II, urine", "low", ("ng/mmol",), _BIOMARKERS),
        _measured(
            "hs-CRP", "C-reactive protein, high sensitivity", "low", ("mg/L",), "Pearson 2003, Circulation 107:499"
        ),
        _measured("MMP-3", "Matrix metalloproteinase 3", "low", ("ng/mL",), _BIOMARKERS),
        _measured("TGF-β1", "Transforming growth factor β1", None, ("pg/mL", "ng/mL"), _BIOMARKERS),
    )
}


def scaled(value: Fraction, low: str | None, high: str | None, best: Best | None) -> Fraction | None:
    """0–100 with 0 best, exact, or None where the source reports no range or nobody knows which end is good: nothing is guessed (R50).

    Judged by this alone: rounded, 30 of 68 that falls to 15 is no longer half.
    """
    if best is None or low is None or high is None or Fraction(high) <= Fraction(low):
        return None
    share = (value - Fraction(low)) / (Fraction(high) - Fraction(low)) * 100
    return share if best == "low" else 100 - share


def shown(value: Fraction) -> Decimal:
    """To a tenth, to be read. Nothing is judged by it."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.1"))


def normalised(one: Said, best: Best | None) -> Decimal | None:
    """0–100 with 0 best as it is read, or None (`scaled`)."""
    made = scaled(exactly(one), one.low, one.high, best)
    return None if made is None else shown(made)


class Missing(StrEnum):
    """Why a score cannot be evaluated."""

    NO_BASELINE = "no_baseline"
    NO_VALUE = "no_value"
    UNDECIDED = "undecided"
    NO_RANGE = "no_range"


class Said(Protocol):
    """A value as one source gives it, with the range that it reports. `exact`: a fraction, where `raw` is rounded."""

    @property
    def raw(self) -> str: ...
    @property
    def exact(self) -> str | None: ...
    @property
    def low(self) -> str | None: ...
    @property
    def high(self) -> str | None: ...


def exactly(one: Said) -> Fraction:
    return Fraction(one.exact or one.raw)


def evaluated(instrument: str, told: Sequence[Said]) -> Fraction | Missing:
    """0–100 with 0 best, exact, of what sources say of one moment, where they agree; its range from whichever reports one (R50).

    Where one was adjudicated, that one alone is told.
    """
    if not told:
        return Missing.NO_VALUE
    if len({Decimal(one.raw) for one in told}) > 1:
        return Missing.UNDECIDED
    known = INSTRUMENTS.get(instrument)
    if known is None or known.units:
        return Missing.NO_RANGE
    exact = {exactly(one) for one in told if one.exact} or {Fraction(told[0].raw)}
    found = {scaled(value, one.low, one.high, known.best) for one in told for value in exact} - {None}
    if len(found) > 1:
        return Missing.UNDECIDED
    return next((one for one in found if one is not None), Missing.NO_RANGE)
