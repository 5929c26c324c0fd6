"""One late word frees nothing by itself, whichever act tells it; nor does thaw that is told late, nor moving about, nor a No
longer measured end (R21, R25, R26, R28, R58)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.test_bad_news import assumed, put
from tests.stories.test_sensors import band, hung, into, log, scan
from tests.stories.test_temperature import excursions, holds
from tests.watched import Watched, watched
from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.services import alarm_rules, courses, stops, vials
from traceability.services import excursions as judged
from traceability.store import Call, Source
from traceability.store.tables.coldchain import AlarmMode, Decision, Direction
from traceability.store.tables.quality import ScopeKind

__all__ = ["hung"]


def late(clinic: Clinic, place: str, **ago: int) -> list[str]:
    """A storekeeper says afterwards that H3K001 was carried there then; what stands against it."""
    call = Call(occurred_at=clinic.clock.now - timedelta(**ago), source=Source.LATE)
    told = clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, clinic.ids[place], call=call)
    return list(told.answer["findings"])


@pytest.fixture
def tepid(hung: Clinic) -> Clinic:
    """F-03 has no thermometer and is assumed to be at −10 to −5 °C: too warm for storage, and below zero."""
    assumed(hung, "bare_freezer", -10, -5)
    return hung


def test_a_late_word_takes_no_vial_out_of_an_excursion(tepid: Clinic) -> None:
    """It lay in the freezer while it was at +5 °C for an hour, says the record; it was carried to F-03 before, says somebody."""
    began = into(tepid)
    tepid.clock.tick(hours=3)
    log(tepid, began, tepid.clock.now, dict.fromkeys(range(12, 24), 5.0))
    assert scan(tepid) == ["held"]
    assert late(tepid, "bare_freezer", hours=2, minutes=10) == ["better_than_known"]
    assert tepid.scan("H3K001")[0] == "ask_qa"


def test_a_late_word_takes_no_vial_out_of_the_hold_of_a_place(released: Clinic) -> None:
    put(released, "H3K001", "freezer")
    released.clock.tick(hours=2)
    since = released.clock.now - timedelta(hours=1)
    given = ("the alarm was off", ScopeKind.PLACE, [released.ids["freezer"]])
    released.do(stops.hold, released.QUALITY2, *given, since=since, reason="the alarm was off")
    assert scan(released) == ["held"]
    assert late(released, "quarantine", hours=1, minutes=10) == ["better_than_known"]
    assert released.scan("H3K001") == ("ask_qa", ["held"])


def test_a_late_word_gives_back_no_time_above_zero(tepid: Clinic) -> None:
    put(tepid, "H3K001", "bench")
    tepid.clock.tick(hours=3)
    assert tepid.scan("H3K001") == ("do_not_use", ["thaw_spent"])
    assert late(tepid, "bare_freezer", hours=2, minutes=55) == ["better_than_known"]
    assert tepid.scan("H3K001")[0] != "use"


def test_a_late_word_gives_back_no_part_of_the_budget(tepid: Clinic) -> None:
    band(tepid, "above", 10_000, 20)
    put(tepid, "H3K001", "bench")
    tepid.clock.tick(minutes=50)
    assert tepid.scan("H3K001") == ("do_not_use", ["budget_spent"])
    assert late(tepid, "bare_freezer", minutes=45) == ["better_than_known"]
    assert tepid.scan("H3K001")[0] != "use"


def test_a_vial_taken_back_late_is_asked_about_and_does_not_come_back_to_stock_by_that_word(released: Clinic) -> None:
    """Eighty minutes on the bench; then somebody says that it went back into the freezer after five."""
    vial = released.ready_vial(released.course(), 1, serial="H3K001", thaw=False).id
    released.clock.tick(minutes=50)
    assert released.scan("H3K001")[0] == "do_not_use"
    call = Call(occurred_at=released.clock.now - timedelta(minutes=75), source=Source.LATE)
    given = (vial, released.ids["freezer"])
    told = released.do(courses.take_back, released.PHARMACIST, *given, reason="did not come", call=call)
    assert told.answer["findings"] == ["better_than_known"]
    assert released.scan("H3K001")[0] == "ask_qa"
    with pytest.raises(Refused, match="vial_not_usable"):
        released.do(vials.put_away, released.PHARMACIST, *given, reason="cold all the time")


def test_thaw_counts_from_when_it_was_warm_and_not_from_when_somebody_said_so(released: Clinic) -> None:
    """Fifty-five minutes on the bench before thawing was recorded: after another hour the limit is over."""
    course = released.course()
    vial = released.ready_vial(course, 1, serial="H3K001", thaw=False)
    released.clock.tick(minutes=25)
    released.do(courses.thaw, released.PHARMACIST, vial.id, released.ids["bench"])
    released.clock.tick(minutes=5)
    assert "thaw_spent" not in released.scan("H3K001", "bedside", released.PHYSICIAN)[1]
    released.clock.tick(minutes=54)
    assert released.scan("H3K001", "bedside", released.PHYSICIAN) == ("do_not_use", ["thaw_spent"])
    with pytest.raises(Refused):
        released.start_dose(course, 1, vial)


@pytest.mark.parametrize("places", [("bare_freezer",), ("bare_freezer", "spare")])
def test_an_unwatched_place_is_not_known_anew_by_moving_to_it(released: Clinic, places: tuple[str, ...]) -> None:
    """It may be assumed for a day: moved each day to where it lay already, or there and back, it is asked about."""
    from tests.stories.test_bad_news import opened
    from traceability.store.tables.organisations import PlaceKind

    opened(released, "spare", PlaceKind.FREEZER)
    for place in ("bare_freezer", "spare"):
        assumed(released, place, -25, -15)
    for day in range(4):
        put(released, "H3K001", places[day % len(places)])
        released.clock.tick(hours=23)
        assert (released.scan("H3K001")[0] == "use") is (day < len(places))


@pytest.fixture
def live(released: Clinic) -> Watched:
    """F-03 has a live sensor, a reading every five minutes, and two vials in it."""
    made = watched(released, "bare_freezer", "T-9")
    for serial in ("H3K001", "H3K002"):
        put(released, serial, "bare_freezer")
    return made


@pytest.mark.parametrize("later", [(-12.0, -12.0, -12.0), (-12.0, -11.0, -10.0)])
def test_what_qa_decided_of_a_vial_that_has_left_stands_while_the_freezer_goes_on(
    live: Watched, later: tuple[float, ...]
) -> None:
    clinic = live.clinic
    live.reads(-20.0, -12.0, -12.0)
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(minutes=1)
    clinic.disposed(excursions(clinic)[0].id, Decision.USE, ("H3K001",))
    for one in later:
        live.reads(one)
        assert clinic.scan("H3K001") == ("use", [])
        assert clinic.scan("H3K002")[1] == ["held"]


def test_worse_of_the_time_that_qa_decided_on_asks_again(live: Watched) -> None:
    """A thermometer that somebody reads later had seen +4 °C in those minutes."""
    from traceability.services import coldchain

    clinic = live.clinic
    live.reads(-20.0, -12.0, -12.0)
    put(clinic, "H3K001", "freezer")
    clinic.clock.tick(minutes=1)
    clinic.disposed(excursions(clinic)[0].id, Decision.USE, ("H3K001",))
    live.reads(-12.0)
    given = (clinic.ids["bare_freezer"], -12_000, -20_000, 4_000)
    clinic.do(coldchain.read, clinic.STOREKEEPER, *given, since=clinic.clock.now - timedelta(minutes=15))
    assert clinic.scan("H3K001") == ("ask_qa", ["held"])


@pytest.mark.parametrize("slow", [False, True])
def test_a_rule_that_fires_late_finds_who_left_early(released: Clinic, slow: bool) -> None:
    """Half an hour is waited. The only vial left seven minutes after the first warm reading; then it was silent, or slow."""
    live = watched(released, "bare_freezer", "T-9")
    released.do(
        alarm_rules.set_alarm, released.QUALITY, released.ids["bare_freezer"], "half an hour", Direction.ABOVE, AlarmMode.CONSECUTIVE,
        duration_s=1800, reason="x", signed=(released.sign("maharani", Meaning.DECIDED),),
    )  # fmt: skip
    put(released, "H3K001", "bare_freezer")
    live.reads(-20.0, 10.0)
    released.clock.tick(minutes=2)
    put(released, "H3K001", "freezer")
    if slow:
        live.every = timedelta(minutes=9, seconds=59)
        assert "EX-1" in live.reads(*[10.0] * 7)
    else:
        released.clock.tick(minutes=90)
        assert live.reads(-20.0) == ["EX-1"]
    assert "held" in released.scan("H3K001")[1]


def test_where_the_last_reading_was_out_nothing_is_known_until_the_next(live: Watched) -> None:
    """The sensor died at −5 °C; QA said when it was cold again. What is put there then, nothing has measured."""
    clinic = live.clinic
    live.reads(-20.0, -5.0)
    clinic.clock.tick(hours=2)
    (found,) = excursions(clinic)
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    given = (found.id, clinic.clock.now - timedelta(hours=1))
    clinic.do(judged.close, clinic.QUALITY, *given, reason="the engineer was there", signed=signed)
    assert holds(clinic)
    put(clinic, "H3K003", "bare_freezer")
    assert clinic.scan("H3K003") == ("ask_qa", ["temperature_unknown"])
    live.reads(-20.0)
    clinic.clock.tick(minutes=5)
    assert "held" not in clinic.scan("H3K003")[1]
