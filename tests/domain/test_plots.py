"""However few points are drawn, no extreme is lost; and a time is unknown where nobody watched it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.blocks import blocks
from traceability.domain.coldchain import Limits, Reading
from traceability.domain.history import Hung, cleared
from traceability.domain.plots import (
    Band,
    Bucket,
    Judged,
    Out,
    Piece,
    Unknown,
    Watching,
    crosses,
    downsample,
    every,
    gathered,
    rows,
    unwatched,
    worst_of,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
START = int(MONDAY.timestamp())

readings = st.dictionaries(
    st.integers(0, 4 * 86_400), st.integers(-80_000, 40_000), min_size=1, max_size=120
).map(lambda told: ([START + at for at in sorted(told)], [told[at] for at in sorted(told)]))  # fmt: skip


def at(seconds: int) -> datetime:
    return MONDAY + timedelta(seconds=seconds)


# ── few points for many readings ──


@given(readings, st.integers(1, 150))
def test_whatever_the_number_of_points_every_least_and_most_is_kept(told, most):
    times, values = told
    drawn = downsample(times, values, most)
    assert 0 < len(drawn) <= most or len(drawn) == len(times) <= most
    assert (min(one.low_mc for one in drawn), max(one.high_mc for one in drawn)) == (min(values), max(values))
    assert sum(one.n for one in drawn) == len(times)
    moments = [datetime.fromtimestamp(one, UTC) for one in times]
    for one in drawn:  # of every time between the first and the last reading of a point
        inside = [value for moment, value in zip(moments, values, strict=True) if one.since <= moment <= one.until]
        assert (one.low_mc, one.high_mc, one.n) == (min(inside), max(inside), len(inside))
    assert all(before.until < after.since for before, after in pairwise(drawn))


@given(readings, st.integers(120, 200))
def test_few_readings_stay_as_they_are(told, most):
    times, values = told
    drawn = downsample(times, values, most)
    assert [(int(one.since.timestamp()), one.low_mc, one.high_mc) for one in drawn] == [
        (when, value, value) for when, value in zip(times, values, strict=True)
    ]


@given(readings, st.lists(st.integers(-10, 5 * 86_400), min_size=2, max_size=12, unique=True).map(sorted))
def test_days_are_opened_only_where_an_edge_cuts_them_and_nothing_is_read_otherwise(told, cuts):
    """The same buckets from a day's extremes as from all its readings, whatever the edges."""
    times, values = told
    edges = [START + one for one in cuts]
    lazily, wholly = [], []
    for block in blocks(times, values):
        midnight = int(datetime.combine(block.day, datetime.min.time(), UTC).timestamp())
        chosen = [i for i, when in enumerate(times) if when // 86_400 == midnight // 86_400]
        opened = [times[i] for i in chosen], [values[i] for i in chosen]
        shut = Piece(midnight, midnight + 86_400, block.n, block.low_mc, block.high_mc)
        wholly.append(Piece(midnight, midnight + 86_400, block.n, block.low_mc, block.high_mc, opened))
        lazily.append(wholly[-1] if crosses(shut, edges) else shut)
    for mine, theirs, since, until in zip(
        gathered(lazily, edges), gathered(wholly, edges), edges, edges[1:], strict=False
    ):
        inside = [value for when, value in zip(times, values, strict=True) if since <= when < until]
        for one in (mine, theirs):
            assert (one is None) is (not inside)
            assert one is None or (one.low_mc, one.high_mc, one.n) == (min(inside), max(inside), len(inside))


def test_a_day_of_which_only_the_extremes_are_known_counts_on_both_sides_of_an_edge():
    piece = Piece(START, START + 86_400, 0, -30_000, -5_000)
    made = gathered([piece], [START - 3600, START + 43_200, START + 90_000])
    assert [(one.low_mc, one.high_mc) for one in made if one] == [(-30_000, -5_000)] * 2
    (only,) = every([piece], START, START + 43_200)
    assert (only.since, only.until, only.high_mc) == (MONDAY, at(43_200), -5_000)


def test_of_several_sensors_the_worst_is_drawn():
    one, other = Bucket(MONDAY, at(60), 2, -20_000, -19_000), Bucket(at(10), at(50), 3, -22_000, -21_000)
    assert worst_of([[one, None, None], [other, other, None]]) == [Bucket(MONDAY, at(60), 5, -22_000, -19_000), other, None]  # fmt: skip


# ── the table beside it ──


def test_the_table_says_the_worst_of_each_time():
    edges = [at(100 * n) for n in range(7)]
    read = [Bucket(at(100 * n), at(100 * n + 50), 4, -21_000, -19_000 + 9_000 * (n == 1)) for n in range(4)]
    made = rows(
        edges, [*read, None, None], [Reading(at(350), at(360), -23_000, -20_000, -18_000)], Limits(-25_000, -15_000),
        [Out(at(120), at(140), -10_000, "EX-1")], [Unknown(at(250), at(260), "reading_gap")], [Band(at(400), at(500), -25_000, -15_000)],
    )  # fmt: skip
    assert [str(one.judged) for one in made] == ["in_limits", "out", "unknown", "in_limits", "assumed", "unknown"]
    assert [(one.low_mc, one.high_mc, one.n) for one in made] == [
        (-21_000, -19_000, 4), (-21_000, -10_000, 4), (-21_000, -19_000, 4), (-23_000, -18_000, 5), (None, None, 0), (None, None, 0)
    ]  # fmt: skip
    (bare,) = rows(edges[:2], read[:1], [], None, [], [], [])
    assert bare.judged is Judged.READ
    (empty,) = rows(edges, [None] * 6, [], None, [], [], [])
    assert (empty.since, empty.until, empty.judged) == (edges[0], edges[-1], Judged.UNKNOWN)


@pytest.mark.parametrize("until, judged", [(100, Judged.IN_LIMITS), (101, Judged.OUT)])
def test_a_time_out_of_limits_ends_where_the_first_reading_back_in_begins(until, judged):
    read = [Bucket(at(n), at(n), 1, -20_000, -20_000) for n in (0, 100)]
    made = rows([at(0), at(100), at(200)], read, [], Limits(-25_000, -15_000), [Out(at(0), at(until), 0)], [], [])
    assert (made[0].judged, made[1].judged) == (Judged.OUT, judged)


# ── when nobody watched ──

spans = st.tuples(st.integers(0, 60), st.integers(1, 60)).map(lambda one: (at(one[0]), at(one[0] + one[1])))


def joined(told):
    made = []
    for since, until in sorted(told):
        if made and since <= made[-1][1]:
            made[-1] = made[-1][0], max(until, made[-1][1])
        else:
            made.append((since, until))
    return tuple(made)


hung = st.tuples(spans, st.lists(spans, max_size=3).map(joined))


@given(st.lists(hung, max_size=3), st.lists(spans, max_size=2))
def test_what_is_drawn_as_unknown_is_what_nothing_clears(sensors, by_hand):
    since, until = at(0), at(100)
    silent = unwatched(since, until, [Watching(*there, told) for there, told in sensors], by_hand)
    for second in range(100):
        moment = at(second)
        there = [(told, span) for span, told in sensors if span[0] <= moment < span[1]]
        known = any(first <= moment < last for first, last in by_hand) or (
            bool(there) and all(any(first <= moment < last for first, last in told) for told, _ in there)
        )
        assert known is not any(first <= moment < last for first, last in silent), second
    assert all(before[1] < after[0] for before, after in pairwise(silent))
    through = cleared(since, until, [Hung(*there, told) for there, told in sensors], by_hand).through
    first = silent[0][0] if silent else until
    assert first == since or (through and min(through, until) == first), (
        "as far as the verdict says that it was watched"
    )
