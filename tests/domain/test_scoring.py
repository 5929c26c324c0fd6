"""Questionnaires by item, at every boundary of their missing-item rules; who responded; which change matters (R50–R52)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.errors import Refused
from traceability.domain.instruments import INSTRUMENTS
from traceability.domain.response import MATTERS, Change, responder
from traceability.domain.scoring import TOTAL, VERSIONS, Version, scored

LIKERT, KOOS = VERSIONS["WOMAC", "Likert 3.1"], VERSIONS["KOOS", "LK 1.0"]
ZERO = Decimal(0)


def answers(version: Version, **missing: int) -> list[Decimal | None]:
    """Every item answered with 2, but the last so many of these subscales."""
    made: list[Decimal | None] = []
    for part in version.subscales:
        gone = missing.get(part.name, 0)
        made += [Decimal(2)] * (part.items - gone) + [None] * gone
    return made


def values(version: Version, **missing: int) -> dict[str, str | None]:
    told = scored(version, answers(version, **missing))
    return {name: f"{one.value}" if one.value is not None else None for name, one in told.items()}


@pytest.mark.parametrize(
    ("name", "spans"),
    [
        ("Likert 3.1", {"pain": 20, "stiffness": 8, "function": 68, "total": 96}),
        ("NRS 3.1", {"pain": 50, "stiffness": 20, "function": 170, "total": 240}),
        ("VAS 3.1", {"pain": 500, "stiffness": 200, "function": 1700, "total": 2400}),
    ],
)
def test_every_womac_has_the_range_of_its_version(name: str, spans: dict[str, int]) -> None:
    version = VERSIONS["WOMAC", name]
    told = scored(version, [version.high] * 24)
    assert {one: (made.low, made.high, made.value) for one, made in told.items()} == {
        one: (0, most, most) for one, most in spans.items()
    }
    assert {one: made.value for one, made in scored(version, [ZERO] * 24).items()} == dict.fromkeys(spans, 0)


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({}, {"pain": "10", "stiffness": "4", "function": "34", "total": "48"}),
        ({"pain": 1}, {"pain": "10", "stiffness": "4", "function": "34", "total": "48"}),
        ({"pain": 2}, {"pain": None, "stiffness": "4", "function": "34", "total": None}),
        ({"stiffness": 1}, {"pain": "10", "stiffness": "4", "function": "34", "total": "48"}),
        ({"stiffness": 2}, {"pain": "10", "stiffness": None, "function": "34", "total": None}),
        ({"function": 3}, {"pain": "10", "stiffness": "4", "function": "34", "total": "48"}),
        ({"function": 4}, {"pain": "10", "stiffness": "4", "function": None, "total": None}),
    ],
)
def test_womac_stands_in_for_as_many_items_as_its_guide_allows_and_for_no_more(
    missing: dict[str, int], told: dict[str, str | None]
) -> None:
    assert values(LIKERT, **missing) == told


def test_what_stands_in_is_the_mean_of_what_was_answered() -> None:
    given_ = answers(LIKERT)
    given_[7:10] = [None, None, None]
    given_[10:24] = [Decimal(n % 5) for n in range(14)]  # 26 in 14 items
    assert scored(LIKERT, given_)["function"].value == Decimal("31.57")  # 26 / 14 × 17
    assert scored(LIKERT, given_)[TOTAL].value == Decimal("45.57")
    assert scored(LIKERT, given_)[TOTAL].missing == 3


@pytest.mark.parametrize(
    ("part", "most"), [("symptoms", 3), ("pain", 4), ("function", 8), ("sport", 2), ("quality_of_life", 2)]
)
def test_koos_needs_half_of_a_subscale_has_no_total_and_is_best_at_a_hundred(part: str, most: int) -> None:
    assert values(KOOS, **{part: most})[part] == "50"
    assert values(KOOS, **{part: most + 1})[part] is None
    assert TOTAL not in values(KOOS)
    assert {one.value for one in scored(KOOS, [ZERO] * 42).values()} == {100}
    assert {one.value for one in scored(KOOS, [Decimal(4)] * 42).values()} == {0}


@pytest.mark.parametrize(
    ("version", "told", "code"),
    [
        (LIKERT, [ZERO] * 23, "form_incomplete"),
        (LIKERT, [Decimal(5), *[ZERO] * 23], "score_out_of_range"),
        (LIKERT, [Decimal(-1), *[ZERO] * 23], "score_out_of_range"),
        (LIKERT, [Decimal("1.5"), *[ZERO] * 23], "score_not_whole"),
    ],
)
def test_what_the_form_does_not_offer_is_refused(version: Version, told: list[Decimal | None], code: str) -> None:
    with pytest.raises(Refused, match=code):
        scored(version, told)
    assert scored(VERSIONS["WOMAC", "VAS 3.1"], [Decimal("1.5"), *[ZERO] * 23])["pain"].value == Decimal("1.5")


@pytest.mark.parametrize("name", ["VAS", "NRS", "PGA"])
def test_one_question_alone_is_its_own_score_over_the_range_of_its_instrument(name: str) -> None:
    (version,) = [one for one in VERSIONS.values() if one.instrument == name]
    known = INSTRUMENTS[name]
    assert (version.low, version.high, version.whole, version.alone) == (known.low, known.high, known.whole, True)
    made = scored(version, [Decimal(3)])
    assert {part: (one.value, one.low, one.high) for part, one in made.items()} == {TOTAL: (3, known.low, known.high)}
    assert scored(version, [None])[TOTAL].value is None


@given(st.lists(st.none() | st.integers(0, 4).map(Decimal), min_size=24, max_size=24))
def test_a_score_lies_in_its_range_or_there_is_none(told: list[Decimal | None]) -> None:
    made = scored(LIKERT, told)
    assert all(one.value is None or one.low <= one.value <= one.high for one in made.values())
    assert (made[TOTAL].value is None) == any(made[part.name].value is None for part in LIKERT.subscales)


# ------------------------------------------------------------------------------------------------------------ responders


def of(before: float | None, after: float | None) -> Change:
    return Change(*(None if one is None else Decimal(str(one)) for one in (before, after)))


UNKNOWN = of(None, None)


@pytest.mark.parametrize(
    ("pain", "function", "general", "told"),
    [
        # the published case: pain 70 → 30, nothing but a total of WOMAC, no global assessment
        (of(70, 30), UNKNOWN, UNKNOWN, True),
        # high: by half and by twenty points, both at the very limit, and just not
        (of(40, 20), of(50, 50), of(50, 50), True),
        (of(40, 20.1), of(50, 50), of(50, 50), False),
        (of(38, 19), of(50, 50), of(50, 50), False),  # by half, but by 19 points
        (of(50, 50), of(60, 30), of(50, 50), True),
        (of(50, 50), of(50, 50), of(80, 0), False),  # the global assessment alone makes nobody a responder
        # two of three, by a fifth and by ten points
        (of(50, 40), of(50, 40), of(50, 50), True),
        (of(50, 40), of(50, 50), of(50, 40), True),
        (of(50, 50), of(50, 40), of(50, 40), True),
        (of(50, 40), of(50, 50), of(50, 50), False),
        (of(50, 40.1), of(50, 40), of(50, 50), False),
        (of(60, 50), of(50, 40), of(50, 50), False),  # ten points of sixty are less than a fifth
        # what is not reported could turn it, or could not
        (of(50, 40), UNKNOWN, of(50, 50), None),
        (of(50, 40), of(50, 50), UNKNOWN, None),
        (of(50, 50), of(50, 50), UNKNOWN, False),
        (of(50, 40), of(50, 40), UNKNOWN, True),
        (UNKNOWN, UNKNOWN, UNKNOWN, None),
        (of(50, None), of(50, 50), of(50, 50), None),
        # from nothing nothing improves
        (of(0, 0), of(0, 0), of(0, 0), False),
        # worse
        (of(30, 70), of(30, 70), of(30, 70), False),
    ],
)
def test_who_responded_by_omeract_oarsi(pain: Change, function: Change, general: Change, told: bool | None) -> None:
    assert responder(pain, function, general) is told


parts = st.none() | st.integers(0, 100)
changes = st.builds(of, parts, parts)


@given(changes, changes, changes, changes)
def test_an_answer_that_was_given_is_turned_by_nothing_that_is_reported_later(
    pain: Change, function: Change, general: Change, later: Change
) -> None:
    told = responder(pain, function, general)
    if told is not None:
        for asked in ((later, function, general), (pain, later, general), (pain, function, later)):
            filled = [
                mine if mine.known else theirs for mine, theirs in zip((pain, function, general), asked, strict=True)
            ]
            assert responder(*filled) is told


@pytest.mark.parametrize(
    ("source", "change", "told"),
    [
        ("1.75 cm", of(70, 52.5), True),
        ("1.75 cm", of(70, 52.6), False),
        ("Tubach", of(70, 50.1), True),
        ("Tubach", of(70, 50.2), False),
        ("12 %", of(50, 44), True),
        ("12 %", of(50, 44.1), False),
        ("Angst", of(50, 41.5), None),  # 17 %: the source leaves it open
        ("Angst", of(50, 41.6), False),
        ("Angst", of(50, 39), True),
        ("Angst", of(0, 0), False),
        ("Angst", of(50, None), None),
    ],
)
def test_a_change_matters_by_the_threshold_of_its_source(source: str, change: Change, told: bool | None) -> None:
    (threshold,) = [one for one in MATTERS if source in one.source]
    assert threshold.met(change) is told
