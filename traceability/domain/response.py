"""Whether somebody responded, by OMERACT-OARSI, and whether a change matters, by published thresholds (R52).

"Not evaluable" is an answer: what a source does not report is never taken to have gone well or badly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

SOURCE = "Pham et al., Osteoarthritis and Cartilage 2004;12:389"


@dataclass(frozen=True, slots=True)
class Change:
    """A score before and after, 0–100 with 0 best, exact: a limit that is reached to the very item is reached. None: not reported."""

    before: Fraction | None
    after: Fraction | None

    @property
    def known(self) -> bool:
        return self.before is not None and self.after is not None

    def improved(self, relative: int, absolute: int) -> bool | None:
        """By at least so many per cent of before and so many points; None where either is not reported.

        From 0 nothing improves: there is nothing to take a share of.
        """
        if self.before is None or self.after is None:
            return None
        points = self.before - self.after
        return points >= absolute and points * 100 >= relative * self.before > 0


def responder(pain: Change, function: Change, general: Change) -> bool | None:
    """OMERACT-OARSI: pain or function better by 50 % and 20 points; else two of three by 20 % and 10 points.

    `general`: the patient's own global assessment. None: what is not reported could turn the answer.
    """
    if pain.improved(50, 20) or function.improved(50, 20):
        return True
    lesser = [one.improved(20, 10) for one in (pain, function, general)]
    if lesser.count(True) >= 2:
        return True
    open_high = any(not one.known for one in (pain, function))
    return None if open_high or lesser.count(True) + lesser.count(None) >= 2 else False


@dataclass(frozen=True, slots=True)
class Matters:
    """From which improvement on somebody notices it, and who found that. `relative`: in per cent of before, else in points of 100.

    Between `low` and `high` the source leaves it open.
    """

    instrument: str
    low: Decimal
    high: Decimal
    relative: bool
    source: str

    def met(self, change: Change) -> bool | None:
        """None where it is not reported, or where the source leaves it open."""
        if change.before is None or change.after is None:
            return None
        points = change.before - change.after
        if self.relative and change.before == 0:
            return False
        reached = points * 100 / change.before if self.relative else points
        return True if reached >= Fraction(self.high) else None if reached >= Fraction(self.low) else False


MATTERS = (
    Matters(
        "VAS", Decimal("17.5"), Decimal("17.5"), False, "1.75 cm of 10: recommended for research, PMC7990728, table 1"
    ),
    Matters(
        "VAS", Decimal("19.9"), Decimal("19.9"), False, "Tubach et al., Ann Rheum Dis 2005;64:29, pain in the knee"
    ),
    Matters("WOMAC", Decimal(12), Decimal(12), True, "12 % of before: recommended for research, PMC7990728, table 1"),
    Matters("WOMAC", Decimal(17), Decimal(22), True, "Angst et al., J Rheumatol 2002;29:131, 17 to 22 % of before"),
)
"""Several stand beside each other: none is the right one for every series."""

Kind = tuple[str, str | None]
"""An instrument and its subscale; None: its total."""
PAIN: tuple[Kind, ...] = (("VAS", None), ("NRS", None), ("WOMAC", "pain"), ("KOOS", "pain"))
FUNCTION: tuple[Kind, ...] = (("WOMAC", "function"), ("KOOS", "function"))
GENERAL: tuple[Kind, ...] = (("PGA", None),)
"""What stands for each part of OMERACT-OARSI: the first that is known before and after."""


@dataclass(frozen=True, slots=True)
class Became:
    """Who responded, and which change mattered by which source. None: not evaluable."""

    responded: bool | None
    matters: tuple[tuple[Matters, bool | None], ...]


def became(changes: Mapping[Kind, Change]) -> Became:
    """One knee at one visit against before, by every instrument that was used."""

    def first(kinds: tuple[Kind, ...]) -> Change:
        known = (changes[kind] for kind in kinds if kind in changes and changes[kind].known)
        return next(known, Change(None, None))

    told = tuple((one, one.met(first(((one.instrument, None),)))) for one in MATTERS)
    return Became(responder(first(PAIN), first(FUNCTION), first(GENERAL)), told)
