"""What temperature did to a vial: loggers, thermometers read by hand, places that nobody measures (step 3)."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests.clinic import JAKARTA, Clinic, logger_csv
from tests.stories.test_verdict import lift
from traceability.domain import rules
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning
from traceability.services import coldchain, consignments, courses, lots, organisations, sensors, vials
from traceability.services.stops import open_holds
from traceability.services.verdicts import facts
from traceability.store import Call, Source, Tx
from traceability.store.tables import Excursion, Hold, Scope, SensorFile, Stay
from traceability.store.tables.lots import Route
from traceability.store.tables.organisations import PlaceKind

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
    assert (file.readings, file.interval_s) == (30, 900)
    assert (file.judgement["min_mc"], file.judgement["max_mc"]) == (-21_000, -20_600)


def test_both_limits_are_still_within_limits(arrived: Clinic) -> None:
    arrived.logged(at_hand(arrived), warm={9: -15.0, 10: -25.0})
    assert excursions(arrived) == []


def test_a_logger_with_a_gap_leaves_the_journey_unknown(arrived: Clinic) -> None:
    box = at_hand(arrived)
    shipped = arrived.consignment(box).shipped_at
    whole = logger_csv(shipped - timedelta(hours=1), 7, 15, -21.0, {}, "L-9").decode().splitlines()
    data = "\n".join(whole[:14] + whole[18:]).encode()  # an hour and a quarter without a reading
    log = sensors.read_log("gap.csv", data, JAKARTA)
    arrived.attached(box, log)
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
    clinic.logged(second)
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


def second(clinic: Clinic, box: str, first: datetime, hours: float, warm: dict[int, float], serial: str) -> list[str]:
    """Another logger lay in the same box."""
    log = sensors.read_log(f"{serial}.csv", logger_csv(first, hours, 15, -21.0, warm, serial), JAKARTA)
    return list(clinic.attached(box, log).answer["excursions"])


def out_of_storage(clinic: Clinic, serial: str) -> int:
    with clinic.store.read(clinic.PHARMACIST) as view:
        (fact,) = facts(view, [clinic.vial(serial).id], Purpose.STOCK)
    return fact.history.out_of_storage_s


def test_a_second_logger_with_an_earlier_spike_does_not_end_the_warm_hours_of_the_first(arrived: Clinic) -> None:
    """The first was warm for its last five hours, and saw no end; the second had a quarter of an hour before that."""
    box = at_hand(arrived)
    begins = arrived.consignment(box).shipped_at - timedelta(hours=1)
    assert second(arrived, box, begins, 7, dict.fromkeys(range(8, 28), 5.0), "A") == ["EX-1"]
    spent = out_of_storage(arrived, "H3K001")
    assert spent > 4 * 3600
    assert second(arrived, box, begins, 7.25, {5: -10.0}, "B") == ["EX-2"]
    warm, spike = sorted(excursions(arrived), key=lambda one: one.number)
    assert (warm.since, warm.until) == (begins + timedelta(hours=2), None)
    assert (spike.since, spike.until) == (begins + timedelta(minutes=75), begins + timedelta(minutes=90))
    assert out_of_storage(arrived, "H3K001") == spent + 15 * 60
    for one in holds(arrived):
        lift(arrived, one.id)
    assert codes(arrived, "H3K001") == ["budget_spent"]


def test_a_second_logger_that_was_cold_again_earlier_does_not_shorten_what_the_first_saw(arrived: Clinic) -> None:
    box = at_hand(arrived)
    begins = arrived.consignment(box).shipped_at - timedelta(hours=1)
    second(arrived, box, begins, 7, dict.fromkeys(range(8, 28), 5.0), "A")
    spent = out_of_storage(arrived, "H3K001")
    assert second(arrived, box, begins, 7.25, {7: -9.0, 8: 9.0, 9: 9.0}, "B") == [
        "EX-1"
    ]  # the same, seen from elsewhere
    (found,) = excursions(arrived)
    assert (found.since, found.until, found.peak_mc) == (begins + timedelta(minutes=105), None, 9_000)
    assert out_of_storage(arrived, "H3K001") == spent + 15 * 60
    assert len(holds(arrived)) == 1


def test_the_same_logger_read_out_again_at_the_end_shows_when_it_was_cold_again(arrived: Clinic) -> None:
    box = at_hand(arrived)
    begins = arrived.consignment(box).shipped_at - timedelta(hours=1)
    warm = dict.fromkeys(range(8, 14), -9.0)
    second(arrived, box, begins, 3, warm, "A")
    assert [one.until for one in excursions(arrived)] == [None]
    assert second(arrived, box, begins, 7.25, warm, "A") == ["EX-1"]
    assert [one.until for one in excursions(arrived)] == [begins + timedelta(minutes=14 * 15)]
    with arrived.store.read(SYSTEM) as view:
        assert [(one.since, one.until) for one in view.all(Scope)] == [
            (one.since, one.until) for one in excursions(arrived)
        ]


def test_no_excursion_and_no_hold_ends_before_it_began(arrived: Clinic) -> None:
    arrived.logged(at_hand(arrived), warm={8: -12.0})
    (found,) = excursions(arrived)
    early = found.since - timedelta(minutes=1)

    def backwards(tx: Tx) -> dict[str, str]:
        tx.change(tx.need(Excursion, found.id), until=early)
        return {"id": found.id}

    def uncovered(tx: Tx) -> dict[str, str]:
        for scope in tx.known(Scope):
            tx.change(scope, until=early)
        return {"id": found.id}

    for work in (backwards, uncovered):
        with pytest.raises(DBAPIError):
            arrived.store.perform("place.read", arrived.STOREKEEPER, Call(), {"id": found.id}, work)


def test_readings_half_an_hour_apart_watch_a_journey_and_rarer_ones_do_not(arrived: Clinic) -> None:
    """Every twenty hours: nobody knows what lay between. The file is kept, and says so."""
    box = at_hand(arrived)
    arrived.clock.tick(hours=60)
    shipped = arrived.consignment(box).shipped_at
    rare = [
        f"{shipped + timedelta(hours=20 * n - 20):%Y-%m-%dT%H:%M:%S+00:00},-20.0" for n in range(4)
    ]  # fmt: skip
    data = "\n".join(["# serial: R", "time,temperature_c", *rare]).encode() + b"\n"
    log = sensors.read_log("rare.csv", data, JAKARTA)
    assert log.file.interval_s == 20 * 3600
    done = arrived.attached(box, log)
    assert [one["code"] for one in done.answer["warnings"]] == ["logger_too_seldom"]
    assert codes(arrived, "H3K001") == ["temperature_unknown"]
    assert "transport_measured" in {
        one.code for one in rules.unmet(arrived.dossier(arrived.ids["lot"]).findings)
    }  # fmt: skip
    begins = shipped - timedelta(minutes=30)
    log = sensors.read_log("half.csv", logger_csv(begins, 30, 30, -21.0, {}, "H"), JAKARTA)
    done = arrived.attached(box, log)
    assert (done.answer["warnings"], codes(arrived, "H3K001")) == ([], [])


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
            sensors.read_log("broken.csv", data, JAKARTA)


def test_a_logger_whose_clock_runs_ahead_is_told_so_and_judges_nothing(arrived: Clinic) -> None:
    """Two minutes are forgiven. Beyond, no reading of the file has a time: nobody can say what lay in the box then."""
    box = at_hand(arrived)
    first = arrived.clock.now + timedelta(minutes=2) - timedelta(minutes=479)
    ahead = sensors.read_log("ahead.csv", logger_csv(first, 8, 1, -21.0, {200: -9.0}), JAKARTA)
    assert ahead.file.last == arrived.clock.now + timedelta(minutes=2)
    later = sensors.read_log("later.csv", logger_csv(first + timedelta(minutes=1), 8, 1, -21.0, {200: -9.0}), JAKARTA)
    with pytest.raises(Refused) as no:
        arrived.attached(box, later)
    assert no.value.code == "logger_clock_ahead"
    assert (no.value.values["last"], no.value.values["now"]) == (later.file.last, arrived.clock.now)
    assert (excursions(arrived), holds(arrived)) == ([], [])
    assert codes(arrived, "H3K001") == ["temperature_unknown"]  # the journey stays unknown: QA is asked
    arrived.attached(box, ahead)
    assert len(excursions(arrived)) == 1


def test_the_real_file_of_an_elitech_logger_is_a_warm_journey(clinic: Clinic) -> None:
    """23.7 to 26.7 °C, all of it above a frozen product's limits."""
    if not ELITECH.exists():
        pytest.skip(f"the corpora with the Elitech file are not there: {CORPORA}")
    log = sensors.read_log(ELITECH.name, ELITECH.read_bytes(), JAKARTA)
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

    done = clinic.attached(box, log)
    assert {warning["code"] for warning in done.answer["warnings"]} == {"zone_differs"}
    with clinic.store.read(clinic.STOREKEEPER) as view:
        (file,) = coldchain.files(view, box)
    assert (file.format, file.readings, file.first, file.last) == (log.file.format, 16_063, first, last)
    judged = file.judgement
    assert (judged["min_mc"], judged["max_mc"], judged["gaps"]) == (23_700, 26_700, [])
    assert judged["seconds_above"] == 16_063 * 10  # every reading is above −15 °C
    (found,) = excursions(clinic)
    assert (found.since, found.until, found.peak_mc) == (
        first + timedelta(hours=1),
        None,
        26_700,
    )  # from when it lay in the box
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


@pytest.mark.parametrize("way", ["put away", "moved"])
def test_a_vial_put_into_a_freezer_that_was_last_read_too_warm_has_an_excursion_from_then_on(
    arrived: Clinic, way: str
) -> None:
    """Twenty degrees were read while it stood empty: the vial is out of its limits from its first minute there."""
    if way == "put away":
        arrived.counted(arrived.ids["box"])
        read(arrived, 20, 19, 22)
        at = arrived.clock.now
        arrived.put_away(arrived.ids["box"], "read_freezer")
        arrived.logged(arrived.ids["box"])
    else:
        arrived.logged(at_hand(arrived))
        read(arrived, 20, 19, 22)
        at = arrived.clock.now
        arrived.clock.tick(minutes=20)
        moved(arrived, "read_freezer")
    (found,) = excursions(arrived)
    assert (found.since, found.until, found.peak_mc) == (at, None, 22_000)
    assert codes(arrived, "H3K001") == ["held"]
    arrived.clock.tick(hours=4, minutes=1)
    assert codes(arrived, "H3K001") == ["budget_spent", "held", "temperature_unknown"]
    assert read(arrived, -20, -21, -19) == []  # the first reading back in ends it
    assert [one.until for one in excursions(arrived)] == [arrived.clock.now]


def test_a_lot_that_was_announced_into_a_freezer_read_too_warm_has_no_known_temperature(clinic: Clinic) -> None:
    """Nobody moved it there, so no excursion tells of it: the reading by itself asks."""
    began = clinic.clock.now
    clinic.clock.tick(minutes=5)

    def told(now: float, low: float, high: float) -> None:
        given = (int(now * 1000), int(low * 1000), int(high * 1000))
        clinic.do(coldchain.read, clinic.MAKER_QA, warm, *given, since=began)

    warm = clinic.do(
        organisations.open_place, clinic.MAKER_QA, clinic.ids["maker_site"], PlaceKind.FREEZER, "MF-9", "MF-9"
    ).id
    told(5, -21, 6)
    assert excursions(clinic) == []
    clinic.clock.tick(minutes=5)
    clinic.ids["maker_freezer"] = warm
    clinic.lot("UC26-W1", 1)
    assert clinic.scan("W1K001", who=clinic.MAKER_QA) == ("ask_qa", ["not_released", "temperature_unknown"])


def test_what_qa_judged_was_not_the_next_reading(released: Clinic) -> None:
    """+5 °C was judged and its hold lifted. +6 °C an hour later is another excursion, and holds what lies there now.

    In the hour between them nobody knows how warm it was there.
    """
    read(released, -20, -21, -19)
    released.clock.tick(minutes=5)
    moved(released, "read_freezer")
    released.clock.tick(minutes=5)
    assert read(released, 5, -21, 5) == ["EX-1"]
    (hold,) = holds(released)
    lift(released, hold.id)
    assert released.scan("H3K001") == ("use", [])
    released.clock.tick(minutes=5)
    released.do(vials.move, released.PHARMACIST, released.vial("H3K002").id, released.ids["read_freezer"])
    assert released.scan("H3K002") == ("ask_qa", ["held"])  # nobody judged it for this one
    assert released.scan("H3K001") == ("ask_qa", ["held"])  # and the other lies there still
    released.clock.tick(hours=1)
    for one in holds(released):
        lift(released, one.id)
    assert [released.scan(f"H3K00{n}") for n in (1, 2)] == [("ask_qa", ["temperature_unknown"])] * 2
    (number,) = read(released, 6, 5, 7)
    assert number not in ("EX-1", "EX-2")
    assert [released.scan(f"H3K00{n}") for n in (1, 2, 3)] == [("ask_qa", ["held"]), ("ask_qa", ["held"]), ("use", [])]
    released.clock.tick(minutes=30)
    read(released, -20, -20, 6)
    assert {one.until for one in excursions(released)} == {released.clock.now}


@pytest.mark.parametrize(
    ("now", "low", "high"), [(-20, -19, -18), (-20, -21, -20.5), (-300, -300, -20), (250, -20, 250)]
)
def test_a_reading_that_cannot_be_is_refused(released: Clinic, now: float, low: float, high: float) -> None:
    with pytest.raises(Refused, match="reading_impossible"):
        read(released, now, low, high)


def told_late(clinic: Clinic, hours: float, now: float, low: float, high: float) -> list[str]:
    """A line of the paper beside the freezer, entered so many hours after it was written."""
    call = Call(occurred_at=clinic.clock.now - timedelta(hours=hours), source=Source.LATE)
    return read(clinic, now, low, high, call=call)


def test_a_reading_from_paper_takes_its_place_among_the_others(released: Clinic) -> None:
    """Read at eight and at eleven, and at nine on paper: what the paper says was out is out, from eight until eleven."""
    read(released, -20, -21, -19)
    moved(released, "read_freezer")
    eight = released.clock.now
    released.clock.tick(hours=3)
    assert read(released, -20, -21, -19) == []
    assert released.scan("H3K001") == ("use", [])
    assert told_late(released, 2, -9, -20, -9) == ["EX-1"]
    (found,) = excursions(released)
    assert (found.since, found.until, found.peak_mc) == (eight, released.clock.now, -9_000)
    assert released.scan("H3K001") == ("ask_qa", ["held"])
    assert told_late(released, 1, -20, -20, -19) == []  # a good one does not make it shorter
    (found,) = excursions(released)
    assert found.until == released.clock.now


def test_a_reading_from_paper_that_was_well_ends_no_excursion_that_goes_on(released: Clinic) -> None:
    read(released, -20, -21, -19)
    moved(released, "read_freezer")
    released.clock.tick(hours=8)
    assert read(released, -9, -20, -9) == ["EX-1"]
    assert told_late(released, 4, -20, -21, -19) == []
    (found,) = excursions(released)
    assert found.until is None


def test_a_first_reading_speaks_of_no_longer_than_a_place_may_go_unread(released: Clinic) -> None:
    """Who reset the thermometer three days ago, nobody saw: of the day before the reading it is believed."""
    moved(released, "read_freezer")
    released.clock.tick(days=3)
    read(released, -20, -21, -19, since=released.clock.now - timedelta(days=30))
    assert released.scan("H3K001") == ("ask_qa", ["temperature_unknown"])


def test_what_a_first_reading_says_was_out_counts_as_far_back_as_it_says(released: Clinic) -> None:
    moved(released, "read_freezer")
    began = released.clock.now
    released.clock.tick(days=3)
    assert read(released, -20, -21, -9, since=began) == ["EX-1"]
    assert excursions(released)[0].since == began


# ── places that nobody measures ──


def assumed(clinic: Clinic, place: str) -> None:
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(
        organisations.assume,
        clinic.QUALITY,
        clinic.ids[place],
        -25_000,
        -15_000,
        400 * 86_400,
        reason="mapped",
        signed=signed,
    )


def test_no_band_is_assumed_of_a_freezer_whose_readings_have_stopped(released: Clinic) -> None:
    assumed(released, "read_freezer")
    moved(released, "read_freezer")
    released.clock.tick(minutes=5)
    read(released, -20, -21, -19)
    released.clock.tick(hours=24)
    assert released.scan("H3K001") == ("use", [])
    released.clock.tick(seconds=1)
    assert released.scan("H3K001") == ("ask_qa", ["temperature_unknown"])
    released.clock.tick(days=30)
    assumed(released, "read_freezer")
    assert released.scan("H3K001") == ("ask_qa", ["temperature_unknown"])
    released.do(vials.move, released.PHARMACIST, released.vial("H3K002").id, released.ids["read_freezer"])
    released.clock.tick(days=2)
    assert released.scan("H3K002") == ("ask_qa", ["temperature_unknown"])


def test_what_was_assumed_before_a_freezer_had_its_thermometer_stays_known(released: Clinic) -> None:
    """Nobody measured it then, and QA had signed how warm it could be: that is not taken back by the first reading."""
    assumed(released, "read_freezer")
    moved(released, "read_freezer")
    released.clock.tick(days=10)
    moved(released, "freezer")
    released.do(vials.move, released.PHARMACIST, released.vial("H3K002").id, released.ids["read_freezer"])
    released.clock.tick(days=10)
    read(released, -20, -21, -19)
    assert [released.scan(f"H3K00{n}") for n in (1, 2)] == [("use", []), ("use", [])]


def test_readings_of_last_year_still_speak_for_last_year(released: Clinic) -> None:
    """The thermometer was reset after a week away: the vial that had left by then was watched to the end."""
    read(released, -20, -21, -19)
    moved(released, "read_freezer")
    released.clock.tick(hours=20)
    read(released, -20, -21, -19)
    moved(released, "freezer")
    released.clock.tick(days=7)
    read(released, -20, -21, -19, since=released.clock.now - timedelta(hours=1))
    assert released.scan("H3K001") == ("use", [])


def test_an_assumed_place_covers_its_longest_stay_and_no_second_more(released: Clinic) -> None:
    """The bench is assumed to be 18 to 26 °C for at most eight hours at a time."""
    moved(released, "bench")
    released.clock.tick(hours=8)
    assert released.scan("H3K001") == ("do_not_use", ["thaw_spent", "budget_spent"])
    released.clock.tick(seconds=1)
    assert released.scan("H3K001") == ("do_not_use", ["thaw_spent", "budget_spent", "temperature_unknown"])


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
    assert released.scan("H3K001") == ("ask_qa", ["release_outdated", "temperature_unknown"])  # its loss is a case


def test_a_vial_found_before_it_was_lost_is_in_stock_and_somebody_answers_for_it(released: Clinic) -> None:
    vial = released.vial("H3K001")
    released.clock.tick(hours=3)
    released.do(vials.report_lost, released.STOREKEEPER, vial.id, reason="not on its shelf")
    earlier = Call(occurred_at=released.clock.now - timedelta(hours=1), source=Source.LATE)
    found = released.do(
        vials.report_found,
        released.STOREKEEPER,
        vial.id,
        released.ids["freezer"],
        reason="behind the rack",
        call=earlier,
    )
    assert found.answer["findings"] == ["moved_since"]
    assert released.vial("H3K001").state == "in_stock"
    assert "held" in released.scan("H3K001")[1]


def test_every_vial_lies_in_one_place_from_its_first_minute(released: Clinic) -> None:
    with released.store.read(SYSTEM) as view:
        for vial in released.vials(released.ids["lot"]):
            lain = sorted(view.known(Stay, Stay.vial_id == vial.id), key=lambda stay: stay.since)
            assert [stay.place_id for stay in lain][::2] == [released.ids["maker_freezer"], released.ids["quarantine"]]
            assert [stay.until for stay in lain[:-1]] == [stay.since for stay in lain[1:]]
            assert lain[-1].until is None


# ── what is told afterwards ──


def assume(clinic: Clinic, place: str, low: int, high: int) -> None:
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(organisations.assume, clinic.QUALITY, place, low, high, 86_400, reason="x", signed=signed)


def test_a_band_that_is_signed_later_says_nothing_of_how_the_place_was(released: Clinic) -> None:
    """Twenty hours in a room; then the room becomes a cold cell. What the vial went through stays what it was."""
    clinic = released
    room = clinic.do(organisations.open_place, clinic.QUALITY, clinic.ids["site"], PlaceKind.ROOM, "R-9", "R-9").id
    assume(clinic, room, 18_000, 26_000)
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, room)
    clinic.clock.tick(hours=20)
    spent = ("do_not_use", ["thaw_spent", "budget_spent"])
    assert clinic.scan("H3K001") == spent
    assume(clinic, room, -25_000, -15_000)
    clinic.clock.tick(minutes=1)
    assert clinic.scan("H3K001") == spent
    clinic.clock.tick(hours=4)  # and a stay is one stay, whatever was assumed of it in between
    assert clinic.scan("H3K001") == ("do_not_use", ["thaw_spent", "budget_spent", "temperature_unknown"])


@pytest.mark.parametrize("late", [False, True])
def test_a_vial_laid_back_into_the_shipper_is_not_one_of_those_that_its_logger_watched(
    arrived: Clinic, late: bool
) -> None:
    """The box stood open at 20 °C with one vial in it. Told in time, its logger tells of it; told after the file, nobody knows."""
    clinic = arrived
    box, vial = at_hand(clinic), clinic.vial("H3K001").id
    shipper, began = clinic.consignment(box).place_id, clinic.clock.now
    clinic.clock.tick(minutes=10)
    if not late:
        clinic.do(vials.move, clinic.STOREKEEPER, vial, shipper)
    clinic.clock.tick(hours=5)
    clinic.do(vials.move, clinic.STOREKEEPER, vial, clinic.ids["freezer"])
    first = clinic.consignment(box).shipped_at - timedelta(hours=1)
    warm = int((began - first) / timedelta(minutes=15)) + 2
    clinic.logged(box, warm=dict.fromkeys(range(warm, warm + 19), 20.0))
    if late:
        call = Call(occurred_at=began + timedelta(minutes=10), source=Source.LATE)
        clinic.do(vials.move, clinic.STOREKEEPER, vial, shipper, call=call)
        for one in holds(clinic):
            lift(clinic, one.id)
    else:
        assert len(excursions(clinic)) == 1
    assert ("temperature_unknown" if late else "budget_spent") in codes(clinic, "H3K001")


def test_a_late_word_that_makes_the_history_better_is_asked_about_first(released: Clinic) -> None:
    """Six hours on the bench; then somebody says that it was back in the freezer after ten minutes."""
    clinic, vial = released, released.vial("H3K001").id
    moved(clinic, "bench")
    clinic.clock.tick(hours=6)
    assert clinic.scan("H3K001")[0] == "do_not_use"
    call = Call(occurred_at=clinic.clock.now - timedelta(hours=5, minutes=50), source=Source.LATE)
    told = clinic.do(vials.move, clinic.STOREKEEPER, vial, clinic.ids["freezer"], call=call)
    assert told.answer["findings"] == ["better_than_known"]
    assert clinic.scan("H3K001") == ("ask_qa", ["held"])
    (hold,) = holds(clinic)
    lift(clinic, hold.id)
    assert clinic.scan("H3K001") == ("use", [])


def test_a_vial_put_back_late_that_saves_it_warm_time_is_asked_about_too(released: Clinic) -> None:
    clinic = released
    vial = clinic.ready_vial(clinic.course(), 1, serial="H3K001", thaw=False).id
    clinic.do(courses.take_back, clinic.PHARMACIST, vial, clinic.ids["bench"], reason="did not come")
    clinic.clock.tick(minutes=20)
    late = Call(occurred_at=clinic.clock.now - timedelta(minutes=15), source=Source.LATE)
    told = clinic.do(vials.put_away, clinic.PHARMACIST, vial, clinic.ids["freezer"], reason="cold", call=late)
    assert told.answer["findings"] == ["better_than_known"]
    assert clinic.scan("H3K001") == ("ask_qa", ["held"])
