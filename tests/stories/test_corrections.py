"""What was told wrong is told again: the first words stay to be read, and what had been built on them is superseded (R38, R45)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import (
    LEFT,
    RIGHT,
    at_once,
    cases,
    clean,
    closed,
    count,
    enrol,
    holds,
    planned,
    reading,
    refusal,
    report,
    rows,
)
from tests.stories.test_late_entries import in_trace
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import Meaning, Signing
from traceability.domain.records import RecordKind
from traceability.services import (
    administrations,
    correcting,
    courses,
    documents,
    evaluated,
    events,
    outcomes,
    responding,
    taking_back,
    tellings,
    vials,
)
from traceability.services.correcting import NotReported
from traceability.store import Call, Done
from traceability.store.tables import Adjudication, AdverseEvent, Document, Score
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.subjects import ConsentKind

WHY = "mistyped, as the paper sheet shows"


def signed(clinic: Clinic) -> tuple[Signing, ...]:
    return clinic.sign("santosa", Meaning.RECORDED), clinic.sign("putri", Meaning.VERIFIED)


def correct(clinic: Clinic, injection: str, **told: Any) -> Done:
    return clinic.do(correcting.correct, clinic.PHYSICIAN, injection, reason=WHY, signed=signed(clinic), **told)


def in_error(clinic: Clinic, injection: str) -> Done:
    return clinic.do(taking_back.void, clinic.PHYSICIAN, injection, reason=WHY, signed=signed(clinic))


def whole(clinic: Clinic, injection: str) -> Any:
    return reading(clinic, lambda view: administrations.administration(view, injection), clinic.PHYSICIAN)


def printed(clinic: Clinic, kind: RecordKind, noun_id: str) -> str:
    who = clinic.PHYSICIAN if kind is RecordKind.CARD else clinic.QUALITY
    done = documents.make(clinic.store, who, Call(), kind, noun_id, "en", lambda *of: f"https://trace.example/{of}")
    return f"{done.answer['number']}, {done.answer['version']}"


def current(clinic: Clinic) -> set[str]:
    found = reading(clinic, lambda view: view.all(Document, Document.state == "current"))
    return {f"{one.number}, {one.version}" for one in found}


@pytest.fixture
def given(released: Clinic) -> tuple[Clinic, str, str]:
    """The first dose of a course, given as it should be: the clinic, the course, the injection."""
    course = released.course()
    return released, course, released.give_dose(course, 1).id


# ────────────────────────────────────────────────────────────────────────────────────────────────────── values


def test_a_value_is_corrected_and_the_first_one_stays_beside_who_why_and_when(given: tuple[Clinic, str, str]) -> None:
    clinic, _, injection = given
    done = correct(clinic, injection, vas_after="4", needle="21 G, 40 mm", not_reported=[NotReported.VAS_BEFORE])
    told = whole(clinic, injection)["administration"]
    assert (told.vas_before, told.vas_after, told.needle) == (None, "4", "21 G, 40 mm")
    assert done.answer["fields"] == ["needle", "vas_after", "vas_before"]
    kept = reading(clinic, lambda view: administrations.corrections(view, injection), clinic.PHYSICIAN)
    assert {(one.what, one.before, one.after) for one in kept} == {
        ("vas_before", "7", None), ("vas_after", "5", "4"), ("needle", None, "21 G, 40 mm"),
    }  # fmt: skip
    assert {(one.who, one.reason, one.at) for one in kept} == {("B. Santosa", WHY, clinic.clock.now)}
    assert not cases(clinic)
    clean(clinic)


def test_documents_that_said_otherwise_are_superseded_by_the_same_act_and_the_next_one_lists_the_change(
    given: tuple[Clinic, str, str],
) -> None:
    clinic, _, injection = given
    record, trace = (
        printed(clinic, RecordKind.ADMINISTRATION, injection),
        printed(clinic, RecordKind.TRACE, clinic.ids["lot"]),
    )
    release = printed(clinic, RecordKind.RELEASE, clinic.ids["release"])
    done = correct(clinic, injection, vas_after="4")
    assert set(done.answer["superseded"]) == {record, trace}
    assert current(clinic) == {release}
    again = printed(clinic, RecordKind.ADMINISTRATION, injection)
    assert (again, current(clinic)) == (record.replace(", 1", ", 2"), {release, record.replace(", 1", ", 2")})
    newest = max(reading(clinic, lambda view: view.all(Document)), key=lambda one: one.id)
    assert (
        f'"before":"5","entry":{done.number},"of":"","reason":"{WHY}","what":"vas_after","who":"B. Santosa"'
        in newest.record
    )


def test_a_corrected_side_that_is_not_the_courses_is_answered_for_as_if_it_had_been_told_so(
    given: tuple[Clinic, str, str],
) -> None:
    clinic, _, injection = given
    done = correct(clinic, injection, laterality=LEFT)
    assert done.answer["findings"] == ["wrong_side"]
    (case,) = cases(clinic)
    assert (case.kind, case.number) == ("impermissible_dose", done.answer["case"])
    assert holds(clinic)
    told = whole(clinic, injection)
    assert [one["code"] for one in told["administration"].findings] == ["wrong_side"]
    assert [one.number for one in told["cases"]] == [case.number]


def test_a_side_that_was_mistyped_is_put_right_and_its_finding_and_case_stay_until_qa_closes_them(
    released: Clinic,
) -> None:
    clinic = released
    course = clinic.course()
    vial = clinic.ready_vial(course, 1)
    injection = clinic.give_dose(course, 1, vial=vial, laterality=LEFT, start=False).id
    before = [one["code"] for one in whole(clinic, injection)["administration"].findings]
    assert "wrong_side" in before
    done = correct(clinic, injection, laterality=RIGHT)
    told = whole(clinic, injection)["administration"]
    assert (told.laterality, [one["code"] for one in told.findings], done.answer["findings"]) == (RIGHT, before, [])
    assert [case.closed_at for case in cases(clinic)] == [None]


def test_a_time_that_is_corrected_past_the_limit_of_the_thaw_is_found_out(given: tuple[Clinic, str, str]) -> None:
    clinic, _, injection = given
    at = whole(clinic, injection)["administration"].given_at
    clinic.clock.tick(days=1)
    done = correct(clinic, injection, given_at=at + timedelta(hours=20))
    assert "thaw_spent" in done.answer["findings"]
    until = rows(clinic, "SELECT max(s.until) FROM stay s JOIN vial v ON v.id = s.vial_id WHERE v.serial = 'H3K001'")
    assert str(at + timedelta(hours=20))[:19] in str(until[0][0]).replace("T", " ")


def test_volumes_that_are_corrected_add_up_and_more_than_the_vial_holds_is_found_out(
    given: tuple[Clinic, str, str],
) -> None:
    clinic, _, injection = given
    assert correct(clinic, injection, given_ul=2500, discarded_ul=500).answer["findings"] == ["volume_differs"]
    ((part, _),) = whole(clinic, injection)["parts"]
    assert (part.given_ul, part.discarded_ul, part.withdrawn_ul) == (2500, 500, 3000)
    assert not cases(clinic)  # less than ordered is an ordinary day
    assert correct(clinic, injection, given_ul=5000).answer["findings"] == ["more_than_ordered", "more_than_held"]
    assert len(cases(clinic)) == 1


def test_a_dose_that_was_mistaken_for_the_next_is_due_again(given: tuple[Clinic, str, str]) -> None:
    clinic, course, injection = given
    done = correct(clinic, injection, dose_id=clinic.dose(course, 2))
    assert {"out_of_turn", "no_order"} <= set(done.answer["findings"])
    doses = reading(clinic, lambda view: courses.doses(view, course), clinic.PHYSICIAN)
    assert [(one["k"], bool(one["administration_id"])) for one in doses][:2] == [(1, False), (2, True)]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "nothing_changed"),
        ({"vas_after": "5", "given_ul": 3000}, "nothing_changed"),
        ({"vas_after": "11"}, "score_out_of_range"),
        ({"vas_after": "4", "not_reported": [NotReported.VAS_AFTER]}, "told_and_not_reported"),
        ({"given_ul": 0}, "volume_impossible"),
        ({"given_at": timedelta(hours=1)}, "occurred_in_future"),
        ({"given_at": timedelta(minutes=-1)}, "interval_empty"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    given: tuple[Clinic, str, str], told: dict[str, Any], code: str
) -> None:
    clinic, _, injection = given
    at = whole(clinic, injection)["administration"].given_at
    clinic.clock.tick(minutes=40)
    clinic.do(
        administrations.observe,
        clinic.PHYSICIAN,
        injection,
        at,
        clinic.clock.now - timedelta(minutes=5),
        reaction=False,
    )
    if "given_at" in told:  # in the future; after the watch began
        moment = clinic.clock.now + told["given_at"]
        told = {"given_at": moment}
    assert refusal(lambda: correct(clinic, injection, **told)).code == code
    assert count(clinic, "correction") == 0
    clean(clinic)


def test_two_who_correct_at_once_are_one_after_the_other(given: tuple[Clinic, str, str]) -> None:
    clinic, _, injection = given
    done, refused = at_once(2, lambda n: correct(clinic, injection, vas_after=str(n)))
    assert len(done) + len(refused) == 2
    kept = reading(clinic, lambda view: administrations.corrections(view, injection), clinic.PHYSICIAN)
    assert [one.before for one in kept] == ["5", *[one.after for one in kept[:-1]]]  # each says what it found
    clean(clinic)


def test_another_house_neither_sees_nor_corrects_it(given: tuple[Clinic, str, str]) -> None:
    clinic, _, injection = given
    them = elsewhere(clinic)
    with pytest.raises(NotFound):
        them.do(correcting.correct, them.PHYSICIAN, injection, vas_after="1", reason=WHY, signed=signed(them))


# ──────────────────────────────────────────────────────────────────────────────────────────── told by mistake


def test_an_injection_that_never_was_stays_in_the_trace_marked_and_its_vial_is_missing_until_it_is_found(
    given: tuple[Clinic, str, str],
) -> None:
    clinic, course, injection = given
    record = printed(clinic, RecordKind.ADMINISTRATION, injection)
    done = in_error(clinic, injection)
    assert (done.answer["missing"], done.answer["superseded"]) == (["H3K001"], [record])
    (case,) = cases(clinic)
    assert (case.kind, case.vial_id) == ("loss", clinic.vial("H3K001").id)
    assert clinic.vial("H3K001").state == "lost"
    assert [serial for _, serial in in_trace(clinic)] == ["H3K001"]
    told = whole(clinic, injection)
    assert told["administration"].void_at == clinic.clock.now
    assert [one.number for one in told["cases"]] == [case.number]
    doses = reading(clinic, lambda view: courses.doses(view, course), clinic.PHYSICIAN)
    assert doses[0]["administration_id"] is None
    assert refusal(lambda: in_error(clinic, injection)).code == "told_by_mistake"
    assert refusal(lambda: correct(clinic, injection, vas_after="1")).code == "told_by_mistake"
    clinic.do(
        vials.report_found, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["freezer"], reason="under the bench"
    )
    assert clinic.scan("H3K001", "issue")[0] != "USE"  # nobody knows where it was meanwhile
    clean(clinic)


def test_of_one_injection_told_twice_the_second_goes_and_the_vial_stays_given(given: tuple[Clinic, str, str]) -> None:
    clinic, course, injection = given
    vial = clinic.vial("H3K001")
    twice = report(clinic, [clinic.code(vial)], dose_id=clinic.dose(course, 1))
    assert "dose_given" in twice.answer["findings"]
    assert in_error(clinic, twice.id).answer["missing"] == []
    assert clinic.vial("H3K001").state == "given"
    assert "given" in clinic.scan("H3K001", "bedside")[1]
    # the first goes too: now no injection has it
    assert in_error(clinic, injection).answer["missing"] == ["H3K001"]
    assert "given" not in clinic.scan("H3K001", "bedside")[1]


def test_who_was_never_injected_is_no_course_in_what_lots_tell_and_may_be_given_the_dose_on_the_same_day(
    given: tuple[Clinic, str, str],
) -> None:
    clinic, course, injection = given
    clinic.consent(clinic.ids["subject"], ConsentKind.DATA)
    assert len(reading(clinic, evaluated.sample, clinic.PHYSICIAN).followed) == 1
    vial, dose = clinic.vial("H3K002"), clinic.dose(course, 1)
    in_error(clinic, injection)
    assert reading(clinic, evaluated.sample, clinic.PHYSICIAN).followed == ()
    clinic.do(courses.reserve, clinic.PHARMACIST, vial.id, dose)
    clinic.do(courses.issue, clinic.PHARMACIST, vial.id, clinic.ids["bench"])
    clinic.do(courses.thaw, clinic.PHARMACIST, vial.id, clinic.ids["bench"])
    clinic.clock.tick(minutes=30)
    assert clinic.give_dose(course, 1, vial=clinic.vial("H3K002")).answer["findings"] == []


# ────────────────────────────────────────────────────────────────────────────────────────────────────── scores


def pain(clinic: Clinic, raw: str, point: TimePoint, source: str = "form") -> str:
    told = {"laterality": RIGHT, "low": "0", "high": "100"}
    return clinic.do(outcomes.record, clinic.PHYSICIAN, clinic.ids["subject"], "VAS", raw, point, source, **told).id


def void(clinic: Clinic, score: str) -> Done:
    who = (clinic.sign("santosa", Meaning.RECORDED),)
    return clinic.do(taking_back.void_score, clinic.PHYSICIAN, score, reason=WHY, signed=who)


def _became(clinic: Clinic) -> Any:
    return reading(clinic, lambda view: responding.of_subject(view, clinic.ids["subject"]), clinic.PHYSICIAN)


def test_a_score_told_by_mistake_counts_nowhere_and_the_choice_that_weighed_it_stands_no_more(
    released: Clinic,
) -> None:
    clinic = released
    clinic.course()
    pain(clinic, "70", TimePoint.BASELINE)
    right, wrong = pain(clinic, "35", TimePoint.MONTH_6), pain(clinic, "53", TimePoint.MONTH_6, "letter")
    choice = {"reason": "the form is the source", "signed": (clinic.sign("santosa", Meaning.ADJUDICATED),)}
    clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, [right, wrong], wrong, **choice)
    before = _became(clinic)
    done = void(clinic, wrong)
    assert done.answer["choices"] == 1
    (choice_row,) = reading(clinic, lambda view: view.all(Adjudication))
    assert choice_row.superseded_at == clinic.clock.now
    after = _became(clinic)
    assert [one.became.matters for one in before] != [one.became.matters for one in after]
    assert refusal(lambda: void(clinic, wrong)).code == "told_by_mistake"
    told = {"reason": "once more", "signed": (clinic.sign("santosa", Meaning.ADJUDICATED),)}
    assert refusal(
        lambda: clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, [right, wrong], right, **told)
    ).code == "told_by_mistake"  # fmt: skip
    assert len(reading(clinic, lambda view: view.all(Score))) == 3  # nothing is gone
    clean(clinic)


# ───────────────────────────────────────────────────────────────────────────────────────── ways round that there were


def test_a_vial_that_was_thrown_away_before_is_thrown_away_still_and_nobody_finds_it(released: Clinic) -> None:
    clinic = released
    clinic.course()
    vial = clinic.vial("H3K004")
    clinic.do(vials.discard, clinic.PHARMACIST, vial.id, reason="glass cracked")
    mistaken = report(clinic, [clinic.code(vial)]).id
    assert in_error(clinic, mistaken).answer["missing"] == []
    assert clinic.vial("H3K004").state == "discarded"
    clinic.do(vials.report_found, clinic.PHARMACIST, vial.id, clinic.ids["freezer"], reason="here")
    assert clinic.vial("H3K004").state == "discarded"
    assert clinic.scan("H3K004")[0] == "do_not_use"


def test_what_is_corrected_once_more_is_answered_for_once_more_though_its_case_was_closed(
    given: tuple[Clinic, str, str],
) -> None:
    clinic, _, injection = given
    assert correct(clinic, injection, given_ul=6000).answer["case"]
    (first,) = cases(clinic)
    closed(clinic, first.id, "mistyped")
    assert "case" not in correct(clinic, injection, given_ul=3000).answer
    again = correct(clinic, injection, given_ul=60_000)
    assert again.answer["findings"] == ["more_than_ordered", "more_than_held"]
    assert again.answer["case"] != first.number
    stands = whole(clinic, injection)["administration"].findings
    assert [one["values"]["given_ul"] for one in stands if one["code"] == "more_than_ordered"] == [6000, 60_000]


def test_a_time_told_wrong_and_right_again_leaves_the_vial_where_it_lay_and_says_that_it_was_told_late(
    given: tuple[Clinic, str, str],
) -> None:
    clinic, _, injection = given
    lay = "SELECT s.since, s.until FROM stay s JOIN vial v ON v.id = s.vial_id WHERE v.serial = 'H3K001' ORDER BY s.since DESC"
    before, at = rows(clinic, lay)[0], whole(clinic, injection)["administration"].given_at
    clinic.clock.tick(days=1)
    correct(clinic, injection, given_at=at - timedelta(hours=3))
    assert rows(clinic, lay)[0].until == rows(clinic, lay)[0].since
    correct(clinic, injection, given_at=at)
    assert tuple(rows(clinic, lay)[0]) == tuple(before)
    assert whole(clinic, injection)["administration"].mode == "late"
    kept = reading(clinic, lambda view: administrations.corrections(view, injection), clinic.PHYSICIAN)
    assert ("mode", "live", "late") in {(one.what, one.before, one.after) for one in kept}


def test_the_dose_of_the_other_knee_takes_card_and_harm_with_it(given: tuple[Clinic, str, str]) -> None:
    clinic, course, injection = given
    clinic.consent(clinic.ids["subject"], ConsentKind.DATA)
    told = {
        "course_id": course,
        "administration_id": injection,
        "description": "septic knee",
        "grade": 4,
        "told_by": "ward",
    }
    clinic.do(events.record, clinic.PHYSICIAN, clinic.ids["subject"], Asked.YES, **told)
    card = printed(clinic, RecordKind.CARD, course)
    other = planned(clinic, clinic.ids["subject"], LEFT)
    done = correct(clinic, injection, dose_id=clinic.dose(other, 1), laterality=LEFT)
    assert done.answer["fields"] == ["course", "dose", "laterality"]
    assert card in done.answer["superseded"]
    (knee,) = reading(clinic, evaluated.sample, clinic.PHYSICIAN).followed
    assert (knee.laterality, knee.treated.event) == (LEFT, True)


def test_harm_stays_when_the_injection_that_it_named_was_told_by_mistake(given: tuple[Clinic, str, str]) -> None:
    clinic, course, injection = given
    subject = clinic.ids["subject"]
    clinic.consent(subject, ConsentKind.DATA)
    twice = report(clinic, [clinic.code(clinic.vial("H3K001"))], dose_id=clinic.dose(course, 1)).id
    told = {
        "course_id": course,
        "administration_id": twice,
        "description": "septic knee",
        "grade": 4,
        "told_by": "ward",
    }
    event = clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.YES, **told).id
    sheet = printed(clinic, RecordKind.CIOMS, event)
    assert sheet in in_error(clinic, twice).answer["superseded"]
    (knee,) = reading(clinic, evaluated.sample, clinic.PHYSICIAN).followed
    assert knee.treated.event is True
    (told_of,) = reading(
        clinic, lambda view: tellings.of_events(view, AdverseEvent.subject_id == subject), clinic.PHYSICIAN
    )
    suspects = reading(clinic, lambda view: tellings.had(view, *told_of), clinic.PHYSICIAN).suspected
    assert {one.administration_id for one in suspects} == {injection}


def test_a_choice_that_was_replaced_stays_replaced_and_a_nurse_alone_undoes_none(released: Clinic) -> None:
    clinic = released
    clinic.course()
    one, other, third = (pain(clinic, raw, TimePoint.MONTH_6, raw) for raw in ("20", "85", "86"))
    why = {"reason": "the source", "signed": (clinic.sign("santosa", Meaning.ADJUDICATED),)}
    clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, [one, other], one, **why)
    clinic.do(outcomes.adjudicate, clinic.PHYSICIAN, [one, other, third], other, **why)
    nurse = {"reason": WHY, "signed": (clinic.sign("rahayu", Meaning.RECORDED),)}
    assert refusal(lambda: clinic.do(taking_back.void_score, clinic.WITNESS, third, **nurse)).code == "not_permitted"
    void(clinic, third)
    assert reading(clinic, lambda view: outcomes.chosen(view, clinic.ids["subject"])) == {}


def test_the_vial_of_another_house_is_missed_there_too(released: Clinic) -> None:
    clinic = released
    them = elsewhere(clinic)
    somebody = enrol(them, "Somebody There", "MRN-9", who=them.PHYSICIAN)
    mistaken = report(them, [clinic.code(clinic.vial("H3K003"))], subject=somebody).id
    done = in_error(them, mistaken)
    assert done.answer["missing"] == ["H3K003"]
    ours = [one for one in cases(clinic) if one.organisation_id == clinic.ids["hospital"] and one.kind == "loss"]
    assert [one.vial_id for one in ours] == [clinic.vial("H3K003").id]
    assert "by mistake" in ours[0].title


def test_nothing_is_put_right_in_the_past(given: tuple[Clinic, str, str]) -> None:
    clinic, _, injection = given
    clinic.clock.tick(days=2)
    for act, told in ((correcting.correct, {"vas_after": "1"}), (taking_back.void, {})):
        call = Call(occurred_at=clinic.clock.now - timedelta(days=1), reason=WHY, signing=signed(clinic))
        with pytest.raises(Refused, match="correction_backdated"):
            clinic.do(act, clinic.PHYSICIAN, injection, call=call, **told)
