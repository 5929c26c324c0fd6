"""What temperature did to a vial: the worked values, excursions, gaps, the thermal history, and day blocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.blocks import Block, blocks, unblock
from traceability.domain.coldchain import (
    Excursion,
    Limits,
    Reading,
    by_hand,
    covers,
    judge,
    mean_kinetic_temperature,
)
from traceability.domain.history import Assumed, Cleared, Monitored, Stay, history

FRIDGE = Limits(2_000, 8_000)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
START = int(MONDAY.timestamp())


def after(**time: int) -> datetime:
    return MONDAY + timedelta(**time)


def readings(*values_mc: int, interval_s: int = 60):
    return judge([START + interval_s * i for i in range(len(values_mc))], values_mc, FRIDGE, interval_s)


# ── mean kinetic temperature ──


@pytest.mark.parametrize(
    "hours_at, mkt_mc",
    [
        ({5_000: 24}, 5_000),
        ({5_000: 18, 14_000: 6}, 8_285),
        ({5_000: 21, 15_000: 3}, 7_107),
        ({5_000: 23, 25_000: 1}, 7_756),
        ({-80_000: 24}, -80_000),
        ({-196_000: 1, 20_000: 0}, -196_000),
    ],
)
def test_the_mean_kinetic_temperature_is_that_of_the_worked_values(hours_at, mkt_mc):
    assert mean_kinetic_temperature(hours_at.keys(), [3_600 * hours for hours in hours_at.values()]) == mkt_mc


def test_a_higher_activation_energy_lets_the_warm_hours_weigh_more():
    low, usual, high = (mean_kinetic_temperature([5_000, 15_000], [21, 3], kj) for kj in (40.0, 83.144, 120.0))
    assert low < usual < high


@pytest.mark.parametrize("values, weights", [([], []), ([5_000], [0]), ([5_000], [-1]), ([-300_000], [1])])
def test_nothing_weighed_has_no_mean_kinetic_temperature(values, weights):
    with pytest.raises(ValueError, match="mean kinetic temperature"):
        mean_kinetic_temperature(values, weights)


@given(st.lists(st.tuples(st.integers(-196_000, 60_000), st.integers(1, 10**6)), min_size=1, max_size=30))
def test_the_mean_kinetic_temperature_lies_between_the_mean_and_the_warmest_reading(pairs):
    values, weights = zip(*pairs, strict=True)
    mean = sum(v * w for v, w in pairs) / sum(weights)
    assert mean - 1 <= mean_kinetic_temperature(values, weights) <= max(values) + 1


# ── readings judged ──


def test_the_limits_themselves_are_still_in_range():
    calm = readings(2_000, 8_000, 5_000)
    assert (calm.excursions, calm.seconds_above, calm.seconds_below) == ((), 0, 0)


def test_an_excursion_begins_at_its_first_reading_out_and_ends_at_the_first_back_in():
    (warm,) = readings(5_000, 8_001, 9_500, 9_000, 8_000).excursions
    assert warm == Excursion(after(minutes=1), after(minutes=4), 9_500, "above")


def test_an_excursion_whose_end_was_not_seen_stays_open():
    judged = readings(5_000, 1_999)
    assert judged.excursions == (Excursion(after(minutes=1), None, 1_999, "below"),)
    assert judged.seconds_below == 60


def test_from_too_warm_straight_to_too_cold_is_two_excursions():
    assert [one.direction for one in readings(9_000, -500, 5_000).excursions] == ["above", "below"]


def test_silence_longer_than_twice_the_interval_is_a_gap_and_no_time_in_range():
    judged = judge([START, START + 60, START + 181, START + 301], [9_000, 9_000, 5_000, 5_000], FRIDGE, 60)
    assert judged.gaps == ((after(seconds=60), after(seconds=181)),)
    assert judged.seconds_above == 120
    assert judged.excursions[0].until == after(seconds=181)  # nobody saw it end before


@pytest.mark.parametrize("times, values", [([], []), ([1, 2], [1]), ([2, 2], [1, 1]), ([3, 2], [1, 1])])
def test_readings_that_are_none_or_out_of_order_are_not_judged(times, values):
    with pytest.raises(ValueError):
        judge(times, values, FRIDGE, 60)


def slow(times, values, limits, interval_s):
    """Second by second, as one would on paper."""
    held = {}
    for i, start in enumerate(times):
        end = times[i + 1] if i + 1 < len(times) else start + interval_s
        for second in range(start, end if end - start <= 2 * interval_s else start + interval_s):
            held[second] = values[i]
    above = sum(value > limits.high_mc for value in held.values())
    below = sum(value < limits.low_mc for value in held.values())
    runs, side = [], 0
    for i, value in enumerate(values):
        now = 1 if value > limits.high_mc else -1 if value < limits.low_mc else 0
        if side and now != side:
            runs[-1][1] = times[i]
        if now and now != side:
            runs.append([times[i], None])
        side = now
    gaps = [(a, b) for a, b in pairwise(times) if b - a > 2 * interval_s]
    return above, below, runs, gaps, sum(held.values()) / len(held)


@given(
    st.lists(st.tuples(st.integers(1, 20), st.integers(0, 10_000)), min_size=1, max_size=25),
    st.integers(1, 8),
)
def test_the_judgement_is_that_of_counting_every_second(steps, interval_s):
    times, values, now = [], [], START
    for step, value in steps:
        now += step
        times.append(now)
        values.append(value)
    judged = judge(times, values, FRIDGE, interval_s)
    above, below, runs, gaps, mean = slow(times, values, FRIDGE, interval_s)
    assert (judged.seconds_above, judged.seconds_below) == (above, below)
    assert [[int(one.since.timestamp()), one.until and int(one.until.timestamp())] for one in judged.excursions] == runs
    assert [(int(a.timestamp()), int(b.timestamp())) for a, b in judged.gaps] == gaps
    assert abs(judged.mean_mc - mean) <= 0.5
    assert (judged.min_mc, judged.max_mc, judged.n) == (min(values), max(values), len(values))


def test_a_journey_is_covered_wholly_in_part_or_not_at_all():
    first, last, hour = after(hours=1), after(hours=9), timedelta(hours=1)
    assert covers((first, last), first, last, (), 300) is True
    assert covers((first, last + timedelta(minutes=10)), first, last, (), 300) is True
    assert covers((first - hour, last), first, last, (), 300) is None
    assert covers((first, last + hour), first, last, (), 300) is None
    assert covers((first, last), first, last, ((after(hours=2), after(hours=3)),), 300) is None
    assert covers((first, after(hours=2)), first, last, ((after(hours=2), after(hours=3)),), 300) is True
    assert covers((last + hour, last + 2 * hour), first, last, (), 300) is False


def test_readings_farther_apart_than_half_an_hour_watched_nothing():
    first, last = after(hours=1), after(hours=61)
    assert covers((first, last), first, last, (), 1_800) is True
    assert (
        covers((first, last + timedelta(hours=1)), first, last, (), 1_800) is True
    )  # the slack is twice that, and no more
    assert covers((first, last + timedelta(hours=1, seconds=1)), first, last, (), 1_800) is None
    assert covers((first, last), first, last, (), 1_801) is None
    assert covers((first, last), first, last, (), 20 * 3_600) is None


def by_hand_from(*told: tuple[int, int, int]):
    """One an hour: least, now and most since the one before."""
    made = [Reading(after(hours=n), after(hours=n + 1), *one) for n, one in enumerate(told)]
    return [(one.since, one.until, one.peak_mc, one.direction) for one in by_hand(made, FRIDGE)]


def test_a_reading_by_hand_is_out_for_all_its_time_and_on_until_one_is_in_again():
    hour = [after(hours=n) for n in range(6)]
    assert by_hand_from((2_000, 5_000, 8_000)) == []
    assert by_hand_from((3_000, 5_000, 9_000)) == [(hour[0], hour[1], 9_000, "above")]
    assert by_hand_from((1_000, 1_500, 5_000)) == [(hour[0], None, 1_000, "below")]
    assert by_hand_from(
        (3_000, 9_000, 9_000), (8_500, 8_500, 12_000), (4_000, 5_000, 9_500), (3_000, 4_000, 5_000)
    ) == [(hour[0], hour[2] + timedelta(hours=1), 12_000, "above")]
    assert by_hand_from((3_000, 9_000, 9_000), (4_000, 5_000, 6_000), (4_000, 5_000, 8_100)) == [
        (hour[0], hour[2], 9_000, "above"), (hour[2], hour[3], 8_100, "above"),
    ]  # fmt: skip


def test_a_fridge_that_was_measured_too_warm_is_unknown_until_an_excursion_tells_of_it():
    warm = Excursion(MONDAY, None, 9_000, "above", "fridge")
    stay = Stay("fridge", after(hours=1), None, Monitored(Cleared(after(hours=2), False), 4 * 3_600, (warm,), (warm,)))
    assert told(stay, at=after(hours=2)) == (None, after(hours=1), ("reading_out",), 3_600)
    judged = Excursion(after(hours=1), None, 9_000, "above", "fridge")
    assert told(stay, at=after(hours=2), excursions=[judged]) == (True, None, (), 3_600)
    elsewhere = Excursion(after(hours=1), None, 9_000, "above", "freezer")
    assert told(stay, at=after(hours=2), excursions=[elsewhere])[2] == ("reading_out",)
    before = Stay(
        "fridge",
        after(hours=-2),
        after(hours=-1),
        Monitored(Cleared(after(hours=2), False), 4 * 3_600, (warm,), (warm,)),
    )
    assert told(before, Stay("fridge", after(hours=-1), after(hours=-1), BENCH), at=after(hours=-1))[2] == ()


# ── the thermal history of a vial ──

BENCH, WARM_BENCH = Assumed(2_000, 8_000, 3_600), Assumed(15_000, 25_000, 3_600)


def told(*stays: Stay, at: datetime, excursions=()):
    found = history(stays, excursions, FRIDGE, at)
    return found.known, found.unknown_since, found.reasons, found.out_of_storage_s


def monitored(hours: int | None) -> Monitored:
    return Monitored(Cleared(None if hours is None else after(hours=hours), False), 4 * 3_600)


def test_a_vial_in_a_read_fridge_has_a_known_history_until_the_reading_is_too_old():
    stay = Stay("fridge", MONDAY, None, monitored(8))
    assert told(stay, at=after(hours=12)) == (True, None, (), 0)
    assert told(stay, at=after(hours=12, seconds=1)) == (None, after(hours=8), ("reading_too_old",), 0)


def test_a_vial_that_left_the_fridge_needs_readings_up_to_the_moment_it_left_once_the_next_one_was_due():
    gone = Stay("fridge", MONDAY, after(hours=8), monitored(8))
    room = Assumed(2_000, 8_000, 24 * 3_600)
    bench = Stay("bench", after(hours=8), None, room)
    assert told(gone, bench, at=after(hours=20))[0] is True
    early = Stay("fridge", MONDAY, after(hours=8, seconds=1), monitored(8))
    late = Stay("bench", after(hours=8, seconds=1), None, room)
    assert told(early, late, at=after(hours=12))[0] is True
    assert told(early, late, at=after(hours=12, seconds=1)) == (None, after(hours=8), ("reading_too_old",), 0)


def test_a_fridge_never_read_and_a_place_without_any_word_are_unknown_from_the_first_minute():
    assert told(Stay("fridge", MONDAY, None, monitored(None)), at=after(hours=1)) == (
        None,
        MONDAY,
        ("reading_none",),
        0,
    )
    assert told(Stay("shelf", MONDAY, None, None), at=MONDAY) == (None, MONDAY, ("stay_unmonitored",), 0)


def test_an_assumed_band_inside_the_limits_holds_for_its_longest_stay_and_then_is_unknown():
    stay = Stay("bench", MONDAY, None, BENCH)
    assert told(stay, at=after(hours=1)) == (True, None, (), 0)
    assert told(stay, at=after(hours=1, seconds=1)) == (None, after(hours=1), ("assumed_stay_too_long",), 0)


def test_an_assumed_band_outside_the_limits_is_time_out_of_storage():
    assert told(Stay("bench", MONDAY, None, WARM_BENCH), at=after(minutes=20)) == (True, None, (), 1_200)


def test_one_second_of_bench_is_one_second_out_of_storage():
    stays = [
        Stay("fridge", MONDAY, after(hours=1), monitored(1)),
        Stay("bench", after(hours=1), after(hours=1, seconds=1), WARM_BENCH),
        Stay("fridge", after(hours=1, seconds=1), None, monitored(2)),
    ]
    assert told(*stays, at=after(hours=2)) == (True, None, (), 1)


def test_only_the_excursion_of_the_place_while_the_vial_was_there_counts_and_counts_once():
    stay = Stay("fridge", after(hours=1), after(hours=3), monitored(3))
    other = Stay("freezer", after(hours=3), None, monitored(4))
    warm = [
        Excursion(MONDAY, after(hours=2), 9_000, "above", "fridge"),
        Excursion(after(hours=1), after(hours=2), 9_500, "above", "fridge"),  # its second sensor
        Excursion(after(hours=3), None, 9_000, "above", "fridge"),  # the vial has gone
        Excursion(after(hours=3, minutes=30), None, 9_000, "above", "freezer"),
    ]
    assert told(stay, other, at=after(hours=4), excursions=warm) == (True, None, (), 3_600 + 1_800)


def test_a_vial_in_no_place_is_unknown_from_the_moment_it_left_the_last_one():
    assert told(at=MONDAY) == (None, MONDAY, ("stay_none",), 0)
    lost = [
        Stay("fridge", MONDAY, after(hours=1), monitored(1)),
        Stay("fridge", after(hours=2), None, monitored(2)),
    ]
    assert told(*lost, at=after(hours=3)) == (None, after(hours=1), ("stay_none",), 0)
    assert told(lost[0], at=after(hours=2)) == (None, after(hours=1), ("stay_none",), 0)


def test_what_happened_later_is_not_known_yet():
    stays = [Stay("fridge", MONDAY, after(hours=5), monitored(5)), Stay("shelf", after(hours=5), None, None)]
    assert told(*stays, at=after(hours=4)) == (True, None, (), 0)


MONITORING = st.one_of(
    st.none(),
    st.builds(Assumed, st.integers(0, 9_000), st.integers(0, 9_000), st.integers(0, 7_200)),
    st.builds(monitored, st.one_of(st.none(), st.integers(-5, 30))),
)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.booleans(), MONITORING), max_size=6),
    st.integers(0, 30),
)
def test_every_history_has_an_answer_and_unknown_always_says_why_and_since_when(drawn, hour):
    stays = [
        Stay("p", after(hours=since), None if is_open else after(hours=since + length), monitoring)
        for since, length, is_open, monitoring in drawn
    ]
    found = history(stays, (), FRIDGE, after(hours=hour))
    assert (found.known is None) == bool(found.reasons) == (found.unknown_since is not None)
    assert 0 <= found.out_of_storage_s <= hour * 3_600
    assert found.unknown_since is None or found.unknown_since <= after(hours=hour)


# ── day blocks ──


@given(
    st.lists(st.integers(1, 200_000), max_size=60).flatmap(
        lambda steps: st.tuples(
            st.just(steps),
            st.lists(st.integers(-(2**31), 2**31 - 1), min_size=len(steps), max_size=len(steps)),
        )
    )
)
def test_readings_come_out_of_their_day_blocks_exactly_as_they_went_in(drawn):
    steps, values = drawn
    times = list(accumulate(steps, initial=START - 100_000))[1:]
    kept = blocks(times, values)
    opened = [unblock(block) for block in kept]
    assert [time for of_day, _ in opened for time in of_day] == times
    assert [value for _, of_day in opened for value in of_day] == values
    assert [block.day for block in kept] == sorted({datetime.fromtimestamp(time, UTC).date() for time in times})
    assert all(
        (block.low_mc, block.high_mc, block.n) == (min(v), max(v), len(v))
        for block, (_, v) in zip(kept, opened, strict=True)
    )


@given(st.data())
def test_a_damaged_block_is_refused_or_gives_the_same_readings(data):
    times, values = [START + 60 * i for i in range(200)], [5_000 + 100 * (i % 7) for i in range(200)]
    (block,) = blocks(times, values)
    at = data.draw(st.integers(0, len(block.packed) - 1))
    packed = bytearray(block.packed)
    packed[at] ^= data.draw(st.integers(1, 255))
    damaged = Block(block.day, block.n, block.low_mc, block.high_mc, bytes(packed))
    try:
        assert unblock(damaged) == (times, values)
    except ValueError:
        pass


def test_a_block_that_would_unpack_to_more_than_it_says_is_refused():
    (block,) = blocks([START + i for i in range(1_000)], [5_000] * 1_000)
    with pytest.raises(ValueError, match="damaged"):
        unblock(Block(block.day, 1, 5_000, 5_000, block.packed))


def test_readings_out_of_order_are_not_packed():
    with pytest.raises(ValueError):
        blocks([2, 1], [5_000, 5_000])
