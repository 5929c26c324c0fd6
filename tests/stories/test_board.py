"""The board of places: the newest that was read by hand or by a sensor, how old it is, where it goes, the worst first."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event

from tests.clinic import Clinic
from tests.thermometers import hung, imported, log_of, says
from traceability.services import board, coldchain, moves
from traceability.services.board import Now


def now(clinic: Clinic, code: str) -> Now:
    with clinic.store.read(clinic.STOREKEEPER) as view:
        return next(one for one in board.board(view) if one.code == code)


def seen(clinic: Clinic, code: str) -> tuple[str, int | None, int | None, str | None]:
    one = now(clinic, code)
    return one.state, one.now_mc, one.since_s, one.read_by


def moved(clinic: Clinic, target: str, source: str = "quarantine") -> None:
    code = clinic.code(clinic.vial("H3K001"))
    clinic.do(moves.move_all, clinic.PHARMACIST, clinic.ids[source], clinic.ids[target], [code], reason="x")


def test_the_newest_of_what_was_read_by_hand_and_by_a_sensor_counts(released: Clinic) -> None:
    clinic = released
    sensor = hung(clinic, "read_freezer")
    assert seen(clinic, "F-02") == ("unknown", None, None, None)
    clinic.clock.tick(minutes=30)
    says(clinic, sensor, -20.5, -20.4, -20.0)
    assert seen(clinic, "F-02") == ("read", -20_000, 0, "S-1")
    moved(clinic, "read_freezer")
    clinic.clock.tick(minutes=5)
    clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["read_freezer"], -19_000, -21_000, -18_000)
    assert seen(clinic, "F-02") == ("in", -19_000, 0, None)
    clinic.clock.tick(minutes=7)
    says(clinic, sensor, -20.2)
    clinic.clock.tick(minutes=1)
    assert seen(clinic, "F-02") == ("in", -20_200, 60, "S-1")


def test_of_two_sensors_the_one_farthest_out_counts_while_it_still_speaks(released: Clinic) -> None:
    clinic = released
    top, bottom = hung(clinic, "read_freezer", "TOP"), hung(clinic, "read_freezer", "BOTTOM")
    moved(clinic, "read_freezer")
    clinic.clock.tick(minutes=30)
    says(clinic, top, -15.5)
    clinic.clock.tick(minutes=8)
    says(clinic, bottom, -21.0)
    assert seen(clinic, "F-02") == ("in", -15_500, 480, "TOP")
    clinic.clock.tick(minutes=18)
    says(clinic, bottom, -21.0)
    assert seen(clinic, "F-02") == ("silent", -21_000, 0, "BOTTOM")
    assert [one.sensor.serial for one in now(clinic, "F-02").silent] == ["TOP"]


def test_a_silent_sensor_is_told_before_its_reading_is_too_old(released: Clinic) -> None:
    clinic = released
    sensor = hung(clinic, "read_freezer")
    moved(clinic, "read_freezer")
    clinic.clock.tick(minutes=5)
    says(clinic, sensor, -20.0)
    clinic.clock.tick(minutes=20)
    assert seen(clinic, "F-02")[0] == "in"
    clinic.clock.tick(seconds=1)
    assert seen(clinic, "F-02")[0] == "silent"
    logger = hung(clinic, "bare_freezer", "LOGGER", live=False)
    clinic.clock.tick(minutes=30)
    imported(clinic, logger, log_of("LOGGER", clinic.clock.now - timedelta(minutes=20), [-20.0, -20.1, -20.2]))
    clinic.clock.tick(hours=24)
    assert seen(clinic, "F-03")[0] == "read"
    clinic.clock.tick(seconds=1)
    assert seen(clinic, "F-03")[0] == "old"


def test_a_sensor_that_was_never_calibrated_makes_nothing_known(released: Clinic) -> None:
    sensor = hung(released, "read_freezer", calibrated=False)
    released.clock.tick(minutes=5)
    says(released, sensor, -20.0)
    assert seen(released, "F-02")[0] == "uncalibrated"


def test_time_to_the_limit_is_told_only_where_the_last_readings_go_towards_it(released: Clinic) -> None:
    clinic = released
    sensor = hung(clinic, "read_freezer")
    moved(clinic, "read_freezer")
    clinic.clock.tick(hours=1)
    says(clinic, sensor, -20.0, -20.2, -20.1, -20.0, -20.1, -20.0)
    assert now(clinic, "F-02").limit_in_s is None
    clinic.clock.tick(hours=2)
    says(clinic, sensor, -20.0, -19.5, -19.0, -18.5, -18.0, -17.5)  # 3 °C an hour, 2.5 °C below the limit
    assert now(clinic, "F-02").limit_in_s == 50 * 60
    clinic.clock.tick(minutes=10)
    assert now(clinic, "F-02").limit_in_s == 40 * 60
    clinic.clock.tick(minutes=11)
    assert now(clinic, "F-02").limit_in_s is None  # it speaks no more: nobody knows where it goes


def test_the_worst_place_stands_first(released: Clinic) -> None:
    clinic = released
    rising, warm = hung(clinic, "read_freezer", "A"), hung(clinic, "bare_freezer", "B")
    moved(clinic, "read_freezer")
    clinic.clock.tick(hours=1)
    says(clinic, rising, -20.0, -19.5, -19.0, -18.5)
    clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["bare_freezer"], 4_000, 4_000, 4_000)
    with clinic.store.read(clinic.STOREKEEPER) as view:
        assert next(one.code for one in board.board(view)) == "F-02"
    moved(clinic, "bare_freezer", "read_freezer")
    clinic.clock.tick(minutes=5)
    says(clinic, warm, 4.0)
    with clinic.store.read(clinic.STOREKEEPER) as view:
        first = board.board(view)[0]
    assert (first.code, first.state, [number for _, number in first.excursions]) == ("F-03", "excursion", ["EX-1"])


def test_however_many_places_and_sensors_the_board_asks_the_same_few_questions(released: Clinic) -> None:
    clinic = released

    def asked() -> int:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        event.listen(clinic.store.engines.reader, "before_cursor_execute", counted)
        with clinic.store.read(clinic.STOREKEEPER) as view:
            board.board(view)
        event.remove(clinic.store.engines.reader, "before_cursor_execute", counted)
        return count

    hung(clinic, "read_freezer", "A")
    before = asked()
    for n in range(6):
        hung(clinic, "bare_freezer", f"B{n}")
    assert asked() == before
    assert before < 20
