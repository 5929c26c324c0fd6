"""By when an event goes to the authority: from what was told, what was judged and what was reported (R53)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from traceability.domain.harm import (
    Causality,
    Clock,
    EventOutcome,
    Expectedness,
    Expedited,
    Judged,
    Onward,
    Owed,
    ReportedTo,
    SeriousBecause,
    Telling,
    owed,
    that_counts,
)

FIRST = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
LATER = datetime(2026, 4, 21, 2, 0, tzinfo=UTC)
UNLIKELY, POSSIBLE = Causality.UNLIKELY, Causality.POSSIBLE
EXPECTED, UNEXPECTED = Expectedness.EXPECTED, Expectedness.UNEXPECTED
SWOLLEN = Telling(1, FIRST, grade=3, serious=True)
DIED = Telling(2, LATER, grade=5, outcome=EventOutcome.FATAL)


def due(
    *told: Telling, judged: tuple[Judged, ...] = (), reports: tuple[Onward, ...] = (), own: tuple[Clock, ...] = ()
) -> list[tuple[str, date, date | None]]:
    found: tuple[Owed, ...] = owed(told, judged, reports, own, datetime.date)
    return [(str(one.clock.kind), one.due_on, one.answered) for one in found]


def test_serious_harm_that_nobody_judged_is_due_in_fifteen_days_and_danger_of_life_in_seven_with_eight_more() -> None:
    assert due(SWOLLEN) == [("serious", date(2026, 4, 16), None)]
    for grave in (
        Telling(1, FIRST, grade=4),
        Telling(1, FIRST, outcome=EventOutcome.FATAL),
        Telling(1, FIRST, because=frozenset({SeriousBecause.LIFE_THREATENING})),
    ):
        assert due(grave) == [("fatal", date(2026, 4, 8), None), ("complete", date(2026, 4, 16), None)]
    assert (
        due(Telling(1, FIRST, grade=3))
        == due(Telling(1, FIRST, grade=4, serious=False))
        == due(Telling(1, FIRST))
        == []
    )


def test_only_where_everybody_calls_it_unlikely_or_expected_nothing_is_owed() -> None:
    mine, makers = Judged(1, "physician", UNLIKELY, UNEXPECTED), Judged(1, "maker", POSSIBLE, EXPECTED)
    assert due(SWOLLEN, judged=(mine,)) == []
    assert len(due(SWOLLEN, judged=(mine, makers))) == 1  # related by the maker's word, unexpected by the physician's
    assert (
        due(SWOLLEN, judged=(mine, makers, Judged(1, "physician", POSSIBLE, EXPECTED))) == []
    )  # the last word of each
    for causality in set(Causality) - {UNLIKELY}:
        assert len(due(SWOLLEN, judged=(Judged(1, "physician", causality, Expectedness.UNKNOWN),))) == 1


def test_what_was_judged_of_less_frees_nothing_once_more_is_known() -> None:
    before = Judged(1, "physician", UNLIKELY, EXPECTED)
    assert due(SWOLLEN, judged=(before,)) == []
    died = [("fatal", date(2026, 4, 28), None), ("complete", date(2026, 5, 6), None)]
    assert due(SWOLLEN, DIED, judged=(before,)) == died
    assert due(SWOLLEN, DIED, judged=(before, Judged(2, "physician", UNLIKELY, UNEXPECTED))) == []


def test_a_report_answers_what_was_known_when_it_was_made_and_not_what_came_after() -> None:
    def to(version: int, day: int, *, whole: bool = False, whom: ReportedTo = ReportedTo.AUTHORITY) -> Onward:
        return Onward(version, whom, date(2026, 4, day), whole)

    assert due(SWOLLEN, reports=(to(1, 9), to(1, 5))) == [("serious", date(2026, 4, 16), date(2026, 4, 5))]
    assert due(SWOLLEN, reports=(to(1, 9, whom=ReportedTo.MAKER),))[0][2] is None
    first, whole = due(SWOLLEN, DIED, reports=(to(1, 9, whole=True), to(2, 23)))
    assert (first[2], whole[2]) == (date(2026, 4, 23), None)
    first, whole = due(SWOLLEN, DIED, reports=(to(2, 23), to(2, 30, whole=True)))
    assert (first[2], whole[2]) == (date(2026, 4, 23), date(2026, 4, 30))


def test_a_house_sets_its_own_clock_and_what_it_knew_before_keeps_its_day() -> None:
    own = (Clock(Expedited.SERIOUS, 10, "order of the authority", date(2026, 4, 10)),)
    assert due(SWOLLEN, own=own) == [("serious", date(2026, 4, 16), None)]
    assert due(Telling(1, LATER, serious=True), own=own) == [("serious", date(2026, 5, 1), None)]


def test_told_again_as_less_it_stays_owed_until_a_physician_has_signed_a_word_on_it() -> None:
    pain = Telling(2, LATER, grade=1, serious=False)
    assert due(SWOLLEN, pain) == due(SWOLLEN)
    makers = Judged(2, "maker", UNLIKELY, EXPECTED, copied=True)
    assert due(SWOLLEN, pain, judged=(makers,)) == due(SWOLLEN)
    assert due(SWOLLEN, pain, judged=(Judged(2, "physician", POSSIBLE, UNEXPECTED),)) == []


def test_the_copied_word_of_the_maker_alone_frees_nothing() -> None:
    assert due(SWOLLEN, judged=(Judged(1, "maker", UNLIKELY, EXPECTED, copied=True),)) == due(SWOLLEN)


def test_a_death_is_news_where_danger_of_life_was_reported() -> None:
    danger = Telling(1, FIRST, because=frozenset({SeriousBecause.LIFE_THREATENING}))
    whole = Onward(1, ReportedTo.AUTHORITY, date(2026, 4, 1), True)
    assert [one[2] for one in due(danger, reports=(whole,))] == [date(2026, 4, 1)] * 2
    assert due(danger, DIED, reports=(whole,)) == [
        ("fatal", date(2026, 4, 28), None),
        ("complete", date(2026, 5, 6), None),
    ]


def test_serious_again_after_a_physician_signed_that_it_was_not_is_news_and_no_report_from_before_answers_it() -> None:
    pain = Telling(2, FIRST + timedelta(days=10), grade=2, serious=False)
    disabled = Telling(3, LATER, because=frozenset({SeriousBecause.DISABILITY}))
    reported = Onward(1, ReportedTo.AUTHORITY, date(2026, 4, 1), True)
    signed = Judged(2, "physician", POSSIBLE, Expectedness.UNKNOWN)
    assert due(SWOLLEN, pain, judged=(signed,), reports=(reported,)) == []
    assert due(SWOLLEN, pain, disabled, judged=(signed,), reports=(reported,)) == [("serious", date(2026, 5, 6), None)]
    # nobody signed that it was less: it never stopped being serious, and was reported
    for judged in (
        (),
        (Judged(1, "physician", POSSIBLE, UNEXPECTED),),
        (Judged(2, "maker", POSSIBLE, UNEXPECTED, copied=True),),
    ):
        assert due(SWOLLEN, pain, disabled, judged=judged, reports=(reported,)) == [
            ("serious", date(2026, 4, 16), date(2026, 4, 1))
        ]


def test_danger_of_life_again_after_it_was_signed_to_be_over_is_news_too() -> None:
    danger = frozenset({SeriousBecause.LIFE_THREATENING})
    told = (
        Telling(1, FIRST, because=danger),
        Telling(2, FIRST, grade=3, serious=True),
        Telling(3, LATER, because=danger),
    )
    reported = Onward(1, ReportedTo.AUTHORITY, date(2026, 4, 1), True)
    assert [one[2] for one in due(*told, reports=(reported,))] == [date(2026, 4, 1)] * 2
    signed = Judged(2, "physician", POSSIBLE, UNEXPECTED)
    assert due(*told[:2], judged=(signed,), reports=(reported,))[0][2] == date(2026, 4, 1)
    assert [one[1:] for one in due(*told, judged=(signed,), reports=(reported,))] == [
        (date(2026, 4, 28), None),
        (date(2026, 5, 6), None),
    ]


def test_a_report_of_milder_words_that_nobody_signed_answers_for_nothing_graver() -> None:
    def to_authority(version: int) -> Onward:
        return Onward(version, ReportedTo.AUTHORITY, date(2026, 4, 22), True)

    mild = Telling(2, LATER, grade=1, serious=False)
    in_hospital = Telling(2, LATER, because=frozenset({SeriousBecause.HOSPITALISATION}))
    danger = Telling(1, FIRST, because=frozenset({SeriousBecause.LIFE_THREATENING}))
    death = Telling(1, FIRST, grade=5, outcome=EventOutcome.FATAL)
    for told in ((death, mild), (death, replace(danger, version=2)), (danger, in_hospital), (SWOLLEN, mild)):
        assert {one[2] for one in due(*told, reports=(to_authority(2),))} == {None}
        assert {one[2] for one in due(*told, reports=(to_authority(2), to_authority(1)))} == {date(2026, 4, 22)}
        assert that_counts(told, ()) == told[0]
    # signed to be less, it is owed as what it is, and that was reported
    signed = Judged(2, "physician", POSSIBLE, UNEXPECTED)
    assert due(danger, in_hospital, judged=(signed,), reports=(to_authority(2),)) == [
        ("serious", date(2026, 4, 16), date(2026, 4, 22))
    ]
    assert that_counts((danger, in_hospital), (signed,)) == in_hospital
