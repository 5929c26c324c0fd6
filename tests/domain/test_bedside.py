"""The stops of the bedside as rules: each alone, at its boundary, and unknown where nobody knows (R39, R41)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.bedside import BEDSIDE, BedsideFacts, bedside
from traceability.domain.rules import Severity, Verdict, run, verdict

DUE = date(2026, 4, 8)
FINE = BedsideFacts(
    wristband_matches=True, course_laterality="right", laterality="right", consent_stands=True, ended_at=None, ordered=True,
    verified=True, k=2, given_before=(1,), given_already=False, due=DUE, today=DUE, window_d=2,
    nearest_given_on=DUE - timedelta(days=7), interval_d=7, vial_kept_for_dose=True, ordered_ul=3000, given_ul=3000,
    product_matches=True, vials=(), held_ul=6000,
)  # fmt: skip


def told(**changed: object) -> list[tuple[str, bool | None, str]]:
    return [(one.code, one.holds, str(one.severity)) for one in bedside(replace(FINE, **changed))]  # type: ignore[arg-type]


def test_all_is_well() -> None:
    assert bedside(FINE) == ()
    assert verdict(run(BEDSIDE, FINE)) is Verdict.USE


@pytest.mark.parametrize(
    ("changed", "code", "severity"),
    [
        ({"wristband_matches": False}, "wrong_patient", "stop"),
        ({"laterality": "left"}, "wrong_side", "stop"),
        ({"consent_stands": False}, "no_consent", "stop"),
        ({"ended_at": datetime(2026, 4, 1, tzinfo=UTC)}, "course_over", "stop"),
        ({"product_matches": False}, "wrong_product", "stop"),
        ({"given_already": True}, "dose_given", "stop"),
        ({"ordered": False, "verified": False}, "no_order", "stop"),
        ({"verified": False}, "no_order", "stop"),
        ({"vial_kept_for_dose": False}, "vial_of_another", "stop"),
        ({"nearest_given_on": DUE - timedelta(days=4)}, "too_soon", "stop"),
        ({"nearest_given_on": DUE + timedelta(days=4)}, "too_soon", "stop"),
        ({"nearest_given_on": DUE}, "too_soon", "stop"),
        ({"given_before": ()}, "out_of_turn", "ask"),
        ({"due": DUE + timedelta(days=3)}, "out_of_window", "ask"),
        ({"due": DUE - timedelta(days=3)}, "out_of_window", "ask"),
        ({"given_ul": 2999}, "volume_differs", "ask"),
        ({"given_ul": 3001}, "more_than_ordered", "stop"),
        ({"held_ul": 2999}, "more_than_held", "stop"),
        ({"also_open": True}, "course_twice", "stop"),
        ({"doses": 5, "given_beside": 4}, "more_than_planned", "stop"),
        ({"others_started": ("H3K002",)}, "dose_started", "stop"),
        ({"others_started": ("H3K002", "H3K003"), "vials_needed": 2}, "dose_started", "stop"),
        ({"cleared": False}, "not_started", "stop"),
        ({"inspection": "particles"}, "not_sound", "stop"),
    ],
)
def test_each_stop_alone(changed: dict, code: str, severity: str) -> None:
    assert told(**changed) == [(code, False, severity)]


@pytest.mark.parametrize("changed", [{"wristband_matches": None}, {"vial_kept_for_dose": None}, {"held_ul": None}])
def test_what_is_not_known_asks_and_never_passes(changed: dict) -> None:
    ((_, holds, severity),) = told(**changed)
    assert (holds, severity) == (None, "ask")


@pytest.mark.parametrize("days", [5, 6, 7, 300, -5, -7])
def test_far_enough_is_the_interval_less_its_window(days: int) -> None:
    assert told(nearest_given_on=DUE - timedelta(days=days)) == []


def test_a_first_dose_has_none_before_it_and_no_volume_is_asked_for_before_it_is_given() -> None:
    assert told(k=1, given_before=(), nearest_given_on=None, given_ul=None, held_ul=None) == []


def test_a_dose_of_two_vials_has_two_permits_and_a_vial_that_looked_sound_is_no_finding() -> None:
    assert told(others_started=("H3K002",), vials_needed=2) == []
    assert told(inspection="sound") == []


@given(k=st.integers(1, 6), given_before=st.sets(st.integers(1, 6)))
def test_in_turn_means_that_every_earlier_dose_was_given(k: int, given_before: set[int]) -> None:
    missing = [n for n in range(1, k) if n not in given_before]
    found = [code for code, *_ in told(k=k, given_before=tuple(sorted(given_before)))]
    assert (found == ["out_of_turn"]) is bool(missing)


@given(off=st.integers(-10, 10), window=st.integers(0, 6))
def test_the_window_has_both_its_ends(off: int, window: int) -> None:
    found = [code for code, *_ in told(today=DUE + timedelta(days=off), window_d=window, nearest_given_on=None)]
    assert (found == []) is (abs(off) <= window)


def test_everything_is_told_at_once_and_the_stops_come_first() -> None:
    found = told(
        wristband_matches=False,
        laterality="left",
        consent_stands=False,
        given_before=(),
        due=date(2026, 5, 1),
        given_ul=1,
    )
    assert [code for code, *_ in found] == [
        "wrong_patient", "wrong_side", "no_consent", "out_of_turn", "out_of_window", "volume_differs",
    ]  # fmt: skip


def test_a_stop_forbids_whatever_else_holds() -> None:
    for rule in BEDSIDE:
        if rule.severity is Severity.STOP:
            stuck = replace(rule, ask=lambda facts: (False, {}))
            assert verdict(run([stuck], FINE)) is Verdict.DO_NOT_USE
