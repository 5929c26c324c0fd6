"""Mean kinetic temperature after an excursion: its worked values, its window, and where it says nothing (R22)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from traceability.domain.coldchain import Limits
from traceability.domain.kinetic import kinetic, window

FRIDGE, ROOM, FREEZER = Limits(2_000, 8_000), Limits(15_000, 25_000), Limits(-25_000, -15_000)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EVERY = 600


def day(cold_hours: float, warm_hours: float, warm_mc: int) -> tuple[list[int], list[int], datetime, datetime]:
    """Hours at 5 °C, then hours at another temperature, then 5 °C again; the excursion ends at noon."""
    began = NOON - timedelta(hours=warm_hours)
    first = NOON - timedelta(hours=cold_hours + warm_hours)
    times = list(range(int(first.timestamp()), int(NOON.timestamp()) + 7_200, EVERY))
    values = [warm_mc if began.timestamp() <= at < NOON.timestamp() else 5_000 for at in times]
    return times, values, began, NOON


@pytest.mark.parametrize(
    ("cold", "warm", "mc", "value", "supports"),
    [
        (18, 6, 14_000, 8_285, False),
        (21, 3, 15_000, 7_107, True),
        (23, 1, 25_000, 7_756, False),
        (21, 3, 15_100, 7_140, False),
    ],
)
def test_the_worked_values_hold_and_a_maximum_above_fifteen_fails_whatever_the_mean(
    cold: float, warm: float, mc: int, value: int, supports: bool
) -> None:
    found = kinetic(*day(cold, warm, mc)[:2], FRIDGE, *day(cold, warm, mc)[2:], interval_s=EVERY, applies=True)
    assert found.value_mc == pytest.approx(value, abs=5)
    assert (found.supports, found.highest_mc) == (supports, mc)


def test_the_window_is_a_day_or_thirty_and_always_holds_the_excursion() -> None:
    hour = timedelta(hours=1)
    assert window(FRIDGE, NOON - hour, NOON) == (NOON - 24 * hour, NOON)
    assert window(FRIDGE, NOON - 30 * hour, NOON) == (NOON - 30 * hour, NOON)
    assert window(ROOM, NOON - hour, NOON) == (NOON - 720 * hour, NOON)


def test_an_excursion_of_more_than_a_day_is_not_supported() -> None:
    times, values, since, until = day(6, 25, 8_001)
    assert kinetic(times, values, FRIDGE, since, until, interval_s=EVERY, applies=True).supports is False


@pytest.mark.parametrize(
    ("limits", "told", "why"),
    [(FREEZER, {"applies": False}, "frozen"), (FREEZER, {"applies": True}, "frozen"), (FRIDGE, {"applies": False}, "product"),
     (FRIDGE, {"applies": True, "earlier": True}, "earlier_excursion")],
)  # fmt: skip
def test_where_it_says_nothing_it_says_why(limits: Limits, told: dict[str, bool], why: str) -> None:
    found = kinetic(*day(21, 3, 15_000)[:2], limits, *day(21, 3, 15_000)[2:], interval_s=EVERY, **told)
    assert (found.value_mc, found.why, found.supports) == (None, why, None)


def test_after_freezing_it_says_nothing() -> None:
    times, values, since, until = day(21, 3, 15_000)
    values[30] = -100
    assert kinetic(times, values, FRIDGE, since, until, interval_s=EVERY, applies=True).why == "frozen_through"


def test_with_a_gap_in_its_window_it_is_not_known() -> None:
    times, values, since, until = day(21, 3, 15_000)
    del times[40:43], values[40:43]
    assert kinetic(times, values, FRIDGE, since, until, interval_s=EVERY, applies=True).why == "readings_missing"
    assert kinetic([], [], FRIDGE, since, until, interval_s=EVERY, applies=True).why == "readings_missing"
