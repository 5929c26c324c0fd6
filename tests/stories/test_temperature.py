"""What temperature did to a vial: loggers, thermometers read by hand, places that nobody measures (step 3)."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.clinic import JAKARTA, Clinic, logger_csv
from tests.stories.test_verdict import lift
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning
from traceability.services import coldchain, consignments, lots, vials
from traceability.services.stops import open_holds
from traceability.store import Call, Source
from traceability.store.tables import Excursion, Hold, SensorFile, Stay
from traceability.store.tables.lots import Route

CORPORA = Path(os.environ.get("CORPORA") or Path(__file__).parents[3] / "shared" / "corpora")
ELITECH = CORPORA / "loggers" / "elitech-rc5-ext-temp.xls"


def at_hand(arrived: Clinic) -> str:
    """Counted and put away; the box's logger is still to be read."""
    arrived.counted(arrived.ids["box"])
    arrived.put_away(arrived.ids["box"])
    return arrived.ids["box"]


def holds(clinic: Clinic) -> list[Hold]:
    with clinic.store.read(clinic.QUALITY) as view:
        return open_holds(view)


def excursions(clinic: Clinic) -> list[Excursion]:
    with clinic.store.read(SYSTEM) as view:
        return view.all(Excursion)


def codes(clinic: Clinic, serial: str) -> list[str]:
    return [code for code in clinic.scan(serial)[1] if code != "not_released"]


# ── the journey ──


def test_a_logger_within_limits_makes_the_journey_known(arrived: Clinic) -> None:
    box = at_hand(arrived)
    assert codes(arrived, "H3K001") == ["temperature_unknown"]
    done = arrived.logged(box)
    assert (done.answer["excursions"], codes(arrived, "H3K001"), holds(arrived)) == ([], [], [])
    with arrived.store.read(arrived.STOREKEEPER) as view:
        (file,) = coldchain.files(view, box)
    assert (file.readings, file.interval_s) == (120, 900)
    assert (file.judgement["min_mc"], file.judgement["max_mc"]) == (-21_000, -20_600)


def test_both_limits_are_still_within_limits(arrived: Clinic) -> None:
    arrived.logged(at_hand(arrived), warm={9: -15.0, 10: -25.0})
    assert excursions(arrived) == []


def test_a_logger_with_a_gap_leaves_the_journey_unknown(arrived: Clinic) -> None:
    box = at_hand(arrived)
    shipped = arrived.consignment(box).shipped_at
    whole = logger_csv(shipped - timedelta(hours=1), 30, 15, -21.0, {}, "L-9").decode().splitlines()
    data = "\n".join(whole[:14] + whole[18:]).encode()  # an hour and a quarter without a reading
    log = coldchain.read_log("gap.csv", data, JAKARTA)
    arrived.do(coldchain.attach_log, arrived.STOREKEEPER, box, log)
    with arrived.store.read(arrived.STOREKEEPER) as view:
        (file,) = coldchain.files(view, box)
    assert len(file.judgement["gaps"]) == 1  # type: ignore[arg-type]
    assert codes(arrived, "H3K001") == ["temperature_unknown"]
    assert holds(arrived) == []


def test_one_warm_reading_holds_exactly_the_vials_that_were_there(certified: Clinic) -> None:
    """Two in the box, three still in the maker's freezer."""
    clinic, lot = certified, certified.ids["lot"]
    first = clinic.arrived(clinic.shipped(lot, serials=("H3K001", "H3K002")))
    clinic.counted(first)
    clinic.put_away(first)
    second = clinic.arrived(clinic.shipped(lot, serials=("H3K003", "H3K004")))
    clinic.counted(second)
    clinic.put_away(second)
    clinic.logged(first, warm={8: -12.5})
    clinic.logged(second, hours=29)
    (found,) = excursions(clinic)
    assert (found.peak_mc, found.low_limit_mc, found.high_limit_mc) == (-12_500, -25_000, -15_000)
    assert found.until == found.since + timedelta(minutes=15)
    assert [codes(clinic, f"H3K00{n}") for n in (1, 2, 3, 4)] == [["held"], ["held"], [], []]
    assert codes(clinic, "H3K005") == ["other_organisation"]


def test_too_cold_is_an_excursion_too(arrived: Clinic) -> None:
    arrived.logged(at_hand(arrived), warm={8: -31.0})
    (found,) = excursions(arrived)
    assert (found.peak_mc, codes(arrived, "H3K001")) == (-31_000, ["held"])


def test_a_warm_reading_before_the_vials_lay_in_the_box_is_none_of_theirs(arrived: Clinic) -> None:
    """The logger was started in a warm hand, an hour before."""
    arrived.logged(at_hand(arrived), warm={0: 21.0, 1: 4.0})
    assert (excursions(arrived), codes(arrived, "H3K001")) == ([], [])


def test_two_excursions_of_one_journey_are_two_holds_and_need_two_decisions(arrived: Clinic) -> None:
    arrived.logged(at_hand(arrived), warm={8: -12.0, 12: -12.0})
    first, second = holds(arrived)
    lift(arrived, first.id)
    assert codes(arrived, "H3K001") == ["held"]
    lift(arrived, second.id)
    assert codes(arrived, "H3K001") == []


def test_an_excursion_and_a_hold_by_hand_are_two_things(arrived: Clinic) -> None:
    from tests.stories.test_verdict import hold

    arrived.logged(at_hand(arrived), warm={8: -12.0})
    by_hand = hold(arrived, arrived.vial("H3K001").id)
    lift(arrived, by_hand)
    assert codes(arrived, "H3K001") == ["held"]


def test_the_same_file_twice_is_one_import(arrived: Clinic) -> None:
    box = at_hand(arrived)
    arrived.logged(box, warm={8: -12.0})
    with pytest.raises(Refused, match="logger_imported_already"):
        arrived.logged(box, warm={8: -12.0})
    with arrived.store.read(SYSTEM) as view:
        assert len(view.all(SensorFile)) == len(view.all(Excursion)) == 1


def test_a_file_that_cannot_be_read_is_refused_whole(arrived: Clinic) -> None:
    for data, code in (
        (b"", "logger_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "logger_"),
        (b"time,temperature_c\n", "logger_"),
    ):
        with pytest.raises(Refused, match=code):
            coldchain.read_log("broken.csv", data, JAKARTA)


def test_the_real_file_of_an_elitech_logger_is_a_warm_journey(clinic: Clinic) -> None:
    """23.7 to 26.7 °C, all of it above a frozen product's limits."""
    if not ELITECH.exists():
        pytest.skip(f"the corpora with the Elitech file are not there: {CORPORA}")
    log = coldchain.read_log(ELITECH.name, ELITECH.read_bytes(), JAKARTA)
    assert (min(log.file.values), max(log.file.values)) == (23_700, 26_700)
    first, last = log.file.first, log.file.last

    def late(**since: float) -> Call:
        """Told now of a journey long past."""
        return Call(occurred_at=first + timedelta(**since), source=Source.LATE)

    lot = clinic.do(
        lots.announce, clinic.MAKER_QA, clinic.ids["version"], "UC23-E1", first.date() - timedelta(days=30), date(2027, 1, 1),
        clinic.ids["maker_freezer"], Route.SERVICE, serials=("E1K001", "E1K002"), consignee_ids=(clinic.ids["hospital"],),
        call=late(hours=-2),
    ).id  # fmt: skip
    vial, other = clinic.vials(lot)
    box = clinic.do(
        consignments.ship,
        clinic.MAKER_QA,
        "095212300000000017",
        clinic.ids["maker_site"],
        clinic.ids["site"],
        [vial.id],
        call=late(hours=1),
    ).id
    signed = (clinic.sign("handayani", Meaning.RECEIVED), clinic.sign("putri", Meaning.WITNESSED))
    told = {"carrier": "KJ Cold", "seal": "S-1", "seal_whole": True, "condition": "warm to the hand"}
    clinic.do(consignments.arrive, clinic.STOREKEEPER, box, signed=signed, call=late(hours=30), **told)
    clinic.do(consignments.count, clinic.STOREKEEPER, box, clinic.code(vial), call=late(hours=31))
    clinic.do(consignments.check_in, clinic.STOREKEEPER, box, call=late(hours=31))
    clinic.do(vials.put_away, clinic.STOREKEEPER, vial.id, clinic.ids["quarantine"], call=late(hours=32))

    done = clinic.do(coldchain.attach_log, clinic.STOREKEEPER, box, log)
    assert {warning["code"] for warning in done.answer["warnings"]} == {"zone_differs"}
    with clinic.store.read(clinic.STOREKEEPER) as view:
        (file,) = coldchain.files(view, box)
    assert (file.format, file.readings, file.first, file.last) == (log.file.format, 16_063, first, last)
    judged = file.judgement
    assert (judged["min_mc"], judged["max_mc"], judged["gaps"]) == (23_700, 26_700, [])
    assert judged["seconds_above"] == 16_063 * 10  # every reading is above −15 °C
    (found,) = excursions(clinic)
    assert (found.since, found.until, found.peak_mc) == (first, None, 26_700)
    assert {"held", "budget_spent"} <= set(clinic.scan(vial.serial)[1])
    assert not {"held", "budget_spent"} & set(clinic.scan(other.serial)[1])


# ── thermometers read by hand ──


def moved(released: Clinic, place: str) -> None:
    released.do(vials.move, released.PHARMACIST, released.vial("H3K001").id, released.ids[place])


def read(clinic: Clinic, now: float, low: float, high: float, **told: object) -> list[str]:
    done = clinic.do(
        coldchain.read,
        clinic.STOREKEEPER,
        clinic.ids["read_freezer"],
        int(now * 1000),
        int(low * 1000),
        int(high * 1000),
        **told,
    )
    return list(done.answer["excursions"])


def test_a_freezer_read_every_day_is_known(released: Clinic) -> None:
    read(released, -20, -21, -19)
    moved(released, "read_freezer")
    for _ in range(3):
        released.clock.tick(hours=24)
        assert released.scan("H3K001") == ("use", [])
        assert read(released, -20, -22, -18) == []
    assert released.scan("H3K001") == ("use", [])


def test_a_reading_that_is_too_old_makes_the_temperature_unknown(released: Clinic) -> None:
    read(released, -20, -21, -19)
    moved(released, "read_freezer")
    released.clock.tick(hours=24, seconds=1)
    assert released.scan("H3K001") == ("ask_qa", ["temperature_unknown"])
    read(released, -20, -21, -19)  # least and most since the last reading: the time between is known again
    assert released.scan("H3K001") == ("use", [])


def test_the_first_reading_says_nothing_of_the_time_before_it(released: Clinic) -> None:
    moved(released, "read_freezer")
    released.clock.tick(minutes=10)
    read(released, -20, -21, -19)
    assert released.scan("H3K001") == ("ask_qa", ["temperature_unknown"])


def test_a_first_reading_since_a_known_moment_says_what_it_covers(released: Clinic) -> None:
    began = released.clock.now
    released.clock.tick(minutes=1)
    moved(released, "read_freezer")
    released.clock.tick(minutes=10)
    read(released, -20, -21, -19, since=began)
    assert released.scan("H3K001") == ("use", [])


def test_a_thermometer_that_was_reset_between_readings_leaves_the_gap_unknown(released: Clinic) -> None:
    """Least and most were cleared an hour ago: what lay between the last reading and then was not watched."""
    read(released, -20, -21, -19)
    moved(released, "read_freezer")
    released.clock.tick(hours=20)
    read(released, -20, -21, -19, since=released.clock.now - timedelta(hours=1))
    assert released.scan("H3K001") == ("ask_qa", ["temperature_unknown"])


def test_a_reading_out_of_limits_holds_what_lay_there_and_nothing_else(released: Clinic) -> None:
    read(released, -20, -21, -19)
    moved(released, "read_freezer")
    released.clock.tick(hours=1)
    assert read(released, -20, -21, -9) == ["EX-1"]
    (found,) = excursions(released)
    assert (found.peak_mc, found.until) == (-9_000, released.clock.now)  # in limits again by now
    assert (released.scan("H3K001"), released.scan("H3K002")) == (("ask_qa", ["held"]), ("use", []))
    released.clock.tick(minutes=1)
    released.do(vials.move, released.PHARMACIST, released.vial("H3K002").id, released.ids["read_freezer"])
    assert released.scan("H3K002") == ("use", [])  # it came when all was well again


def test_a_freezer_still_too_warm_goes_on_and_holds_what_comes_later_too(released: Clinic) -> None:
    read(released, -20, -21, -19)
    moved(released, "read_freezer")
    released.clock.tick(hours=1)
    read(released, -10, -20, -10)
    released.clock.tick(minutes=30)
    released.do(vials.move, released.PHARMACIST, released.vial("H3K002").id, released.ids["read_freezer"])
    assert released.scan("H3K002") == ("ask_qa", ["held"])
    released.clock.tick(hours=1)
    assert read(released, -18, -18, -8) == ["EX-1"]  # the same excursion, and its end
    (found,) = excursions(released)
    assert (found.peak_mc, found.until) == (-8_000, released.clock.now)
    assert len(holds(released)) == 1


def test_a_reading_in_an_empty_freezer_is_no_excursion(released: Clinic) -> None:
    assert read(released, 4, 4, 21) == []
    assert excursions(released) == []


@pytest.mark.parametrize(
    ("now", "low", "high"), [(-20, -19, -18), (-20, -21, -20.5), (-300, -300, -20), (250, -20, 250)]
)
def test_a_reading_that_cannot_be_is_refused(released: Clinic, now: float, low: float, high: float) -> None:
    with pytest.raises(Refused, match="reading_impossible"):
        read(released, now, low, high)


def test_readings_go_forward(released: Clinic) -> None:
    read(released, -20, -21, -19)
    with pytest.raises(Refused, match="reading_not_newer"):
        read(released, -20, -21, -19)


# ── places that nobody measures ──


def test_an_assumed_place_covers_its_longest_stay_and_no_second_more(released: Clinic) -> None:
    """The bench is assumed to be 18 to 26 °C for at most eight hours at a time."""
    moved(released, "bench")
    released.clock.tick(hours=8)
    assert released.scan("H3K001") == ("do_not_use", ["budget_spent"])
    released.clock.tick(seconds=1)
    assert released.scan("H3K001") == ("do_not_use", ["budget_spent", "temperature_unknown"])


def test_bench_time_adds_up_over_the_whole_life_of_a_vial(released: Clinic) -> None:
    for _ in range(4):
        moved(released, "bench")
        released.clock.tick(hours=1)
        moved(released, "freezer")
        released.clock.tick(hours=5)
    assert released.scan("H3K001") == ("use", [])
    moved(released, "bench")
    released.clock.tick(seconds=1)
    moved(released, "freezer")
    assert released.scan("H3K001") == ("do_not_use", ["budget_spent"])


def test_a_vial_that_was_lost_and_found_has_no_known_temperature(released: Clinic) -> None:
    vial = released.vial("H3K001")
    released.do(vials.report_lost, released.STOREKEEPER, vial.id, reason="not on its shelf")
    assert released.scan("H3K001")[0] == "ask_qa"
    released.clock.tick(hours=2)
    released.do(vials.report_found, released.STOREKEEPER, vial.id, released.ids["freezer"], reason="behind the rack")
    assert released.scan("H3K001") == ("ask_qa", ["temperature_unknown"])


def test_a_vial_is_not_found_before_it_was_lost(released: Clinic) -> None:
    vial = released.vial("H3K001")
    released.clock.tick(hours=3)
    released.do(vials.report_lost, released.STOREKEEPER, vial.id, reason="not on its shelf")
    earlier = Call(occurred_at=released.clock.now - timedelta(hours=1), source=Source.LATE)
    with pytest.raises(Refused, match="before_last_move"):
        released.do(
            vials.report_found,
            released.STOREKEEPER,
            vial.id,
            released.ids["freezer"],
            reason="behind the rack",
            call=earlier,
        )


def test_every_vial_lies_in_one_place_from_its_first_minute(released: Clinic) -> None:
    with released.store.read(SYSTEM) as view:
        for vial in released.vials(released.ids["lot"]):
            lain = sorted(view.known(Stay, Stay.vial_id == vial.id), key=lambda stay: stay.since)
            assert [stay.place_id for stay in lain][::2] == [released.ids["maker_freezer"], released.ids["quarantine"]]
            assert [stay.until for stay in lain[:-1]] == [stay.since for stay in lain[1:]]
            assert lain[-1].until is None
