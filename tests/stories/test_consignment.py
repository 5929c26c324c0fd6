"""A box on its way: shipped, arrived with two people, counted by scanning, put away (step 3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import cases, clean, nobody_knows, reading
from tests.stories.test_endings import second_site, sent
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning
from traceability.domain.states import ConsignmentState, Custody
from traceability.services import consignments, courses, stops, vials
from traceability.services.cases import open_cases
from traceability.store import Call, Source
from traceability.store.tables import Handover, Line, Signature, Stay


def received(clinic: Clinic) -> tuple:
    return (clinic.sign("handayani", Meaning.RECEIVED), clinic.sign("putri", Meaning.WITNESSED))


TOLD = {"carrier": "KJ Cold", "seal": "S-4471", "seal_whole": True, "condition": "dry ice left"}


def test_shipped_vials_lie_in_their_box(certified: Clinic) -> None:
    box = certified.shipped(certified.ids["lot"])
    one = certified.consignment(box)
    assert one.state is ConsignmentState.EXPECTED
    for vial in certified.vials(certified.ids["lot"]):
        assert vial.state is Custody.IN_TRANSIT
    with certified.store.read(SYSTEM) as view:
        lying = view.known(Stay, Stay.until.is_(None))  # type: ignore[union-attr]
    assert {stay.place_id for stay in lying} == {one.place_id}


@pytest.mark.parametrize("sscc", ["095212300000000018", "09521230000000001", "x" * 18, "0" * 17 + "³"])
def test_a_wrong_sscc_is_refused(certified: Clinic, sscc: str) -> None:
    with pytest.raises(Refused, match="code_"):
        certified.shipped(certified.ids["lot"], sscc=sscc)
    assert certified.consignments() == []


def test_a_box_has_its_own_sscc(certified: Clinic) -> None:
    lot = certified.ids["lot"]
    certified.shipped(lot, serials=("H3K001",), sscc="095212300000000017")
    with pytest.raises(Refused, match="already_there"):
        certified.shipped(lot, serials=("H3K002",), sscc="095212300000000017")


def test_a_vial_on_its_way_is_not_shipped_again(certified: Clinic) -> None:
    certified.shipped(certified.ids["lot"], serials=("H3K001",))
    with pytest.raises(Refused, match="wrong_state"):
        certified.shipped(certified.ids["lot"], serials=("H3K001", "H3K002"))
    assert certified.vial("H3K002").state is Custody.MADE


def test_an_empty_box_is_not_shipped(certified: Clinic) -> None:
    with pytest.raises(Refused, match="nothing_chosen"):
        certified.shipped(certified.ids["lot"], serials=())


def test_two_people_take_the_box_over_and_say_what_they_saw(certified: Clinic) -> None:
    box = certified.arrived(
        certified.shipped(certified.ids["lot"]), seal_whole=False, condition="lid open", temperature_mc=-18_500
    )
    with certified.store.read(certified.STOREKEEPER) as view:
        (handed,) = view.all(Handover, Handover.consignment_id == box)
        signed = view.known(Signature, Signature.act_id == handed.act_id)
    assert (handed.seal_whole, handed.condition, handed.temperature_mc) == (False, "lid open", -18_500)
    assert {(one.name, one.meaning) for one in signed} == {("S. Handayani", "received"), ("N. Putri", "witnessed")}
    assert all(
        vial.state is Custody.IN_TRANSIT for vial in certified.vials(certified.ids["lot"])
    )  # arrival releases nothing


def test_one_person_alone_does_not_take_a_box_over(certified: Clinic) -> None:
    box = certified.shipped(certified.ids["lot"])
    alone = (certified.sign("handayani", Meaning.RECEIVED), certified.sign("handayani", Meaning.WITNESSED))
    with pytest.raises(Refused, match="signature_same_person"):
        certified.do(consignments.arrive, certified.STOREKEEPER, box, signed=alone, **TOLD)
    assert certified.consignment(box).state is ConsignmentState.EXPECTED


def test_a_box_does_not_arrive_before_it_left(certified: Clinic) -> None:
    box = certified.shipped(certified.ids["lot"])
    call = Call(occurred_at=certified.clock.now - timedelta(minutes=1), source=Source.LATE)
    with pytest.raises(Refused, match="before_shipping"):
        certified.do(consignments.arrive, certified.STOREKEEPER, box, signed=received(certified), call=call, **TOLD)


def test_a_box_arrives_once_and_only_at_its_consignee(arrived: Clinic) -> None:
    box = arrived.ids["box"]
    with pytest.raises(Refused, match="wrong_state"):
        arrived.do(consignments.arrive, arrived.STOREKEEPER, box, signed=received(arrived), **TOLD)
    with pytest.raises(Refused, match="not_found"):
        arrived.do(consignments.count, arrived.ELSEWHERE, box, arrived.code(arrived.vial("H3K001")))


def test_nothing_is_counted_before_the_box_is_there(certified: Clinic) -> None:
    box = certified.shipped(certified.ids["lot"])
    with pytest.raises(Refused, match="wrong_state"):
        certified.do(consignments.count, certified.STOREKEEPER, box, certified.code(certified.vial("H3K001")))
    with pytest.raises(Refused, match="nothing_counted"):
        certified.do(consignments.check_in, certified.STOREKEEPER, box)


def test_a_vial_is_counted_once_and_may_still_turn_out_broken(arrived: Clinic) -> None:
    box, code = arrived.ids["box"], arrived.code(arrived.vial("H3K001"))
    tally = arrived.do(consignments.count, arrived.STOREKEEPER, box, code).answer
    assert (tally["ok"], tally["shipped"]) == (1, 4)
    with pytest.raises(Refused, match="counted_already"):
        arrived.do(consignments.count, arrived.STOREKEEPER, box, code)
    tally = arrived.do(consignments.count, arrived.STOREKEEPER, box, code, broken=True).answer
    assert (tally["ok"], tally["broken"], tally["shipped"]) == (0, 1, 4)


@pytest.mark.parametrize(
    ("code", "why"),
    [("hello", "code_"), ("(00)095212300000000017", "code_not_a_vial"), ("(01)09521234543213(10)UC26-H3", "code_without_serial"),
     ("(8018)899123400000000015", "code_not_a_vial")],
)  # fmt: skip
def test_what_is_no_vial_of_ours_is_not_counted(arrived: Clinic, code: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        arrived.do(consignments.count, arrived.STOREKEEPER, arrived.ids["box"], code)


def test_what_was_counted_whole_is_put_away_and_nothing_else(arrived: Clinic) -> None:
    box = arrived.ids["box"]
    with pytest.raises(Refused, match="not_counted"):
        arrived.do(vials.put_away, arrived.STOREKEEPER, arrived.vial("H3K001").id, arrived.ids["quarantine"])
    arrived.counted(box, broken=("H3K002",), absent=("H3K003",))
    for serial, why in (("H3K002", "wrong_state"), ("H3K003", "wrong_state")):
        with pytest.raises(Refused, match=why):
            arrived.do(vials.put_away, arrived.STOREKEEPER, arrived.vial(serial).id, arrived.ids["quarantine"])
    arrived.do(vials.put_away, arrived.STOREKEEPER, arrived.vial("H3K001").id, arrived.ids["quarantine"])
    vial = arrived.vial("H3K001")
    assert (vial.state, vial.organisation_id) == (Custody.IN_STOCK, arrived.ids["hospital"])
    assert arrived.scan("H3K001")[0] == "ask_qa"  # in quarantine, wherever it lies


def test_an_absent_vial_is_missing_and_a_broken_one_is_wasted(arrived: Clinic) -> None:
    arrived.counted(arrived.ids["box"], broken=("H3K002",), absent=("H3K003",))
    assert [arrived.vial(s).state for s in ("H3K001", "H3K002", "H3K003")] == [
        Custody.IN_TRANSIT,
        Custody.DISCARDED,
        Custody.LOST,
    ]
    with arrived.store.read(arrived.QUALITY) as view:
        (case,) = open_cases(view)
    assert case.title == "C-1: H3K002 broken, H3K003 absent"


def test_a_whole_count_opens_no_case(arrived: Clinic) -> None:
    arrived.counted(arrived.ids["box"])
    with arrived.store.read(arrived.QUALITY) as view:
        assert open_cases(view) == []


def test_the_list_that_was_shipped_is_never_edited(arrived: Clinic) -> None:
    box = arrived.ids["box"]
    arrived.counted(box, broken=("H3K002",), absent=("H3K003",))
    with arrived.store.read(SYSTEM) as view:
        lines = view.all(Line, Line.consignment_id == box)
    assert len(lines) == 5
    assert sorted(line.found for line in lines) == ["absent", "broken", "ok", "ok", "ok"]


def test_a_vial_is_not_put_into_a_shipper_nor_into_another_hospitals_freezer(arrived: Clinic) -> None:
    box = arrived.ids["box"]
    arrived.counted(box)
    vial = arrived.vial("H3K001").id
    with pytest.raises(Refused, match="place_not_a_shelf"):
        arrived.do(vials.put_away, arrived.STOREKEEPER, vial, arrived.consignment(box).place_id)
    with pytest.raises(Refused, match="not_found"):
        arrived.do(vials.put_away, arrived.STOREKEEPER, vial, arrived.ids["maker_freezer"])


def test_a_vial_is_not_issued_nor_thawed_before_its_last_move(released: Clinic) -> None:
    """A permission is of now: told of before the last move it is refused; a fact would be kept."""
    vial = released.ready_vial(released.course(), 1, thaw=False).id
    call = Call(occurred_at=released.clock.now - timedelta(hours=1), source=Source.LATE)
    with pytest.raises(Refused, match="before_last_move"):
        released.do(courses.thaw, released.PHARMACIST, vial, released.ids["bench"], call=call)


def test_a_box_is_closed_when_it_is_empty(arrived: Clinic) -> None:
    box = arrived.ids["box"]
    arrived.counted(box, absent=("H3K003",))
    with pytest.raises(Refused, match="still_in_the_box"):
        arrived.do(consignments.close, arrived.STOREKEEPER, box)
    arrived.put_away(box)
    arrived.do(consignments.close, arrived.STOREKEEPER, box)
    assert arrived.consignment(box).state is ConsignmentState.CLOSED


def test_a_box_turned_away_goes_back_with_everything_in_it(arrived: Clinic) -> None:
    box = arrived.ids["box"]
    arrived.do(consignments.turn_away, arrived.PHARMACIST, box, reason="dry ice gone")
    assert arrived.consignment(box).state is ConsignmentState.TURNED_AWAY
    assert {vial.state for vial in arrived.vials(arrived.ids["lot"])} == {Custody.SENT_BACK}
    assert arrived.scan("H3K001") == ("do_not_use", ["gone"])


def test_an_extra_vial_is_counted_lies_in_the_box_and_can_be_put_away(certified: Clinic) -> None:
    box = certified.arrived(certified.shipped(certified.ids["lot"], serials=("H3K001",)))
    certified.counted(box, absent=())
    with pytest.raises(Refused, match="wrong_state"):  # checked in: the count is closed
        certified.do(consignments.count, certified.STOREKEEPER, box, certified.code(certified.vial("H3K002")))


def test_an_extra_vial_lies_in_the_box_from_the_count_on_and_before_that_nobody_knows(certified: Clinic) -> None:
    box = certified.arrived(certified.shipped(certified.ids["lot"], serials=("H3K001",)))
    extra = certified.vial("H3K002")
    found = certified.do(consignments.count, certified.STOREKEEPER, box, certified.code(extra))
    assert found.answer["found"] == "extra"
    with certified.store.read(SYSTEM) as view:
        before, now = sorted(view.known(Stay, Stay.vial_id == extra.id), key=lambda stay: stay.since)
    assert (before.place_id, before.until) == (certified.ids["maker_freezer"], certified.consignment(box).shipped_at)
    assert (now.place_id, now.since, now.until) == (certified.consignment(box).place_id, certified.clock.now, None)
    certified.do(vials.put_away, certified.STOREKEEPER, extra.id, certified.ids["quarantine"])
    assert certified.scan("H3K002") == ("ask_qa", ["not_released", "temperature_unknown"])


def test_another_hospital_tells_nothing_of_our_vials(in_stock: Clinic) -> None:
    """It receives a box of the same lot, so it sees the lot; our vials stay ours to tell of."""
    lot = in_stock.ids["lot"]
    theirs = in_stock.do(
        consignments.ship, in_stock.MAKER_QA, "095212300000000024", in_stock.ids["maker_site"], in_stock.ids["other_site"],
        [second_lot(in_stock, lot)],
    )  # fmt: skip
    assert theirs.answer["vials"] == 1
    ours, who = in_stock.vial("H3K001"), in_stock.ELSEWHERE
    with in_stock.store.read(who) as view:
        assert view.find(type(ours), ours.id) is not None
    place = their_freezer(in_stock)
    for act, args in (
        (vials.report_broken, (ours.id,)), (vials.report_lost, (ours.id,)), (vials.discard, (ours.id,)),
        (vials.move, (ours.id, place)), (vials.put_away, (ours.id, place)), (vials.report_found, (ours.id, place)),
    ):  # fmt: skip
        with pytest.raises(Refused, match="not_yours"):
            in_stock.do(act, who, *args, reason="not theirs")
    assert in_stock.vial("H3K001") == ours


def second_lot(clinic: Clinic, lot: str) -> str:
    """A sixth vial of the same lot, which the maker still has: announced beside the five through the door."""
    from traceability.store.tables import Vial
    from traceability.store.tables.vials import SerialKind

    def work(tx: object) -> dict:
        vial = tx.add(  # type: ignore[attr-defined]
            Vial(
                lot_id=lot, gtin=clinic.vial("H3K001").gtin, serial="H3K006", serial_kind=SerialKind.MAKER,
                state=Custody.MADE, organisation_id=clinic.ids["maker"],
            )
        )  # fmt: skip
        tx.add(Stay(vial_id=vial.id, place_id=clinic.ids["maker_freezer"], since=tx.at))  # type: ignore[attr-defined]
        return {"id": vial.id}

    return clinic.store.perform("lot.announce", clinic.MAKER_QA, Call(), {"lot_id": lot, "serial": "H3K006"}, work).id


def their_freezer(clinic: Clinic) -> str:
    from traceability.services import organisations
    from traceability.store.tables.organisations import PlaceKind

    return clinic.do(
        organisations.open_place, clinic.ELSEWHERE, clinic.ids["other_site"], PlaceKind.FREEZER, "F", "F-9"
    ).id


def test_a_vial_in_shards_is_gone_from_the_count_on_whether_it_is_on_the_list_or_not(released: Clinic) -> None:
    clinic = released
    second_site(clinic)
    clinic.clock.tick(minutes=5)
    box = sent(clinic, "second", "H3K001", number=71).id
    clinic.clock.tick(hours=1)
    clinic.arrived(box)

    def counted(serial: str, *, broken: bool = False) -> dict:
        return dict(
            clinic.do(
                consignments.count, clinic.STOREKEEPER, box, clinic.code(clinic.vial(serial)), broken=broken
            ).answer
        )

    assert counted("H3K001")["found"] == "ok"
    assert counted("H3K001", broken=True)["found"] == "broken"
    whole = counted("H3K002")  # released, on record on its shelf, and on no list
    assert (whole["found"], whole["findings"]) == ("extra", ["state_contradicts"])
    extra = counted("H3K002", broken=True)
    assert (extra["found"], extra["extra"], extra["extra_broken"]) == ("extra_broken", 0, 1)
    for serial in ("H3K001", "H3K002"):
        assert clinic.vial(serial).state is Custody.DISCARDED
        with pytest.raises(Refused, match="counted_already"):
            counted(serial, broken=True)
        whole = counted(serial)  # broken only goes on: whoever has a whole one in hand is asked about it
        assert (whole["found"], whole["findings"]) == (
            extra["found"] if serial == "H3K002" else "broken",
            ["state_contradicts"],
        )
        with pytest.raises(Refused, match="counted_already"):
            counted(serial)
        asked = ["held"] if serial == "H3K002" else []
        assert clinic.scan(serial, "issue") == ("do_not_use", ["gone", *asked])
    clinic.do(consignments.check_in, clinic.STOREKEEPER, box)
    assert [one.title for one in cases(clinic)][-1] == "C-2: H3K001 broken, H3K002 extra and broken"
    clean(clinic)


def test_what_a_box_has_in_shards_of_a_missing_vial_or_of_nobody_is_asked_about(arrived: Clinic) -> None:
    clinic, box, lost = arrived, arrived.ids["box"], arrived.vial("H3K001")
    clinic.do(vials.report_lost, clinic.STOREKEEPER, lost.id, reason="not in its slot")
    clinic.clock.tick(minutes=5)
    told = clinic.do(consignments.count, clinic.STOREKEEPER, box, clinic.code(lost), broken=True).answer
    assert (told["found"], told["findings"]) == ("broken", ["lost_and_broken"])
    assert (told["case"], clinic.vial("H3K001").state) == ("K-2", Custody.LOST)
    assert cases(clinic)[-1].title == "C-1: H3K001 counted, lost on record: lost_and_broken"
    unknown = nobody_knows(clinic)
    found = [
        clinic.do(consignments.count, clinic.STOREKEEPER, box, unknown, broken=one).answer for one in (False, True)
    ]
    assert [one["found"] for one in found] == ["extra", "extra_broken"]
    with pytest.raises(Refused, match="counted_already"):
        clinic.do(consignments.count, clinic.STOREKEEPER, box, unknown)


def test_a_vial_that_is_on_a_shelf_by_the_record_and_whole_in_a_box_is_held_until_qa_decides(released: Clinic) -> None:
    """On no list of a box at another hospital; and on the list, but found at home after it was missed on the way."""
    clinic, there = released, elsewhere(released)
    second_site(clinic)
    clinic.clock.tick(minutes=5)
    near, far = (
        sent(clinic, site, serial, number=number).id
        for site, serial, number in (("second", "H3K001", 71), ("other_site", "H3K003", 72))
    )
    clinic.clock.tick(hours=1)
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K001").id, reason="fell out")
    clinic.clock.tick(minutes=5)
    clinic.do(vials.report_found, clinic.STOREKEEPER, clinic.vial("H3K001").id, clinic.ids["freezer"], reason="here")
    course = clinic.course()
    issued = clinic.ready_vial(course, 1, serial="H3K004", thaw=False)

    for who, box, serial, found in (
        (clinic, near, "H3K001", "ok"), (clinic, near, "H3K002", "extra"), (there, far, "H3K005", "extra"),
        (there, far, issued.serial, "extra"),
    ):  # fmt: skip
        if who.consignment(box).state is ConsignmentState.EXPECTED:
            who.arrived(box)
        before = clinic.vial(serial)
        told = who.do(consignments.count, who.STOREKEEPER, box, clinic.code(before)).answer
        assert (told["found"], told["findings"]) == (found, ["state_contradicts"])
        assert clinic.vial(serial) == before, "nothing is moved by it"
        assert "held" in clinic.scan(serial, "issue")[1]
        assert [one.title for one in reading(who, open_cases, who.QUALITY) if one.number == told["case"]] == [
            f"{who.consignment(box).number}: {serial} counted, {before.state} on record: state_contradicts"
        ]
        with pytest.raises(Refused, match="counted_already"):
            who.do(consignments.count, who.STOREKEEPER, box, clinic.code(before))
        (hold,) = [one for one in reading(who, stops.open_holds, who.QUALITY) if told["case"] in str(one.title)]
        signed = (who.sign("lestari", Meaning.DECIDED),)
        who.do(stops.lift, who.QUALITY2, hold.id, signed=signed, reason="another vial, relabelled")
        assert "held" not in clinic.scan(serial, "issue")[1]
    clean(clinic)
