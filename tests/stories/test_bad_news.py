"""Bad news that nothing may lose: below zero, a day that is not over, who left early, who comes back, who was found (R21, R23–R26)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.clinic import JAKARTA, Clinic
from tests.stories.test_temperature import codes, excursions, out_of_storage
from tests.thermometers import device, hung, imported, log_of, says
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning
from traceability.services import alarm_rules, coldchain, organisations, products, sensors, vials
from traceability.services import excursions as judged
from traceability.services.verdicts import judge
from traceability.store.tables import Excursion
from traceability.store.tables.coldchain import AlarmMode, Decision, Direction
from traceability.store.tables.organisations import PlaceKind


def assumed(clinic: Clinic, place: str, low: int, high: int, who: str = "maharani") -> None:
    signed = (clinic.sign(who, Meaning.DECIDED),)
    given = (clinic.ids[place], low * 1000, high * 1000, 86_400)
    clinic.do(organisations.assume, clinic.actors[who], *given, reason="mapped", signed=signed)


def opened(clinic: Clinic, name: str, kind: PlaceKind) -> None:
    clinic.ids[name] = clinic.do(organisations.open_place, clinic.QUALITY, clinic.ids["site"], kind, name, name).id


def kept_at(clinic: Clinic, number: str, low: int, high: int, place: str, *, freezes: bool = False) -> str:
    """One vial of another version of the product, which bears these temperatures (°C), put away there; its serial."""
    clinic.ids["version"] = clinic.do(
        products.revise, clinic.MAKER_QA, clinic.ids["product"], volume_ul=3000, low_mc=low * 1000, high_mc=high * 1000,
        budget_s=40 * 3600, freeze_sensitive=freezes, mkt_applies=False,
    ).id  # fmt: skip
    assumed(clinic, "maker_freezer", low, high, "wijaya")
    box = clinic.arrived(clinic.shipped(clinic.lot(number, 1)))
    clinic.counted(box)
    clinic.put_away(box, place)
    clinic.logged(box, low=(low + high) / 2)
    return f"{number[-2:]}K001"


def put(clinic: Clinic, serial: str, place: str) -> datetime:
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial(serial).id, clinic.ids[place])
    return clinic.clock.now


def there(clinic: Clinic, found: Excursion) -> set[str]:
    """Serials of the vials that an excursion names."""
    with clinic.store.read(SYSTEM) as view:
        named = set(judged.there(view, found.place_id, found.since, found.until))
    return {one.serial for one in clinic.vials(clinic.ids["lot"]) if one.id in named}


def why_unknown(clinic: Clinic, serial: str) -> list[str]:
    """The reasons for which its temperature is not known."""
    with clinic.store.read(clinic.QUALITY) as view:
        ((_, findings),) = judge(view, [clinic.vial(serial).id], Purpose.STOCK).values()
    told = [one for one in findings if one.code == "temperature_unknown"]
    return list(told[0].values["reasons"]) if told else []


# ── below zero ──


@pytest.mark.parametrize("by", ["a sensor", "hand"])
@pytest.mark.parametrize("freezes", [True, False])
def test_below_zero_on_a_bench_what_freezing_harms_is_held(released: Clinic, freezes: bool, by: str) -> None:
    """Warmth on a bench is no excursion, nor is cold to what bears it; a quarter of an hour below zero is, to what it harms."""
    clinic = released
    opened(clinic, "cool", PlaceKind.FRIDGE)
    assumed(clinic, "cool", 2, 8)
    serial = kept_at(clinic, "UC26-C1", 2, 8, "cool", freezes=freezes)
    opened(clinic, "cold bench", PlaceKind.BENCH)
    bench = hung(clinic, "cold bench") if by == "a sensor" else None

    def read(now: float) -> list[str]:
        clinic.clock.tick(minutes=10)
        if bench is not None:
            return list(says(clinic, bench, now).answer["excursions"])
        given = (clinic.ids["cold bench"], *[int(now * 1000)] * 3)
        return list(clinic.do(coldchain.read, clinic.QUALITY, *given).answer["excursions"])

    read(5.0)
    put(clinic, serial, "cold bench")
    assert (read(5.0), read(9.5), read(1.5), codes(clinic, serial)) == ([], [], [], [])
    chilled, told = clinic.clock.now, read(-0.1)
    read(5.0)
    if not freezes:
        assert (told, codes(clinic, serial)) == ([], [])
        return
    assert (told, codes(clinic, serial)) == (["EX-1"], ["held"])
    (found,) = excursions(clinic)
    assert (found.peak_mc, found.until, chilled - timedelta(minutes=10) <= found.since <= chilled) == (
        -100, clinic.clock.now, True,
    )  # fmt: skip
    put(clinic, serial, "cool")
    assert codes(clinic, serial) == ["held"]  # and stays so wherever it is carried
    clinic.disposed(found.id, Decision.REJECT, (serial,))
    assert codes(clinic, serial) == ["rejected"]


@pytest.mark.parametrize("freezes", [True, False])
def test_where_it_may_be_below_zero_what_freezing_harms_is_asked_about(released: Clinic, freezes: bool) -> None:
    """A transport box without a thermometer, assumed at −1 to 8 °C: whether it froze there nobody knows."""
    clinic = released
    opened(clinic, "cool", PlaceKind.FRIDGE)
    assumed(clinic, "cool", 2, 8)
    opened(clinic, "ice box", PlaceKind.ROOM)
    assumed(clinic, "ice box", -1, 8)
    serial = kept_at(clinic, "UC26-C1", 2, 8, "cool", freezes=freezes)
    assert codes(clinic, serial) == []
    put(clinic, serial, "ice box")
    clinic.clock.tick(minutes=5)
    put(clinic, serial, "cool")
    assert (codes(clinic, serial), why_unknown(clinic, serial)) == (
        (["temperature_unknown"], ["reading_out"]) if freezes else ([], [])
    )


# ── a day that is not over ──


def days_of(serial: str, days: list[tuple[float, float]], until: datetime) -> bytes:
    """What a tag prints that tells its days: least and most, the newest first, read out at `until` where it hangs."""
    made = until.astimezone(JAKARTA)
    began = made.date() - timedelta(days=len(days) - 1)
    lines = ["Device: Q-tag Fridge-tag 2", "Conf:", f" Serial: {serial}", " Zone: 0.00", " Temp unit: C",
             " Report history length: 60", "Hist:", f" TS Actv: {began} 00:00", f" TS Report Creation: {made:%Y-%m-%d %H:%M}"]  # fmt: skip
    for number, (low, high) in enumerate(reversed(days), 1):
        lines += [f" {number}:", f"  Date: {made.date() - timedelta(days=number - 1)}", f"  Min T: {low:+.1f}, TS Min T: 00:10",
                  f"  Max T: {high:+.1f}, TS Max T: 00:20", f"  Avrg T: {(low + high) / 2:+.1f}",
                  "  Int Sensor timeout:", "   t AccST: 0"]  # fmt: skip
    return ("\r\n".join(lines) + "\r\n").encode()


@pytest.fixture
def tagged(released: Clinic) -> Clinic:
    """A freezer with a tag that tells its days, and H3K001 in it since half past five in the morning where it hangs."""
    clinic = released
    opened(clinic, "tagged", PlaceKind.FREEZER)
    clinic.clock.now = clinic.clock.now.replace(hour=22, minute=30, second=0, microsecond=0)
    clinic.ids["tag"] = hung(clinic, "tagged", "160400347643")
    put(clinic, "H3K001", "tagged")
    return clinic


def printed(clinic: Clinic, *days: tuple[float, float]) -> list[str]:
    data = days_of("160400347643", list(days), clinic.clock.now)
    log = sensors.read_log("tag.txt", data, JAKARTA)
    done = clinic.do(sensors.import_log, clinic.PHARMACIST, clinic.ids["tag"], log, confirmed=log.file.digest)
    return list(done.answer["excursions"])


WELL, WARM = (-21.0, -19.0), (-21.0, -9.0)


@pytest.mark.parametrize("hours", [1, 2, 18])
def test_a_day_that_is_still_running_tells_of_its_warmth_and_clears_nothing(tagged: Clinic, hours: int) -> None:
    """Read out before and after midnight in Greenwich, and in the evening: for the tag it is the same day."""
    clinic = tagged
    clinic.clock.tick(days=2, hours=hours)
    assert printed(clinic, WELL, WELL, WARM) == ["EX-1"]
    (found,) = excursions(clinic)
    midnight = clinic.clock.now.astimezone(JAKARTA).replace(hour=0, minute=0).astimezone(UTC)
    assert (found.since, found.until) == (midnight, None)
    assert "held" in codes(clinic, "H3K001")
    clinic.clock.tick(minutes=20)
    put(clinic, "H3K002", "tagged")  # it comes while nobody knows how the day went on
    assert "held" in codes(clinic, "H3K002")


def test_a_running_day_that_was_well_so_far_is_known_up_to_its_beginning(tagged: Clinic) -> None:
    clinic = tagged
    clinic.clock.tick(days=2, hours=18)
    assert (printed(clinic, WELL, WELL, WELL), codes(clinic, "H3K001")) == ([], [])
    midnight = clinic.clock.now.astimezone(JAKARTA).replace(hour=0, minute=0).astimezone(UTC)
    clinic.clock.now = midnight + timedelta(hours=24)
    assert codes(clinic, "H3K001") == []
    clinic.clock.tick(seconds=1)
    assert codes(clinic, "H3K001") == ["temperature_unknown"]
    # the same day, read out again when it was over, had become worse
    assert printed(clinic, WELL, WELL, WARM, WELL) == ["EX-1"]
    assert excursions(clinic)[0].since == midnight
    assert "held" in codes(clinic, "H3K001")


# ── who comes back, who left early, who was found ──


def test_a_vial_that_qa_let_go_and_that_comes_back_into_the_warmth_is_held_again(released: Clinic) -> None:
    """Its sensor died while the freezer was too warm, so nothing has been read there since QA decided."""
    clinic = released
    sensor = hung(clinic, "bare_freezer")
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -20.0)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(minutes=10)
    assert says(clinic, sensor, -9.0).answer["excursions"] == ["EX-1"]
    clinic.clock.tick(minutes=2)
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(minutes=5)
    clinic.disposed(excursions(clinic)[0].id)
    assert codes(clinic, "H3K001") == []
    clinic.clock.tick(minutes=5)
    back = put(clinic, "H3K001", "bare_freezer")
    assert codes(clinic, "H3K001") == ["held"]
    newest = max(excursions(clinic), key=lambda one: one.number)
    assert (newest.number, newest.until, there(clinic, newest)) == ("EX-2", None, {"H3K001"})
    assert newest.since <= back
    clinic.disposed(newest.id)
    clinic.clock.tick(minutes=5)
    put(clinic, "H3K001", "freezer")
    put(clinic, "H3K001", "bare_freezer")  # and once more
    assert codes(clinic, "H3K001") == ["held"]


def ruled(clinic: Clinic, place: str, minutes: int) -> None:
    given = (clinic.ids[place], "a while", Direction.ABOVE, AlarmMode.CONSECUTIVE)
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    clinic.do(alarm_rules.set_alarm, clinic.QUALITY, *given, duration_s=60 * minutes, reason="mapped", signed=signed)


@pytest.mark.parametrize("told", ["live", "by file"])
def test_a_vial_that_left_before_the_rule_was_full_is_one_of_those_that_were_there(released: Clinic, told: str) -> None:
    """Ten minutes of fifty; the alarm comes after half an hour. One that left before the warmth is none of them."""
    clinic = released
    sensor = hung(clinic, "bare_freezer", interval_s=300)
    ruled(clinic, "bare_freezer", 30)
    clinic.clock.now = clinic.clock.now.replace(second=0, microsecond=0) + timedelta(minutes=5)
    began = clinic.clock.now
    celsius = [-20.0] * 4 + [-9.0] * 10 + [-20.0]
    for n, one in enumerate(celsius):
        if told == "live":
            found = list(says(clinic, sensor, one).answer["excursions"])
            assert found == (["EX-1"] if n in (10, 14) else [])  # when the half hour is full, and when it is over
            assert codes(clinic, "H3K001") == (["held"] if n >= 10 else ["temperature_unknown"] if n >= 4 else [])
        for serial, comes, goes in (("H3K001", 1, 5), ("H3K002", 1, 3), ("H3K003", 12, 13), ("H3K004", 14, 99)):
            if n in (comes, goes):
                clinic.clock.tick(seconds=30)
                put(clinic, serial, "bare_freezer" if n == comes else "freezer")
                clinic.clock.now -= timedelta(seconds=30)
        clinic.clock.tick(minutes=5)
    if told == "by file":
        imported(clinic, sensor, log_of("S-1", began, celsius, minutes=5))
    (found,) = excursions(clinic)
    assert (found.since, found.until) == (began + timedelta(minutes=20), began + timedelta(minutes=70))
    assert there(clinic, found) == {"H3K001", "H3K003"}
    assert [codes(clinic, f"H3K00{n}") for n in (1, 2, 3, 4)] == [["held"], [], ["held"], []]


def test_one_freezer_with_two_products_is_out_for_each_by_its_own_limits(released: Clinic) -> None:
    """−25 to −15 °C, and −22 to −18: at −12 both are out, at −17 one of them still is, and what comes then is held."""
    clinic = released
    narrow = kept_at(clinic, "UC26-N3", -22, -18, "freezer")
    sensor = hung(clinic, "bare_freezer")
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -20.0)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(minutes=10)
    assert says(clinic, sensor, -17.0).answer["excursions"] == []  # nothing lies there that minds
    warm = clinic.clock.now
    put(clinic, narrow, "bare_freezer")
    assert codes(clinic, narrow) == ["held"]
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -12.0)
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -17.0)
    (found,) = excursions(clinic)
    assert (found.since, found.until, found.peak_mc) == (warm, None, -12_000)
    assert (found.low_limit_mc, found.high_limit_mc) == (-22_000, -18_000)
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -20.0)
    (found,) = excursions(clinic)
    assert found.until == clinic.clock.now == warm + timedelta(minutes=30)
    assert [codes(clinic, serial) for serial in ("H3K001", narrow)] == [["held"], ["held"]]
    clinic.disposed(found.id, Decision.USE, ("H3K001",))
    assert [codes(clinic, serial) for serial in ("H3K001", narrow)] == [[], ["held"]]


@pytest.mark.parametrize("wide_first", [True, False])
def test_whichever_product_lay_there_first_the_excursion_ends_with_the_narrower(
    released: Clinic, wide_first: bool
) -> None:
    """One file tells of both at once: the wider product is back in its limits an hour before the narrower, whose end is in the next."""
    clinic = released
    narrow = kept_at(clinic, "UC26-N3", -22, -18, "freezer")
    sensor = hung(clinic, "bare_freezer")
    clinic.clock.now = began = clinic.clock.now.replace(second=0, microsecond=0) + timedelta(minutes=5)
    for serial in ("H3K001", narrow) if wide_first else (narrow, "H3K001"):
        put(clinic, serial, "bare_freezer")
        clinic.clock.tick(seconds=20)
    clinic.clock.now = began + timedelta(hours=4)
    celsius = [-20.0] * 6 + [-12.0] * 3 + [-17.0] * 6 + [-20.0] * 10
    for read, until in ((15, None), (25, began + timedelta(minutes=150))):
        assert imported(clinic, sensor, log_of("S-1", began, celsius[:read])).answer["excursions"] == ["EX-1"]
        (found,) = excursions(clinic)
        assert (found.since, found.until) == (began + timedelta(hours=1), until)


def test_a_lost_vial_that_is_found_in_the_warmth_is_held_and_its_time_away_stays_unknown(released: Clinic) -> None:
    clinic = released
    sensor = hung(clinic, "bare_freezer")
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -20.0)
    vial = clinic.vial("H3K001").id
    clinic.do(vials.report_lost, clinic.STOREKEEPER, vial, reason="not on its shelf")
    clinic.clock.tick(hours=1)
    assert says(clinic, sensor, -9.0).answer["excursions"] == []  # as far as anybody knows nothing lies there
    clinic.clock.tick(minutes=5)
    given = (vial, clinic.ids["bare_freezer"])
    clinic.do(vials.report_found, clinic.STOREKEEPER, *given, reason="behind the rack")
    assert codes(clinic, "H3K001") == ["held", "release_outdated", "temperature_unknown"]
    (found,) = excursions(clinic)
    assert (there(clinic, found), found.until) == ({"H3K001"}, None)
    clinic.disposed(found.id)
    assert codes(clinic, "H3K001") == ["release_outdated", "temperature_unknown"]
    assert "stay_none" in why_unknown(clinic, "H3K001")
    clinic.clock.tick(hours=1)
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(days=30)
    assert "stay_none" in why_unknown(clinic, "H3K001")  # whatever becomes of it, of that hour nobody knows


# ── the ends of the calendar ──


def test_readings_of_another_century_are_refused_and_nothing_is_kept(released: Clinic) -> None:
    """A clock that was reset tells of 1970 or 1900; one that runs ahead tells of 2099."""
    clinic = released
    sensor, who = hung(clinic, "bare_freezer"), device(clinic)
    for at, code in (
        (datetime(1970, 1, 1, tzinfo=UTC), "reading_too_old"),
        (datetime(1, 1, 1, tzinfo=UTC), "reading_too_old"),
        (datetime(2099, 1, 1, tzinfo=UTC), "logger_clock_ahead"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "logger_clock_ahead"),
    ):
        with pytest.raises(Refused, match=code):
            clinic.do(sensors.read, who, sensor, [(at, -20_000), (clinic.clock.now, -20_000)])
    for at in (datetime(1900, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)):
        with pytest.raises(Refused, match="logger_time_unreadable"):
            sensors.read_log("old.csv", log_of("S-1", at, [-20.0] * 9), JAKARTA)
    ahead = sensors.read_log("ahead.csv", log_of("S-1", datetime(2099, 1, 1, tzinfo=UTC), [-20.0] * 9), JAKARTA)
    with pytest.raises(Refused, match="logger_clock_ahead"):
        clinic.do(sensors.import_log, clinic.PHARMACIST, sensor, ahead, confirmed=ahead.file.digest)
    put(clinic, "H3K001", "bare_freezer")
    assert codes(clinic, "H3K001") == ["temperature_unknown"]


def test_a_thermometer_that_was_never_reset_is_judged_as_far_back_as_it_says(released: Clinic) -> None:
    """Least and most since the year 1: out of limits for all the time that a vial lay there, and before."""
    clinic = released
    came = put(clinic, "H3K001", "read_freezer")
    clinic.clock.tick(minutes=10)
    given = (clinic.ids["read_freezer"], -20_000, -21_000, -9_000)
    beginning = datetime(1, 1, 1, tzinfo=UTC)
    done = clinic.do(coldchain.read, clinic.STOREKEEPER, *given, since=beginning)
    assert done.answer["excursions"] == ["EX-1"]
    (found,) = excursions(clinic)
    assert (found.since, found.until) == (beginning, clinic.clock.now)
    assert codes(clinic, "H3K001")[0] == "held"
    assert out_of_storage(clinic, "H3K001") == (clinic.clock.now - came).total_seconds()


@pytest.mark.parametrize(("last", "told"), [(date.max, []), (date(1, 1, 1), ["shortened"])])
def test_a_day_of_qa_at_either_end_of_the_calendar_is_a_day(released: Clinic, last: date, told: list[str]) -> None:
    """The vial is used until that day, where the vial is: seven hours before Greenwich has it."""
    clinic = released
    sensor = hung(clinic, "bare_freezer")
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -20.0)
    put(clinic, "H3K001", "bare_freezer")
    clinic.clock.tick(minutes=10)
    says(clinic, sensor, -9.0)
    clinic.disposed(excursions(clinic)[0].id, Decision.USE_UNTIL, until=last)
    assert codes(clinic, "H3K001") == told
