"""Which of several values of one moment counts: they agree, or somebody weighed them and took one to be right (MODEL.md, decision 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Protocol, TypeVar

from traceability.domain.instruments import Missing, Said, evaluated


class Counts(StrEnum):
    """`beside`: another value of the same moment was taken to be right; `undecided`: sources differ, and nobody has chosen."""

    COUNTS = "counts"
    BESIDE = "beside"
    UNDECIDED = "undecided"


class Known(Said, Protocol):
    """A value that can be weighed: it has an id."""

    @property
    def id(self) -> str: ...


K = TypeVar("K", bound=Known)


def counts_of(instrument: str, told: Sequence[Known], chosen: Mapping[str, str]) -> list[Counts]:
    """Of each value whether it counts. `chosen`: of each that was weighed, the one that was taken to be right.

    What was told beside them and never weighed agrees with that one, or nothing counts until it is weighed too.
    """
    standing = _standing(told, chosen)
    if evaluated(instrument, standing) is Missing.UNDECIDED:
        return [Counts.UNDECIDED] * len(told)
    beside = (evaluated(instrument, [*standing, one]) is Missing.UNDECIDED for one in told)
    return [Counts.BESIDE if differs else Counts.COUNTS for differs in beside]


def judged(instrument: str, told: Sequence[Known], chosen: Mapping[str, str]) -> Fraction | Missing:
    """0–100 with 0 best, exact, of what counts; or why there is none."""
    return evaluated(instrument, _standing(told, chosen))


def _standing(told: Sequence[K], chosen: Mapping[str, str]) -> Sequence[K]:
    """What was taken to be right, and whatever nobody weighed; without a choice all of it."""
    here = {one.id for one in told}
    weighed = {one.id: chosen[one.id] for one in told if chosen.get(one.id) in here}
    right = set(weighed.values())
    return [one for one in told if one.id in right or one.id not in weighed]
