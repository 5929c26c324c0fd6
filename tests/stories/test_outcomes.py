"""Scores as the paper gives them, several sources side by side, and harm that was asked for or not (step 8)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import LEFT, RIGHT, clean, count, enrol, reading, refusal, rows
from traceability.domain.instruments import INSTRUMENTS, normalised
from traceability.domain.people import Meaning
from traceability.services import events, outcomes, trace
from traceability.store import Call, Source
from traceability.store.tables import Score
from traceability.store.tables.outcomes import Asked, TimePoint

BASELINE, AFTER = TimePoint.BASELINE, TimePoint.AFTER_SERIES


@pytest.fixture
def patient(founded: Clinic) -> Clinic:
    founded.course()
    return founded


def record(
    clinic: Clinic, instrument: str, raw: str, when: TimePoint = BASELINE, source: str = "case report", **told: Any
) -> str:
    subject = told.pop("subject", clinic.ids["subject"])
    return clinic.do(outcomes.record, clinic.PHYSICIAN, subject, instrument, raw, when, source, **told).id


def score(clinic: Clinic, score_id: str) -> Score:
    found: Score = reading(clinic, lambda view: outcomes.score(view, score_id))
    return found


def standardised(kept: Score) -> Decimal | None:
    return normalised(kept, INSTRUMENTS[kept.instrument].best)


def adjudicate(clinic: Clinic, scores: list[str], chosen: str, **told: Any) -> str:
    told = {"signed": (clinic.sign("santosa", Meaning.ADJUDICATED),), "reason": "Figure and body agree.", **told}
    return clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, scores, chosen, **told).id


def marked(clinic: Clinic, instrument: str = "KL", when: TimePoint = BASELINE) -> list[tuple[str, bool]]:
    subject = clinic.ids["subject"]
    kept = reading(clinic, lambda view: trace.of_subject(view, subject), clinic.PHYSICIAN)["outcomes"][subject][
        "scores"
    ]
    return [
        (one["raw"], one["adjudicated"]) for one in kept if (one["instrument"], one["time_point"]) == (instrument, when)
    ]


# ────────────────────────────────────────────────────────────────────────────────────────────── as the paper gives it


def test_pain_from_7_to_3_on_its_range(patient: Clinic) -> None:
    before = score(patient, record(patient, "VAS", "7", low="0", high="10", laterality=RIGHT))
    after = score(patient, record(patient, "VAS", "3", AFTER, low="0", high="10", laterality=RIGHT))
    assert [(one.raw, one.low, one.high) for one in (before, after)] == [("7", "0", "10"), ("3", "0", "10")]
    assert (standardised(before), standardised(after)) == (Decimal("70.0"), Decimal("30.0"))


def test_a_womac_total_without_version_and_range_is_not_normalised(patient: Clinic) -> None:
    for raw, when in (("65", BASELINE), ("30", AFTER)):
        kept = score(patient, record(patient, "WOMAC", raw, when))
        told = (
            kept.instrument_version,
            kept.subscale,
            kept.low,
            kept.high,
            kept.observed_on,
            kept.reader,
            kept.laterality,
        )
        assert told == (None,) * 7  # not reported, never a default
        assert (kept.raw, standardised(kept)) == (raw, None)
    with_range = score(patient, record(patient, "WOMAC", "65", low="0", high="96", instrument_version="Likert 3.1"))
    assert standardised(with_range) == Decimal("67.7")


def paper(clinic: Clinic) -> list[str]:
    """Baseline 3, then "from 4", then 3 in the body."""
    return [
        record(clinic, "KL", raw, source=source, laterality=RIGHT)
        for raw, source in (("3", "abstract, case"), ("4", "abstract, results"), ("3", "case presentation"))
    ]


def test_three_sources_stand_side_by_side_and_one_is_taken_to_be_right(patient: Clinic) -> None:
    values = paper(patient)
    assert marked(patient) == [("3", False), ("4", False), ("3", False)]
    made = adjudicate(patient, values, values[0])
    record(patient, "KL", "2", AFTER, laterality=RIGHT)
    assert marked(patient) == [("3", True), ("4", False), ("3", False)]
    assert marked(patient, when=AFTER) == [("2", False)]
    (signature,) = rows(patient, "SELECT name, role, meaning FROM signature WHERE noun_id = :id", id=made)
    assert tuple(signature) == ("B. Santosa", "physician", "adjudicated")
    assert rows(patient, "SELECT words FROM free_text WHERE noun_id = :id", id=made) == [("Figure and body agree.",)]
    clean(patient)


def test_a_choice_that_is_made_anew_stands_alone(patient: Clinic) -> None:
    values = paper(patient)
    adjudicate(patient, values, values[1])
    patient.clock.tick(days=1)
    adjudicate(patient, values, values[2], reason="The radiograph was read again.")
    assert marked(patient) == [("3", False), ("4", False), ("3", True)]
    assert count(patient, "adjudication") == 2


def test_what_can_be_chosen_between(patient: Clinic) -> None:
    values = paper(patient)
    later = record(patient, "KL", "2", AFTER, laterality=RIGHT)
    other_knee = record(patient, "KL", "1", laterality=LEFT)
    other_thing = record(patient, "VAS", "3", laterality=RIGHT)
    other_part = record(patient, "KL", "3", laterality=RIGHT, subscale="medial")
    somebody_else = record(patient, "KL", "3", laterality=RIGHT, subject=enrol(patient, mrn="MRN-2"))
    for scores, chosen in (
        (values[:1], values[0]), ([values[0]] * 3, values[0]), (values[:2], values[2]), ([], values[0]),
        *(([*values, odd], values[0]) for odd in (later, other_knee, other_thing, other_part, somebody_else)),
    ):  # fmt: skip
        assert refusal(lambda: adjudicate(patient, scores, chosen)).code == "scores_not_comparable"  # noqa: B023
    assert refusal(lambda: adjudicate(patient, [*values, "0" * 32], values[0])).code == "not_found"
    assert refusal(lambda: adjudicate(patient, values, values[0], reason=None)).code == "reason_missing"
    assert refusal(lambda: adjudicate(patient, values, values[0], signed=())).code == "signature_missing"
    assert count(patient, "adjudication") == 0


def test_another_hospitals_scores_are_not_chosen_between(patient: Clinic) -> None:
    there = elsewhere(patient)
    values = paper(patient)
    signed = (there.sign("santosa", Meaning.ADJUDICATED),)
    no = refusal(
        lambda: there.do(outcomes.adjudicate, there.PHYSICIAN, values, values[0], signed=signed, reason="theirs")
    )
    assert no.code == "not_found"
    no = refusal(
        lambda: there.do(outcomes.record, there.PHYSICIAN, patient.ids["subject"], "VAS", "3", BASELINE, "theirs")
    )
    assert no.code == "not_found"


IMPOSSIBLE: tuple[tuple[str, str, dict[str, str], str], ...] = (
    ("VAS", "11", {"low": "0", "high": "10"}, "score_out_of_range"),
    ("VAS", "-0.1", {"low": "0", "high": "10"}, "score_out_of_range"),
    ("VAS", "101", {}, "score_out_of_range"),
    ("KL", "5", {}, "score_out_of_range"),
    ("KL", "3.5", {}, "score_not_whole"),
    ("KL", "2,5", {"low": "0", "high": "4"}, "score_not_whole"),
    ("KL", "-1", {}, "score_out_of_range"),
    ("KL", "7", {"low": "0", "high": "10"}, "score_out_of_range"),
    ("VAS", "150", {"low": "0", "high": "200"}, "score_out_of_range"),
    ("WOMAC", "2401", {}, "score_out_of_range"),
    ("WOMAC", "97", {"low": "0", "high": "96"}, "score_out_of_range"),
    ("WOMAC", "65", {"low": "96", "high": "0"}, "score_out_of_range"),
    ("WOMAC", "96", {"low": "96", "high": "96"}, "band_impossible"),
    ("VAS", "seven", {}, "number_unreadable"),
    ("VAS", "NaN", {}, "number_unreadable"),
    ("VAS", "Infinity", {}, "number_unreadable"),
    ("VAS", "3", {"low": "none"}, "number_unreadable"),
    ("XYZ", "3", {}, "instrument_unknown"),
    ("vas", "3", {}, "instrument_unknown"),
)


def test_a_value_that_cannot_be(patient: Clinic) -> None:
    for instrument, raw, told, why in IMPOSSIBLE:
        assert refusal(lambda: record(patient, instrument, raw, **told)).code == why, (instrument, raw, told)  # noqa: B023
    assert count(patient, "score") == 0


def test_both_ends_and_a_comma_are_values(patient: Clinic) -> None:
    for raw, low, high, kept in (
        ("0", "0", "10", "0"),
        ("10", "0", "10", "10"),
        ("6,5", "0", "10,0", "6.5"),
        ("7.50", "0", "10", "7.50"),
    ):
        assert score(patient, record(patient, "VAS", raw, low=low, high=high)).raw == kept


def test_a_score_of_a_day_that_is_still_to_come(patient: Clinic) -> None:
    day = patient.clock.now.date()
    assert (
        refusal(lambda: record(patient, "VAS", "3", observed_on=day + timedelta(days=2))).code == "occurred_in_future"
    )
    assert score(patient, record(patient, "VAS", "3", observed_on=day)).observed_on == day
    no = refusal(lambda: record(patient, "VAS", "3", observed_on=date(1826, 4, 1)))
    assert (no.code, no.values["field"]) == ("field_date_outside", "observed_on")


def test_a_knee_is_kept_by_its_word_as_everywhere_else(patient: Clinic) -> None:
    """Asked of the database itself: in a score as in a course and in an injection."""
    record(patient, "VAS", "3", laterality=RIGHT)
    record(patient, "VAS", "4", laterality=LEFT)
    record(patient, "VAS", "5")
    with patient.store.engines.reader.connect() as connection:
        kept = connection.exec_driver_sql("SELECT raw, laterality FROM score ORDER BY raw").all()
    assert [tuple(one) for one in kept] == [("3", "right"), ("4", "left"), ("5", None)]
    with patient.store.read(patient.PHYSICIAN) as view:
        traced = trace.of_subject(view, patient.ids["subject"])["outcomes"][patient.ids["subject"]]
    assert {one["laterality"] for one in traced["scores"]} == {"right", "left", None}


def test_who_says_so_and_how_it_is_known_are_two_things(patient: Clinic) -> None:
    """A score of a letter that somebody copied in later: the letter is its source, and the entry says transcribed."""
    call = Call(occurred_at=patient.clock.now - timedelta(days=1), source=Source.TRANSCRIBED)
    done = patient.do(
        outcomes.record, patient.PHYSICIAN, patient.ids["subject"], "VAS", "3", BASELINE, call=call, told_by="letter of 3 March"
    )  # fmt: skip
    assert score(patient, done.id).source == "letter of 3 March"
    ((body,),) = rows(patient, "SELECT body FROM entry WHERE act = 'score.record'")
    assert json.loads(body)["source"] == "transcribed"


def test_a_score_belongs_to_its_patients_course(patient: Clinic) -> None:
    (course,) = rows(patient, "SELECT id FROM course")
    assert record(patient, "VAS", "3", course_id=course[0])
    other = enrol(patient, mrn="MRN-2")
    assert (
        refusal(lambda: record(patient, "VAS", "3", course_id=course[0], subject=other)).code == "dose_of_other_subject"
    )
    assert refusal(lambda: record(patient, "VAS", "3", course_id="0" * 32)).code == "not_found"


# ──────────────────────────────────────────────────────────────────────────────────────────────────────────────── harm


def event(clinic: Clinic, asked: Asked, **told: Any) -> str:
    return clinic.do(events.record, clinic.PHYSICIAN, told.pop("subject", clinic.ids["subject"]), asked, **told).id


def test_asked_and_none_is_an_answer_and_not_asked_is_none(patient: Clinic) -> None:
    event(patient, Asked.NONE, window="since the first dose", told_by="case report")
    event(patient, Asked.NOT_ASKED)
    event(patient, Asked.YES, description="effusion, three days", grade=2, serious=False)
    found = rows(patient, "SELECT asked, description, grade, serious FROM adverse_event ORDER BY id")
    assert [(row[0], row[1], row[2], None if row[3] is None else bool(row[3])) for row in found] == [
        ("none", "", None, None), ("not_asked", "", None, None), ("yes", "effusion, three days", 2, False),
    ]  # fmt: skip
    subject = patient.ids["subject"]
    told = reading(patient, lambda view: trace.of_subject(view, subject), patient.PHYSICIAN)["outcomes"][subject][
        "events"
    ]
    assert [one["asked"] for one in told] == ["none", "not_asked", "yes"]


def test_what_happened_is_told_and_nothing_is_told_of_nothing(patient: Clinic) -> None:
    for asked, told, why in (
        (Asked.YES, {}, "description_missing"),
        (Asked.YES, {"description": "  "}, "description_missing"),
        (Asked.NONE, {"description": "pain"}, "description_without_event"),
        (Asked.NOT_ASKED, {"description": "pain"}, "description_without_event"),
        (Asked.YES, {"description": "pain", "grade": 0}, "score_out_of_range"),
        (Asked.YES, {"description": "pain", "grade": 6}, "score_out_of_range"),
        (Asked.YES, {"description": "pain", "administration_id": "0" * 32}, "not_found"),
        (Asked.YES, {"description": "pain", "course_id": "0" * 32}, "not_found"),
    ):
        assert refusal(lambda: event(patient, asked, **told)).code == why, told  # noqa: B023
    assert count(patient, "adverse_event") == 0


def test_harm_after_one_patients_injection_is_not_told_of_another(released: Clinic) -> None:
    course = released.course()
    given = released.give_dose(course, 1).id
    other = enrol(released, mrn="MRN-2")
    told = {"description": "rash", "subject": other}
    assert refusal(lambda: event(released, Asked.YES, administration_id=given, **told)).code == "dose_of_other_subject"
    assert refusal(lambda: event(released, Asked.YES, course_id=course, **told)).code == "dose_of_other_subject"
    event(released, Asked.YES, description="rash", administration_id=given, course_id=course)
    told = reading(released, lambda view: trace.of_lot(view, released.ids["lot"]), released.PHYSICIAN)
    (one,) = told["outcomes"][released.ids["subject"]]["events"]
    assert (one["administration_id"], one["description"]) == (given, "rash")
