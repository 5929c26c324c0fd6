"""A sensor that says two things of one second: the first stays its reading, the other counts where it is out of limits,
the rest is heard, and somebody is asked. Nothing warm is lost by it, and nothing becomes known (R21, R25–R27)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.clinic import JAKARTA, Clinic
from tests.loggers.tags import tag
from tests.stories.case import closed
from tests.stories.test_temperature import excursions, holds, out_of_storage
from tests.thermometers import device, hung, imported, log_of, says
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning
from traceability.services import alarm_rules, cases, coldchain, importing, sensors, vials
from traceability.services.sensors import LogFile
from traceability.store.tables import Block, Case, DailyExtreme
from traceability.store.tables.coldchain import AlarmMode, Direction
from traceability.store.verify import verify

TEN = timedelta(minutes=10)


@pytest.fixture
def watched(released: Clinic) -> Clinic:
    """A freezer with a sensor that sends by itself every ten minutes, and H3K001 in it since an hour, always at −20 °C."""
    clinic = released
    clinic.clock.now = clinic.clock.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    clinic.ids["sensor"] = hung(clinic, "bare_freezer")
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, clinic.ids["bare_freezer"])
    says(clinic, clinic.ids["sensor"], -20)
    clinic.clock.tick(hours=1)
    says(clinic, clinic.ids["sensor"], *[-20] * 6)
    assert clinic.scan("H3K001") == ("use", [])
    return clinic


def sends(clinic: Clinic, *told: tuple[datetime, float]) -> dict:
    readings = [(at, round(celsius * 1000)) for at, celsius in told]
    return dict(clinic.do(sensors.read, device(clinic), clinic.ids["sensor"], readings).answer)


def open_cases(clinic: Clinic) -> list[Case]:
    """Those that were opened because two words differ; that it was out of limits has a case of its own."""
    with clinic.store.read(SYSTEM) as view:
        return [one for one in cases.open_cases(view) if one.kind == "contradiction"]


def kept(clinic: Clinic, table: type) -> list:
    with clinic.store.read(SYSTEM) as view:
        return view.all(table)


def file_of(clinic: Clinic, first: datetime, celsius: list[float]) -> LogFile:
    return sensors.read_log("log.csv", log_of("S-1", first, celsius), JAKARTA)


def test_a_second_word_that_is_too_warm_holds_the_vial_and_the_rest_of_the_batch_is_heard(watched: Clinic) -> None:
    now = watched.clock.now
    watched.clock.tick(minutes=10)
    answer = sends(watched, (now - 2 * TEN, 8.0), (now + TEN, -20.0))
    assert (answer["kept"], answer["contradicted"], answer["excursions"]) == (1, 1, ["EX-1"])
    (found,) = excursions(watched)
    assert (found.since, found.until, found.peak_mc) == (now - 2 * TEN, now - TEN, 8_000)
    assert watched.scan("H3K001") == ("ask_qa", ["held"])
    assert out_of_storage(watched, "H3K001") == 600
    (case,) = open_cases(watched)
    assert case.title == f"Sensor S-1: two temperatures for one time, {now - 2 * TEN:%Y-%m-%d %H:%M} UTC"
    readings = [one.n for one in kept(watched, Block) if one.sensor_id == watched.ids["sensor"]]
    assert sum(readings) == 8  # the first word is the reading
    with watched.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []


def test_the_same_contradiction_again_is_no_news_and_another_opens_no_second_case(watched: Clinic) -> None:
    now = watched.clock.now
    sends(watched, (now - TEN, 8.0))
    again = sends(watched, (now - TEN, 8.0))
    assert (again["contradicted"], again["excursions"]) == (0, [])
    worse = sends(watched, (now - TEN, 12.0), (now - 3 * TEN, 8.0))
    assert (worse["contradicted"], worse["excursions"]) == (2, ["EX-2", "EX-1"])
    assert [(one.since, one.peak_mc) for one in excursions(watched)] == [(now - TEN, 12_000), (now - 3 * TEN, 8_000)]
    assert len(open_cases(watched)) == 1
    closed(watched, open_cases(watched)[0].id, "the gateway mixed two sensors up")
    sends(watched, (now - 5 * TEN, 8.0))
    assert len(open_cases(watched)) == 1


def test_two_words_in_one_batch_are_held_against_each_other(watched: Clinic) -> None:
    watched.clock.tick(minutes=10)
    now = watched.clock.now
    answer = sends(watched, (now, -20.0), (now, 8.0), (now + timedelta(milliseconds=500), -19.95))
    assert (answer["kept"], answer["contradicted"], answer["excursions"]) == (1, 1, ["EX-1"])
    assert watched.scan("H3K001") == ("ask_qa", ["held"])
    assert excursions(watched)[0].until is None  # nobody has seen its end
    watched.clock.tick(minutes=20)
    sends(watched, (now + 2 * TEN, -20.0))
    assert excursions(watched)[0].until == now + TEN


def test_too_warm_and_too_cold_in_one_second_are_two_excursions(watched: Clinic) -> None:
    now = watched.clock.now
    sends(watched, (now - TEN, 8.0), (now - TEN, -60.0))
    assert sorted(one.peak_mc for one in excursions(watched)) == [-60_000, 8_000]


@pytest.mark.parametrize(("told", "other"), [(-20.037, -20.0), (-20.0, -20.1), (-20.0, -19.9)])
def test_a_rounding_is_the_same_reading_and_asks_nobody(watched: Clinic, told: float, other: float) -> None:
    watched.clock.tick(minutes=10)
    sends(watched, (watched.clock.now, told))
    answer = sends(watched, (watched.clock.now, other))
    assert (answer["kept"], answer["contradicted"]) == (0, 0)
    assert open_cases(watched) == []
    assert kept(watched, DailyExtreme) == []


def test_the_file_of_a_sensor_that_was_cut_off_is_heard_though_it_writes_fewer_decimals(watched: Clinic) -> None:
    """It had sent −20.037; its file says −20.0 for that second, and then four hours at +8 that the network never brought."""
    now = watched.clock.now + TEN
    watched.clock.tick(minutes=10)
    sends(watched, (now, -20.037))
    watched.clock.tick(hours=4)
    told = log_of("S-1", now, [-20.0, *[8.0] * 23, -20.0])
    assert imported(watched, watched.ids["sensor"], told).answer["excursions"] == ["EX-1"]
    assert watched.scan("H3K001") == ("ask_qa", ["held"])


def test_a_file_that_says_otherwise_is_read_in_when_a_person_has_seen_that_and_both_count(watched: Clinic) -> None:
    now = watched.clock.now
    watched.clock.tick(hours=2)
    log = file_of(watched, now - 3 * TEN, [8.0] * 3 + [-20.0] * 13)
    with pytest.raises(Refused, match="logger_unconfirmed") as no:
        watched.do(sensors.import_log, watched.PHARMACIST, watched.ids["sensor"], log)
    (notice,) = [one for one in no.value.values["understanding"]["notices"] if one["code"] == "readings_contradict"]
    assert (notice["count"], notice["had_mc"], notice["told_mc"]) == (3, -20_000, 8_000)
    with watched.store.read(watched.PHARMACIST) as view:
        shown = importing.shown(view, importing.of_sensor(view, watched.ids["sensor"]), log)
    assert shown.understanding["notices"] == no.value.values["understanding"]["notices"]
    assert excursions(watched) == []
    done = watched.do(
        sensors.import_log, watched.PHARMACIST, watched.ids["sensor"], log, confirmed=log.file.digest
    ).answer
    assert done["excursions"] == ["EX-1"]
    assert "readings_contradict" in [one["code"] for one in done["warnings"]]
    (found,) = excursions(watched)
    assert (found.since, found.until) == (now - 3 * TEN, now)
    assert out_of_storage(watched, "H3K001") == 1800
    assert watched.scan("H3K001") == ("ask_qa", ["held"])
    assert len(open_cases(watched)) == len(holds(watched)) == 1


def test_contradicting_words_fill_no_hole(watched: Clinic) -> None:
    """An hour of which nobody told anything stays unknown, whatever is said of the seconds beside it."""
    now = watched.clock.now
    watched.clock.tick(hours=2)
    sends(watched, (now + timedelta(hours=1, minutes=30), -20.0), (now + timedelta(hours=2), -20.0))
    assert watched.scan("H3K001")[1] == ["temperature_unknown"]
    sends(watched, (now, -22.0), (now + timedelta(hours=1, minutes=30), -22.0))
    assert watched.scan("H3K001")[1] == ["temperature_unknown"]
    assert len(open_cases(watched)) == 1


def test_a_second_word_after_the_decision_of_qa_is_worse_news(watched: Clinic) -> None:
    now = watched.clock.now
    watched.clock.tick(minutes=20)
    sends(watched, (now + TEN, -9.0), (now + 2 * TEN, -20.0))
    watched.disposed(excursions(watched)[0].id)
    assert watched.scan("H3K001") == ("use", [])
    assert sends(watched, (now + TEN, 8.0))["excursions"] == ["EX-2"]
    assert watched.scan("H3K001") == ("ask_qa", ["held"])


def test_a_day_that_is_told_again_and_better_stays_as_bad_as_it_was(watched: Clinic) -> None:
    clinic = watched
    logger = hung(clinic, "freezer", "160400347643", live=False)
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K002").id, clinic.ids["freezer"])
    first = clinic.clock.now.astimezone(JAKARTA).date()
    clinic.clock.tick(days=3)

    def told(second: tuple[int, int], days: int) -> dict:
        log = sensors.read_log("tag.txt", tag([(-21, -19), second, *[(-21, -19)] * days], first), JAKARTA)
        act = clinic.do(sensors.import_log, clinic.PHARMACIST, logger, log, confirmed=log.file.digest)
        return dict(act.answer)

    assert told((-21, -3), 2)["excursions"] == ["EX-1"]
    clinic.clock.tick(days=1)
    again = told((-40, -19), 3)
    assert "readings_contradict" in [one["code"] for one in again["warnings"]]
    assert sorted(one.peak_mc for one in excursions(clinic)) == [-40_000, -3_000]
    assert len(open_cases(clinic)) == 1


# ── what a device may tell ──


@pytest.mark.parametrize(("ahead", "refused"), [(5, False), (6, True)])
def test_a_device_tells_of_no_second_that_has_not_come(watched: Clinic, ahead: int, refused: bool) -> None:
    """Told before it was, it would take the true reading's place."""
    watched.clock.tick(minutes=10)
    at = watched.clock.now + timedelta(seconds=ahead)
    if refused:
        with pytest.raises(Refused, match="logger_clock_ahead"):
            sends(watched, (at, -20.0))
    else:
        assert sends(watched, (at, -20.0))["kept"] == 1


def test_what_a_device_kept_for_longer_than_a_month_comes_by_a_file(watched: Clinic) -> None:
    since = watched.clock.now
    watched.clock.tick(days=31)
    assert sends(watched, (since + timedelta(seconds=1), -20.0), (watched.clock.now, -20.0))["kept"] == 2
    with pytest.raises(Refused, match="reading_too_old"):
        sends(watched, (since - timedelta(seconds=1), -20.0), (watched.clock.now, -20.0))


def test_a_logger_that_is_read_by_its_file_takes_no_readings_of_a_device_and_its_file_is_heard(
    released: Clinic,
) -> None:
    clinic = released
    clinic.clock.now = clinic.clock.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    began, logger = clinic.clock.now, hung(clinic, "bare_freezer", live=False)
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, clinic.ids["bare_freezer"])
    clinic.clock.tick(hours=5)
    with pytest.raises(Refused, match="sensor_not_live"):
        clinic.do(sensors.read, device(clinic), logger, [(began, -20_001)])
    told = log_of("S-1", began, [-20.0] * 3 + [8.0] * 24 + [-20.0])
    assert imported(clinic, logger, told).answer["excursions"] == ["EX-1"]


# ── a thermometer that was never reset ──


def test_a_reading_by_hand_since_the_first_day_of_the_calendar_is_judged_where_a_rule_waits(released: Clinic) -> None:
    clinic = released
    rule = ("half an hour", Direction.ABOVE, AlarmMode.CONSECUTIVE)
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(
        alarm_rules.set_alarm, clinic.QUALITY, clinic.ids["read_freezer"], *rule, duration_s=1800, reason="x", signed=signed
    )  # fmt: skip
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, clinic.ids["read_freezer"])
    clinic.clock.tick(minutes=10)
    read = (clinic.ids["read_freezer"], -20_000, -21_000, -9_000)
    done = clinic.do(coldchain.read, clinic.STOREKEEPER, *read, since=datetime(1, 1, 1, tzinfo=UTC))
    assert done.answer["excursions"] == ["EX-1"]
    assert "held" in clinic.scan("H3K001")[1]
