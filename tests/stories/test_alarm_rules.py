"""When being too warm becomes an alarm: rules as data, signed; without any, every time, at once (R24, R26)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.clinic import JAKARTA, Clinic, logger_csv
from tests.watched import Watched, watched
from traceability.domain.alarms import PRESETS, Preset
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.services import alarm_rules, attachments, sensors
from traceability.services.verdicts import facts
from traceability.store.tables import AlarmRule
from traceability.store.tables.coldchain import AlarmMode, Direction

HALF_AN_HOUR = 1800


def decided(clinic: Clinic, act: Any, *told: Any, **more: Any) -> Any:
    return clinic.do(
        act, clinic.QUALITY, *told, reason="mapped", signed=(clinic.sign("maharani", Meaning.DECIDED),), **more
    )


def rule(clinic: Clinic, name: str = "half an hour", mode: AlarmMode = AlarmMode.CONSECUTIVE, **told: Any) -> str:
    given = {"duration_s": HALF_AN_HOUR} | told
    where = clinic.ids["quarantine"]
    return str(decided(clinic, alarm_rules.set_alarm, where, name, Direction.ABOVE, mode, **given).answer["rule_id"])


def rules(clinic: Clinic) -> list[AlarmRule]:
    with clinic.store.read(clinic.QUALITY) as view:
        return alarm_rules.rules(view, clinic.ids["quarantine"])


def spent(clinic: Clinic) -> int:
    with clinic.store.read(clinic.PHARMACIST) as view:
        (fact,) = facts(view, [clinic.vial("H3K001").id], Purpose.STOCK)
    return fact.history.out_of_storage_s


@pytest.fixture
def freezer(in_stock: Clinic) -> Watched:
    return watched(in_stock)


def test_without_a_rule_the_first_reading_out_is_an_excursion(freezer: Watched) -> None:
    assert freezer.reads(-14.0) == ["EX-1"]
    assert "held" in freezer.clinic.scan("H3K001")[1]


def test_twenty_minutes_too_warm_count_and_hold_nothing_under_a_rule_of_thirty(freezer: Watched) -> None:
    rule(freezer.clinic)
    before = spent(freezer.clinic)
    assert freezer.reads(-12.0, -11.0, -12.0, -13.0, -20.0) == []
    assert (freezer.excursions(), freezer.holds(), freezer.alarms()) == ([], [], [])
    assert spent(freezer.clinic) - before == 20 * 60
    assert freezer.clinic.scan("H3K001")[1] == ["not_released"]


def test_forty_minutes_are_an_excursion_from_the_first_reading_out(freezer: Watched) -> None:
    """It becomes one when the thirty are full, and says so of the time since the first."""
    rule(freezer.clinic)
    assert freezer.reads(*[-12.0] * 6) == []
    first = freezer.clinic.clock.now - 5 * freezer.every
    assert freezer.reads(-10.0) == ["EX-1"]
    assert freezer.reads(-12.0) == []
    (found,) = freezer.excursions()
    assert (found.since, found.until, found.peak_mc) == (first, None, -10_000)
    (alarm,) = freezer.alarms()
    assert (alarm.since, alarm.raised_at) == (first, first + timedelta(minutes=30))
    assert freezer.reads(-20.0) == ["EX-1"]
    (found,) = freezer.excursions()
    assert (found.since, found.until) == (first, first + timedelta(minutes=40))
    assert "held" in freezer.clinic.scan("H3K001")[1]


def test_while_it_is_too_warm_the_vials_ask_though_nothing_holds_them_yet(freezer: Watched) -> None:
    rule(freezer.clinic)
    freezer.reads(-12.0, -12.0)
    assert "temperature_unknown" in freezer.clinic.scan("H3K001")[1]
    freezer.reads(-20.0)
    assert freezer.clinic.scan("H3K001")[1] == ["not_released"]


def imported(clinic: Clinic, sensor: str, data: bytes) -> list[str]:
    attachments.keep_bytes(clinic.store, data)
    log = sensors.read_log("log.csv", data, JAKARTA)
    return list(clinic.do(sensors.import_log, clinic.QUALITY, sensor, log).answer["excursions"])


@pytest.mark.parametrize("out, held", [(4, False), (8, True)])
@pytest.mark.parametrize("cut", [None, 10, 23, 26, 40])
def test_the_same_readings_are_the_same_excursion_in_one_file_or_two(
    in_stock: Clinic, out: int, held: bool, cut: int | None
) -> None:
    """Read out days later; cut before, while and after it was too warm.

    One thing differs, and asks more: a file that ends while it is too warm shows no end, so that is held, as ever.
    """
    clinic = in_stock
    place = watched(clinic, live=False)
    rule(clinic)
    first = clinic.clock.now + timedelta(minutes=5)
    lines = logger_csv(first, 5, 5, -20.0, dict.fromkeys(range(22, 22 + out), -12.0), "T-1").decode().splitlines()
    clinic.clock.tick(days=2)
    head, rows = lines[:2], lines[2:]
    parts = [rows] if cut is None else [rows[:cut], rows[cut:]]
    told = [imported(clinic, place.sensor, ("\n".join([*head, *part]) + "\n").encode()) for part in parts]
    ends_while_out = cut is not None and 22 < cut <= 22 + out
    begins = first + 22 * place.every
    if held or ends_while_out:
        (found,) = place.excursions()
        assert (found.since, found.until, found.peak_mc) == (begins, begins + out * place.every, -12_000)
        assert len(place.holds()) == 1
    else:
        assert (told, place.excursions(), place.holds()) == ([[]] * len(parts), [], [])


def test_what_is_added_up_counts_over_a_day(freezer: Watched) -> None:
    rule(freezer.clinic, "thirty minutes a day", AlarmMode.CUMULATIVE)
    assert freezer.reads(-12.0, -12.0, -20.0, -12.0, -12.0, -20.0) == []
    assert freezer.reads(-12.0, -12.0, -20.0) == ["EX-1"]
    (found,) = freezer.excursions()
    assert found.since == freezer.clinic.clock.now - 2 * freezer.every


def test_a_threshold_of_its_own_lies_beyond_the_products(freezer: Watched) -> None:
    rule(freezer.clinic, "above −10", AlarmMode.AT_ONCE, duration_s=0, threshold_mc=-10_000)
    assert freezer.reads(-12.0, -11.0, -20.0) == []
    assert freezer.reads(-12.0, -9.0) == ["EX-1"]
    (found,) = freezer.excursions()
    assert (found.since, found.peak_mc) == (freezer.clinic.clock.now - freezer.every, -9_000)


def test_too_cold_is_judged_at_once_where_only_a_rule_for_too_warm_stands(freezer: Watched) -> None:
    rule(freezer.clinic)
    assert freezer.reads(-30.0) == ["EX-1"]


def test_a_rule_says_nothing_of_what_began_before_it_nor_after_its_end(freezer: Watched) -> None:
    assert freezer.reads(-12.0) == ["EX-1"]
    made = rule(freezer.clinic)
    freezer.reads(-20.0)
    assert len(freezer.excursions()) == 1
    assert freezer.reads(-12.0, -20.0) == []
    place = freezer.clinic.ids["quarantine"]
    decided(freezer.clinic, alarm_rules.drop_alarm, place, made)
    assert freezer.reads(-12.0) == ["EX-2"]
    with pytest.raises(Refused, match="already_ended"):
        decided(freezer.clinic, alarm_rules.drop_alarm, place, made)


def test_a_standard_is_taken_whole_by_its_name(freezer: Watched) -> None:
    clinic, place = freezer.clinic, freezer.clinic.ids["quarantine"]
    assert rules(clinic) == []
    decided(clinic, alarm_rules.take_preset, place, Preset.SHIPPING_TYPE_1)
    found = {one.name: one for one in rules(clinic)}
    assert len(found) == len(PRESETS[Preset.SHIPPING_TYPE_1].rules)
    one = found["WHO/PQS/E006/TR07: ≥ 30 °C, 10 h"]
    assert (one.direction, one.mode, one.threshold_mc, one.duration_s) == ("above", "cumulative", 29_999, 36_000)
    with pytest.raises(Refused, match="already_there"):
        decided(clinic, alarm_rules.take_preset, place, Preset.SHIPPING_TYPE_1)
    assert len(rules(clinic)) == 3


@pytest.mark.parametrize(
    "mode, told, code",
    [
        (AlarmMode.AT_ONCE, {"duration_s": 60}, "alarm_rule_duration"),
        (AlarmMode.AT_ONCE, {"duration_s": 10**9}, "alarm_rule_duration"),
        (AlarmMode.AT_ONCE, {"duration_s": -1}, "alarm_rule_duration"),
        (AlarmMode.CONSECUTIVE, {"duration_s": 0}, "alarm_rule_duration"),
        (AlarmMode.CONSECUTIVE, {"duration_s": 367 * 86_400}, "alarm_rule_duration"),
        (AlarmMode.CONSECUTIVE, {"window_s": 7200}, "alarm_rule_window"),
        (AlarmMode.CUMULATIVE, {"window_s": 600}, "alarm_rule_window"),
        (AlarmMode.CUMULATIVE, {"threshold_mc": -300_000}, "alarm_rule_threshold"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(freezer: Watched, mode: AlarmMode, told: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused, match=code):
        rule(freezer.clinic, "x", mode, **told)
    assert rules(freezer.clinic) == []


def test_who_decides_of_a_rule_and_where(freezer: Watched) -> None:
    clinic, told = freezer.clinic, ("x", Direction.ABOVE, AlarmMode.AT_ONCE)
    signed = (clinic.sign("putri", Meaning.DECIDED),)
    with pytest.raises(Refused, match="not_permitted"):
        clinic.do(alarm_rules.set_alarm, clinic.PHARMACIST, clinic.ids["quarantine"], *told, reason="x", signed=signed)
    with pytest.raises(Refused, match="reason_missing"):
        clinic.do(
            alarm_rules.set_alarm, clinic.QUALITY, clinic.ids["quarantine"], *told,
            signed=(clinic.sign("maharani", Meaning.DECIDED),),
        )  # fmt: skip
    with pytest.raises(Refused, match="alarm_rule_place"):
        decided(clinic, alarm_rules.set_alarm, clinic.ids["bench"], *told)
    signed = (clinic.sign("other", Meaning.DECIDED),)
    with pytest.raises(Refused, match="not_found"):
        clinic.do(alarm_rules.set_alarm, clinic.ELSEWHERE, clinic.ids["quarantine"], *told, reason="x", signed=signed)
    mine = rule(clinic)
    with pytest.raises(Refused, match="place_elsewhere"):
        decided(clinic, alarm_rules.drop_alarm, clinic.ids["freezer"], mine)
    with pytest.raises(Refused, match="already_there"):
        rule(clinic)
