"""Sheets printed the day before: the doses of a site and a day, each reprint on record, and the late entry that they lead to."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.clinic import Clinic
from tests.printed import text_of
from tests.stories.case import hand_over, patient, reading, refusal, reserve, today, withdraw
from tests.stories.test_merging import merge, with_courses
from tests.stories.test_named_patient import outside, release
from traceability.domain.people import SYSTEM, Actor, Meaning
from traceability.domain.records import RecordKind
from traceability.services import courses, documents, organisations, stops, subjects, worklist
from traceability.services.sheets import to_print
from traceability.store import Call
from traceability.store.tables import Document
from traceability.store.tables.quality import ScopeKind
from traceability.store.tables.subjects import ConsentKind


def printed(
    clinic: Clinic, ahead: int = 1, *, site: str = "site", who: Actor | None = None, language: str = "en"
) -> Document:
    """The sheets of so many days ahead, as they were kept."""
    day = (today(clinic) + timedelta(days=ahead)).isoformat()
    made = documents.make(
        clinic.store, who or clinic.PHARMACIST, Call(), RecordKind.CONTINGENCY, clinic.ids[site], language,
        lambda number, version: f"https://trace.example/d/{number}/{version}", day,
    )  # fmt: skip
    with clinic.store.read(clinic.PHARMACIST) as view:
        return view.need(Document, made.id)


def kept(document: Document) -> list[dict[str, Any]]:
    return list(json.loads(document.record or "")["sheets"])


def sheets(document: Document) -> list[tuple[str, int, list[str]]]:
    return [(one["laterality"], one["k"], [vial["serial"] for vial in one["vials"]]) for one in kept(document)]


def test_each_dose_of_the_day_and_each_that_is_late_has_a_sheet_with_its_vial(released: Clinic) -> None:
    course = released.course(first_on=today(released) + timedelta(days=1))
    patient(released, "MRN-2", first_on=today(released) + timedelta(days=9))
    reserve(released, "H3K001", released.ordered(course, 1))
    tomorrow = printed(released)
    assert sheets(tomorrow) == [("right", 1, ["H3K001"])]
    assert "(21)H3K001" in (tomorrow.record or "")
    assert "Canary" not in (tomorrow.record or "")
    assert len(sheets(printed(released, 9))) == 3  # two that would be late by then, and the other patient's first


def test_a_reprint_supersedes_and_both_are_on_record_each_day_by_itself(released: Clinic) -> None:
    released.course(first_on=today(released) + timedelta(days=1))
    first, other = printed(released), printed(released, 2)
    again = printed(released, language="id")
    assert (first.number, first.version) == (again.number, again.version - 1)
    assert other.number != first.number
    with released.store.read(released.PHARMACIST) as view:
        assert str(view.need(Document, first.id).state) == "superseded"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_no_sheets_of_a_day_that_is_past_far_away_or_none_of_another_house_or_by_who_treats_nobody(
    released: Clinic,
) -> None:
    for ahead in (-2, 32):
        assert refusal(lambda: printed(released, ahead)).code == "document_period"  # noqa: B023
    assert refusal(lambda: printed(released, site="other_site")).code == "not_found"
    assert refusal(lambda: printed(released, who=released.STOREKEEPER)).code == "not_permitted"
    assert sheets(printed(released)) == []
    for period in ("", "2026-04", "2026-02-30", "tomorrow"):
        given = (
            released.store,
            released.PHARMACIST,
            Call(),
            RecordKind.CONTINGENCY,
            released.ids["site"],
            "en",
            str,
            period,
        )
        assert refusal(lambda: documents.make(*given)).code == "document_period"  # noqa: B023


@pytest.mark.parametrize("engine", ["sqlite"])
def test_each_site_has_sheets_of_its_own(released: Clinic) -> None:
    there = released.do(organisations.open_site, SYSTEM, released.ids["hospital"], "Klaten", "Asia/Jakarta").id
    released.course(first_on=today(released) + timedelta(days=1))
    assert len(sheets(printed(released))) == 1
    released.ids["annex"] = there
    assert sheets(printed(released, site="annex")) == []


def test_a_sheet_says_first_what_stood_against_the_dose_when_it_was_printed(released: Clinic) -> None:
    course = released.course(first_on=today(released) + timedelta(days=1))
    reserve(released, "H3K001", released.ordered(course, 1))
    assert [one["against"] for one in kept(printed(released))] == [[]]
    signed = (released.sign("wijaya", Meaning.RECALLED),)
    told = ("particles", 1, True, ScopeKind.LOT, [released.ids["lot"]])
    released.do(stops.recall, released.MAKER_QA, *told, reason="particles", signed=signed)
    with released.store.read(SYSTEM) as view:
        consent = subjects.consents(view, released.ids["subject"])[0].id
    withdraw(released, consent)
    (sheet,) = kept(printed(released))
    assert {"no_consent", "recalled"} <= {one["code"] for one in sheet["against"]}


def said(clinic: Clinic, ahead: int) -> dict[int, list[str]]:
    """By dose what stands against it on the sheets of a day that is so far ahead."""
    return {one["k"]: [each["code"] for each in one["against"]] for one in kept(printed(clinic, ahead))}


def test_a_sheet_says_what_will_stand_against_the_dose_on_its_day(released: Clinic) -> None:
    clinic = released
    clinic.clock.now = datetime(2026, 9, 25, 2, tzinfo=UTC)  # the lot may be used through the last of September
    course = clinic.course()
    reserve(clinic, "H3K001", clinic.ordered(course, 2))
    assert said(clinic, 0) == {1: []}
    assert said(clinic, 7) == {1: [], 2: ["expired"]}
    clinic.form(ConsentKind.THERAPY, version="v3", valid_from=today(clinic) + timedelta(days=2), renew=True)
    assert said(clinic, 1) == {1: []}
    assert said(clinic, 2) == {1: ["consent_signed_again"]}


def test_a_vial_that_is_released_for_this_patient_alone_has_nothing_against_it(in_stock: Clinic) -> None:
    clinic = in_stock
    lot, course = outside(clinic), clinic.course(first_on=today(clinic) + timedelta(days=1))
    release(clinic, lot, course)
    reserve(clinic, "H3K001", clinic.ordered(course, 1))
    assert said(clinic, 1) == {1: []}


def test_two_courses_of_one_knee_are_said_on_the_sheets_of_both(founded: Clinic) -> None:
    clinic = founded
    first, again, _, _ = with_courses(clinic)
    assert [one["against"] for one in kept(printed(clinic, 0))] == [[], []]
    merge(clinic, again, first)
    told = [[each["code"] for each in one["against"]] for one in kept(printed(clinic, 0))]
    assert told == [["course_twice"], ["course_twice"]]


def on_paper(clinic: Clinic, document: Document) -> str:
    """Everything that its PDF says."""
    return text_of(documents.kept(clinic.store, document))


def struck(clinic: Clinic) -> list[tuple[int, str, list[str], list[str]]]:
    """What is told of sheets that hang on a wall: how far ahead their day is, whose dose, what differs, what stands against it."""
    found = reading(clinic, to_print, clinic.PHARMACIST)
    return [
        (
            (one.day - today(clinic)).days,
            each.pseudonym,
            [str(what) for what in each.differs],
            [f.code for f in each.against],
        )
        for one in found
        for each in one.struck
    ]


def told_by(clinic: Clinic, document: Document) -> str | None:
    """What the page behind the code in its head says, to whoever holds the paper."""
    return documents.status(clinic.store, document.number, document.version).lapsed


def test_what_was_told_since_a_sheet_was_printed_strikes_it_until_it_is_printed_anew(released: Clinic) -> None:
    course = released.course(first_on=today(released) + timedelta(days=1))
    reserve(released, "H3K001", released.ordered(course, 1))
    patient(released, "MRN-2", first_on=today(released) + timedelta(days=1))
    pseudonym = reading(released, lambda view: subjects.subject(view, released.ids["subject"])).pseudonym
    first, next_day = printed(released), printed(released, 2)
    assert (struck(released), told_by(released, first)) == ([], None)
    released.do(stops.hold, released.QUALITY, "a leak", ScopeKind.LOT, [released.ids["lot"]], reason="a leak")
    assert struck(released) == [(1, pseudonym, [], ["held"]), (2, pseudonym, [], ["held"])]
    assert (told_by(released, first), told_by(released, next_day)) == ("told_since", "told_since")
    second = printed(released)
    assert (told_by(released, second), struck(released)) == (None, [(2, pseudonym, [], ["held"])])
    # the maker's recall reaches the hospital's wall, and graver than what stands on it already
    signed = (released.sign("wijaya", Meaning.RECALLED),)
    told = ("particles", 1, True, ScopeKind.LOT, [released.ids["lot"]])
    recall = released.do(stops.recall, released.MAKER_QA, *told, reason="particles", signed=signed).id
    assert struck(released)[0] == (1, pseudonym, [], ["recalled"])
    decided = (released.sign("wijaya", Meaning.DECIDED),)
    released.do(stops.withdraw, released.MAKER_QA, recall, reason="another lot", signed=decided)
    assert told_by(released, second) is None
    with released.store.read(SYSTEM) as view:
        consent = subjects.consents(view, released.ids["subject"])[0].id
    withdraw(released, consent)
    assert struck(released)[0] == (1, pseudonym, [], ["no_consent"])
    (line,) = reading(released, worklist.outdated_sheets, released.PHYSICIAN)
    assert line.values["days"] == [today(released) + timedelta(days=n) for n in (1, 2)]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_vial_let_go_and_a_course_that_ended_strike_a_sheet_what_was_added_or_given_does_not(
    released: Clinic,
) -> None:
    course = released.course(first_on=today(released))
    other, ended = patient(released, "MRN-2", first_on=today(released))
    sheet = printed(released, 0)
    order = released.ordered(course, 1)
    reserve(released, "H3K001", order)
    assert told_by(released, sheet) is None, "what was chosen after printing is written by hand"
    sheet = printed(released, 0)
    released.do(courses.unreserve, released.PHARMACIST, released.vial("H3K001").id, reason="label torn")
    reserve(released, "H3K002", order)
    assert [each[2] for each in struck(released)] == [["other_vial"]]
    sheet = printed(released, 0)
    hand_over(released, "H3K002")
    assert struck(released) == [], "a dose that is on its way goes on"
    released.clock.tick(minutes=30)
    released.give_dose(course, 1, vial=released.vial("H3K002"))
    assert (struck(released), told_by(released, sheet)) == ([], None), "what was given is not to be printed anew"
    released.do(courses.end, released.PHYSICIAN, ended, reason="moved away")
    whose = reading(released, lambda view: subjects.subject(view, other)).pseudonym
    assert struck(released) == [(0, whose, ["not_planned"], [])]
    released.clock.tick(days=2)
    assert told_by(released, sheet) is None, "the sheets of a day that is over are its record"


def test_a_dose_of_two_vials_names_both_and_what_befalls_either_strikes_its_sheet(released: Clinic) -> None:
    clinic = released
    other_lot = clinic.released_lot("UC26-J4", 2)
    clinic.protocol(name="Two vials", doses=2, volume_ul=6000)
    dose = clinic.ordered(clinic.course(), 1)
    reserve(clinic, "H3K001", dose)
    half = printed(clinic, 0)
    assert sheets(half) == [("right", 1, ["H3K001"])]
    assert "6 mL. Too little is kept: 3 mL are missing" in on_paper(clinic, half)
    reserve(clinic, "J4K001", dose)
    sheet = printed(clinic, 0)
    assert sheets(sheet) == [("right", 1, ["H3K001", "J4K001"])]
    assert struck(clinic) == []
    paper = on_paper(clinic, sheet)
    assert [word in paper for word in ("H3K001", "J4K001", "UC26-J4", "6 mL, from all 2 vials")] == [True] * 4
    assert "Too little" not in paper
    held = clinic.do(stops.hold, clinic.QUALITY, "sterility", ScopeKind.LOT, [other_lot], reason="sterility failed").id
    ((_, pseudonym, differs, against),) = struck(clinic)
    assert (differs, against) == ([], ["held"])
    assert [one["against"][0]["code"] for one in kept(printed(clinic, 0))] == ["held"]
    decided = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(stops.lift, clinic.QUALITY, held, reason="sterile after all", signed=decided)
    printed(clinic, 0)
    clinic.do(courses.unreserve, clinic.PHARMACIST, clinic.vial("J4K001").id, reason="label torn")
    assert struck(clinic) == [(0, pseudonym, ["other_vial"], [])]


def test_a_patient_planned_onto_a_printed_day_has_no_sheet_until_it_is_printed_anew(released: Clinic) -> None:
    clinic = released
    course = clinic.course()
    sheet, later = printed(clinic, 0), printed(clinic, 3)
    assert struck(clinic) == []
    whose, _course = patient(clinic, "MRN-2", first_on=today(clinic))
    new = reading(clinic, lambda view: subjects.subject(view, whose)).pseudonym
    assert struck(clinic) == [(0, new, ["not_printed"], [])], "by the third day it may have been given"
    assert (told_by(clinic, sheet), told_by(clinic, later)) == ("told_since", None)
    (line,) = reading(clinic, worklist.outdated_sheets, clinic.PHYSICIAN)
    assert (line.values["sheets"], line.values["unprinted"], line.values["days"]) == (0, 1, [today(clinic)])
    again = printed(clinic, 0)
    assert (len(sheets(again)), struck(clinic)) == (2, [])
    clinic.give_dose(course, 1)
    clinic.clock.tick(days=3)
    assert struck(clinic) == [(0, new, ["not_printed"], [])], (
        "what is late by a day that has come has no sheet of that day"
    )
