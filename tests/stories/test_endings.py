"""Vials taken out of stock on purpose, sent on to another site, and a lot counted up to its last vial (R17–R19, R36)."""

from __future__ import annotations

from typing import Any

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import cases, clean, count, enrol, reading, refusal, report
from tests.stories.test_recall import recall
from tests.stories.test_verdict import decided, hold
from traceability.domain import gs1
from traceability.domain.people import Meaning
from traceability.domain.states import Custody
from traceability.services import (
    distribution,
    endings,
    organisations,
    reconciling,
    retrieving,
    stocktakes,
    stops,
    transfers,
    vials,
)
from traceability.store import Call, Source
from traceability.store.tables.endings import Method, SampleFor
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import ScopeKind


def destroy(clinic: Clinic, *serials: str, **told: Any) -> Any:
    signed = (clinic.sign("putri", Meaning.DESTROYED), clinic.sign("maharani", Meaning.SEEN_DESTROYED))
    chosen = [clinic.vial(serial).id for serial in serials]
    told = {"signed": signed, "reason": "out of date", **told}
    return clinic.do(endings.destroy, clinic.PHARMACIST, chosen, Method.INCINERATED, **told)


def figures(clinic: Clinic, who: Any = None) -> reconciling.Figures:
    made: reconciling.Figures = reading(
        clinic, lambda view: reconciling.count_up(view, clinic.ids["lot"]), who or clinic.QUALITY
    )
    return made


def sscc(number: int) -> str:
    body = f"0952123{number:010d}"
    return body + gs1.check_digit(body)


def second_site(clinic: Clinic) -> None:
    """The hospital has a second building with a freezer of its own."""
    do = clinic.do
    clinic.ids["second"] = do(
        organisations.open_site, clinic.ADMINISTRATOR, clinic.ids["hospital"], "Boyolali", "Asia/Jakarta"
    ).id
    freezer = do(organisations.open_place, clinic.QUALITY, clinic.ids["second"], PlaceKind.FREEZER, "F-09", "F-09").id
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    do(organisations.assume, clinic.QUALITY, freezer, -25_000, -15_000, 700 * 86_400, reason="mapped", signed=signed)
    clinic.ids["second_freezer"] = freezer


def sent(clinic: Clinic, target: str, *serials: str, number: int = 77) -> Any:
    chosen = [clinic.vial(serial).id for serial in serials]
    return clinic.do(
        transfers.transfer, clinic.PHARMACIST, sscc(number), clinic.ids["site"], clinic.ids[target], chosen
    )


def test_every_way_out_of_stock_has_its_bucket_and_the_lot_adds_up(released: Clinic) -> None:
    clinic = released
    clinic.ids["subject"] = enrol(clinic)
    report(clinic, [clinic.code(clinic.vial("H3K001"))])
    clinic.clock.tick(minutes=5)
    clinic.do(endings.sample, clinic.ANALYST, [clinic.vial("H3K002").id], SampleFor.STABILITY, reason="six months")
    clinic.do(
        endings.retain,
        clinic.QUALITY,
        [clinic.vial("H3K003").id],
        SampleFor.REFERENCE,
        clinic.ids["freezer"],
        reason="kept",
    )
    clinic.do(endings.send_back, clinic.STOREKEEPER, [clinic.vial("H3K004").id], reason="wrong strength ordered")
    destroy(clinic, "H3K005")
    told = figures(clinic)
    assert {name: count for name, count in told.buckets.items() if count} == {
        "administered": 1, "retained": 2, "returned": 1, "destroyed": 1,
    }  # fmt: skip
    assert (told.filled, sum(told.buckets.values()), told.differs) == (5, 5, ())
    (kept,) = [one for one in told.where if one.custody is Custody.RETAINED]
    assert kept.place == "F-01"
    assert clinic.scan("H3K003")[0] != "use", "what is kept back is for no patient"
    assert clinic.scan("H3K005") == ("do_not_use", ["gone"])
    destroy(clinic, "H3K003")
    assert clinic.vial("H3K003").state is Custody.DESTROYED
    clean(clinic)


def test_destruction_takes_two_and_what_was_given_is_not_destroyed_but_asked_about(released: Clinic) -> None:
    clinic = released
    clinic.ids["subject"] = enrol(clinic)
    report(clinic, [clinic.code(clinic.vial("H3K001"))])
    alone = (clinic.sign("putri", Meaning.DESTROYED), clinic.sign("putri", Meaning.SEEN_DESTROYED))
    assert refusal(lambda: destroy(clinic, "H3K002", signed=alone)).code == "signature_same_person"
    assert refusal(lambda: destroy(clinic, "H3K002", reason="")).code == "reason_missing"
    done = destroy(clinic, "H3K001", "H3K002")
    assert done.answer["findings"] == ["state_contradicts"]
    assert [one.number for one in cases(clinic) if one.number == done.answer["case"]]
    assert clinic.vial("H3K001").state is Custody.GIVEN
    assert clinic.vial("H3K002").state is Custody.DESTROYED
    assert refusal(lambda: clinic.do(
        endings.destroy, clinic.ELSEWHERE, [clinic.vial("H3K003").id], Method.AUTOCLAVED, reason="x",
        signed=(clinic.sign("other", Meaning.DESTROYED), clinic.sign("maharani", Meaning.SEEN_DESTROYED)),
    )).code in ("not_found", "not_yours", "signature_not_entitled", "signature_not_accepted")  # fmt: skip


def test_at_a_second_site_of_the_house_the_release_stands_on(released: Clinic) -> None:
    clinic = released
    second_site(clinic)
    clinic.clock.tick(minutes=1)
    box = sent(clinic, "second", "H3K001", "H3K002")
    assert clinic.vial("H3K001").state is Custody.IN_TRANSIT
    assert figures(clinic).buckets["in_transit"] == 2
    clinic.arrived(box.id)
    clinic.counted(box.id)
    clinic.put_away(box.id, "second_freezer")
    clinic.logged(box.id)
    assert clinic.scan("H3K001") == ("use", [])
    assert clinic.vial("H3K001").organisation_id == clinic.ids["hospital"]
    (where,) = [one for one in figures(clinic).where if one.place == "F-09"]
    assert (where.site, where.vials) == ("Boyolali", 2)


def test_at_another_hospital_its_own_qa_releases_and_sees_the_lot_from_then_on(released: Clinic) -> None:
    clinic = released
    there = elsewhere(clinic)
    clinic.clock.tick(minutes=1)
    box = sent(clinic, "other_site", "H3K001", "H3K002")
    there.arrived(box.id)
    there.counted(box.id)
    there.put_away(box.id)
    there.logged(box.id)
    assert "not_released" in clinic.scan("H3K001", who=there.PHARMACIST)[1], "a release does not travel"
    there.certificate(there.tested(clinic.ids["lot"]))
    there.release(clinic.ids["lot"], ("H3K001", "H3K002"))
    assert clinic.scan("H3K001", who=there.PHARMACIST) == ("use", [])
    assert clinic.vial("H3K001").organisation_id == clinic.ids["other"]
    mine = reading(clinic, lambda view: distribution.distribution(view, clinic.ids["lot"]), clinic.QUALITY)
    assert [(one.consignee, one.quantity, one.whole) for one in mine][-1] == (mine[-1].consignee, 2, 2)
    assert [(one.lot, one.quantity, one.strength is not None or True) for one in mine] == [
        ("UC26-H3", 5, True),
        ("UC26-H3", 2, True),
    ]
    maker = reading(clinic, lambda view: distribution.distribution(view), clinic.MAKER_QA)
    assert [one.quantity for one in maker] == [5], "the box between two hospitals is theirs"
    clean(clinic)


def test_what_is_recalled_held_or_elsewhere_stays_where_it_is(released: Clinic) -> None:
    clinic = released
    second_site(clinic)
    hold(clinic, clinic.vial("H3K001").id)
    no = refusal(lambda: sent(clinic, "second", "H3K001", "H3K002"))
    assert (no.code, [one.code for one in no.findings]) == ("transfer_refused", ["held"])
    recall(clinic, ScopeKind.LOT, clinic.ids["lot"])
    no = refusal(lambda: sent(clinic, "other_site", "H3K002"))
    assert [one.code for one in no.findings] == ["recalled"]
    assert refusal(lambda: sent(clinic, "maker_site", "H3K002")).code == "not_a_hospital"
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K003").id, reason="gone")
    assert refusal(lambda: sent(clinic, "second", "H3K003")).code == "not_at_site"


def test_what_does_not_add_up_is_named_signed_with_its_figures_and_opens_one_case(released: Clinic) -> None:
    clinic = released
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K005").id, reason="not on its shelf")
    clinic.clock.tick(minutes=5)
    count = clinic.do(stocktakes.begin, clinic.STOREKEEPER, clinic.ids["quarantine"]).id
    for serial in ("H3K001", "H3K002", "H3K003"):
        clinic.do(stocktakes.note, clinic.STOREKEEPER, count, clinic.code(clinic.vial(serial)))
    clinic.clock.tick(minutes=5)
    clinic.do(stocktakes.finish, clinic.STOREKEEPER, count)
    told = figures(clinic)
    assert [one.code for one in told.differs] == ["vials_missing", "counted_differently"]
    assert told.differs[0].values["serials"] == ("H3K005",)
    assert told.over == {"quarantine": 4, "held": 1, "recalled": 0}
    stale = refusal(lambda: signed(clinic, "0" * 64))
    assert stale.code == "figures_changed"
    done = signed(clinic, told.digest)
    assert done.answer["differs"] == ["vials_missing", "counted_differently"]
    again = signed(clinic, figures(clinic).digest)
    assert again.answer["case"] == done.answer["case"], "one case while it is open"
    kept = reading(clinic, lambda view: reconciling.signed(view, clinic.ids["lot"]), clinic.QUALITY)
    assert [one.figures["filled"] for one in kept] == [5, 5]
    assert reading(clinic, lambda view: reconciling.signed(view, clinic.ids["lot"]), clinic.MAKER_QA) == []
    clean(clinic)


def test_a_missing_vial_that_one_person_reports_broken_stays_missing_until_a_second_one_does(released: Clinic) -> None:
    clinic, vial = released, released.vial("H3K005")
    clinic.do(vials.report_lost, clinic.STOREKEEPER, vial.id, reason="not on its shelf")
    clinic.clock.tick(minutes=5)
    told = [clinic.do(vials.report_broken, clinic.STOREKEEPER, vial.id, reason="shards under the rack") for _ in "ab"]
    assert [one.answer["findings"] for one in told] == [["lost_and_broken"]] * 2, "the same person twice is one word"
    assert told[0].answer["case"]
    found = figures(clinic)
    assert (found.buckets["missing"], found.buckets["wasted"]) == (1, 0)
    assert [one.code for one in found.differs] == ["vials_missing", "missing_and_broken"]
    assert found.differs[1].values["serials"] == ("H3K005",)
    done = clinic.do(vials.report_broken, clinic.QUALITY, vial.id, reason="saw them, the label is its own")
    assert done.answer["findings"] == []
    assert (figures(clinic).buckets["missing"], figures(clinic).buckets["wasted"], figures(clinic).differs) == (
        0,
        1,
        (),
    )
    clean(clinic)


def test_a_vial_that_a_count_did_not_find_and_a_later_one_does_differs_no_more(released: Clinic) -> None:
    clinic = released

    def counted(*serials: str) -> None:
        clinic.clock.tick(minutes=5)
        count = clinic.do(stocktakes.begin, clinic.STOREKEEPER, clinic.ids["quarantine"]).id
        for serial in serials:
            clinic.do(stocktakes.note, clinic.STOREKEEPER, count, clinic.code(clinic.vial(serial)))
        clinic.clock.tick(minutes=5)
        clinic.do(stocktakes.finish, clinic.STOREKEEPER, count)

    counted("H3K001", "H3K002", "H3K003", "H3K004")
    assert [one.code for one in figures(clinic).differs] == ["counted_differently"]
    counted("H3K001", "H3K002", "H3K003", "H3K004", "H3K005")
    assert figures(clinic).differs == ()
    assert "held" in clinic.scan("H3K005")[1], "whoever uses it asks first: its case is open"


def signed(clinic: Clinic, digest: str) -> Any:
    return clinic.do(
        reconciling.reconcile_lot, clinic.QUALITY, clinic.ids["lot"], digest, signed=decided(clinic, "maharani")
    )


def test_a_destruction_told_late_of_a_vial_that_moved_since_is_kept_and_asked_about(released: Clinic) -> None:
    clinic = released
    before = clinic.clock.now
    clinic.clock.tick(hours=2)
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["freezer"])
    clinic.clock.tick(hours=1)
    done = destroy(clinic, "H3K001", call=Call(occurred_at=before, source=Source.LATE))
    assert done.answer["findings"] == ["moved_since"]
    assert done.answer["case"]
    assert clinic.vial("H3K001").state is Custody.DESTROYED
    clean(clinic)


def test_who_finds_a_missing_vial_does_not_say_alone_that_it_is_gone_again(released: Clinic) -> None:
    clinic, (found, retrieved) = released, (released.vial("H3K004"), released.vial("H3K005"))
    signed = (clinic.sign("maharani", Meaning.RECALLED),)
    recall = clinic.do(
        stops.recall, clinic.QUALITY, "glass", 1, True, ScopeKind.VIAL, (retrieved.id,), reason="shards", signed=signed
    ).id
    for vial in (found, retrieved):
        clinic.do(vials.report_lost, clinic.STOREKEEPER, vial.id, reason="not on its shelf")
    clinic.clock.tick(minutes=5)
    clinic.do(vials.report_found, clinic.STOREKEEPER, found.id, clinic.ids["freezer"], reason="there it is")
    clinic.do(retrieving.retrieve, clinic.STOREKEEPER, recall, clinic.code(retrieved))
    clinic.clock.tick(minutes=5)
    for vial in (found, retrieved):
        broken = clinic.do(vials.report_broken, clinic.STOREKEEPER, vial.id, reason="fell")
        used_up = clinic.do(
            endings.sample, clinic.STOREKEEPER, [vial.id], SampleFor.QUALITY_CONTROL, reason="for the lab"
        )
        assert [one.answer["findings"] for one in (broken, used_up)] == [["lost_and_broken"]] * 2
        assert clinic.vial(vial.serial).state is Custody.IN_STOCK
    assert count(clinic, "removal") == 0
    assert "held" in clinic.scan("H3K004")[1], "somebody finds out, and nobody uses it until then"
    clinic.do(vials.report_broken, clinic.PHARMACIST, found.id, reason="saw the shards")
    assert clinic.vial("H3K004").state is Custody.DISCARDED, "two people have had it in hand"
    clean(clinic)
