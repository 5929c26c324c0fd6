"""Alarms as they come and go: one an excursion, one a silence; acknowledged by a person, cleared when it is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.clinic import Clinic
from tests.watched import Watched, watched
from traceability.domain.errors import Refused
from traceability.domain.people import system_for
from traceability.services import alarms, sensors
from traceability.store.tables import Alarm, Entry
from traceability.store.verify import verify


def the(freezer: Watched) -> Alarm:
    (one,) = freezer.alarms()
    return one


def silent(freezer: Watched, **passed: float) -> int:
    freezer.clinic.clock.tick(**passed)
    return alarms.report(freezer.clinic.store)


def test_a_sensor_is_silent_after_twice_its_interval_and_once_for_one_silence(freezer: Watched) -> None:
    last = freezer.clinic.clock.now
    assert silent(freezer, minutes=10) == 0
    assert silent(freezer, seconds=1) == 1
    one = the(freezer)
    assert (one.kind, one.since, one.raised_at, one.cleared_at) == (
        "silent",
        last,
        last + timedelta(minutes=10, seconds=1),
        None,
    )
    assert (one.organisation_id, one.place_id) == (freezer.clinic.ids["hospital"], freezer.clinic.ids["quarantine"])
    assert silent(freezer, hours=9) == 0
    assert len(freezer.alarms()) == 1


def test_the_next_reading_ends_the_silence_and_the_next_silence_is_another_alarm(freezer: Watched) -> None:
    silent(freezer, minutes=30)
    freezer.reads(-20.0)
    assert the(freezer).cleared_at == freezer.clinic.clock.now
    assert silent(freezer, minutes=30) == 1
    assert [one.number for one in freezer.alarms()] == ["A-1", "A-2"]


def test_a_reading_of_before_the_silence_does_not_end_it(freezer: Watched) -> None:
    before = freezer.clinic.clock.now - timedelta(minutes=2)
    silent(freezer, minutes=30)
    freezer.clinic.do(sensors.read, freezer.device, freezer.sensor, [(before, -20_500)])
    assert the(freezer).cleared_at is None


def test_what_was_taken_down_is_not_silent(freezer: Watched) -> None:
    silent(freezer, minutes=30)
    freezer.clinic.do(sensors.unassign, freezer.clinic.QUALITY, freezer.sensor, reason="broken")
    assert the(freezer).cleared_at == freezer.clinic.clock.now
    assert silent(freezer, hours=5) == 0


def test_a_logger_that_somebody_reads_is_never_silent(in_stock: Clinic) -> None:
    one = watched(in_stock, "freezer", "L-7", live=False)
    assert silent(one, days=3) == 0


def test_a_sensor_that_was_never_heard_is_silent_where_it_hangs(freezer: Watched) -> None:
    clinic = freezer.clinic
    clinic.clock.tick(minutes=5)
    made = clinic.do(sensors.register, clinic.QUALITY, "T-9", "UTC", 3600, live=True).id  # too rare to have watched
    clinic.do(sensors.assign, clinic.QUALITY, made, clinic.ids["freezer"])
    hung = clinic.clock.now
    clinic.clock.tick(hours=2, seconds=1)
    alarms.report(clinic.store)
    found = {one.sensor_id: one for one in freezer.alarms()}
    assert found[made].since == hung
    clinic.do(sensors.read, freezer.device, made, [(clinic.clock.now, -20_000)])
    assert {one.sensor_id: one for one in freezer.alarms()}[made].cleared_at == clinic.clock.now
    clinic.clock.tick(hours=1)
    assert alarms.report(clinic.store) == 0


def test_it_stands_in_the_ledger_of_the_house_as_the_systems_own(freezer: Watched) -> None:
    clinic = freezer.clinic
    silent(freezer, minutes=30)
    with clinic.store.read(clinic.QUALITY) as view:
        row = view.connection.execute(
            Entry.__table__.select().where(Entry.act == "alarm.report_silent")  # type: ignore[attr-defined]
        ).one()
    assert row.ledger == clinic.ids["hospital"]
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []
    for who in (clinic.QUALITY, clinic.PHARMACIST, freezer.device):
        with pytest.raises(Refused, match="not_permitted"):
            clinic.do(alarms.report_silent, who, freezer.sensor)


def test_a_sensor_that_spoke_meanwhile_is_not_reported(freezer: Watched) -> None:
    clinic = freezer.clinic
    system = system_for(clinic.ids["hospital"])
    clinic.clock.tick(minutes=10)
    with pytest.raises(Refused, match="sensor_not_silent"):
        clinic.do(alarms.report_silent, system, freezer.sensor)
    clinic.clock.tick(minutes=1)
    clinic.do(alarms.report_silent, system, freezer.sensor)
    with pytest.raises(Refused, match="already_there"):
        clinic.do(alarms.report_silent, system, freezer.sensor)


def test_what_was_too_warm_when_the_sensor_fell_silent_is_an_excursion_then(freezer: Watched) -> None:
    """A rule of half an hour waited for; now nobody sees the end."""
    from tests.stories.test_alarm_rules import rule

    rule(freezer.clinic)
    assert freezer.reads(-12.0, -12.0) == []
    begun = freezer.clinic.clock.now - freezer.every
    assert silent(freezer, minutes=11) == 1
    (found,) = freezer.excursions()
    assert (found.since, found.until) == (begun, None)
    assert {one.kind for one in freezer.alarms()} == {"silent", "out_of_limits"}
    (hold,) = freezer.holds()
    assert hold.organisation_id == freezer.clinic.ids["hospital"]
    assert "held" in freezer.clinic.scan("H3K001")[1]


def test_an_alarm_ends_with_its_excursion_and_goes_on_where_that_does(freezer: Watched) -> None:
    freezer.reads(-12.0)
    assert the(freezer).cleared_at is None
    freezer.reads(-20.0)
    assert the(freezer).cleared_at == freezer.clinic.clock.now


def test_somebody_acknowledges_once_and_says_what_they_do(freezer: Watched) -> None:
    clinic = freezer.clinic
    freezer.reads(-12.0)
    one = the(freezer)
    with pytest.raises(Refused, match="reason_missing"):
        clinic.do(alarms.acknowledge, clinic.PHARMACIST, one.id)
    for who, code in (
        (clinic.PHYSICIAN, "not_permitted"),
        (clinic.ELSEWHERE, "not_found"),
        (clinic.MAKER_QA, "not_found"),
    ):
        with pytest.raises(Refused, match=code):
            clinic.do(alarms.acknowledge, who, one.id, reason="x")
    clinic.do(alarms.acknowledge, clinic.PHARMACIST, one.id, reason="on my way to the freezer")
    seen = the(freezer)
    assert (seen.acknowledged_by, seen.acknowledged_at) == (clinic.PHARMACIST.person_id, clinic.clock.now)
    assert seen.cleared_at is None
    with pytest.raises(Refused, match="already_ended"):
        clinic.do(alarms.acknowledge, clinic.QUALITY, one.id, reason="me too")
