"""Where the last readings of a place go: a straight line, only where all of them go one way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.coldchain import Limits
from traceability.domain.trends import to_limit

FREEZER = Limits(-25_000, -15_000)


def in_steps(*values: int, every: int = 600) -> int | None:
    return to_limit([every * n for n in range(len(values))], values, FREEZER, every)


def test_a_rise_of_half_a_degree_every_ten_minutes_reaches_the_limit_when_a_ruler_says_so() -> None:
    assert in_steps(-20_000, -19_500, -19_000, -18_500) == 70 * 60
    assert in_steps(-20_000, -20_500, -21_000, -21_500) == 70 * 60


def test_no_direction_no_time() -> None:
    assert in_steps(-20_000, -19_500, -19_000) is None  # too few
    assert in_steps(-20_000, -19_500, -19_600, -18_500) is None  # there and back
    assert in_steps(-20_000, -20_000, -20_000, -20_000) is None
    assert in_steps(-16_000, -15_500, -15_100, -14_900) is None  # passed already
    assert in_steps(-20_000, -19_999, -19_998, -19_997) is None  # in a week, perhaps
    assert to_limit([0, 600, 2400, 3000], [-20_000, -19_500, -19_000, -18_500], FREEZER, 600) is None  # a gap


def test_only_the_last_hour_speaks() -> None:
    assert in_steps(-16_000, -24_000, -20_000, -19_500, -19_000, -18_500, -18_000, -17_500) == 50 * 60


@given(st.lists(st.integers(-30_000, -10_000), min_size=0, max_size=12), st.integers(60, 1800))
def test_whatever_was_read_a_time_lies_ahead_and_belongs_to_readings_that_go_one_way(
    values: list[int], every: int
) -> None:
    told = to_limit([every * n for n in range(len(values))], values, FREEZER, every)
    if told is not None:
        assert 0 <= told <= 24 * 3600
        last = values[-min(len(values), -(-3600 // every)) :]
        assert last in (sorted(last), sorted(last, reverse=True))
        assert not FREEZER.side(values[-1])
