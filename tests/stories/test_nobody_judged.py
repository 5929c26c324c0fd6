"""What nobody judged, read or saw is nobody's word that a vial may be used: hours after a decision, readings by hand and late
words that one person tells alone, warmth where no rule speaks of it (R21, R23, R25, R26, R27, R58)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.test_bad_news import assumed, days_of, put
from tests.stories.test_temperature import excursions, holds, lift
from tests.thermometers import JAKARTA, hung, imported, log_of, says
from traceability.domain.alarms import Preset
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.services import alarm_rules, coldchain, products, sensors, vials
from traceability.services import excursions as judged
from traceability.store import Call, Done, Source
from traceability.store.tables.coldchain import Decision


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    """Everything in these stories happens at whole hours."""
    released.clock.now = released.clock.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return released


def late(clinic: Clinic, **ago: int) -> Call:
    return Call(occurred_at=clinic.clock.now - timedelta(**ago), source=Source.LATE)


def reads(clinic: Clinic, place: str, now: float, low: float, high: float, **told: object) -> Done:
    given = (round(one * 1000) for one in (now, low, high))
    return clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids[place], *given, **told)


def closed(clinic: Clinic, excursion_id: str) -> list[str]:
    """QA says that it ended now, as a display showed; the excursions that this leaves."""
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    done = clinic.do(
        judged.close, clinic.QUALITY, excursion_id, clinic.clock.now, reason="the display says -20", signed=signed
    )
    return list(done.answer.get("excursions", ()))


# ── hours after a decision ──


@pytest.mark.parametrize("decided_too", [False, True])
def test_a_decision_on_one_vial_does_not_judge_the_hours_of_another(clinic: Clinic, decided_too: bool) -> None:
    """H3K001 is let go after five minutes of it and lies on in the warmth; of H3K002 QA decides two hours later."""
    began, sensor = clinic.clock.now, hung(clinic, "bare_freezer", live=False)
    put(clinic, "H3K001", "bare_freezer")
    put(clinic, "H3K002", "bare_freezer")
    clinic.clock.tick(hours=1)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 6 + [-12.0]))
    clinic.clock.tick(minutes=5)
    (found,) = excursions(clinic)
    clinic.disposed(found.id, Decision.USE, ("H3K001",))
    clinic.clock.tick(hours=1, minutes=45)
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(minutes=10)
    if decided_too:
        clinic.disposed(found.id, Decision.USE, ("H3K002",))
    clinic.clock.tick(minutes=30)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 6 + [-12.0] * 13 + [-20.0] * 2))
    assert clinic.scan("H3K001") == ("ask_qa", ["held"])


def test_a_vial_that_had_left_before_it_was_decided_on_is_not_asked_about_again(clinic: Clinic) -> None:
    began, sensor = clinic.clock.now, hung(clinic, "bare_freezer", live=False)
    put(clinic, "H3K001", "bare_freezer")
    put(clinic, "H3K002", "bare_freezer")
    clinic.clock.tick(hours=1)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 6 + [-12.0]))
    clinic.clock.tick(minutes=5)
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(minutes=5)
    (found,) = excursions(clinic)
    clinic.disposed(found.id, Decision.USE, ("H3K001",))
    clinic.clock.tick(hours=1)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 6 + [-12.0] * 2 + [-20.0] * 4))
    assert clinic.scan("H3K001") == ("use", [])
    clinic.disposed(found.id, Decision.USE, ("H3K002",))
    assert [clinic.scan(one) for one in ("H3K001", "H3K002")] == [("use", [])] * 2
    assert [one.number for one in excursions(clinic)] == ["EX-1"]


def test_in_a_freezer_that_was_last_read_out_of_limits_a_decision_lasts_until_the_next_reading_is_due(
    clinic: Clinic,
) -> None:
    began, sensor = clinic.clock.now, hung(clinic, "bare_freezer", live=False)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(hours=1)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 6 + [-12.0]))
    clinic.clock.tick(minutes=5)
    clinic.disposed(excursions(clinic)[0].id, Decision.USE, ("H3K001",))
    assert clinic.scan("H3K001") == ("use", [])
    clinic.clock.tick(hours=3)
    assert clinic.scan("H3K001") == ("ask_qa", ["temperature_unknown"])


def test_closing_an_excursion_judges_nothing_of_the_hours_after_the_decision(clinic: Clinic) -> None:
    reads(clinic, "read_freezer", -20, -21, -19)
    put(clinic, "H3K001", "read_freezer")
    clinic.clock.tick(minutes=10)
    reads(clinic, "read_freezer", -12, -20, -12)
    clinic.clock.tick(minutes=5)
    (found,) = excursions(clinic)
    clinic.disposed(found.id, Decision.USE, ("H3K001",))
    clinic.clock.tick(hours=3)
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(minutes=5)
    assert closed(clinic, found.id) == ["EX-2"]
    assert "held" in clinic.scan("H3K001")[1]
    clinic.disposed(excursions(clinic)[1].id, Decision.USE, ("H3K001",))
    assert "held" not in clinic.scan("H3K001")[1]


def test_a_closed_excursion_of_a_sensor_that_speaks_again_and_is_still_out_goes_on(clinic: Clinic) -> None:
    sensor = hung(clinic, "bare_freezer")
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -20.0)
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -5.0)
    clinic.clock.tick(minutes=110)
    (found,) = excursions(clinic)
    assert closed(clinic, found.id) == []
    clinic.clock.tick(minutes=30)
    put(clinic, "H3K002", "bare_freezer")
    clinic.clock.tick(minutes=30)
    assert says(clinic, sensor, -5.0).answer["excursions"] == ["EX-1"]
    (found,) = excursions(clinic)
    assert (found.until, found.closed_at) == (None, None)
    assert "held" in clinic.scan("H3K002")[1]


def test_a_running_day_that_was_said_to_have_ended_counts_whole_when_it_had_become_worse(released: Clinic) -> None:
    """The tag had been at −9 °C; its display says −20 at twenty to nine. That day's most was +4 °C in the end."""
    clinic = released
    sensor = clinic.do(sensors.register, clinic.STOREKEEPER, "160400347643", "Asia/Jakarta", 60).id
    clinic.do(sensors.calibrate, clinic.STOREKEEPER, sensor, "K", date(2026, 1, 1), date(2027, 1, 1))
    clinic.do(sensors.assign, clinic.STOREKEEPER, sensor, clinic.ids["bare_freezer"])

    def told(*days: tuple[float, float]) -> None:
        data = days_of("160400347643", list(days), clinic.clock.now)
        log = sensors.read_log("tag.txt", data, JAKARTA)
        clinic.do(sensors.import_log, clinic.PHARMACIST, sensor, log, confirmed=log.file.digest)

    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(days=2)
    well, running = (-21.0, -19.0), (-21.0, -9.0)
    told(well, well, running)
    clinic.clock.tick(minutes=10)
    closed(clinic, excursions(clinic)[0].id)
    clinic.clock.tick(hours=2)
    put(clinic, "H3K002", "bare_freezer")
    clinic.clock.tick(days=1)
    told(well, well, (-21.0, 4.0), well)
    assert "held" in clinic.scan("H3K002")[1]


def test_a_tag_that_was_hung_during_its_day_tells_of_that_day(released: Clinic) -> None:
    clinic = released
    sensor = clinic.do(sensors.register, clinic.STOREKEEPER, "160400347643", "Asia/Jakarta", 60).id
    clinic.do(sensors.assign, clinic.STOREKEEPER, sensor, clinic.ids["bare_freezer"])
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(hours=5)
    data = days_of("160400347643", [(-21.0, 9.0)], clinic.clock.now)
    log = sensors.read_log("tag.txt", data, JAKARTA)
    done = clinic.do(sensors.import_log, clinic.PHARMACIST, sensor, log, confirmed=log.file.digest)
    assert done.answer["excursions"] == ["EX-1"]


# ── readings by hand ──


def test_a_reading_by_hand_gives_back_no_hour_on_a_bench(clinic: Clinic) -> None:
    """Somebody reads the freezer, and enters it for the bench: −20 °C for six hours."""
    put(clinic, "H3K001", "bench")
    clinic.clock.tick(hours=6)
    before = clinic.scan("H3K001")
    assert before == ("do_not_use", ["thaw_spent", "budget_spent"])
    reads(clinic, "bench", -20, -21, -19, since=clinic.clock.now - timedelta(hours=6))
    assert clinic.scan("H3K001") == before


def test_a_warm_reading_counts_beside_the_band_that_was_assumed_before_it(clinic: Clinic) -> None:
    """The drawer is assumed to be cold enough; its first reading says that it was not."""
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(hours=5)
    assert clinic.scan("H3K001") == ("use", [])
    reads(clinic, "freezer", -20, -21, -5, since=clinic.clock.now - timedelta(hours=5))
    assert clinic.scan("H3K001")[1] == ["budget_spent", "held"]


def test_beside_a_sensor_only_qas_reading_closes_a_hole(clinic: Clinic) -> None:
    began, sensor = clinic.clock.now, hung(clinic, "bare_freezer", live=False)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(hours=12)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 7))
    imported(clinic, sensor, log_of("S-1", began + timedelta(hours=11), [-20.0] * 7))
    assert clinic.scan("H3K001") == ("ask_qa", ["temperature_unknown"])
    reads(clinic, "bare_freezer", -20, -21, -19, since=began)
    assert clinic.scan("H3K001") == ("ask_qa", ["temperature_unknown"])
    place = clinic.ids["bare_freezer"]
    clinic.do(coldchain.read, clinic.QUALITY, place, -20_000, -21_000, -19_000, since=began)
    assert clinic.scan("H3K001") == ("use", [])


def test_what_anybody_reads_beside_a_sensor_counts_where_it_was_out(clinic: Clinic) -> None:
    began, sensor = clinic.clock.now, hung(clinic, "bare_freezer", live=False)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(hours=1)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 7))
    assert reads(clinic, "bare_freezer", -20, -21, -9, since=began).answer["excursions"] == ["EX-1"]
    assert "held" in clinic.scan("H3K001")[1]


@pytest.mark.parametrize("others", [(), ("H3K002",)])
def test_a_reading_of_a_bench_makes_nothing_known_of_what_is_laid_there_later(clinic: Clinic, others: tuple) -> None:
    for one in others:
        put(clinic, one, "bench")
    clinic.clock.tick(hours=1)
    reads(clinic, "bench", -20, -21, -19)
    put(clinic, "H3K001", "bench")
    clinic.clock.tick(hours=6)
    assert clinic.scan("H3K001") == ("do_not_use", ["thaw_spent", "budget_spent"])


def test_beside_a_dead_sensor_nothing_is_known_by_hand_until_it_is_taken_down(clinic: Clinic) -> None:
    sensor = hung(clinic, "bare_freezer", live=False)
    clinic.clock.tick(days=3)
    reads(clinic, "bare_freezer", -20, -21, -19)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(hours=10)
    assert clinic.scan("H3K001") == ("ask_qa", ["temperature_unknown"])
    clinic.do(sensors.unassign, clinic.STOREKEEPER, sensor, reason="its battery is dead")
    put(clinic, "H3K002", "bare_freezer")
    clinic.clock.tick(minutes=5)
    reads(clinic, "bare_freezer", -20, -21, -19)
    assert clinic.scan("H3K002") == ("use", [])


def test_a_freezer_that_is_read_by_hand_every_day_asks_nobody(clinic: Clinic) -> None:
    reads(clinic, "read_freezer", -20, -21, -19)
    put(clinic, "H3K001", "read_freezer")
    for _ in range(3):
        clinic.clock.tick(hours=25)
        assert clinic.scan("H3K001") == ("ask_qa", ["temperature_unknown"])
        assert "findings" not in reads(clinic, "read_freezer", -20, -21, -19).answer
        assert clinic.scan("H3K001") == ("use", [])


def test_a_journey_is_known_by_hand_where_qa_has_read_it(arrived: Clinic) -> None:
    clinic = arrived
    clinic.counted(clinic.ids["box"])
    box = clinic.consignment(clinic.ids["box"]).place_id
    since = clinic.consignment(clinic.ids["box"]).shipped_at
    clinic.clock.tick(hours=1)
    given = (box, -20_000, -21_000, -19_000)
    clinic.do(coldchain.read, clinic.STOREKEEPER, *given, since=since)
    assert "temperature_unknown" in clinic.scan("H3K001")[1]
    clinic.do(coldchain.read, clinic.QUALITY, *given, since=since)
    assert "temperature_unknown" not in clinic.scan("H3K001")[1]


# ── holes, and what grows under a decision ──


def test_a_hole_whose_end_is_read_after_the_vial_has_left_is_a_hole(clinic: Clinic) -> None:
    """The logger was silent from ten on; the vial left at eight in the evening, and ten minutes later it goes on."""
    began, sensor = clinic.clock.now, hung(clinic, "bare_freezer", live=False)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(hours=11)
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(hours=1)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 7))
    assert clinic.scan("H3K001") == ("use", []), "its next file may still tell"
    imported(clinic, sensor, log_of("S-1", began + timedelta(hours=11, minutes=10), [-20.0] * 6))
    assert clinic.scan("H3K001") == ("ask_qa", ["temperature_unknown"])


@pytest.mark.parametrize("neighbour", [False, True])
def test_warmth_before_what_qa_decided_on_is_asked_about_whoever_else_waits(clinic: Clinic, neighbour: bool) -> None:
    began, sensor = clinic.clock.now, hung(clinic, "bare_freezer", live=False)
    put(clinic, "H3K001", "bare_freezer")
    if neighbour:
        put(clinic, "H3K002", "bare_freezer")
    clinic.clock.tick(hours=3)
    imported(clinic, sensor, log_of("S-1", began + timedelta(hours=2, minutes=30), [-12.0] * 3 + [-20.0]))
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(minutes=10)
    clinic.disposed(excursions(clinic)[0].id, Decision.USE, ("H3K001",))
    clinic.clock.tick(minutes=10)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 3 + [3.0] * 12))
    assert clinic.scan("H3K001") == ("ask_qa", ["held"])


# ── late words ──


@pytest.mark.parametrize("file_first", [True, False])
def test_a_late_word_takes_no_vial_out_of_a_hole(clinic: Clinic, file_first: bool) -> None:
    began, sensor = clinic.clock.now, hung(clinic, "bare_freezer", live=False)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(hours=1)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 7))
    clinic.clock.tick(hours=9)
    rest = log_of("S-1", began + timedelta(hours=9), [-20.0] * 6)
    if file_first:
        imported(clinic, sensor, rest)
    vial, call = clinic.vial("H3K001").id, late(clinic, hours=8, minutes=30)
    clinic.do(vials.move, clinic.STOREKEEPER, vial, clinic.ids["freezer"], call=call)
    if not file_first:
        imported(clinic, sensor, rest)
    assert "held" in clinic.scan("H3K001")[1]


def test_a_late_word_that_qa_has_answered_for_is_not_asked_about_by_each_further_file(clinic: Clinic) -> None:
    began, sensor = clinic.clock.now, hung(clinic, "bare_freezer", live=False)
    mission = [-20.0] * 9 + [-12.0] * 4 + [-20.0] * 300
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(hours=2)
    vial, call = clinic.vial("H3K001").id, late(clinic, minutes=30)
    clinic.do(vials.move, clinic.STOREKEEPER, vial, clinic.ids["freezer"], call=call)
    clinic.clock.tick(hours=1)
    imported(clinic, sensor, log_of("S-1", began, mission[:18]))
    assert clinic.scan("H3K001") == ("ask_qa", ["held"])
    asked = [one for one in holds(clinic) if one.excursion_id is None]
    assert any("left_before_it_was_out" in one.title for one in asked)
    for one in asked:
        lift(clinic, one.id)
    clinic.clock.tick(hours=20)
    imported(clinic, sensor, log_of("S-1", began, mission[:138]))
    assert clinic.scan("H3K001") == ("use", [])


@pytest.mark.parametrize("file_first", [True, False])
def test_a_late_word_is_asked_about_whether_the_warm_night_was_read_before_it_or_after(
    clinic: Clinic, file_first: bool
) -> None:
    began, sensor = clinic.clock.now, hung(clinic, "read_freezer", live=False)
    put(clinic, "H3K001", "read_freezer")
    clinic.clock.tick(hours=1)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 7))
    clinic.clock.tick(hours=14)
    night = log_of("S-1", began, [-20.0] * 30 + [-5.0] * 12 + [-20.0] * 48)
    vial, elsewhere = clinic.vial("H3K001").id, clinic.ids["freezer"]
    if file_first:
        imported(clinic, sensor, night)
    clinic.do(vials.move, clinic.STOREKEEPER, vial, elsewhere, call=late(clinic, hours=13))
    if not file_first:
        assert clinic.scan("H3K001") == ("use", [])
        imported(clinic, sensor, night)
    assert clinic.scan("H3K001") == ("ask_qa", ["held"])


def test_a_vial_that_was_carried_away_as_it_happened_is_not_asked_about(clinic: Clinic) -> None:
    began, sensor = clinic.clock.now, hung(clinic, "read_freezer", live=False)
    put(clinic, "H3K001", "read_freezer")
    clinic.clock.tick(hours=1)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 7))
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(hours=14)
    imported(clinic, sensor, log_of("S-1", began, [-20.0] * 30 + [-5.0] * 12 + [-20.0] * 48))
    assert clinic.scan("H3K001") == ("use", [])


@pytest.mark.parametrize("file_first", [True, False])
def test_a_late_word_of_a_vial_of_which_nothing_is_known_is_asked_about(clinic: Clinic, file_first: bool) -> None:
    """It stands where nobody watches; it stood in F-02 all the time, somebody says. The file of F-02 comes before or after."""
    began, sensor = clinic.clock.now, hung(clinic, "read_freezer", live=False)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(hours=2)
    assert clinic.scan("H3K001") == ("ask_qa", ["temperature_unknown"])
    if file_first:
        imported(clinic, sensor, log_of("S-1", began, [-20.0] * 13))
    call = late(clinic, hours=2)
    told = clinic.do(
        vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, clinic.ids["read_freezer"], call=call
    ).answer["findings"]
    if not file_first:
        imported(clinic, sensor, log_of("S-1", began, [-20.0] * 13))
    assert (told, clinic.scan("H3K001")) == (["better_than_known"], ("ask_qa", ["held"]))


def test_lost_and_found_gives_back_no_hour(clinic: Clinic) -> None:
    """Five hours on the bench; it was lost after four minutes and found now, says somebody afterwards."""
    vial = clinic.vial("H3K001").id
    put(clinic, "H3K001", "bench")
    clinic.clock.tick(hours=5)
    assert clinic.scan("H3K001") == ("do_not_use", ["thaw_spent", "budget_spent"])
    call = late(clinic, hours=4, minutes=56)
    told = clinic.do(vials.report_lost, clinic.STOREKEEPER, vial, reason="not in its drawer", call=call)
    assert told.answer["findings"] == ["better_than_known"]
    clinic.do(vials.report_found, clinic.STOREKEEPER, vial, clinic.ids["freezer"], reason="in its drawer")
    assert "held" in clinic.scan("H3K001")[1]


def test_carried_for_a_moment_to_where_a_sensor_hangs_it_is_no_longer_assumed(clinic: Clinic) -> None:
    assumed(clinic, "bare_freezer", -25, -15)
    hung(clinic, "read_freezer", live=False)
    put(clinic, "H3K001", "bare_freezer")
    for _ in range(5):
        clinic.clock.tick(hours=23)
        put(clinic, "H3K001", "read_freezer")
        put(clinic, "H3K001", "bare_freezer")
    assert clinic.scan("H3K001") == ("ask_qa", ["temperature_unknown"])


# ── warmth where no rule speaks of it ──


def test_three_hours_above_zero_thaw_a_frozen_vial_where_the_rules_wait_for_ten(clinic: Clinic) -> None:
    sensor = hung(clinic, "bare_freezer")
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    given = (clinic.ids["bare_freezer"], Preset.VACCINE_FRIDGE)
    clinic.do(alarm_rules.take_preset, clinic.QUALITY, *given, reason="as the fridge beside it", signed=signed)
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -20.0)
    put(clinic, "H3K001", "bare_freezer")
    for warm in [7.0] * 18 + [-20.0]:
        clinic.clock.tick(minutes=10)
        says(clinic, sensor, warm)
    assert excursions(clinic) == []
    assert clinic.scan("H3K001") == ("do_not_use", ["thaw_spent"])


@pytest.mark.parametrize("low", [-1, 0, 1])
def test_where_it_may_have_been_above_zero_the_worst_is_assumed(clinic: Clinic, low: int) -> None:
    assumed(clinic, "bare_freezer", low, 8)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(hours=3)
    put(clinic, "H3K001", "freezer")
    assert clinic.scan("H3K001") == ("do_not_use", ["thaw_spent"])


def test_what_must_not_freeze_is_not_given_a_limit_below_zero(clinic: Clinic) -> None:
    product = clinic.ids["product"]
    given = {"volume_ul": 1000, "high_mc": 8_000, "budget_s": 3600, "mkt_applies": False}
    with pytest.raises(Refused, match="freeze_sensitive_below_zero"):
        clinic.do(products.revise, clinic.MAKER_QA, product, low_mc=-2_000, freeze_sensitive=True, **given)
    clinic.do(products.revise, clinic.MAKER_QA, product, low_mc=-2_000, freeze_sensitive=False, **given)


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(1, 1, 1), date(9999, 12, 31)), (date(2026, 1, 1), date(2037, 1, 1)), (date(1, 1, 1), date(2, 1, 1))],
)
def test_a_certificate_of_a_sensor_speaks_of_a_few_years(clinic: Clinic, first: date, last: date) -> None:
    sensor = clinic.do(sensors.register, clinic.STOREKEEPER, "S-7", "Asia/Jakarta", 300).id
    with pytest.raises(Refused, match="field_date_outside"):
        clinic.do(sensors.calibrate, clinic.STOREKEEPER, sensor, "K-7", first, last)


def test_a_reading_since_the_year_1_is_a_reading(clinic: Clinic) -> None:
    put(clinic, "H3K001", "read_freezer")
    clinic.clock.tick(minutes=5)
    reads(clinic, "read_freezer", -20, -21, -9, since=datetime(1, 1, 1, tzinfo=UTC))
    assert clinic.scan("H3K001")[1] == ["held"]
