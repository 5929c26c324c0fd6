"""A place is counted by scanning: what is missing, extra or elsewhere is named and held; nothing is moved by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.services import cases, stocktakes, vials
from traceability.store import Call
from traceability.store.tables.stocktakes import Seen


@pytest.fixture
def stocked(clinic: Clinic) -> Clinic:
    """Five vials in the quarantine drawer, one of them carried to the freezer since."""
    clinic.in_stock()
    clinic.clock.tick(minutes=5)
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K005").id, clinic.ids["freezer"])
    clinic.clock.tick(minutes=5)
    return clinic


def begun(clinic: Clinic, place: str = "quarantine") -> str:
    return clinic.do(stocktakes.begin, clinic.STOREKEEPER, clinic.ids[place]).id


def noted(clinic: Clinic, count: str, serial: str, **told: Any) -> dict[str, Any]:
    clinic.clock.tick(seconds=4)
    return dict(clinic.do(stocktakes.note, clinic.STOREKEEPER, count, clinic.code(clinic.vial(serial)), **told).answer)


def finished(clinic: Clinic, count: str, **told: Any) -> dict[str, Any]:
    clinic.clock.tick(seconds=4)
    return dict(clinic.do(stocktakes.finish, clinic.STOREKEEPER, count, **told).answer)


def seen(clinic: Clinic, count: str) -> dict[str, str]:
    with clinic.store.read(clinic.STOREKEEPER) as view:
        lines = stocktakes.stocktake(view, count).lines
    return {one.vial.serial if one.vial else str(one.code): str(one.seen) for one in lines}


def codes(clinic: Clinic, serial: str) -> set[str]:
    return set(clinic.scan(serial)[1])


def lies(clinic: Clinic, serial: str) -> tuple[str, str]:
    vial = clinic.vial(serial)
    with clinic.store.read(clinic.STOREKEEPER) as view:
        return str(vial.state), vials.stays(view, vial.id)[-1][1].id


def test_a_count_that_agrees_says_so_and_opens_nothing(stocked: Clinic) -> None:
    count = begun(stocked)
    for serial in ("H3K001", "H3K002", "H3K003", "H3K004"):
        assert noted(stocked, count, serial)["seen"] == Seen.HERE
    answer = finished(stocked, count)
    assert answer["tally"] == {"here": 4, "elsewhere": 0, "out_of_stock": 0, "unknown": 0, "missing": 0}
    assert (answer["case"], answer["findings"]) == (None, [])
    with stocked.store.read(stocked.QUALITY) as view:
        assert cases.open_cases(view) == []


def test_what_was_not_scanned_is_missing_it_is_held_and_stays_where_the_record_has_it(stocked: Clinic) -> None:
    before = lies(stocked, "H3K004")
    count = begun(stocked)
    for serial in ("H3K001", "H3K002", "H3K003"):
        noted(stocked, count, serial)
    answer = finished(stocked, count)
    assert answer["tally"]["missing"] == 1
    assert seen(stocked, count)["H3K004"] == "missing"
    assert "held" in codes(stocked, "H3K004")
    assert "held" not in codes(stocked, "H3K001")
    assert lies(stocked, "H3K004") == before
    with stocked.store.read(stocked.QUALITY) as view:
        (case,) = cases.open_cases(view)
    assert (case.number, case.title) == (answer["case"], "S-1: F-01-Q, H3K004 missing")


def test_a_vial_that_the_record_has_elsewhere_is_named_held_and_not_moved(stocked: Clinic) -> None:
    before = lies(stocked, "H3K005")
    count = begun(stocked)
    answer = noted(stocked, count, "H3K005")
    assert (answer["seen"], answer["findings"]) == (Seen.ELSEWHERE, ["not_in_that_place"])
    assert lies(stocked, "H3K005") == before
    assert "held" in codes(stocked, "H3K005")
    with stocked.store.read(stocked.STOREKEEPER) as view:
        (line,) = stocktakes.stocktake(view, count).lines
    assert line.place is not None
    assert line.place.id == stocked.ids["freezer"]


def test_a_vial_that_is_recorded_as_gone_and_one_of_no_record_are_differences_of_one_case(stocked: Clinic) -> None:
    stocked.do(vials.discard, stocked.PHARMACIST, stocked.vial("H3K002").id, reason="dropped")
    count = begun(stocked)
    gone = noted(stocked, count, "H3K002")
    assert (gone["seen"], gone["findings"]) == (Seen.OUT_OF_STOCK, ["state_contradicts"])
    strange = "(01)09521234543213(17)260930(10)UC26-H3(21)STRANGE"
    unknown = stocked.do(stocktakes.note, stocked.STOREKEEPER, count, strange).answer
    assert (unknown["vial_id"], unknown["seen"], unknown["case"]) == (None, Seen.UNKNOWN, gone["case"])
    for serial in ("H3K001", "H3K003", "H3K004"):
        noted(stocked, count, serial)
    answer = finished(stocked, count)
    assert answer["tally"] == {"here": 3, "elsewhere": 0, "out_of_stock": 1, "unknown": 1, "missing": 0}
    assert stocked.vial("H3K002").state == "discarded"
    assert len({gone["case"], answer["case"]}) == 1


def test_what_came_or_left_while_it_was_counted_is_not_missing(stocked: Clinic) -> None:
    count = begun(stocked)
    stocked.clock.tick(minutes=1)
    stocked.do(vials.move, stocked.STOREKEEPER, stocked.vial("H3K001").id, stocked.ids["freezer"])
    stocked.do(vials.move, stocked.STOREKEEPER, stocked.vial("H3K005").id, stocked.ids["quarantine"])
    for serial in ("H3K002", "H3K003", "H3K004"):
        noted(stocked, count, serial)
    assert finished(stocked, count)["tally"]["missing"] == 0


def test_a_vial_is_counted_once_and_the_same_act_again_changes_nothing(stocked: Clinic) -> None:
    count, call = begun(stocked), Call()
    noted(stocked, count, "H3K001", call=call)
    code = stocked.code(stocked.vial("H3K001"))
    assert stocktakes.note(stocked.store, stocked.STOREKEEPER, call, count, code).repeated
    with pytest.raises(Refused, match="counted_already"):
        noted(stocked, count, "H3K001")
    assert list(seen(stocked, count)) == ["H3K001"]


def test_a_place_has_one_count_at_a_time_and_one_that_ended_takes_no_more(stocked: Clinic) -> None:
    count = begun(stocked)
    with pytest.raises(Refused, match="stocktake_goes_on"):
        begun(stocked)
    stocked.do(stocktakes.drop, stocked.STOREKEEPER, count, reason="called away")
    with pytest.raises(Refused, match="already_ended"):
        noted(stocked, count, "H3K001")
    assert "held" not in codes(stocked, "H3K001"), "of what was not scanned a dropped count says nothing"
    assert begun(stocked) != count


def test_a_count_of_nothing_is_finished_only_by_who_says_that_nothing_is_there(stocked: Clinic) -> None:
    count = begun(stocked)
    with pytest.raises(Refused, match="nothing_counted"):
        finished(stocked, count)
    assert finished(stocked, count, empty=True)["tally"]["missing"] == 4


def test_another_house_neither_counts_here_nor_sees_the_count(stocked: Clinic) -> None:
    count = begun(stocked)
    with pytest.raises(Refused, match=r"not_found|not_yours"):
        stocked.do(stocktakes.note, stocked.ELSEWHERE, count, stocked.code(stocked.vial("H3K001")))
    with pytest.raises(Refused, match=r"not_found|not_yours"):
        stocked.do(stocktakes.begin, stocked.ELSEWHERE, stocked.ids["quarantine"])


def test_told_late_it_is_held_against_what_the_record_had_then(stocked: Clinic) -> None:
    count = begun(stocked)
    then = stocked.clock.now
    stocked.clock.tick(minutes=30)
    stocked.do(vials.move, stocked.STOREKEEPER, stocked.vial("H3K001").id, stocked.ids["freezer"])
    stocked.clock.tick(minutes=30)
    assert noted(stocked, count, "H3K001", call=Call(occurred_at=then + timedelta(minutes=5)))["seen"] == Seen.HERE
