"""Normalising scores: 0–100 with 0 best, or nothing where the source gives no range (R50)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.instruments import INSTRUMENTS, Best, Missing, evaluated, normalised, scaled


@pytest.mark.parametrize(
    ("raw", "low", "high", "best", "told"),
    [
        ("7", "0", "10", "low", "70.0"),
        ("3", "0", "10", "low", "30.0"),
        ("3", "0", "4", "low", "75.0"),
        ("2", "0", "4", "low", "50.0"),
        ("0", "0", "100", "high", "100.0"),
        ("100", "0", "100", "high", "0.0"),
        ("65", "0", "96", "low", "67.7"),
        ("65", "0", "2400", "low", "2.7"),
        ("1", "-1", "3", "low", "50.0"),
    ],
)
def test_a_value_with_its_range(raw: str, low: str, high: str, best: Best, told: str) -> None:
    assert normalised(Source(raw, low, high), best) == Decimal(told)


@pytest.mark.parametrize(("low", "high"), [(None, None), ("0", None), (None, "96"), ("5", "5"), ("96", "0")])
def test_a_total_without_its_range_is_never_normalised(low: str | None, high: str | None) -> None:
    assert normalised(Source("65", low, high), "low") is None


@given(raw=st.integers(0, 960), best=st.sampled_from(get_args(Best)))
def test_it_stays_between_0_and_100_and_better_is_smaller(raw: int, best: Best) -> None:
    told = Fraction(raw, 10)
    made = scaled(told, "0", "96", best)
    assert made is not None
    assert 0 <= made <= 100
    better = told - 1 if best == "low" else told + 1
    if 0 <= better <= 96:
        bettered = scaled(better, "0", "96", best)
        assert bettered is not None
        assert bettered < made


def test_what_is_known_of_each_instrument() -> None:
    """KOOS and KSS are best high, WOMAC, VAS and KL best low; published WOMAC totals run to 2400 (R50, R51)."""
    assert {name: one.best for name, one in INSTRUMENTS.items()} == {
        "VAS": "low", "NRS": "low", "PGA": "low", "WOMAC": "low", "KL": "low", "KOOS": "high", "KSS": "high",
        "T2": "low", "COMP": "low", "CTX-II": "low", "hs-CRP": "low", "MMP-3": "low", "TGF-β1": None,
    }  # fmt: skip
    assert all(bool(one.units) is (one.low is None) for one in INSTRUMENTS.values())
    assert all(one.source for one in INSTRUMENTS.values())
    assert (INSTRUMENTS["KL"].low, INSTRUMENTS["KL"].high) == (0, 4)
    assert INSTRUMENTS["WOMAC"].high == 2400


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ([], Missing.NO_VALUE),
        ([("40", None, None)], Missing.NO_RANGE),
        ([("40", None, None), ("40.0", "0", "100")], Fraction(40)),
        ([("30", "0", "68")], Fraction(750, 17)),
        ([("48.53", "0", "100", "825/17"), ("48.53", None, None)], Fraction(825, 17)),
        ([("48.53", "0", "100"), ("48.53", "0", "100", "825/17")], Fraction(825, 17)),
        ([("4", "0", "10"), ("4", "0", "100")], Missing.UNDECIDED),
        ([("4", "0", "10"), ("5", "0", "10")], Missing.UNDECIDED),
    ],
)
def test_sources_count_where_they_agree_in_value_and_range(
    told: list[tuple[str, str | None, str | None]], value: Fraction | Missing
) -> None:
    assert evaluated("VAS", [Source(*one) for one in told]) == value


class Source(NamedTuple):
    raw: str
    low: str | None
    high: str | None
    exact: str | None = None
