"""Harm that is told, told again with more, judged by two, and reported onward before its day is over (R53)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import RIGHT, both, cases, clean, closed, count, reading, refusal, report, rows, today
from traceability.domain.errors import NotFound
from traceability.domain.harm import (
    Causality,
    EventOutcome,
    Expectedness,
    Expedited,
    ReportedTo,
    SeriousBecause,
)
from traceability.domain.people import Meaning
from traceability.services import clocks, closing, doses, due, eventbook, events, trace, worklist
from traceability.store import Call, Source
from traceability.store.tables.outcomes import Asked
from traceability.words import sentence

BROCHURE = "Investigator’s brochure, 3"


def told(clinic: Clinic, **more: Any) -> str:
    given = {"description": "septic joint", "grade": 3, "serious": True, **more}
    return clinic.do(events.record, clinic.PHYSICIAN, clinic.ids["subject"], Asked.YES, **given).id


def judged(clinic: Clinic, event: str, causality: Causality, expectedness: Expectedness) -> None:
    signed = (clinic.sign("santosa", Meaning.DECIDED),)
    clinic.do(events.assess, clinic.PHYSICIAN, event, causality, expectedness, reference=BROCHURE, signed=signed)


def copied(clinic: Clinic, event: str, causality: Causality, expectedness: Expectedness) -> None:
    signed = (clinic.sign("maharani", Meaning.RECORDED),)
    clinic.do(
        events.copy_assessment, clinic.QUALITY, event, causality, expectedness, "T. Wijaya", reference=BROCHURE, signed=signed
    )  # fmt: skip


def reported(clinic: Clinic, event: str, to: ReportedTo = ReportedTo.AUTHORITY, **more: Any) -> None:
    clinic.do(events.report, clinic.QUALITY, event, to, more.pop("on", today(clinic)), **more)


def standing(clinic: Clinic, event: str) -> Any:
    return reading(clinic, lambda view: eventbook.detail(view, event), clinic.PHYSICIAN).standing


def owed(clinic: Clinic, event: str) -> list[tuple[str, date, date | None]]:
    return [(str(one.clock.kind), one.due_on, one.answered) for one in standing(clinic, event).owed]


def test_an_event_is_told_again_judged_by_two_and_reported_and_every_word_of_it_stays(released: Clinic) -> None:
    clinic = released
    course, subject = clinic.course(), clinic.ids["subject"]
    given = clinic.do(
        doses.give, clinic.PHYSICIAN, subject, RIGHT, [clinic.code(clinic.vial("H3K001"))], 3000, 0, signed=both(clinic)
    )  # fmt: skip
    day = today(clinic)
    event = told(clinic, course_id=course, administration_id=given.id, onset_on=day, term="Joint infection")
    assert owed(clinic, event) == [("serious", day + timedelta(days=15), None)]

    # a word that frees, and one of the maker that does not: the graver counts
    judged(clinic, event, Causality.UNLIKELY, Expectedness.UNEXPECTED)
    assert owed(clinic, event) == []
    copied(clinic, event, Causality.POSSIBLE, Expectedness.EXPECTED)
    assert owed(clinic, event) == [("serious", day + timedelta(days=15), None)]
    reported(clinic, event, number="AE-17", receiver="BPOM")
    assert owed(clinic, event) == [("serious", day + timedelta(days=15), day)]

    # it turns out worse: a clock of its own from that day, the same case, and the first telling stays as it was
    clinic.clock.tick(days=20)
    later = today(clinic)
    worse = {
        "grade": 4,
        "criteria": [SeriousBecause.LIFE_THREATENING],
        "outcome": EventOutcome.RECOVERING,
        "course_id": course,
    }
    again = told(clinic, follows_id=event, administration_id=given.id, onset_on=day, **worse)
    assert owed(clinic, again) == [
        ("fatal", later + timedelta(days=7), None),
        ("complete", later + timedelta(days=15), None),
    ]
    found = reading(clinic, lambda view: eventbook.detail(view, again), clinic.PHYSICIAN)
    assert [(one.version, one.grade, one.number) for one in found.tellings] == [(1, 3, "E-1"), (2, 4, None)]
    assert count(clinic, "cases", "kind = 'adverse_event'") == 1
    assert found.case.id == found.tellings[0].case_id == found.tellings[1].case_id
    assert [lot.number for lot in found.lots] == ["UC26-H3"]
    reported(
        clinic, event, on=later - timedelta(days=1), complete=True
    )  # entered now, and made before anybody knew that
    assert [answered for _kind, _due, answered in owed(clinic, event)] == [None, None]
    reported(clinic, event, telling_id=again)
    reported(clinic, event, telling_id=again, complete=True)
    assert [answered for _kind, _due, answered in owed(clinic, event)] == [later, later]

    # whoever counts or traces it meets it once, as it was told last
    (one,) = reading(clinic, lambda view: trace.of_subject(view, subject), clinic.PHYSICIAN)["outcomes"][subject][
        "events"
    ]
    assert (one["id"], one["grade"]) == (event, 4)
    clean(clinic)


def test_a_report_of_the_morning_does_not_answer_for_the_death_of_the_evening(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    event = told(clinic, grade=4, criteria=[SeriousBecause.LIFE_THREATENING])
    day = today(clinic)
    clinic.clock.tick(hours=11)
    died = told(clinic, follows_id=event, grade=5, outcome=EventOutcome.FATAL, criteria=[SeriousBecause.DEATH])
    assert today(clinic) == day
    clinic.clock.tick(hours=14)
    reported(clinic, event, on=day, number="1")  # entered the next morning; nobody says what was in it
    seven, whole = day + timedelta(days=7), day + timedelta(days=15)
    assert owed(clinic, event) == [("fatal", seven, None), ("complete", whole, None)]
    reported(clinic, event, on=day, number="1", telling_id=event)
    assert owed(clinic, event)[0] == ("fatal", seven, None)
    reported(clinic, event, on=day, number="2", telling_id=died)
    assert owed(clinic, event) == [("fatal", seven, day), ("complete", whole, None)]
    found = reading(clinic, lambda view: eventbook.detail(view, event), clinic.PHYSICIAN)
    assert sorted(one.version for one in found.reports) == [1, 1, 2]

    other = told(clinic, description="rash", grade=1, serious=False)
    assert isinstance(refusal(lambda: reported(clinic, event, telling_id=other)), NotFound)
    clinic.clock.tick(days=1)
    later = told(clinic, follows_id=died, grade=5, outcome=EventOutcome.FATAL, criteria=[SeriousBecause.DEATH])
    assert refusal(lambda: reported(clinic, event, on=day, telling_id=later)).code == "reported_before_known"


def test_a_report_of_milder_words_that_no_physician_signed_answers_for_no_death(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    died = told(clinic, grade=5, outcome=EventOutcome.FATAL, criteria=[SeriousBecause.DEATH])
    seven, whole = (today(clinic) + timedelta(days=days) for days in (7, 15))
    clinic.clock.tick(days=1)
    mild = told(clinic, follows_id=died, description="mild swelling", grade=1, serious=False)
    clinic.clock.tick(days=1)
    day = today(clinic)
    reported(clinic, died, telling_id=mild, complete=True)
    assert owed(clinic, died) == [("fatal", seven, None), ("complete", whole, None)]
    stands = standing(clinic, died)
    assert (stands.now.id, stands.counts.id, stands.serious, stands.mortal) == (mild, died, True, True)
    # nobody says what was reported: it was the death, which is all that the house had to report
    reported(clinic, died, complete=True)
    assert owed(clinic, died) == [("fatal", seven, day), ("complete", whole, day)]
    found = reading(clinic, lambda view: eventbook.detail(view, died), clinic.PHYSICIAN)
    assert [one.version for one in found.reports] == [2, 1]
    # signed to be mild, it is owed to nobody, and what is reported then is what was told last
    clinic.clock.tick(days=1)
    judged(clinic, died, Causality.POSSIBLE, Expectedness.UNEXPECTED)
    assert (owed(clinic, died), standing(clinic, died).counts.id) == ([], mild)
    reported(clinic, died, ReportedTo.MAKER)
    found = reading(clinic, lambda view: eventbook.detail(view, died), clinic.PHYSICIAN)
    assert found.reports[-1].version == 2


def test_serious_again_after_it_was_signed_not_to_be_begins_a_clock_of_its_own(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    event = told(clinic, criteria=[SeriousBecause.HOSPITALISATION])
    reported(clinic, event, complete=True)
    clinic.clock.tick(days=10)
    less = told(clinic, follows_id=event, grade=2, serious=False)
    judged(clinic, event, Causality.POSSIBLE, Expectedness.UNKNOWN)
    assert owed(clinic, event) == []
    clinic.clock.tick(days=10)
    told(clinic, follows_id=less, criteria=[SeriousBecause.DISABILITY])
    assert owed(clinic, event) == [("serious", today(clinic) + timedelta(days=15), None)]
    assert [one.standing.next.due_on for one in reading(clinic, eventbook.listed)] == [
        today(clinic) + timedelta(days=15)
    ]


def test_nobody_tells_it_again_over_what_they_have_not_read_and_contradictions_are_asked_about(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    event = told(clinic)
    told(clinic, follows_id=event, grade=4)
    assert refusal(lambda: told(clinic, follows_id=event, grade=2)).code == "told_again_meanwhile"
    none = clinic.do(events.record, clinic.PHYSICIAN, clinic.ids["subject"], Asked.NONE).id
    other = told(clinic, description="rash", grade=1, serious=False)
    assert reading(clinic, lambda view: eventbook.detail(view, other), clinic.PHYSICIAN).standing.first.number == "E-2"
    day = today(clinic)
    for given, why in (
        ({"follows_id": none}, "nothing_to_follow"),
        ({"grade": 5, "serious": False}, "serious_contradicted"),
        ({"outcome": EventOutcome.FATAL, "serious": False}, "serious_contradicted"),
        ({"criteria": [SeriousBecause.OTHER], "serious": False}, "serious_contradicted"),
        ({"onset_on": day + timedelta(days=1)}, "occurred_in_future"),
        ({"onset_on": day, "ended_on": day - timedelta(days=1)}, "ended_before_onset"),
        ({"onset_on": day - timedelta(days=3), "onset_at": clinic.clock.now}, "onset_contradicted"),
        ({"age_y": 131}, "score_out_of_range"),
    ):
        assert refusal(lambda: told(clinic, **given)).code == why, given  # noqa: B023
    assert refusal(lambda: reported(clinic, event, on=day - timedelta(days=1))).code == "reported_before_known"
    assert refusal(lambda: judged(clinic, none, Causality.POSSIBLE, Expectedness.UNKNOWN)).code == "nothing_to_follow"
    assert count(clinic, "adverse_event") == 4


def test_the_clock_runs_from_when_the_house_heard_of_it_and_is_told_ahead_and_when_it_is_over(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    heard = clinic.clock.now
    clinic.clock.tick(days=3)
    call = Call(occurred_at=heard, source=Source.LATE)
    event = told(clinic, grade=4, serious=None, call=call)
    on = heard.date() + timedelta(days=7)
    assert owed(clinic, event)[0] == ("fatal", on, None)

    def steps() -> list[tuple[str, int | None]]:
        found = reading(clinic, due.events)
        return [(one.name, one.step) for one in found]

    def at_home() -> list[tuple[str, bool]]:
        found = reading(clinic, worklist.unreported, clinic.QUALITY)
        return [(one.code, one.values.get("late", False)) for one in found]

    assert (steps(), at_home()) == ([("E-1", 7)], [("unreported", False)])
    clinic.clock.tick(days=2)
    assert steps() == [("E-1", 2)]
    assert due.report(clinic.store) >= 1
    clinic.clock.tick(days=3)
    assert (steps(), at_home()) == ([("E-1", 0)], [("unreported", True)])
    due.report(clinic.store)
    told_of = rows(
        clinic, "SELECT step, cleared_at IS NULL FROM alarm WHERE kind = 'event_unreported' ORDER BY raised_at"
    )
    assert [tuple(one) for one in told_of] == [(2, False), (0, True)]
    reported(clinic, event, complete=True)
    assert (steps(), at_home()) == ([], [])
    due.report(clinic.store)
    assert count(clinic, "alarm", "kind = 'event_unreported' AND cleared_at IS NULL") == 0
    clean(clinic)


def test_harm_of_which_nobody_said_how_grave_it_is_asks(founded: Clinic) -> None:
    founded.course()
    told(founded, grade=None, serious=None)
    assert [one.code for one in reading(founded, worklist.unreported, founded.PHYSICIAN)] == ["ungraded"]


def test_what_is_looked_at_daily_is_every_event_that_owes_or_asks_and_no_other(founded: Clinic) -> None:
    """Serious by each way of saying so, at first or later; graded and light ones are not loaded."""
    clinic = founded
    clinic.subject()
    light: dict[str, Any] = {"grade": 2, "serious": None}
    ways: list[dict[str, Any]] = [
        {"grade": None, "serious": True}, {"grade": 4, "serious": None}, {"grade": 5, "serious": None},
        {"grade": 2, "serious": None, "outcome": EventOutcome.FATAL},
        {"grade": 2, "serious": True, "criteria": [SeriousBecause.HOSPITALISATION]}, {"grade": None, "serious": None},
    ]  # fmt: skip
    wanted = {told(clinic, **way) for way in ways}
    told(clinic, **light)
    told(clinic, grade=None, serious=False)
    turned = told(clinic, **light)
    told(clinic, follows_id=turned, grade=3, serious=True)
    house = clinic.ids["hospital"]
    found = reading(clinic, lambda view: (eventbook.owing(view)[house], eventbook.standings(view)))
    assert {one.first.id for one in found[0]} == wanted | {turned}
    assert [one for one in found[1] if one.next or one.serious is None] == [
        one for one in found[0] if one.next or one.serious is None
    ]
    assert len(found[1]) == len(found[0]) + 2


def test_a_house_signs_its_own_clock_for_reports(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    before = told(clinic)
    clinic.clock.tick(days=1)
    slow = refusal(
        lambda: clinic.do(clocks.of_event, clinic.QUALITY, Expedited.SERIOUS, 16, "ours", signed=signed, reason="x")
    )
    assert (slow.code, slow.values["days"]) == ("due_too_far", 15)  # stricter than the rule, never slower
    clinic.do(clocks.of_event, clinic.QUALITY, Expedited.SERIOUS, 10, "order 7/2026", signed=signed, reason="ordered")
    same_day = told(clinic)
    clinic.clock.tick(days=1)
    (one,) = [
        one for one in reading(clinic, clocks.in_force, clinic.QUALITY).events if one.expedited is Expedited.SERIOUS
    ]
    assert (one.days, one.word.source, one.word.signed_by) == (10, "order 7/2026", "R. Maharani")
    day = today(clinic)
    after = told(clinic)
    assert [owed(clinic, each)[0][1] for each in (before, same_day, after)] == [
        day + timedelta(days=13),
        day + timedelta(days=14),
        day + timedelta(days=10),
    ]


def test_another_house_neither_sees_nor_judges_nor_reports_it(founded: Clinic) -> None:
    founded.course()
    event, there = told(founded), elsewhere(founded)
    for tried in (
        lambda: reading(there, lambda view: eventbook.detail(view, event), there.PHYSICIAN),
        lambda: judged(there, event, Causality.UNLIKELY, Expectedness.EXPECTED),
        lambda: reported(there, event),
        lambda: told(there, follows_id=event),
    ):
        assert isinstance(refusal(tried), NotFound)
    assert reading(there, eventbook.listed, there.QUALITY) == []


def test_told_again_of_another_injection_its_lot_asks_as_well(released: Clinic) -> None:
    clinic = released
    clinic.course()
    other = clinic.released_lot("UC26-H4", 2)
    (second, third) = clinic.vials(other)
    first = report(clinic, [clinic.code(clinic.vial("H3K001"))]).id
    again = report(clinic, [clinic.code(second)]).id
    event = told(clinic, grade=4, serious=None, administration_id=first)
    told(clinic, grade=5, serious=None, administration_id=again, follows_id=event)
    assert clinic.scan(third.serial)[0] == "ask_qa"


def test_a_case_is_not_closed_while_the_authority_is_owed_a_report_of_its_event(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    heard = today(clinic)
    event = told(clinic, grade=4)
    (case,) = cases(clinic)
    no = refusal(
        lambda: clinic.do(
            closing.close, clinic.QUALITY2, case.id, signed=(clinic.sign("lestari", Meaning.DECIDED),), reason="x"
        )
    )
    assert [one.code for one in no.findings][-2:] == ["case_reported", "case_reported"], "among all the other reasons"
    assert [sentence(one.code, one.values) for one in no.findings[-2:]] == [
        "The authority is still owed a report of event E-1 by 8 Apr 2026: fatal or life threatening, first report.",
        "The authority is still owed a report of event E-1 by 16 Apr 2026: fatal or life threatening, whole report.",
    ]
    reported(clinic, event)
    no = refusal(lambda: closed(clinic, case.id, "an infection of the skin"))
    assert [(one.code, one.values["due"]) for one in no.findings] == [("case_reported", heard + timedelta(days=15))]
    reported(clinic, event, complete=True)
    closed(clinic, case.id, "an infection of the skin")

    # told again as nobody knows how grave, and not the product's doing: whether anything is owed is not known
    other = told(clinic)
    (case,) = cases(clinic)
    told(clinic, follows_id=other, grade=None, serious=None)
    judged(clinic, other, Causality.UNLIKELY, Expectedness.EXPECTED)
    no = refusal(lambda: closed(clinic, case.id, "a fall"))
    assert [(one.code, one.holds) for one in no.findings] == [("case_reported", None)]
    clean(clinic)
