"""A house with sites in two zones has a midnight at each: what is done to a patient is of the day of its site (R41, R43, R45)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from tests.clinic import Clinic
from tests.stories.case import RIGHT, enrol, patient, planned, protocol, reading, report
from traceability.domain.people import SYSTEM, Grant, Meaning, Role
from traceability.domain.records import RecordKind
from traceability.services import (
    bedside,
    calendar,
    consents,
    course_outcomes,
    courses,
    documents,
    doses,
    exposures,
    organisations,
    outcomes,
    study,
    study_tables,
    vials,
    worklist,
)
from traceability.services.records import administration, card
from traceability.store import Call, View
from traceability.store.tables import Document, Subject
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import ConsentKind, Laterality

ELEVENTH = date(2026, 4, 11)
"""Half past midnight in Merauke (UTC+9), and half past ten on the evening before at the house's first site (UTC+7)."""


@pytest.fixture
def merauke(released: Clinic) -> Clinic:
    released.ids["first_site"] = released.ids["site"]
    released.ids["site"] = released.do(
        organisations.open_site, SYSTEM, released.ids["hospital"], "Merauke", "Asia/Jayapura"
    ).id
    released.clock.now = datetime(2026, 4, 10, 15, 30, tzinfo=UTC)
    return released


def given(clinic: Clinic, course: str, k: int) -> str:
    signed = (clinic.sign("santosa", Meaning.GIVEN), clinic.sign("rahayu", Meaning.WITNESSED))
    vial, dose = clinic.vials(clinic.ids["lot"])[0], clinic.dose(course, k)
    return clinic.do(
        doses.give, clinic.PHYSICIAN, clinic.ids["subject"], RIGHT, [clinic.code(vial)], 3000, 0, dose_id=dose, signed=signed
    ).id  # fmt: skip


def test_what_is_given_after_midnight_is_of_the_new_day_in_the_calendar_and_on_paper(merauke: Clinic) -> None:
    course = merauke.course(first_on=ELEVENTH)
    merauke.consent(merauke.ids["subject"], ConsentKind.DATA)

    def first(found: list[calendar.Planned]) -> tuple[str, date | None, int]:
        (one,) = [one for one in found if one.course_id == course and one.k == 1]
        return str(one.standing), one.done_on, one.off_d

    assert first(reading(merauke, lambda view: calendar.of_course(view, course), merauke.PHYSICIAN)) == (
        "today",
        None,
        0,
    )
    (waits,) = reading(merauke, lambda view: worklist.to_order(view), merauke.PHYSICIAN)
    assert waits.values["days"] == 0
    injection = given(merauke, course, 1)

    def week(since: date, until: date) -> list[calendar.Planned]:
        return reading(merauke, lambda view: calendar.planned(view, since, until), merauke.PHYSICIAN)

    assert first(week(ELEVENTH, ELEVENTH)) == ("done", ELEVENTH, 0)
    tenth = ELEVENTH - timedelta(days=1)
    assert [one for one in week(tenth, tenth) if one.is_dose] == []
    with merauke.store.read(merauke.PHYSICIAN) as view:
        (knee,) = exposures.knees(view, {one.id: one for one in view.all(Subject)})
        assert knee.first_on == ELEVENTH
        assert course_outcomes.of_course(view, course).doses[0].on == ELEVENTH
        heads = (card.build(view, course, "C-1", 1).head, administration.build(view, injection, "A-1", 1).head)
        assert {(head.site, head.zone) for head in heads} == {("Merauke", "Asia/Jayapura")}
        found = study_tables.sdtm(study.study(view), "H")
        rows = {name: dict(zip(*found[name][:2], strict=True)) for name in ("DM", "EX")}
    assert (rows["EX"]["EXSTDTC"], rows["EX"]["EXSTDY"]) == ("2026-04-11T00:30+09:00", 1)
    assert (rows["DM"]["RFSTDTC"], rows["DM"]["SITEID"]) == ("2026-04-11T00:30+09:00", "Merauke")


def test_an_injection_without_a_course_is_of_the_day_where_its_vial_lay(merauke: Clinic) -> None:
    freezer = merauke.do(
        organisations.open_place, merauke.QUALITY, merauke.ids["site"], PlaceKind.FREEZER, "MF", "MF"
    ).id
    merauke.course()
    (vial, other) = merauke.vials(merauke.ids["lot"])[:2]
    merauke.do(vials.move, merauke.STOREKEEPER, vial.id, freezer)
    signed = (merauke.sign("santosa", Meaning.GIVEN), merauke.sign("rahayu", Meaning.WITNESSED))
    merauke.clock.tick(seconds=1)
    for one, side in ((vial, Laterality.LEFT), (other, RIGHT)):
        told = (enrol(merauke, "Somebody", f"M-{side}"), side, [merauke.code(one)], 3000, 0)
        merauke.do(doses.give, merauke.PHYSICIAN, *told, signed=signed)
    with merauke.store.read(merauke.PHYSICIAN) as view:
        found = exposures.knees(view, {one.id: one for one in view.all(Subject)})
    assert {one.laterality: one.first_on.day for one in found} == {Laterality.LEFT: 11, RIGHT: 10}


def test_window_and_form_are_judged_by_the_day_at_the_bedside(merauke: Clinic) -> None:
    """A form that is in force from the eleventh and signed on it, and a dose two days ahead, which its window allows."""
    merauke.form(version="v3", valid_from=ELEVENTH, renew=True)
    subject = merauke.subject()
    signed = (merauke.sign("santosa", Meaning.RECORDED), merauke.sign("rahayu", Meaning.WITNESSED))

    def sign(version: str) -> list[str]:
        told = (subject, ConsentKind.THERAPY, version, merauke.clock.now)
        done = merauke.do(consents.record, merauke.PHYSICIAN, *told, signed=signed)
        return [one["code"] for one in done.answer.get("findings", ())]

    assert sign("v3 (id)") == ["consent_in_force"], "nobody knows yet where they are treated: it is the house's day"
    protocol(merauke)
    course = planned(merauke, subject, first_on=ELEVENTH + timedelta(days=2))
    (one,) = reading(merauke, lambda view: consents.told(view, view.all(consents.Consent)), merauke.PHYSICIAN)
    assert one["asks"] == ()
    merauke.ids["subject"] = subject
    vial = merauke.ready_vial(course, 1)
    with merauke.store.read(merauke.PHYSICIAN) as view:
        asked = bedside.ask(view, merauke.dose(course, 1), subject, merauke.code(vial), RIGHT)
    assert asked.findings == ()
    told = (merauke.PHYSICIAN, subject, "VAS", "70", TimePoint.BASELINE, "visit")
    merauke.do(outcomes.record, *told, low="0", high="100", laterality=RIGHT, observed_on=ELEVENTH)


def test_a_vial_ends_with_the_day_of_its_bed_where_that_is_over_first(merauke: Clinic) -> None:
    """30 September: over in Merauke at 15:00 UTC; in the freezer in Surakarta it lasts until 17:00, for a course that is given there."""
    merauke.clock.now = datetime(2026, 9, 30, 14, 0, tzinfo=UTC)
    far = merauke.course(first_on=date(2026, 9, 30))
    merauke.ids["site"] = merauke.ids["first_site"]
    near = planned(merauke, merauke.ids["subject"], Laterality.LEFT)

    def offered(course: str) -> int:
        rows = reading(merauke, lambda view: courses.offer(view, merauke.dose(course, 1)), merauke.PHARMACIST)
        return sum(row["offered"] for row in rows)

    assert (offered(far), offered(near)) == (5, 5)
    merauke.clock.tick(hours=1)
    assert (offered(far), offered(near)) == (0, 5)
    merauke.clock.tick(hours=2)
    assert (offered(far), offered(near)) == (0, 0)


def test_sheets_are_of_the_sites_days_and_who_works_at_one_site_reads_in_its_time(merauke: Clinic) -> None:
    merauke.course(first_on=ELEVENTH)
    until = (ELEVENTH + timedelta(days=31)).isoformat()
    made = documents.make(
        merauke.store, merauke.PHARMACIST, Call(), RecordKind.CONTINGENCY, merauke.ids["site"], "en",
        lambda number, version: f"https://trace.example/d/{number}/{version}", until,
    )  # fmt: skip
    with merauke.store.read(merauke.PHARMACIST) as view:
        record = json.loads(view.need(Document, made.id).record or "")
        assert record["head"]["zone"] == "Asia/Jayapura"
        assert organisations.read_at(view).name == "Surakarta"
    only = [Grant(Role.NURSE, merauke.ids["hospital"], merauke.ids["site"], merauke.clock.now, None, None)]
    nurse = type(merauke.PHYSICIAN)("nurse", "Nurse", merauke.ids["hospital"], tuple(only))
    with merauke.store.read(nurse) as view:
        assert organisations.read_at(view).name == "Merauke"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_days_of_many_are_asked_with_as_many_queries_as_of_one(merauke: Clinic) -> None:
    def asked(ask: Callable[[View], object]) -> int:
        with merauke.store.read(merauke.PHYSICIAN) as view:
            sent: list[str] = []
            event.listen(view.connection, "before_cursor_execute", lambda *told: sent.append(told[2]))
            ask(view)
            return len(sent)

    reads: list[Callable[[View], object]] = [
        lambda view: calendar.planned(view, ELEVENTH, ELEVENTH),
        lambda view: courses.due(view, 7),
        lambda view: exposures.knees(view, {one.id: one for one in view.all(Subject)}),
        lambda view: consents.told(view, view.all(consents.Consent)),
    ]
    given(merauke, merauke.course(), 1)
    codes = [merauke.code(one) for one in merauke.vials(merauke.ids["lot"])]
    report(merauke, codes[1:2], subject=enrol(merauke, "Somebody", "MRN-1"))
    one = [asked(ask) for ask in reads]
    merauke.ids["site"] = merauke.ids["first_site"]
    for n in (2, 3):
        patient(merauke, f"MRN-{n}")
        report(merauke, codes[n : n + 1], subject=enrol(merauke, "Somebody", f"MRN-{n}-0"))
    assert [asked(ask) for ask in reads] == one
