"""The canonical form: what is hashed, signed and kept is the same text whoever writes it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.plain import canonical, digest, moment, plain

SIMPLE = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
VALUES = st.recursive(
    SIMPLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abé\u0000", max_size=3), inner, max_size=4),
    max_leaves=12,
)


class Word(StrEnum):
    ONE = "one"


@given(VALUES)
def test_it_reads_back_as_what_it_was(value: object) -> None:
    assert json.loads(canonical(value)) == value


@given(VALUES)
def test_saying_it_twice_changes_nothing(value: object) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)


@given(st.dictionaries(st.text("abcdef", max_size=4), SIMPLE, max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_it_is_sorted_tight_and_in_unicode() -> None:
    assert canonical({"b": [1, None, True], "a": "ł≥😀"}) == '{"a":"ł≥😀","b":[1,null,true]}'
    assert digest({}) == sha256(b"{}").hexdigest()


def test_words_days_bytes_and_sets_have_their_form() -> None:
    told = plain({"w": Word.ONE, "d": date(2026, 4, 1), "b": b"x", "s": {"b", "a"}, "t": (1, 2)})
    assert told == {
        "w": "one",
        "d": "2026-04-01",
        "b": "sha256:" + sha256(b"x").hexdigest(),
        "s": ["a", "b"],
        "t": [1, 2],
    }
    assert type(told["w"]) is str


@pytest.mark.parametrize("value", [1.0, float("nan"), object(), {"x": 0.1}, [complex(1)]])
def test_nothing_that_may_be_rounded_is_hashed(value: object) -> None:
    with pytest.raises(TypeError):
        canonical(value)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_utc_to_the_microsecond_and_sorts_as_time_does(told: datetime, minutes: int) -> None:
    here = told.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert len(moment(here)) == 27
    assert datetime.fromisoformat(moment(here)) == here
    later = here + timedelta(microseconds=1)
    assert moment(here) < moment(later)


def test_a_moment_of_an_early_year_has_four_digits_too() -> None:
    assert moment(datetime(999, 1, 2, tzinfo=UTC)) == "0999-01-02T00:00:00.000000Z"


def test_a_moment_in_any_zone_is_the_same_moment() -> None:
    here = datetime(2026, 4, 14, 10, 4, 5, tzinfo=ZoneInfo("Asia/Jakarta"))
    assert moment(here) == "2026-04-14T03:04:05.000000Z"


def test_a_time_without_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="zone"):
        moment(datetime(2026, 4, 1))
