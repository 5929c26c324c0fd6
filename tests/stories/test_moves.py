"""A freezer fails: everything in it is carried to another in one act, and a few vials are scanned on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM
from traceability.services import coldchain, moves, vials
from traceability.services.cases import open_cases
from traceability.services.stops import open_holds
from traceability.store import Call, Done, Source
from traceability.store.tables import Stay

SERIALS = [f"H3K00{n}" for n in range(1, 6)]


def everything(clinic: Clinic, source: str, target: str, *scanned: str, **told: object) -> Done:
    codes = [code if code.startswith("]") else clinic.code(clinic.vial(code)) for code in scanned]
    given = {"reason": "the compressor has stopped", **told}
    return clinic.do(moves.move_all, clinic.PHARMACIST, clinic.ids[source], clinic.ids[target], codes, **given)


def lies(clinic: Clinic) -> dict[str, str]:
    """Serials by the code of the place where each lies now."""
    with clinic.store.read(SYSTEM) as view:
        rows = view.rows(
            "SELECT v.serial, p.code FROM stay s JOIN vial v ON v.id = s.vial_id JOIN place p ON p.id = s.place_id"
            " WHERE s.until IS NULL"
        )
    return {row[0]: row[1] for row in rows}


def cases(clinic: Clinic) -> list[str]:
    with clinic.store.read(clinic.QUALITY) as view:
        return [one.title for one in open_cases(view)]


def test_a_freezer_fails_and_all_of_it_goes_to_another_with_two_of_five_scanned(released: Clinic) -> None:
    clinic, at = released, released.clock.now
    done = everything(clinic, "quarantine", "freezer", "H3K002", "H3K004", "H3K002")
    told = {name: done.answer[name] for name in ("moved", "sampled", "findings", "cases", "excursions")}
    assert told == {"moved": 5, "sampled": 2, "findings": [], "cases": [], "excursions": []}
    assert lies(clinic) == dict.fromkeys(SERIALS, "F-01")
    with clinic.store.read(SYSTEM) as view:
        for serial in SERIALS:
            stays = sorted(view.known(Stay, vial_id=clinic.vial(serial).id), key=lambda stay: stay.since)
            assert [(one.since, one.until) for one in stays[-1:]] == [(at, None)]
            assert stays[-2].until == at
    assert {clinic.vial(serial).state for serial in SERIALS} == {"in_stock"}
    assert [clinic.scan(serial) for serial in SERIALS] == [("use", [])] * 5


def test_a_vial_that_the_record_has_elsewhere_is_kept_as_a_finding_and_asked_about(released: Clinic) -> None:
    clinic = released
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K005").id, clinic.ids["bench"])
    strange = clinic.code(clinic.vial("H3K001")).replace("H3K001", "NEVER1")
    done = everything(clinic, "quarantine", "freezer", "H3K001", "H3K005", strange)
    assert (done.answer["moved"], done.answer["sampled"]) == (4, 3)
    assert done.answer["findings"] == ["not_in_that_place", "serial_unknown"]
    assert lies(clinic) == dict.fromkeys(SERIALS[:4], "F-01") | {"H3K005": "B-01"}
    assert cases(clinic) == ["Vial H3K005, in_stock: not_in_that_place", "Vials of F-01-Q: NEVER1 not on record"]
    assert clinic.scan("H3K005") == ("ask_qa", ["held"])
    assert clinic.scan("H3K001") == ("use", [])


def test_what_was_scanned_has_to_be_readable_and_some_of_it_has_to_be_scanned(released: Clinic) -> None:
    before = lies(released)
    for codes in ((), ["]d2nonsense"], [released.code(released.vial("H3K001"))] * 51):
        with pytest.raises(Refused):
            released.do(
                moves.move_all,
                released.PHARMACIST,
                released.ids["quarantine"],
                released.ids["freezer"],
                codes,
                reason="x",
            )
    with pytest.raises(Refused, match="place_same"):
        everything(released, "quarantine", "quarantine", "H3K001")
    with pytest.raises(Refused, match="reason_missing"):
        everything(released, "quarantine", "freezer", "H3K001", reason=None)
    assert lies(released) == before


def test_nobody_moves_the_freezer_of_another_house(released: Clinic) -> None:
    with pytest.raises(Refused, match="not_found"):
        released.do(
            moves.move_all, released.ELSEWHERE, released.ids["quarantine"], released.ids["freezer"],
            [released.code(released.vial("H3K001"))], reason="x",
        )  # fmt: skip


def test_a_target_that_was_last_read_too_warm_holds_all_that_come(released: Clinic) -> None:
    clinic = released
    told = (clinic.ids["read_freezer"], 4_000, 4_000, 4_000)
    clinic.do(coldchain.read, clinic.STOREKEEPER, *told)
    clinic.clock.tick(minutes=5)
    done = everything(clinic, "quarantine", "read_freezer", "H3K003")
    assert done.answer["excursions"] == ["EX-1"]
    with clinic.store.read(clinic.QUALITY) as view:
        assert len(open_holds(view)) == 1
    assert [clinic.scan(serial) for serial in SERIALS] == [("ask_qa", ["held"])] * 5


def test_told_on_monday_of_saturday_night_each_stay_takes_its_place(released: Clinic) -> None:
    """One was on the bench since, one came only on Sunday: the others lay in the new freezer from Saturday on."""
    clinic = released
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K005").id, clinic.ids["freezer"])
    clinic.clock.tick(hours=5)
    saturday = clinic.clock.tick(minutes=1)
    clinic.clock.tick(hours=20)
    sunday = clinic.clock.now
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["bench"])
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K005").id, clinic.ids["quarantine"])
    clinic.clock.tick(minutes=10)
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial("H3K001").id, clinic.ids["freezer"])
    clinic.clock.tick(hours=20)
    late = Call(occurred_at=saturday, source=Source.LATE)
    done = everything(clinic, "quarantine", "freezer", "H3K002", call=late)
    assert (done.answer["moved"], done.answer["findings"]) == (4, ["moved_since"])
    assert lies(clinic) == dict.fromkeys(SERIALS[:4], "F-01") | {"H3K005": "F-01-Q"}
    with clinic.store.read(SYSTEM) as view:
        of_first = sorted(view.known(Stay, vial_id=clinic.vial("H3K001").id), key=lambda stay: stay.since)
    assert [(one.place_id == clinic.ids["freezer"], one.since, one.until) for one in of_first][-3:] == [
        (True, saturday, sunday),
        (False, sunday, sunday + timedelta(minutes=10)),
        (True, sunday + timedelta(minutes=10), None),
    ]
    assert cases(clinic) == ["Vials of F-01-Q: moved_since"]
    assert clinic.scan("H3K001") == ("ask_qa", ["held"])
    assert clinic.scan("H3K002") == ("use", [])


def test_a_late_word_that_saves_many_vials_is_one_case_and_holds_them_all(released: Clinic) -> None:
    """Six hours on the bench; then somebody says that all were back in the freezer after ten minutes."""
    clinic = released
    everything(clinic, "quarantine", "bench", "H3K001")
    clinic.clock.tick(hours=6)
    assert clinic.scan("H3K004")[0] == "do_not_use"
    late = Call(occurred_at=clinic.clock.now - timedelta(hours=5, minutes=50), source=Source.LATE)
    done = everything(clinic, "bench", "freezer", "H3K001", call=late)
    assert done.answer["findings"] == ["better_than_known"]
    assert cases(clinic) == ["Vials of B-01: better_than_known"]
    assert [clinic.scan(serial) for serial in SERIALS] == [("ask_qa", ["held"])] * 5
