"""What is drawn of a place, a sensor, a box, a vial: what was read, when nobody watched, and what happened (R21, R25, R26)."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest

from tests.clinic import HASHED, Clinic
from tests.freezer import hang, told, watched_freezer
from traceability.domain.errors import NotFound
from traceability.domain.people import SYSTEM, Actor, Role
from traceability.domain.plots import MarkKind, Plot
from traceability.services import coldchain, people, plots, sensors
from traceability.services.plots import Window
from traceability.store import Store, passwords
from traceability.store.tables import Excursion
from traceability.store.tables.coldchain import Decision

NOW = Window()


@pytest.fixture
def watched(in_stock: Clinic) -> Clinic:
    return watched_freezer(in_stock)


def of_place(clinic: Clinic, window: Window = NOW, place: str = "read_freezer") -> Plot:
    with clinic.store.read(clinic.PHARMACIST) as view:
        return plots.of_place(view, clinic.ids[place], window)


def of_vial(clinic: Clinic, serial: str, window: Window = NOW) -> Plot:
    with clinic.store.read(clinic.PHARMACIST) as view:
        return plots.of_vial(view, clinic.vial(serial).id, window)


# ── a place ──


def test_a_place_shows_every_reading_its_excursion_the_gap_and_who_came(watched: Clinic) -> None:
    began = datetime.fromisoformat(watched.ids["began"])
    plot = of_place(watched)
    assert plot.bucket_s == 0
    assert len(plot.worst) == 48 - 8
    assert (plot.low_mc, plot.high_mc) == (-21_000, -9_600)
    assert plot.limits is not None
    assert (plot.limits.low_mc, plot.limits.high_mc) == (-25_000, -15_000)
    (out,) = plot.outs
    assert (out.since, out.until, out.peak_mc, out.number) == (began + timedelta(hours=3), began + timedelta(minutes=210), -9_600, "EX-1")  # fmt: skip
    assert [(one.since - began, one.until - began, one.reason) for one in plot.unknown if one.since > began] == [
        (timedelta(minutes=290), timedelta(minutes=380), "reading_gap")
    ]
    assert [(one.kind, one.about, one.count) for one in plot.marks] == [
        (MarkKind.CAME, "", 2), (MarkKind.EXCURSION, "EX-1", 0), (MarkKind.ALARM, "A-1", 0)
    ]  # fmt: skip
    judged = {str(row.judged) for row in plot.rows}
    assert judged == {"in_limits", "out", "unknown"}


def test_a_month_of_buckets_and_the_whole_of_it_have_the_same_extremes(watched: Clinic) -> None:
    fine, coarse = of_place(watched), of_place(watched, Window(most=7))
    assert coarse.bucket_s == 43_200
    assert len(coarse.worst) <= 7
    assert (coarse.low_mc, coarse.high_mc) == (fine.low_mc, fine.high_mc)
    assert max(one.high_mc for one in coarse.worst) == -9_600
    assert coarse.rows == fine.rows
    assert (coarse.outs, coarse.unknown, coarse.marks) == (fine.outs, fine.unknown, fine.marks)


def test_of_two_sensors_the_worst_is_drawn_and_each_by_itself(watched: Clinic) -> None:
    began = datetime.fromisoformat(watched.ids["began"])
    other = hang(watched, watched.ids["read_freezer"], "S-2")
    watched.clock.tick(hours=4)
    told(watched, other, "S-2", began + timedelta(hours=8), 4, low=-16.4)
    told(watched, watched.ids["sensor"], "S-1", began + timedelta(hours=8), 4)
    plot = of_place(watched)
    assert [(one.sensor, one.counts) for one in plot.traces] == [("S-1", True), ("S-2", True)]
    assert max(one.high_mc for one in plot.worst[-20:]) == -16_000
    assert max(one.high_mc for one in plot.traces[0].buckets[-20:]) == -20_600
    assert min(one.low_mc for one in plot.worst[-20:]) == -21_000


def test_what_is_not_calibrated_is_drawn_and_is_not_known(in_stock: Clinic) -> None:
    clinic = in_stock
    began = clinic.clock.now
    sensor = hang(clinic, clinic.ids["read_freezer"], calibrated=False)
    clinic.clock.tick(hours=2)
    told(clinic, sensor, "S-1", began, 2)
    plot = of_place(clinic)
    assert len(plot.worst) == 12
    assert not plot.traces[0].counts
    assert [one.reason for one in plot.unknown] == ["stay_unmonitored", "calibration_none"]
    assert (plot.unknown[1].since, plot.unknown_s) == (began, 48 * 3600 - 60)


def test_a_place_that_nothing_watches_says_what_is_assumed_and_one_without_that_it_is_unknown(clinic: Clinic) -> None:
    clinic.in_stock()
    assumed = of_place(clinic, place="quarantine")
    assert [(one.low_mc, one.high_mc) for one in assumed.assumed] == [(-25_000, -15_000)]
    assert assumed.unknown == ()
    assert "assumed" in {row.judged for row in assumed.rows}
    bare = of_place(clinic, place="bare_freezer")
    assert [one.reason for one in bare.unknown] == ["stay_unmonitored"]
    assert {row.judged for row in bare.rows} == {"unknown"}


def test_readings_by_hand_are_drawn_with_what_they_speak_of(clinic: Clinic) -> None:
    place = clinic.ids["read_freezer"]
    clinic.do(coldchain.read, clinic.STOREKEEPER, place, -19_000, -19_000, -19_000)
    clinic.clock.tick(hours=6)
    clinic.do(coldchain.read, clinic.STOREKEEPER, place, -20_000, -22_000, -16_000)
    clinic.clock.tick(hours=1)
    plot = of_place(clinic)
    assert [(one.now_mc, one.low_mc, one.high_mc) for one in plot.by_hand] == [
        (-19_000, -19_000, -19_000), (-20_000, -22_000, -16_000)
    ]  # fmt: skip
    assert (plot.low_mc, plot.high_mc) == (-22_000, -16_000)
    assert plot.unknown[-1].reason == "not_read_yet"
    assert plot.limits is None
    clinic.clock.tick(hours=25)
    assert of_place(clinic).unknown[-1].reason == "reading_too_old"


def test_nobody_sees_a_place_of_others(clinic: Clinic) -> None:
    with clinic.store.read(clinic.ELSEWHERE) as view, pytest.raises(NotFound):
        plots.of_place(view, clinic.ids["freezer"], Window())


# ── a sensor, a box ──


def test_a_sensor_by_itself_says_where_it_hung_and_when_it_was_silent(watched: Clinic) -> None:
    with watched.store.read(watched.STOREKEEPER) as view:
        plot = plots.of_sensor(view, watched.ids["sensor"], Window())
    assert [(one.kind, one.about) for one in plot.marks if one.kind in ("came", "left")] == [(MarkKind.CAME, "F-02")]
    assert len(plot.worst) == 40
    assert "reading_gap" in {one.reason for one in plot.unknown}
    assert [one.number for one in plot.outs] == ["EX-1"]
    with watched.store.read(watched.ELSEWHERE) as view, pytest.raises(NotFound):
        plots.of_sensor(view, watched.ids["sensor"], Window())


def test_whoever_saw_a_logger_in_a_box_sees_of_it_what_it_measured_there_and_nothing_else(in_stock: Clinic) -> None:
    """The maker's logger went on measuring at the maker's after the journey; the hospital owns this one, and the maker looks."""
    clinic, box = in_stock, in_stock.ids["box"]
    with clinic.store.read(clinic.STOREKEEPER) as view:
        (file,) = coldchain.files(view, box)
        mine = plots.of_sensor(view, file.sensor_id, Window("all"))
        journey = plots.of_consignment(view, box, Window())
    assert mine.worst[0].since < journey.since, "an hour before it was packed"
    with clinic.store.read(clinic.MAKER_QA) as view:
        try:
            theirs = plots.of_sensor(view, file.sensor_id, Window("all"))
        except NotFound:
            return
    assert theirs.worst[0].since >= journey.since


def test_a_box_is_drawn_from_its_first_vial_to_its_last(arrived: Clinic) -> None:
    arrived.counted(arrived.ids["box"])
    arrived.put_away(arrived.ids["box"])
    arrived.logged(arrived.ids["box"], warm={9: -11.0})
    with arrived.store.read(arrived.STOREKEEPER) as view:
        plot = plots.of_consignment(view, arrived.ids["box"], Window())
    shipped = arrived.consignment(arrived.ids["box"]).shipped_at
    assert plot.since == shipped.replace(second=0, microsecond=0)
    assert [one.number for one in plot.outs] == ["EX-1"]
    assert plot.high_mc == -11_000
    assert [one.count for one in plot.marks if one.kind == "came"] == [5]


# ── a vial ──


def test_a_vial_is_drawn_over_all_its_stays_with_what_nobody_knows(watched: Clinic) -> None:
    plot = of_vial(watched, "H3K001")
    began = datetime.fromisoformat(watched.ids["began"])
    came = [one.about for one in plot.marks if one.kind == "came"]
    assert (came[0], came[-2:]) == ("Jakarta", ["F-01-Q", "F-02"])
    assert {one.low_mc for one in plot.assumed} == {-25_000}
    assert plot.worst[-1].high_mc == -20_800
    assert [(one.number, one.place) for one in plot.outs] == [("EX-1", "F-02")]
    gaps = [one for one in plot.unknown if one.reason == "reading_gap"]
    assert [(one.since - began) for one in gaps] == [timedelta(minutes=290)]
    inside = [one for one in plot.worst if began <= one.since < began + timedelta(hours=1)]
    assert inside == [], "what the sensor read before the vial came is none of its history"


def test_what_a_vial_was_not_there_for_is_not_drawn(watched: Clinic) -> None:
    """H3K003 stayed in the quarantine freezer all the time."""
    plot = of_vial(watched, "H3K003")
    assert plot.outs == ()
    assert plot.high_mc is not None
    assert plot.high_mc < -15_000


def test_what_qa_decided_is_a_mark_of_its_vial_alone(watched: Clinic) -> None:
    with watched.store.read(SYSTEM) as view:
        (row,) = view.all(Excursion)
    watched.disposed(row.id, Decision.USE, ("H3K001",))
    assert MarkKind.DECIDED in [one.kind for one in of_vial(watched, "H3K001").marks]
    assert MarkKind.DECIDED not in [one.kind for one in of_vial(watched, "H3K002").marks]
    decided = [one for one in of_place(watched).marks if one.kind == MarkKind.DECIDED]
    assert [(one.about, one.count) for one in decided] == [("EX-1", 1)]


def test_thawing_is_a_mark_and_where_it_was_given_it_ends(released: Clinic) -> None:
    released.clock.tick(days=1)
    course = released.course()
    released.give_dose(course, 1)
    given = next(vial for vial in released.vials(released.ids["lot"]) if vial.state == "given")
    plot = of_vial(released, given.serial)
    assert [one.kind for one in plot.marks][-3:] == [MarkKind.CAME, MarkKind.THAW, MarkKind.LEFT]
    released.clock.tick(days=3)
    assert of_vial(released, given.serial).until == plot.until


def test_nothing_is_drawn_of_a_time_that_has_not_come(watched: Clinic) -> None:
    later = watched.clock.now + timedelta(days=9)
    plot = of_place(watched, Window("48h", later))
    assert plot.until <= watched.clock.now + timedelta(minutes=1)
    assert all(one.until <= watched.clock.now for one in plot.unknown)


# ── speed ──


@pytest.mark.parametrize("engine", ["sqlite"])
def test_eighteen_months_of_a_sensor_are_drawn_at_once(clinic: Clinic, store: Store) -> None:
    """A reading each five minutes for eighteen months, from its days: no more opened than the edges of the table cut."""
    sensor = hang(clinic, clinic.ids["bare_freezer"], minutes=5, live=True)
    began, count = clinic.clock.now, 18 * 30 * 288
    times = [began + timedelta(minutes=5 * n) for n in range(count)]
    values = [-20_000 + n * 7919 % 900 for n in range(count)]
    values[77_777] = -3_000
    device = a_device(clinic)
    for at in range(0, count, 8_640):
        told = list(zip(times[at : at + 8_640], values[at : at + 8_640], strict=True))
        clinic.clock.now = told[-1][0] + timedelta(minutes=1)
        clinic.do(sensors.read, device, sensor, told)
    best = 9.0
    for _ in range(5):
        with store.read(clinic.STOREKEEPER) as view:
            started = time.perf_counter()
            plot = plots.of_sensor(view, sensor, Window("all"))
            best = min(best, time.perf_counter() - started)
    assert (plot.bucket_s, plot.high_mc, max(one.high_mc for one in plot.worst)) == (86_400, -3_000, -3_000)
    assert sum(one.n for one in plot.worst) == count
    assert 540 <= len(plot.worst) <= 550
    assert best < 0.2, "about 40 ms; a row a reading takes a second"


def a_device(clinic: Clinic) -> Actor:
    person = clinic.do(people.enrol, SYSTEM, clinic.ids["hospital"], "logger", "Logger", HASHED).id
    clinic.do(people.give, SYSTEM, person, Role.DEVICE, clinic.ids["hospital"])
    with clinic.store.engines.reader.connect() as connection:
        return passwords.actor_of(connection, person)
