"""A box that does not arrive: due for both sides, given up by two people, and what follows where it comes after all (R17, R18, R36)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tests.clinic import JAKARTA, Clinic
from tests.stories.case import cases, clean, reading, refusal
from tests.stories.test_endings import figures
from traceability.domain.casework import CaseKind
from traceability.domain.people import Actor, Meaning
from traceability.domain.states import ConsignmentState, Custody
from traceability.services import consignments, due, lost_boxes, transfers, vials, worklist
from traceability.services.cases import open_cases
from traceability.store import Call
from traceability.store.tables.alarms import AlarmKind


def box(clinic: Clinic, **told: Any) -> str:
    chosen = [vial.id for vial in clinic.vials(clinic.ids["lot"])]
    places = (clinic.ids["maker_site"], clinic.ids["site"])
    return clinic.do(consignments.ship, clinic.MAKER_QA, "095212300000000017", *places, chosen, **told).id


def give_up(clinic: Clinic, box: str, who: Actor | None = None, *, by: tuple[str, str] = ("maharani", "putri")) -> Any:
    signed = (clinic.sign(by[0], Meaning.DECIDED), clinic.sign(by[1], Meaning.SEARCHED))
    return clinic.do(
        lost_boxes.give_up, who or clinic.QUALITY, box, reason="the carrier has lost its trace", signed=signed
    )


def work(clinic: Clinic, who: Actor) -> list[str]:
    roles = who.roles(clinic.clock.now)
    found = reading(clinic, lambda view: worklist.waiting(view, roles), who)
    return [one.code for one in found if one.code in ("expected", "box_overdue")]


def alarms(clinic: Clinic) -> set[str]:
    return {one.organisation_id for one in reading(clinic, due.everything) if one.kind is AlarmKind.BOX_OVERDUE}


def codes(clinic: Clinic) -> list[str]:
    return [one.code for one in figures(clinic).differs]


def test_a_box_past_its_latest_arrival_is_due_at_both_ends_and_a_finding_of_its_lot(certified: Clinic) -> None:
    clinic = certified
    one = box(clinic)
    shipped = clinic.clock.now.astimezone(JAKARTA).date()
    ends = clinic.consignment(one).due_at.astimezone(JAKARTA)
    assert (ends.date(), ends.hour) == (shipped + timedelta(days=7), 23), "a week where its sender says nothing"
    clinic.clock.now = ends
    assert (work(clinic, clinic.STOREKEEPER), work(clinic, clinic.MAKER_QA)) == (["expected"], [])
    assert (alarms(clinic), codes(clinic)) == (set(), [])
    assert refusal(lambda: give_up(clinic, one)).code == "box_not_overdue"
    clinic.clock.tick(seconds=1)
    for who in (clinic.STOREKEEPER, clinic.PHARMACIST, clinic.QUALITY, clinic.MAKER_QA):
        assert work(clinic, who) == ["box_overdue"]
    assert work(clinic, clinic.ELSEWHERE) == []
    assert alarms(clinic) == {clinic.ids["hospital"], clinic.ids["maker"]}
    assert due.report(clinic.store) >= 2
    told = figures(clinic)
    assert (told.buckets["in_transit"], [one.code for one in told.differs]) == (5, ["box_overdue"])
    assert told.differs[0].values["serials"][0] == "H3K001 (C-1)"
    clinic.arrived(one)
    assert (alarms(clinic), codes(clinic), work(clinic, clinic.QUALITY)) == (set(), [], [])
    assert cases(clinic) == [], "late is no contradiction"
    clean(clinic)


def test_the_sender_says_by_which_day_and_a_slip_of_the_pen_is_refused(released: Clinic) -> None:
    clinic = released
    chosen = [clinic.vial("H3K001").id]
    today = clinic.clock.now.astimezone(JAKARTA).date()

    def sent(day: date) -> Any:
        places = (clinic.ids["site"], clinic.ids["other_site"])
        return clinic.do(transfers.transfer, clinic.PHARMACIST, "095212300000000024", *places, chosen, due_on=day)

    for day in (today - timedelta(days=1), today + timedelta(days=61)):
        assert refusal(lambda day=day: sent(day)).code == "field_date_outside"
    ends = clinic.consignment(sent(today + timedelta(days=2)).id).due_at.astimezone(JAKARTA)
    assert ends.date() == today + timedelta(days=2)


def test_two_people_give_it_up_and_its_vials_are_missing(certified: Clinic) -> None:
    clinic = certified
    one = box(clinic)
    clinic.clock.tick(days=9)
    alone = refusal(lambda: give_up(clinic, one, by=("maharani", "maharani")))
    assert alone.code == "signature_same_person"
    assert refusal(lambda: give_up(clinic, one, clinic.STOREKEEPER)).code == "not_permitted"
    done = give_up(clinic, one, clinic.MAKER_QA, by=("wijaya", "wijaya2"))
    assert clinic.consignment(one).state is ConsignmentState.GIVEN_UP
    assert {vial.state for vial in clinic.vials(clinic.ids["lot"])} == {Custody.LOST}
    told = figures(clinic)
    assert (told.buckets["missing"], told.buckets["in_transit"], sum(told.buckets.values())) == (5, 0, told.filled)
    assert [one.code for one in told.differs] == ["vials_missing"]
    (case,) = reading(clinic, open_cases, clinic.MAKER_QA)
    assert case.kind is CaseKind.LOSS
    assert (case.number, case.consignment_id, case.organisation_id) == (done.answer["case"], one, clinic.ids["maker"])
    assert (alarms(clinic), work(clinic, clinic.MAKER_QA), work(clinic, clinic.STOREKEEPER)) == (set(), [], [])
    assert refusal(lambda: give_up(clinic, one)).code == "wrong_state", "once"
    clean(clinic)


def test_a_box_that_was_given_up_comes_after_all_and_its_vials_are_held_until_qa_has_looked(certified: Clinic) -> None:
    clinic = certified
    one = box(clinic)
    clinic.clock.tick(days=9)
    lost = give_up(clinic, one).answer["case"]
    clinic.clock.tick(days=2)
    signed = (clinic.sign("handayani", Meaning.RECEIVED), clinic.sign("putri", Meaning.WITNESSED))
    told = {"carrier": "KJ Cold", "seal": "S-4471", "seal_whole": True, "condition": "no dry ice left"}
    done = clinic.do(consignments.arrive, clinic.STOREKEEPER, one, signed=signed, **told)
    assert done.answer["findings"] == ["box_given_up"]
    (asks,) = [case for case in cases(clinic) if case.kind is CaseKind.CONTRADICTION]
    assert (asks.number, asks.title) == (done.answer["case"], f"C-1: box_given_up, {lost}")
    assert {vial.state for vial in clinic.vials(clinic.ids["lot"])} == {Custody.IN_TRANSIT}
    clinic.counted(one, broken=("H3K002",), absent=("H3K003",))
    clinic.put_away(one)
    states = [clinic.vial(serial).state for serial in ("H3K001", "H3K002", "H3K003")]
    assert states == [Custody.IN_STOCK, Custody.DISCARDED, Custody.LOST]
    verdict, why = clinic.scan("H3K001")
    assert verdict == "ask_qa"
    assert {"held", "temperature_unknown"} <= set(why), "of the days in which it was given up nobody knows anything"
    told_of = figures(clinic)
    assert sum(told_of.buckets.values()) == told_of.filled == 5
    clean(clinic)


def test_a_box_told_late_to_have_arrived_before_it_was_given_up_is_asked_about_too(certified: Clinic) -> None:
    """And a vial that came loose meanwhile stays where it was found."""
    clinic = certified
    one = box(clinic)
    came: datetime = clinic.clock.tick(days=9)
    clinic.clock.tick(hours=3)
    give_up(clinic, one)
    clinic.clock.tick(hours=1)
    clinic.do(
        vials.report_found, clinic.PHARMACIST, clinic.vial("H3K005").id, clinic.ids["quarantine"], reason="came loose"
    )
    clinic.clock.tick(hours=1)
    signed = (clinic.sign("handayani", Meaning.RECEIVED), clinic.sign("putri", Meaning.WITNESSED))
    told = {"carrier": "KJ Cold", "seal": "S-4471", "seal_whole": True, "condition": "dry ice left"}
    call = Call(occurred_at=came, source="late")
    done = clinic.do(consignments.arrive, clinic.STOREKEEPER, one, signed=signed, call=call, **told)
    assert done.answer["findings"] == ["box_given_up"]
    states = {vial.serial: vial.state for vial in clinic.vials(clinic.ids["lot"])}
    assert states == {f"H3K00{n}": Custody.IN_TRANSIT if n < 5 else Custody.IN_STOCK for n in range(1, 6)}
    clean(clinic)
