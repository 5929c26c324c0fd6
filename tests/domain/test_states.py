"""States and the table by which everything filled is accounted for."""

from __future__ import annotations

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain import states
from traceability.domain.states import BUCKET, GONE, Custody, reconcile


def lives() -> list[type[StrEnum]]:
    return [
        one
        for one in vars(states).values()
        if isinstance(one, type) and issubclass(one, StrEnum) and one is not StrEnum
    ]


def test_no_word_is_a_state_of_two_things() -> None:
    assert len(lives()) == 4
    words = [str(state) for life in lives() for state in life]
    assert sorted(set(words)) == sorted(words)


def test_every_custody_has_its_bucket() -> None:
    assert set(BUCKET) == set(Custody)
    assert set(Custody) >= GONE


@given(st.dictionaries(st.sampled_from(Custody), st.integers(0, 5000)))
def test_the_buckets_sum_to_what_was_filled(counted: dict[Custody, int]) -> None:
    buckets = reconcile(counted)
    assert sum(buckets.values()) == sum(counted.values())
    assert set(buckets) == set(BUCKET.values())


@pytest.mark.parametrize("custody", Custody)
def test_a_custody_without_a_bucket_is_named(custody: Custody, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(BUCKET, custody)
    with pytest.raises(KeyError) as named:
        reconcile({custody: 1})
    assert named.value.args == (custody,)
