"""What is told of one vial: each stay by what it was judged by, the budget by bands, clocks, and MKT or why it does not apply."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tests.clinic import Clinic
from tests.freezer import hang, told, watched_freezer
from traceability.domain.checks import Purpose
from traceability.domain.people import SYSTEM, Meaning
from traceability.domain.plots import Out
from traceability.domain.thermal import NoMkt, Thermal, seconds_out
from traceability.services import products, thermal, verdicts, vials
from traceability.store.tables import Excursion
from traceability.store.tables.coldchain import Decision, Direction


@pytest.fixture
def watched(in_stock: Clinic) -> Clinic:
    return watched_freezer(in_stock)


def of(clinic: Clinic, serial: str) -> Thermal:
    with clinic.store.read(clinic.PHARMACIST) as view:
        return thermal.of_vial(view, clinic.vial(serial).id)[0]


def used(clinic: Clinic, serial: str) -> int:
    with clinic.store.read(clinic.PHARMACIST) as view:
        (fact,) = verdicts.facts(view, [clinic.vial(serial).id], Purpose.STOCK)
    return fact.history.out_of_storage_s


def test_every_stay_says_what_it_was_judged_by(watched: Clinic) -> None:
    made = of(watched, "H3K001")
    assert [(one.by, one.band is not None, one.sensors) for one in made.stays] == [
        (("assumed",), True, ()),
        (("sensor",), False, (f"L-{watched.ids['box'][-12:]}",)),
        (("assumed",), True, ()),
        (("sensor",), False, ("S-1",)),
    ]  # fmt: skip
    last = made.stays[-1]
    assert (last.place, last.low_mc, last.high_mc, last.excursions) == ("F-02", -21_000, -9_600, ("EX-1",))
    assert (last.out_s, last.unknown_s, last.reasons) == (30 * 60, 90 * 60, ("reading_gap",))
    assert (made.stays[0].low_mc, made.stays[0].place) == (None, "PT. Bifarma Adiluhung, Jakarta")


def test_what_the_stays_add_up_to_is_what_the_verdict_counts(watched: Clinic) -> None:
    """Half an hour at −9.6 in the freezer, then two hours on the bench at up to 26: of the four hours, and of one above −5."""
    told = {"direction": Direction.ABOVE, "threshold_mc": -5_000, "allowed_s": 3600}
    signed = (watched.sign("wijaya", Meaning.DECIDED),)
    watched.do(products.add_band, watched.MAKER_QA, watched.ids["version"], **told, signed=signed)
    for serial, hours in (("H3K001", 2), ("H3K003", 0)):
        if hours:
            watched.do(vials.move, watched.STOREKEEPER, watched.vial(serial).id, watched.ids["bench"])
            watched.clock.tick(hours=hours)
        made = of(watched, serial)
        assert sum(one.out_s for one in made.stays) == made.used_s == used(watched, serial)
    made = of(watched, "H3K001")
    assert [(one.threshold_mc, one.allowed_s, one.used_s) for one in made.bands] == [(-5_000, 3600, 7200)]
    assert (made.used_s, made.left_s) == (9000, 4 * 3600 - 9000)


def test_decisions_stand_there_and_only_of_this_vial(watched: Clinic) -> None:
    with watched.store.read(SYSTEM) as view:
        (row,) = view.all(Excursion)
    watched.disposed(row.id, Decision.USE_UNTIL, ("H3K001",), until=date(2026, 5, 1))
    assert [(one.excursion, one.decision, one.until) for one in of(watched, "H3K001").decided] == [("EX-1", "use_until", date(2026, 5, 1))]  # fmt: skip
    assert of(watched, "H3K002").decided == ()


def test_unknown_says_since_when_and_why(arrived: Clinic) -> None:
    arrived.counted(arrived.ids["box"])
    arrived.put_away(arrived.ids["box"])
    made = of(arrived, "H3K001")
    assert (made.known, made.reasons) == (None, ("stay_unmonitored",))
    assert made.unknown_since == arrived.consignment(arrived.ids["box"]).shipped_at
    assert made.stays[1].by == ("nothing",)


def test_the_thaw_clock_ends_with_the_shorter_limit(released: Clinic) -> None:
    released.clock.tick(days=1)
    course = released.course()
    vial = released.ready_vial(course, 1)
    clock = of(released, vial.serial).clock
    assert clock is not None
    assert (clock.thaw_s, clock.in_use_s, clock.limit_s, clock.until) == (
        5400,
        3600,
        3600,
        clock.since + timedelta(hours=1),
    )
    assert of(released, "H3K005").clock is None


# ── mean kinetic temperature ──


def kept_cool(clinic: Clinic, hours: int, *, applies: bool = True, warm: dict[int, float] | None = None) -> Thermal:
    """A vial of another version, kept at 2 to 8 °C: so many hours in a fridge that a sensor watches, ten minutes a reading."""
    clinic.ids["version"] = clinic.do(
        products.revise, clinic.MAKER_QA, clinic.ids["product"], volume_ul=3000, low_mc=2_000, high_mc=8_000, budget_s=4 * 3600,
        freeze_sensitive=True, mkt_applies=applies,
    ).id  # fmt: skip
    box = clinic.arrived(clinic.shipped(clinic.lot("UC26-C1", 1)))
    clinic.counted(box)
    clinic.clock.now = clinic.clock.now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    began, sensor = clinic.clock.now, hang(clinic, clinic.ids["read_freezer"])
    clinic.do(vials.put_away, clinic.STOREKEEPER, clinic.vial("C1K001").id, clinic.ids["read_freezer"])
    clinic.clock.tick(hours=hours)
    told(clinic, sensor, "S-1", began, hours, low=5.0, warm=warm)
    return of(clinic, "C1K001")


def test_mkt_is_of_the_last_day_and_has_the_excursion_in_it(clinic: Clinic) -> None:
    """24 h at 5.0 to 5.4 °C, of them the last hour at 14."""
    made = kept_cool(clinic, 40, warm=dict.fromkeys(range(180, 186), 14.0)).mkt
    assert (made.why_not, made.supports) == (None, True)
    assert made.since is not None
    assert made.until is not None
    assert made.until - made.since == timedelta(hours=24)
    assert made.value_mc is not None
    assert 5_600 < made.value_mc < 5_900


@pytest.mark.parametrize("hours, applies, warm, why", [
    (30, False, {}, NoMkt.PRODUCT),
    (20, True, {}, NoMkt.READINGS_MISSING),
    (40, True, {20: 14.0, 200: 14.0}, NoMkt.EARLIER_EXCURSION),
])  # fmt: skip
def test_where_mkt_says_nothing_it_is_not_given(
    clinic: Clinic, hours: int, applies: bool, warm: dict, why: NoMkt
) -> None:
    made = kept_cool(clinic, hours, applies=applies, warm=warm).mkt
    assert (made.value_mc, made.why_not) == (None, why)


def test_of_what_is_kept_frozen_mkt_says_nothing(watched: Clinic) -> None:
    assert of(watched, "H3K001").mkt.why_not is NoMkt.FROZEN


def test_each_moment_out_of_storage_counts_once() -> None:
    at = datetime.fromisoformat("2026-04-01T00:00+00:00")
    spans = [(0, 4), (1, 2), (1.5, 3), (6, None), (5, 6)]
    outs = [Out(at + timedelta(hours=a), None if b is None else at + timedelta(hours=b), 0) for a, b in spans]
    assert seconds_out(outs, at + timedelta(hours=7)) == 6 * 3600
