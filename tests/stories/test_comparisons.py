"""What lots tell, of patients who went through the door: who counts, what is left out, and who may see it (R46, R52, R53)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from tests.clinic import JAKARTA, Clinic
from tests.cohort import Patient, treat
from tests.elsewhere import elsewhere
from tests.stories.case import LEFT, RIGHT, planned, reading, refusal, report
from tests.worlds import released, world, worlds
from traceability.domain.comparing import VISITS, By, Exposure
from traceability.domain.instruments import Missing
from traceability.domain.people import SYSTEM, Actor, Meaning
from traceability.services import comparisons, course_outcomes, courses, events, outcomes, score_forms
from traceability.services.comparisons import Chosen, Told
from traceability.store import Call, Source
from traceability.store.tables import Administration
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.subjects import ConsentKind
from traceability.web.outcomes import sheet

__all__ = ["released", "world", "worlds"]


def compared(clinic: Clinic, who: Actor | None = None, **chosen: Any) -> Told:
    made: Told = reading(clinic, lambda view: comparisons.told(view, Chosen(**chosen)), who or clinic.QUALITY)
    return made


def counts(told: Told, figure: str) -> dict[str, tuple[int, int, int]]:
    family = getattr(told.comparison, figure)
    return {told.names[one.group]: (one.share.count, one.share.n, one.left_out) for one in family}


@pytest.fixture
def treated(released: Clinic) -> Clinic:
    """Five had UC26-H3 and kept their pain, six UC26-J4 and lost it; one had both, one did not agree to the use of their data."""
    bad, good = released.ids["lot"], released.released_lot("UC26-J4", 9)
    pains = ("62", "66", "58", "64", "60")
    patients = [Patient([bad], before=f"{64 + n}", after=after, asked=Asked.YES) for n, after in enumerate(pains)]
    patients += [Patient([good], before=f"{63 + n}", after=f"{28 + 2 * n}") for n in range(4)]
    patients += [Patient([good], after=None), Patient([good], after="31", asked=Asked.NOT_ASKED)]
    patients += [Patient([good], data=False, asked=Asked.YES), Patient([good, good])]
    treat(released, patients)
    return released


def test_the_lot_whose_patients_kept_their_pain_stands_out_and_who_is_not_known_is_told(treated: Clinic) -> None:
    told = compared(treated)
    assert (told.chosen.instrument, told.chosen.visit) == ("VAS", "month_6")
    assert counts(told, "responses") == {"UC26-H3": (0, 5, 0), "UC26-J4": (6, 6, 1)}
    assert counts(told, "events") == {"UC26-H3": (5, 5, 0), "UC26-J4": (0, 6, 1)}
    assert told.without_consent == 1
    worse = next(one for one in told.comparison.scores.groups if told.names[one.group] == "UC26-H3")
    assert worse.value is not None
    assert 24 < worse.value < 36
    assert {told.names[one] for one in told.comparison.standing_out} == {"UC26-H3", "UC26-J4"}
    *early, month_6 = told.comparison.visits
    assert (month_6.complete.count, month_6.complete.n, month_6.as_failure.n) == (6, 11, 12)
    assert {(one.complete.n, one.as_failure.count, one.as_failure.n) for one in early} == {(0, 0, 12)}, (
        "due, and no value"
    )


def test_by_place_injector_and_month_everybody_is_in_one_group_and_nothing_is_compared(treated: Clinic) -> None:
    for by, name in ((By.PLACE, "F-01-Q, Surakarta"), (By.INJECTOR, "B. Santosa"), (By.MONTH, "2026-04")):
        told = compared(treated, by=by)
        (group,) = told.comparison.groups
        assert told.names.get(group.group, group.group) == name
        assert (group.persons, told.comparison.comparable) == (12, 0)


def test_a_course_of_two_lots_counts_for_none_but_in_the_sensitivity(released: Clinic) -> None:
    one, other = released.ids["lot"], released.released_lot("UC26-J4", 3)
    treat(released, [Patient([one, other], asked=Asked.YES), Patient([one])])
    told = compared(released)
    assert (counts(told, "events"), told.comparison.several) == ({"UC26-H3": (0, 1, 0)}, 1)
    both = compared(released, exposure=Exposure.ANY)
    assert counts(both, "events") == {"UC26-H3": (1, 2, 0), "UC26-J4": (1, 1, 0)}
    assert [row.treated.event for row in told.rows_of(None)] == [True, False]


def test_a_label_that_names_another_lot_makes_the_course_one_of_both(released: Clinic) -> None:
    released.released_lot("UC26-J4", 1)
    treat(released, [Patient([released.ids["lot"]], label="UC26-J4")])
    assert compared(released).comparison.several == 1
    both = compared(released, exposure=Exposure.ANY)
    assert set(counts(both, "events")) == {"UC26-H3", "UC26-J4"}


def test_sources_that_differ_and_a_score_without_its_range_are_not_evaluated(released: Clinic) -> None:
    lot = released.ids["lot"]
    first, second = treat(released, [Patient([lot], after=None), Patient([lot], after=None)])
    ids = [_score(released, first, raw, low="0", high="100") for raw in ("30", "50")]
    _score(released, second, "3")
    why = [row.why["month_6"] for row in compared(released, instrument="VAS", visit="month_6").rows]
    assert why == [Missing.UNDECIDED, Missing.NO_RANGE]
    released.do(
        outcomes.adjudicate, released.PHYSICIAN, ids, ids[1], reason="The chart was read again.",
        signed=(released.sign("santosa", Meaning.ADJUDICATED),),
    )  # fmt: skip
    assert [row.treated.scores.get("month_6") for row in compared(released).rows] == [50.0, None]


def _score(clinic: Clinic, subject: str, raw: str, **told: Any) -> str:
    return clinic.do(
        outcomes.record, clinic.PHYSICIAN, subject, "VAS", raw, TimePoint.MONTH_6, "visit", laterality=RIGHT, **told
    ).id


def test_a_score_or_harm_that_is_told_of_the_wrong_knee_is_refused_and_counts_nowhere(released: Clinic) -> None:
    clinic, lot = released, released.ids["lot"]
    (subject,) = treat(clinic, [Patient([lot], after=None, asked=None)])
    (given,) = reading(clinic, lambda view: view.all(Administration), clinic.PHYSICIAN)
    right, left = given.course_id, planned(clinic, subject, LEFT)
    clinic.do(courses.end, clinic.PHYSICIAN, right, reason="moved away")
    again = planned(clinic, subject)
    pain = {"low": "0", "high": "100"}
    harm = {"description": "swelling", "administration_id": given.id}

    def value(**told: Any) -> object:
        return clinic.do(outcomes.record, clinic.PHYSICIAN, subject, "VAS", "20", TimePoint.MONTH_6, "visit", **told)

    def answers(**told: Any) -> object:
        form = ("WOMAC", "Likert 3.1", ["2"] * 24, TimePoint.MONTH_6, "visit")
        return clinic.do(score_forms.record, clinic.PHYSICIAN, subject, *form, **told)

    def event(**told: Any) -> object:
        return clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, **harm, **told)

    assert refusal(lambda: value(course_id=right, laterality=LEFT, **pain)).code == "course_of_other_knee"
    assert refusal(lambda: answers(course_id=right, laterality=LEFT)).code == "course_of_other_knee"
    assert [refusal(partial(event, course_id=one)).code for one in (left, again)] == ["dose_of_other_course"] * 2
    (row,) = compared(clinic).rows
    assert (row.treated.scores.get("month_6"), row.treated.event) == (None, None)
    value(course_id=right, laterality=RIGHT, **pain)
    event(course_id=right)
    (row,) = compared(clinic).rows
    assert (row.treated.scores["month_6"], row.treated.event) == (20.0, True)


def test_an_injection_told_without_a_course_is_not_of_the_other_knees(released: Clinic) -> None:
    clinic, subject = released, released.subject()
    clinic.consent(subject)
    given = report(clinic, [clinic.code(clinic.vial("H3K001"))]).id
    left, right = planned(clinic, subject, LEFT), planned(clinic, subject, RIGHT)
    harm = {"description": "swelling", "administration_id": given}

    def event(course: str) -> object:
        return clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, course_id=course, **harm)

    assert refusal(lambda: event(left)).code == "course_of_other_knee"
    event(right)


def test_40_and_40_0_are_one_value(released: Clinic) -> None:
    (subject,) = treat(released, [Patient([released.ids["lot"]], after=None)])
    for raw in ("40", "40.0"):
        _score(released, subject, raw, low="0", high="100")
    (row,) = compared(released).rows
    assert row.treated.scores["month_6"] == 40.0
    cells = reading(released, lambda view: sheet(view, subject), released.PHYSICIAN)["lines"][0].cells
    assert not cells["month_6"].open
    _score(released, subject, "41", low="0", high="100")
    (row,) = compared(released, instrument="VAS", visit="month_6").rows
    assert row.why["month_6"] is Missing.UNDECIDED


def test_one_person_at_two_hospitals_counts_once_and_each_hospital_sees_its_own(released: Clinic) -> None:
    lot, number = released.ids["lot"], "3372014305690001"
    treat(released, [Patient([lot], nik=number, asked=Asked.YES)])
    there = elsewhere(released)
    there.ids.pop("protocol", None)
    treat(there, [Patient([lot], nik=number)])
    told = compared(released, SYSTEM)
    assert (told.comparison.persons, told.comparison.groups[0].courses) == (1, 2)
    assert counts(told, "events") == {"UC26-H3": (1, 1, 0)}
    assert [len(compared(released, who).rows) for who in (released.QUALITY, there.PHYSICIAN)] == [1, 1]
    assert compared(released, released.MAKER_QA).rows == ()


@pytest.mark.parametrize("engine", ["sqlite"])
def test_only_whose_protocol_plans_the_visit_and_whose_last_day_is_over_is_missing_there(released: Clinic) -> None:
    lot = released.ids["lot"]
    month_6 = {"time_point": TimePoint.MONTH_6, "day": 183, "window_d": 17}
    released.protocol("Until day 200", visits=[month_6])
    treat(released, [Patient([lot], after=None), Patient([lot], after="30")])  # both two hundred days ago
    assert missing(released) == [(1, 1)]  # who came, and nobody else: the last day in time is today
    released.clock.tick(days=1)
    assert missing(released) == [(1, 2)]
    released.protocol("Without visits", visits=[])
    treat(released, [Patient([lot], after=None)], first=2)
    assert missing(released) == [(1, 2)]


def missing(clinic: Clinic) -> list[tuple[int, int]]:
    """Of the visits that are shown, how many responded of all that are due."""
    shown = compared(clinic, instrument="VAS", visit="month_6").comparison.visits
    return [(one.as_failure.count, one.as_failure.n) for one in shown]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_visit_to_which_nobody_came_is_told_once_it_is_due(released: Clinic) -> None:
    released.protocol(visits=[{"time_point": TimePoint.MONTH_6, "day": 183, "window_d": 14}])
    treat(released, [Patient([released.ids["lot"]], after=None) for _ in range(5)])
    (visit,) = compared(released, instrument="VAS").comparison.visits
    assert (visit.visit, visit.complete.n) == ("month_6", 0)
    assert (visit.as_failure.count, visit.as_failure.n) == (0, 5)


def test_visits_of_the_comparison_are_those_that_scores_are_recorded_at(engine: str) -> None:
    assert ("baseline", *VISITS) == tuple(TimePoint)


def test_harm_counts_from_the_day_on_which_it_began_however_late_it_was_told(released: Clinic) -> None:
    clinic, course = released, released.course()
    clinic.consent(clinic.ids["subject"], ConsentKind.DATA)
    clinic.give_dose(course, 1)
    began = clinic.clock.now.astimezone(JAKARTA).date() + timedelta(days=3)
    clinic.clock.tick(days=40)
    told = {"description": "swelling", "course_id": course}
    subject = clinic.ids["subject"]
    event = clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, **told).id
    (row,) = compared(clinic).rows
    assert (row.treated.event, row.treated.watched_d) == (True, 40)
    clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, onset_on=began, follows_id=event, **told)
    (row,) = compared(clinic).rows
    assert (row.treated.event, row.treated.watched_d) == (True, 3)


@pytest.mark.parametrize("engine", ["sqlite"])
def test_harm_that_began_before_the_first_injection_is_of_no_lot_and_is_told_beside(released: Clinic) -> None:
    clinic, course = released, released.course()
    subject = clinic.ids["subject"]
    clinic.consent(subject, ConsentKind.DATA)
    clinic.give_dose(course, 1)
    given = clinic.clock.now
    clinic.clock.tick(days=20)

    def harm(**told: Any) -> tuple[bool | None, int | None, int]:
        clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, description="fall", course_id=course, **told)
        (row,) = (made := compared(clinic)).rows
        return row.treated.event, row.treated.watched_d, made.before_first

    assert harm(onset_on=given.astimezone(JAKARTA).date() - timedelta(days=1)) == (None, None, 1)
    assert harm(onset_at=given - timedelta(minutes=30)) == (None, None, 2), "that day, and before it"
    clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.NONE, course_id=course)
    (row,) = compared(clinic).rows
    assert (row.treated.event, row.treated.watched_d) == (False, 20)
    assert harm(onset_on=given.astimezone(JAKARTA).date()) == (True, 0, 2), (
        "nobody said at what time: it is taken to be after"
    )


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_first_injection_into_the_wrong_knee_exposes_that_knee_and_turns_no_course_over(released: Clinic) -> None:
    clinic, course = released, released.course()
    subject = clinic.ids["subject"]
    clinic.consent(subject, ConsentKind.DATA)
    other = clinic.released_lot("UC26-J4", 1)
    vial = clinic.ready_vial(course, 1)
    clinic.start_dose(course, 1, vial)
    clinic.give_dose(course, 1, vial=vial, start=False, laterality=LEFT)
    clinic.clock.tick(days=7)
    right_one = next(one for one in clinic.vials(other) if one.state == "in_stock")
    report(clinic, [clinic.code(right_one)], dose_id=clinic.dose(course, 2))
    began = clinic.clock.now.astimezone(JAKARTA).date()
    clinic.clock.tick(days=183)
    pain = {"low": "0", "high": "100"}
    for side, before, after in ((RIGHT, "80", "20"), (LEFT, "50", "49")):
        for point, raw in ((TimePoint.BASELINE, before), (TimePoint.MONTH_6, after)):
            clinic.do(outcomes.record, clinic.PHYSICIAN, subject, "VAS", raw, point, "visit", laterality=side, **pain)
    clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, description="swelling", course_id=course)
    told = compared(clinic, instrument="VAS", visit="month_6")
    rows = {
        row.laterality: ({told.names[lot or ""] for lot in row.treated.groups[By.LOT]}, row.treated.responses["month_6"])
        for row in told.rows
    }  # fmt: skip
    assert rows == {LEFT: ({"UC26-H3"}, False), RIGHT: ({"UC26-J4"}, True)}
    assert {row.laterality: row.first_on for row in told.rows}[RIGHT] == began
    assert [row.treated.event for row in told.rows] == [True, True], (
        "of the course, and of every knee that had a dose of it"
    )
    drawn = reading(clinic, lambda view: course_outcomes.of_course(view, course), clinic.PHYSICIAN)
    assert (drawn.day0, [one.k for one in drawn.doses if one.given]) == (began, [2])


@pytest.mark.parametrize("engine", ["sqlite"])
def test_what_was_asked_on_a_day_and_typed_later_counts_on_that_day(released: Clinic) -> None:
    clinic = released
    asked, hurt = treat(clinic, [Patient([clinic.ids["lot"]], asked=None) for _ in range(2)])
    then = clinic.clock.now - timedelta(days=190)

    def typed(subject: str, answer: Asked, description: str = "") -> None:
        call = Call(source=Source.LATE, occurred_at=then, reason="from the paper of the visit")
        clinic.do(events.record, clinic.PHYSICIAN, subject, answer, description=description, call=call)

    typed(asked, Asked.NONE)
    typed(hurt, Asked.YES, "swelling")
    told = {row.subject_id: (row.treated.event, row.treated.watched_d) for row in compared(clinic).rows}
    assert told == {asked: (False, 10), hurt: (True, 10)}
