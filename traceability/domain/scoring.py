"""Questionnaires scored item by item, each by its published rule (R50, R51): what is missing is never guessed beyond that rule.

No item texts stand here: they are their owners'. Items are counted, in the order of the published form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from traceability.domain.errors import Refused
from traceability.domain.instruments import INSTRUMENTS

TOTAL = "total"
Made = Literal["sum", "percent"]
"""`sum`: of the items, as WOMAC. `percent`: 100 − the mean in per cent of the worst answer, as KOOS: 100 is best."""


@dataclass(frozen=True, slots=True)
class Subscale:
    """So many items, of which so many may be missing; the mean of the others then stands for each."""

    name: str
    items: int
    may_miss: int


@dataclass(frozen=True, slots=True)
class Version:
    """One published version of an instrument: how it is answered, how it is scored, and where that is written."""

    instrument: str
    name: str
    low: Decimal
    high: Decimal
    whole: bool
    made: Made
    subscales: tuple[Subscale, ...]
    has_total: bool
    source: str

    @property
    def items(self) -> int:
        return sum(one.items for one in self.subscales)

    @property
    def alone(self) -> bool:
        """One item, which is the score."""
        return self.items == 1

    @property
    def on_a_line(self) -> bool:
        """Answered by a mark on a line of 100 mm, in mm from its left end; else by choosing one of the whole numbers."""
        return not self.whole

    def span(self, subscale: str) -> tuple[Decimal, Decimal]:
        """The least and the most that a score of this subscale, or of the total, can be."""
        if self.made == "percent":
            return Decimal(0), Decimal(100)
        items = self.items if subscale == TOTAL else next(one.items for one in self.subscales if one.name == subscale)
        return self.low * items, self.high * items


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, or None where too much is missing: not evaluable. `missing`: how many items were not answered.

    `exact`: what `value` is rounded from, to two decimals.
    """

    exact: Fraction | None
    missing: int
    low: Decimal
    high: Decimal

    @property
    def value(self) -> Decimal | None:
        return None if self.exact is None else _round(self.exact)

    @property
    def rounded(self) -> bool:
        return self.exact is not None and self.exact != Fraction(_round(self.exact))


_WOMAC = (Subscale("pain", 5, 1), Subscale("stiffness", 2, 1), Subscale("function", 17, 3))
"""User Guide X: invalid from two missing of pain, two of stiffness, four of function."""
_KOOS = (
    Subscale("symptoms", 7, 3),
    Subscale("pain", 9, 4),
    Subscale("function", 17, 8),
    Subscale("sport", 5, 2),
    Subscale("quality_of_life", 4, 2),
)
"""User's Guide 1.1 (2012): a subscale of which at least half is answered."""
_ALONE = (Subscale(TOTAL, 1, 0),)
_BY_WOMAC, _BY_KOOS = "Bellamy, WOMAC User Guide X", "Roos, KOOS User’s Guide 1.1, 2012"


def _version(instrument: str, name: str, high: int, whole: bool, made: Made, source: str) -> Version:
    womac = instrument == "WOMAC"
    return Version(instrument, name, Decimal(0), Decimal(high), whole, made, _WOMAC if womac else _KOOS, womac, source)


def _alone(instrument: str, name: str, high: int, whole: bool) -> Version:
    """One question, kept as it is answered; its source is that of the instrument."""
    return Version(
        instrument, name, Decimal(0), Decimal(high), whole, "sum", _ALONE, False, INSTRUMENTS[instrument].source
    )


VERSIONS: Mapping[tuple[str, str], Version] = MappingProxyType(
    {
        (one.instrument, one.name): one
        for one in (
            _alone("VAS", "100 mm", 100, whole=False),
            _alone("NRS", "0–10", 10, whole=True),
            _alone("PGA", "100 mm", 100, whole=False),
            _version("WOMAC", "Likert 3.1", 4, True, "sum", _BY_WOMAC),
            _version("WOMAC", "NRS 3.1", 10, True, "sum", _BY_WOMAC),
            _version("WOMAC", "VAS 3.1", 100, False, "sum", _BY_WOMAC),
            _version("KOOS", "LK 1.0", 4, True, "percent", _BY_KOOS),
        )
    }
)


PARTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        name: frozenset(
            part.name
            for one in VERSIONS.values()
            if one.instrument == name
            for part in one.subscales
            if part.name != TOTAL
        )
        for name in {one.instrument for one in VERSIONS.values()}
    }
)
"""The subscales that are known here, by instrument: what a score is evaluated by."""
_TOTALS = frozenset({"", TOTAL, "total score", "score total", "skor total", "total skor", "jumlah", "none"})
_CALLED = {
    # as tables and guides write them, in English and Indonesian
    "nyeri": "pain", "stiff": "stiffness", "kekakuan": "stiffness", "kaku": "stiffness", "symptom": "symptoms", "gejala": "symptoms",
    **dict.fromkeys(("physical function", "adl", "daily living", "activities of daily living", "fungsi", "fungsi fisik"), "function"),
    **dict.fromkeys(("sports", "sport rec", "sport and recreation", "sports and recreation", "olahraga"), "sport"),
    **dict.fromkeys(("qol", "quality of life", "kualitas hidup"), "quality_of_life"),
}  # fmt: skip


def part_of(instrument: str, told: str) -> str | None:
    """The subscale that is meant, by the name it has here; None: the total. One that is not known stays as its source calls it."""
    plain = re.sub(r"[\s_./&-]+", " ", told).strip().casefold()
    if plain in _TOTALS:
        return None
    name = _CALLED.get(plain, plain)
    return name if name in PARTS.get(instrument, ()) else told.strip()


def scored(version: Version, answers: Sequence[Decimal | None]) -> dict[str, Scored]:
    """Every subscale in its order, and the total where the instrument has one; None among the answers: not answered.

    Raise Refused `form_incomplete` where there is not one place for each item, `score_out_of_range` or `score_not_whole` for an
    answer that the form does not offer.
    """
    if len(answers) != version.items:
        raise Refused("form_incomplete", items=version.items, answers=len(answers))
    for one in answers:
        if one is not None and not version.low <= one <= version.high:
            raise Refused("score_out_of_range", low=f"{version.low:f}", high=f"{version.high:f}")
        if one is not None and version.whole and one != one.to_integral_value():
            raise Refused(
                "score_not_whole", instrument=version.instrument, low=f"{version.low:f}", high=f"{version.high:f}"
            )
    told: dict[str, Scored] = {}
    sums: list[Fraction | None] = []
    begin = 0
    for part in version.subscales:
        given = [one for one in answers[begin : begin + part.items] if one is not None]
        begin += part.items
        missing = part.items - len(given)
        mean = Fraction(sum(given, Decimal(0))) / len(given) if given and missing <= part.may_miss else None
        sums.append(mean * part.items if mean is not None else None)
        told[part.name] = Scored(_value(version, mean, part.items), missing, *version.span(part.name))
    if version.has_total:
        whole = [one for one in sums if one is not None]
        value = sum(whole, Fraction(0)) if len(whole) == len(sums) else None
        told[TOTAL] = Scored(value, sum(one.missing for one in told.values()), *version.span(TOTAL))
    return told


def _value(version: Version, mean: Fraction | None, items: int) -> Fraction | None:
    if mean is None:
        return None
    return mean * items if version.made == "sum" else 100 - mean * 100 / Fraction(version.high)


def _round(value: Fraction) -> Decimal:
    """Two decimals, half up: a sum with a mean in it is no whole number."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP).normalize() + Decimal(0)
