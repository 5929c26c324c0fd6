"""Sensors in places: what they told while a vial was there, to the second; several of them, uncalibrated, silent, dead (R21, R25–R27)."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.clinic import CALIBRATED, JAKARTA, Clinic, logger_csv
from tests.loggers.tags import tag
from tests.stories.test_temperature import excursions, holds, out_of_storage
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning, Role
from traceability.services import excursions as judged
from traceability.services import organisations, people, products, sensors, vials
from traceability.services.verdicts import facts, judge
from traceability.store import Call, Source
from traceability.store.tables import Block, DailyExtreme, SensorFile, Watch
from traceability.store.tables.coldchain import Direction
from traceability.store.tables.organisations import PlaceKind

EVERY = 300
"""Seconds between two readings of a sensor here."""


@pytest.fixture
def hung(released: Clinic) -> Clinic:
    """A freezer of its own with a calibrated sensor since an hour, and nothing in it yet."""
    clinic = released
    ids = clinic.ids
    kind = PlaceKind.FREEZER
    ids["cold"] = clinic.do(organisations.open_place, clinic.QUALITY, ids["site"], kind, "F-9", "F-9").id
    ids["sensor"] = sensor(clinic, "S-1")
    clinic.clock.tick(hours=1)
    return clinic


def sensor(clinic: Clinic, serial: str, place: str | None = "cold", *, calibrated: bool = True) -> str:
    made = clinic.do(sensors.register, clinic.STOREKEEPER, serial, "Asia/Jakarta", EVERY, live=True).id
    if calibrated:
        days = (CALIBRATED["calibrated_from"], CALIBRATED["calibrated_until"])
        clinic.do(sensors.calibrate, clinic.STOREKEEPER, made, "K-1", *days)
    if place:
        clinic.do(sensors.assign, clinic.STOREKEEPER, made, clinic.ids[place])
    return made


def log(
    clinic: Clinic, first: datetime, until: datetime, warm: dict[int, float] | None = None, serial: str = "S-1",
    low: float = -21.0,
) -> list[str]:  # fmt: skip
    """A file of the sensor from then to then, a reading every five minutes."""
    count = (until - first) // timedelta(seconds=EVERY) + 1
    times = [first + timedelta(seconds=EVERY * n) for n in range(count)]
    rows = [
        f"{at:%Y-%m-%dT%H:%M:%S+00:00},{(warm or {}).get(n, low + at.minute % 4 / 10):.1f}"
        for n, at in enumerate(times)
    ]
    data = ("\n".join([f"# serial: {serial}", "# interval_s: 300", "time,temperature_c", *rows]) + "\n").encode()
    told = sensors.read_log("s.csv", data, JAKARTA)
    with clinic.store.read(SYSTEM) as view:
        (found,) = [one for one in sensors.sensors(view) if one.serial == serial]
    return list(
        clinic.do(sensors.import_log, clinic.STOREKEEPER, found.id, told, confirmed=told.file.digest).answer[
            "excursions"
        ]
    )


def into(clinic: Clinic, serial: str = "H3K001", place: str = "cold", **told: object) -> datetime:
    clinic.do(vials.move, clinic.PHARMACIST, clinic.vial(serial).id, clinic.ids[place], **told)
    return clinic.clock.now


def scan(clinic: Clinic, serial: str = "H3K001") -> list[str]:
    return clinic.scan(serial)[1]


# ── known, and not known ──


def test_a_freezer_whose_sensor_is_read_daily_keeps_its_vials_known(hung: Clinic) -> None:
    put = into(hung)
    assert scan(hung) == ["temperature_unknown"]
    hung.clock.tick(hours=6)
    assert log(hung, put - timedelta(minutes=30), hung.clock.now) == []
    assert scan(hung) == []
    hung.clock.tick(hours=24)
    assert scan(hung) == []
    hung.clock.tick(seconds=1)
    assert scan(hung) == ["temperature_unknown"]


def test_readings_that_stop_for_longer_than_two_intervals_leave_a_hole(hung: Clinic) -> None:
    put = into(hung)
    hung.clock.tick(hours=6)
    log(hung, put, put + timedelta(hours=2))
    log(hung, put + timedelta(hours=2, seconds=2 * EVERY), hung.clock.now)
    assert scan(hung) == []  # twice the interval is no gap
    hung.clock.tick(hours=3)
    log(hung, hung.clock.now - timedelta(hours=3) + timedelta(seconds=2 * EVERY + 1), hung.clock.now)
    assert scan(hung) == ["temperature_unknown"]
    with hung.store.read(hung.QUALITY) as view:
        ((_, (finding,)),) = judge(view, [hung.vial("H3K001").id], "stock").values()  # type: ignore[arg-type]
    assert finding.values["reasons"] == ("reading_gap",)


def test_a_later_file_that_fills_the_hole_makes_it_known(hung: Clinic) -> None:
    put = into(hung)
    hung.clock.tick(hours=6)
    log(hung, put, put + timedelta(hours=1))
    log(hung, put + timedelta(hours=3), hung.clock.now)
    assert scan(hung) == ["temperature_unknown"]
    log(hung, put + timedelta(hours=1), put + timedelta(hours=3), low=-21.0)
    assert scan(hung) == []
    with hung.store.read(SYSTEM) as view:
        rows = view.known(Watch, Watch.sensor_id == hung.ids["sensor"])
    assert max(one.until - one.since for one in rows) == timedelta(hours=6)


@pytest.mark.parametrize(("seconds", "spent"), [(-1, 0), (0, 0), (1, 1)])
def test_a_second_before_and_after_a_move_is_told_apart(hung: Clinic, seconds: int, spent: int) -> None:
    """The vial leaves as the freezer begins to be too warm: half-open, to the second."""
    put = into(hung)
    began = put + timedelta(hours=1)
    hung.clock.now = began + timedelta(seconds=seconds)
    into(hung, place="freezer")
    hung.clock.now = put + timedelta(hours=2)
    log(hung, put, hung.clock.now, {12: -9.0, 13: -9.0})
    assert out_of_storage(hung, "H3K001") == spent
    assert scan(hung) == (["held"] if spent else [])


@pytest.mark.parametrize(("seconds", "spent"), [(-1, 1), (0, 0), (1, 0)])
def test_a_vial_that_comes_as_it_is_cold_again_went_through_nothing(hung: Clinic, seconds: int, spent: int) -> None:
    began = hung.clock.now
    hung.clock.now = began + timedelta(hours=1, minutes=10) + timedelta(seconds=seconds)
    into(hung)
    hung.clock.now = began + timedelta(hours=3)
    log(hung, began, hung.clock.now, {12: -9.0, 13: -9.0})
    assert out_of_storage(hung, "H3K001") == spent
    assert scan(hung) == (["held"] if spent else [])


def test_a_sensor_whose_calibration_has_ended_clears_nothing_and_its_warmth_counts(hung: Clinic) -> None:
    other = sensor(hung, "S-2", calibrated=False)
    hung.do(sensors.unassign, hung.STOREKEEPER, hung.ids["sensor"], reason="taken away")
    put = into(hung)
    hung.clock.tick(hours=2)
    log(hung, put, hung.clock.now, {4: -9.0}, "S-2")
    assert scan(hung) == ["held", "temperature_unknown"]
    today = hung.clock.now.date()
    hung.do(sensors.calibrate, hung.STOREKEEPER, other, "K-2", today - timedelta(days=400), today - timedelta(days=1))
    assert scan(hung) == ["held", "temperature_unknown"]
    hung.do(sensors.calibrate, hung.STOREKEEPER, other, "K-3", today - timedelta(days=1), today + timedelta(days=9))
    assert scan(hung) == ["held"]


def test_of_two_sensors_the_worst_counts_and_both_have_to_be_known(hung: Clinic) -> None:
    sensor(hung, "S-2")
    put = into(hung)
    hung.clock.tick(hours=3)
    log(hung, put, hung.clock.now)
    log(hung, put, put + timedelta(hours=1), {6: -9.0, 7: -9.0}, "S-2")
    assert out_of_storage(hung, "H3K001") == 10 * 60
    assert scan(hung) == ["held"]
    hung.clock.tick(hours=25)
    log(hung, put + timedelta(hours=3), hung.clock.now)
    assert "temperature_unknown" in scan(hung)  # of the warmer corner nobody knows
    late = Call(occurred_at=put + timedelta(hours=1), source=Source.LATE)
    with hung.store.read(SYSTEM) as view:
        (second,) = [one for one in sensors.sensors(view) if one.serial == "S-2"]
    with pytest.raises(Refused, match="sensor_late_by_quality"):
        hung.do(sensors.unassign, hung.STOREKEEPER, second.id, reason="its battery was dead", call=late)
    late = Call(occurred_at=late.occurred_at, source=Source.LATE)
    hung.do(sensors.unassign, hung.QUALITY, second.id, reason="its battery was dead", call=late)
    assert scan(hung) == ["held"]


def test_a_sensor_is_not_taken_down_before_what_it_told(hung: Clinic) -> None:
    put = into(hung)
    hung.clock.tick(hours=3)
    log(hung, put, hung.clock.now, {30: -9.0})
    for act, told in ((sensors.unassign, {"reason": "x"}), (sensors.assign, {"place_id": hung.ids["bench"]})):
        late = Call(occurred_at=put + timedelta(hours=1), source=Source.LATE)
        with pytest.raises(Refused, match="sensor_read_since"):
            hung.do(act, hung.QUALITY, hung.ids["sensor"], call=late, **told)


def test_a_sensor_that_moved_tells_of_each_place_only_while_it_hung_there(hung: Clinic) -> None:
    put = into(hung)
    hung.clock.tick(hours=1)
    hung.do(sensors.assign, hung.STOREKEEPER, hung.ids["sensor"], hung.ids["bench"])
    hung.clock.tick(hours=1)
    assert log(hung, put, hung.clock.now, dict.fromkeys(range(13, 30), 22.0)) == []
    assert out_of_storage(hung, "H3K001") == 0
    assert scan(hung) == []  # for a day, until the next reading there is due
    hung.clock.tick(hours=25)
    assert scan(hung) == ["temperature_unknown"]


def test_warmth_on_a_bench_counts_and_is_no_excursion(hung: Clinic) -> None:
    """There vials are taken out to be worked with: their clocks run, and nobody is called."""
    sensor(hung, "S-3", "bench")
    put = into(hung, place="bench")
    hung.clock.tick(minutes=50)
    assert log(hung, put - timedelta(minutes=5), hung.clock.now, {}, "S-3", low=22.0) == []
    assert out_of_storage(hung, "H3K001") == 50 * 60
    assert scan(hung) == []
    into(hung, place="freezer")
    assert scan(hung) == []


# ── excursions ──


def test_an_excursion_begins_with_its_first_reading_out_over_midnight_and_over_days(hung: Clinic) -> None:
    put = into(hung)
    warm = dict.fromkeys(range(12, 12 + 3 * 288), -9.0)  # three days
    hung.clock.tick(days=4)
    assert log(hung, put, hung.clock.now, warm) == ["EX-1"]
    (found,) = excursions(hung)
    assert (found.since, found.until) == (put + timedelta(hours=1), put + timedelta(hours=1, days=3))
    assert out_of_storage(hung, "H3K001") == 3 * 86_400


def test_what_comes_in_pieces_is_one_excursion(hung: Clinic) -> None:
    put = into(hung)
    hung.clock.tick(days=2)
    warm = dict.fromkeys(range(2000), -9.0)
    middle = put + timedelta(days=1)
    assert log(hung, middle, middle + timedelta(hours=2), warm) == ["EX-1"]
    assert log(hung, put + timedelta(hours=20), middle, warm) == ["EX-1"]
    assert log(hung, middle + timedelta(hours=2), middle + timedelta(hours=4), dict.fromkeys(range(12), -9.0)) == [
        "EX-1"
    ]
    (found,) = excursions(hung)
    assert (found.since, found.until) == (put + timedelta(hours=20), middle + timedelta(hours=3))
    assert len(holds(hung)) == 1


def test_it_names_exactly_the_vials_that_were_there(hung: Clinic) -> None:
    put = into(hung)
    into(hung, "H3K002")
    hung.clock.tick(hours=1)
    into(hung, "H3K002", "freezer")
    hung.clock.tick(hours=2)
    into(hung, "H3K003")
    hung.clock.tick(hours=1)
    log(hung, put, hung.clock.now, {18: -9.0, 19: -9.0})  # at half past one
    assert [scan(hung, f"H3K00{n}") for n in (1, 2, 3)] == [["held"], [], []]
    with hung.store.read(SYSTEM) as view:
        found = excursions(hung)[0]
        assert judged.there(view, found.place_id, found.since, found.until) == [hung.vial("H3K001").id]


def test_a_late_move_into_the_warm_hours_is_held_too(hung: Clinic) -> None:
    put = into(hung)
    hung.clock.tick(hours=3)
    log(hung, put, hung.clock.now, {12: -9.0, 13: -9.0})
    assert scan(hung, "H3K002") == []
    late = Call(occurred_at=put + timedelta(minutes=62), source=Source.LATE)
    into(hung, "H3K002", call=late)
    assert scan(hung, "H3K002") == ["held"]
    assert out_of_storage(hung, "H3K002") == 8 * 60


def test_a_dead_sensors_excursion_is_closed_by_a_person_and_a_later_warm_reading_is_another(hung: Clinic) -> None:
    put = into(hung)
    hung.clock.tick(hours=2)
    log(hung, put, put + timedelta(hours=1), {12: -9.0})
    (found,) = excursions(hung)
    assert found.until is None
    hung.clock.tick(hours=3)
    assert out_of_storage(hung, "H3K001") == 4 * 3600
    end = put + timedelta(hours=1, minutes=20)
    signed = (hung.sign("lestari", Meaning.DECIDED),)
    with pytest.raises(Refused, match="excursion_read_since"):
        hung.do(judged.close, hung.QUALITY2, found.id, put + timedelta(minutes=59), reason="x", signed=signed)
    hung.do(judged.close, hung.QUALITY2, found.id, end, reason="the display said −20 °C", signed=signed)
    assert out_of_storage(hung, "H3K001") == 20 * 60
    assert scan(hung) == ["held", "temperature_unknown"]  # closed is not judged, and nothing has measured it since
    hung.disposed(found.id)
    log(hung, put + timedelta(hours=2), hung.clock.now, {3: -8.0, 4: -8.0})
    assert [one.number for one in excursions(hung)] == ["EX-1", "EX-2"]
    assert "held" in scan(hung)


def test_what_qa_judged_is_not_judged_again_by_the_same_readings_in_another_file(hung: Clinic) -> None:
    put = into(hung)
    hung.clock.tick(hours=3)
    warm = {12: -9.0, 13: -9.0}
    log(hung, put, put + timedelta(hours=2), warm)
    hung.disposed(excursions(hung)[0].id)
    assert log(hung, put, hung.clock.now, warm) == []
    assert scan(hung) == []
    assert len(excursions(hung)) == 1


def test_worse_news_of_the_same_hours_is_another_excursion(hung: Clinic) -> None:
    sensor(hung, "S-2")
    put = into(hung)
    hung.clock.tick(hours=3)
    log(hung, put, hung.clock.now, {12: -9.0, 13: -9.0})
    hung.disposed(excursions(hung)[0].id)
    assert log(hung, put, hung.clock.now, {12: 4.0}, "S-2") == ["EX-2"]
    assert scan(hung) == ["held"]


# ── files and batches ──


def test_the_same_file_twice_is_one_import_and_overlapping_files_are_one_story(hung: Clinic) -> None:
    put = into(hung)
    hung.clock.tick(hours=3)
    log(hung, put, put + timedelta(hours=2))
    with pytest.raises(Refused, match="logger_imported_already"):
        log(hung, put, put + timedelta(hours=2))
    log(hung, put, hung.clock.now)
    with hung.store.read(SYSTEM) as view:
        assert len(view.known(SensorFile, sensor_id=hung.ids["sensor"])) == 2
        assert sum(one.n for one in view.known(Block, sensor_id=hung.ids["sensor"])) == 37


def test_another_loggers_file_is_refused(hung: Clinic) -> None:
    told = sensors.read_log("s.csv", logger_csv(hung.clock.now - timedelta(hours=1), 1, 5, -20, {}, "X-9"), JAKARTA)
    with pytest.raises(Refused, match="logger_of_another"):
        hung.do(sensors.import_log, hung.STOREKEEPER, hung.ids["sensor"], told, confirmed=told.file.digest)


def test_a_file_of_days_on_which_it_hung_nowhere_is_refused(hung: Clinic) -> None:
    first = hung.clock.now - timedelta(days=9)
    with pytest.raises(Refused, match="sensor_hung_nowhere"):
        log(hung, first, first + timedelta(hours=5))


def device(clinic: Clinic) -> object:
    from dataclasses import replace

    given = people.enrol(clinic.store, SYSTEM, Call(), clinic.ids["hospital"], "device-1", "Gateway", "x").id
    people.give(clinic.store, SYSTEM, Call(), given, Role.DEVICE, clinic.ids["hospital"])
    return replace(clinic.STOREKEEPER, person_id=given, name="Gateway")


def test_a_sensor_that_sends_by_itself_says_the_same_twice_and_it_is_kept_once(hung: Clinic) -> None:
    who, put = device(hung), into(hung)
    batch = [(put + timedelta(minutes=5 * n), -20_000 - n) for n in range(12)]
    hung.clock.tick(hours=1)
    assert hung.do(sensors.read, who, hung.ids["sensor"], batch).answer["kept"] == 12
    assert hung.do(sensors.read, who, hung.ids["sensor"], batch[6:]).answer["kept"] == 0
    assert scan(hung) == []
    hung.clock.tick(minutes=5)
    warm = [(hung.clock.now, -9_000)]
    assert hung.do(sensors.read, who, hung.ids["sensor"], warm).answer["excursions"] == ["EX-1"]
    assert scan(hung) == ["held"]


@pytest.mark.parametrize(
    ("readings", "code"),
    [([], "readings_count"), ([(-50 * 24 * 60, 1), (0, 1)], "reading_too_old"), ([(0, 300_000)], "reading_impossible"),
     ([(10, 1)], "logger_clock_ahead")],
)  # fmt: skip
def test_a_batch_that_cannot_be_is_refused_whole(hung: Clinic, readings: list[tuple[int, int]], code: str) -> None:
    who = device(hung)
    batch = [(hung.clock.now + timedelta(minutes=at), mc) for at, mc in readings]
    with pytest.raises(Refused, match=code):
        hung.do(sensors.read, who, hung.ids["sensor"], batch)
    with hung.store.read(SYSTEM) as view:
        assert view.known(Block, sensor_id=hung.ids["sensor"]) == []


def test_a_sensor_hangs_in_one_place_at_a_time(hung: Clinic) -> None:
    now = hung.clock.now
    hung.clock.tick(hours=1)
    hung.do(sensors.assign, hung.STOREKEEPER, hung.ids["sensor"], hung.ids["bench"])
    call = Call(occurred_at=now, source=Source.LATE)
    with pytest.raises(Refused, match="sensor_elsewhere"):
        hung.do(sensors.assign, hung.QUALITY, hung.ids["sensor"], hung.ids["cold"], call=call)


def test_calibration_days_have_an_order(hung: Clinic) -> None:
    with pytest.raises(Refused, match="interval_empty"):
        hung.do(sensors.calibrate, hung.STOREKEEPER, hung.ids["sensor"], "K", date(2026, 2, 1), date(2026, 1, 1))


# ── loggers that tell their days ──

FRIDGE_TAG = (
    Path(os.environ.get("CORPORA") or Path(__file__).parents[3] / "shared" / "corpora")
    / "loggers"
    / "berlinger-fridge-tag-2.txt"
)


def test_a_file_of_days_tells_least_and_most_and_no_reading(hung: Clinic) -> None:
    """Sixty days at 21 to 25 °C, of which it hung in the freezer for the last: out of limits on each, and known but for the last."""
    if not FRIDGE_TAG.exists():
        pytest.skip(f"the corpora are not there: {FRIDGE_TAG}")
    told = sensors.read_log("tag.txt", FRIDGE_TAG.read_bytes(), JAKARTA)
    hung.clock.now = datetime(2026, 4, 20, 1, 0, tzinfo=UTC)
    other = sensor(hung, told.file.serial or "")
    put = into(hung)
    hung.clock.now = datetime(2026, 5, 2, tzinfo=UTC)
    done = hung.do(sensors.import_log, hung.STOREKEEPER, other, told, confirmed=told.file.digest)
    assert (done.answer["readings"], done.answer["excursions"]) == (0, ["EX-1"])
    (found,) = excursions(hung)
    assert (found.since, found.until, found.peak_mc > 24_000) == (put, None, True)
    with hung.store.read(SYSTEM) as view:
        assert view.known(Block, sensor_id=other) == []
        days = view.known(DailyExtreme, sensor_id=other)
        (watch,) = [one for one in view.known(Watch, sensor_id=other) if one.interval_s <= 1800]
    assert len(days) == len(told.file.days) == 60
    assert watch.until == max(day.since for day in days)
    assert "held" in scan(hung)


def told_by_tag(clinic: Clinic, data: bytes) -> dict[str, Any]:
    """A tag that hangs in the freezer alone, and what is read in of it."""
    told = sensors.read_log("tag.txt", data, JAKARTA)
    given = (clinic.ids["tag"], told)
    return clinic.do(sensors.import_log, clinic.STOREKEEPER, *given, confirmed=told.file.digest).answer


@pytest.fixture
def tagged(hung: Clinic) -> Clinic:
    hung.do(sensors.unassign, hung.STOREKEEPER, hung.ids["sensor"], reason="a tag hangs there now")
    hung.ids["tag"] = sensor(hung, "160400347643")
    return hung


@pytest.mark.parametrize("unheard", [None, 1, 1300])
def test_a_day_on_which_a_tag_did_not_hear_its_sensor_clears_nothing(tagged: Clinic, unheard: int | None) -> None:
    first = tagged.clock.now.astimezone(JAKARTA).date()
    into(tagged)
    tagged.clock.tick(days=3)
    assert told_by_tag(tagged, tag([(-21, -19)] * 4, first, unheard={1: unheard}))["excursions"] == []
    assert "temperature_unknown" in scan(tagged)


def test_a_day_on_which_a_tag_did_not_hear_its_sensor_counts_where_it_was_too_warm(tagged: Clinic) -> None:
    first = tagged.clock.now.astimezone(JAKARTA).date()
    into(tagged)
    tagged.clock.tick(days=3)
    days = [(-21, -19), (-21, -3), (-21, -19), (-21, -19)]
    assert told_by_tag(tagged, tag(days, first, unheard={1: 1300}))["excursions"] == ["EX-1"]
    assert "held" in scan(tagged)


@pytest.mark.parametrize(("begun", "known"), [("22:00", False), ("00:15", True)])
def test_a_tag_watches_its_first_day_from_when_it_was_switched_on(tagged: Clinic, begun: str, known: bool) -> None:
    """The vial was put there half an hour after midnight."""
    midnight = tagged.clock.now.astimezone(JAKARTA).replace(hour=0, minute=30) + timedelta(days=1)
    tagged.clock.now = midnight.astimezone(UTC)
    into(tagged)
    tagged.clock.tick(days=2)
    told_by_tag(tagged, tag([(-21, -19)] * 3, midnight.date(), begun=begun))
    assert ("temperature_unknown" not in scan(tagged)) is known


# ── a budget in bands ──


def band(clinic: Clinic, direction: str, threshold: int, minutes: int) -> None:
    signed = (clinic.sign("wijaya", Meaning.DECIDED),)
    given = (clinic.ids["version"], Direction(direction), threshold, minutes * 60)
    clinic.do(products.add_band, clinic.MAKER_QA, *given, signed=signed)


def test_of_the_time_out_of_storage_only_so_much_may_be_warmer_than_a_threshold(hung: Clinic) -> None:
    """Four hours warmer than −15 °C, of it half an hour warmer than −5: each is counted by itself."""
    band(hung, "above", -5_000, 30)
    put = into(hung)
    hung.clock.tick(hours=6)
    warm = dict.fromkeys(range(12, 30), -9.0) | dict.fromkeys(range(15, 21), 1.0)
    log(hung, put, hung.clock.now, warm)
    with hung.store.read(hung.QUALITY) as view:
        (fact,) = facts(view, [hung.vial("H3K001").id], Purpose.STOCK)
    assert (fact.history.out_of_storage_s, [one.used_s for one in fact.history.bands]) == (90 * 60, [30 * 60])
    assert scan(hung) == ["held"]
    hung.clock.tick(minutes=5)
    log(hung, put + timedelta(hours=6, minutes=5), hung.clock.now, {0: -4.9})
    hung.clock.tick(seconds=1)
    assert scan(hung) == ["budget_spent", "held"]


def test_an_assumed_band_counts_beyond_a_threshold_too(hung: Clinic) -> None:
    band(hung, "above", 10_000, 20)
    into(hung, place="bench")
    hung.clock.tick(minutes=20)
    assert scan(hung) == []
    hung.clock.tick(seconds=1)
    assert scan(hung) == ["budget_spent"]


@pytest.mark.parametrize(
    ("direction", "threshold", "minutes"), [("above", -16_000, 10), ("below", -20_000, 10), ("above", -5_000, 241)]
)
def test_a_band_lies_outside_the_limits_and_within_the_budget(
    clinic: Clinic, direction: str, threshold: int, minutes: int
) -> None:
    with pytest.raises(Refused, match="band_impossible"):
        band(clinic, direction, threshold, minutes)


# ── what nobody may make well by the way in which it is told ──


def test_a_freezer_that_was_read_too_warm_is_too_warm_after_midnight_too(hung: Clinic) -> None:
    """Its last reading was +20 before midnight (UTC), and the vial is put in after it, also days later."""
    hung.clock.now = hung.clock.now.replace(hour=23, minute=50)
    log(hung, hung.clock.now - timedelta(hours=1), hung.clock.now, dict.fromkeys(range(20), 20.0))
    hung.clock.tick(minutes=11)
    into(hung)
    assert scan(hung) == ["held", "temperature_unknown"], "what came after the warm reading nobody has read"
    hung.clock.tick(days=2)
    into(hung, "H3K002")
    assert "held" in scan(hung, "H3K002")


def test_a_sensor_that_measures_too_seldom_watches_nothing_and_its_warmth_counts(hung: Clinic) -> None:
    who, put = device(hung), into(hung)
    rare = hung.do(sensors.register, hung.STOREKEEPER, "S-9", "Asia/Jakarta", 3600, live=True).id
    hung.do(sensors.assign, hung.STOREKEEPER, rare, hung.ids["cold"])
    hung.clock.tick(hours=12)
    log(hung, put, hung.clock.now)
    done = hung.do(sensors.read, who, rare, [(put + timedelta(hours=n), 20_000) for n in range(1, 12)])
    assert done.answer["excursions"] == ["EX-1"]
    assert "held" in scan(hung)


def test_too_cold_and_too_warm_at_once_are_two_excursions(hung: Clinic) -> None:
    sensor(hung, "S-2")
    put = into(hung)
    hung.clock.tick(hours=3)
    log(hung, put, hung.clock.now, {12: -9.0, 13: -9.0})
    hung.disposed(excursions(hung)[0].id)
    assert log(hung, put, hung.clock.now, {12: -30.0}, "S-2") == ["EX-2"]
    assert scan(hung) == ["held"]


def test_taking_down_the_sensor_that_shows_the_warmth_does_not_end_it(hung: Clinic) -> None:
    sensor(hung, "S-2")
    hung.clock.tick(hours=3)
    log(hung, hung.clock.now - timedelta(hours=3), hung.clock.now - timedelta(hours=2), {}, "S-2")
    log(hung, hung.clock.now - timedelta(hours=3), hung.clock.now, dict.fromkeys(range(30, 40), 15.0))
    hung.do(sensors.unassign, hung.STOREKEEPER, hung.ids["sensor"], reason="broken")
    hung.clock.tick(minutes=1)
    into(hung)
    assert "held" in scan(hung)


def test_a_reading_of_a_slower_setting_does_not_close_a_hole(hung: Clinic) -> None:
    put = into(hung)
    hung.clock.tick(hours=6)
    log(hung, put, put + timedelta(hours=1))
    log(hung, put + timedelta(hours=1, minutes=55), hung.clock.now)
    assert scan(hung) == ["temperature_unknown"]
    hung.clock.tick(minutes=20)
    told = sensors.read_log(
        "s.csv", logger_csv(hung.clock.now - timedelta(minutes=33), 1.1, 30, -20, {}, "S-1"), JAKARTA
    )
    hung.do(sensors.import_log, hung.STOREKEEPER, hung.ids["sensor"], told, confirmed=told.file.digest)
    assert scan(hung) == ["temperature_unknown"]
