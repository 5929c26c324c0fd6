"""Alarm rules against a minute-by-minute count that knows nothing of spans."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from traceability.domain import coldchain
from traceability.domain.alarms import PRESETS, AlarmRule, Preset, fires
from traceability.domain.coldchain import Excursion, Limits

START = datetime(2026, 4, 1, tzinfo=UTC)
PRODUCT = Limits(-25_000, -15_000)
HOURS_S = 3600


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def outs(values: list[int], limits: Limits) -> list[Excursion]:
    """One reading a minute."""
    times = [int(START.timestamp()) + 60 * n for n in range(len(values))]
    return list(coldchain.outs(times, values, limits))


def counted(rule: AlarmRule, values: list[int], one: Excursion) -> bool:
    """The same by looking at every minute of this excursion: how many were beyond, in a row or within the window before it."""
    first = int((one.since - START).total_seconds()) // 60
    last = len(values) if one.until is None else int((one.until - START).total_seconds()) // 60
    threshold = rule.threshold_mc
    if threshold is None:
        threshold = PRODUCT.high_mc if rule.direction == "above" else PRODUCT.low_mc
    beyond = [value > threshold if rule.direction == "above" else value < threshold for value in values]
    window = (rule.window_s or 86_400) // 60
    for minute in range(first, last):
        if not beyond[minute]:
            continue
        if rule.mode == "at_once":
            return True
        begins = minute
        while rule.mode == "consecutive" and begins and beyond[begins - 1]:
            begins -= 1
        since = begins if rule.mode == "consecutive" else max(0, minute + 1 - window)
        if 60 * sum(beyond[since : minute + 1]) >= rule.duration_s:
            return True
    return False


RULES = st.builds(
    AlarmRule,
    st.sampled_from(["above", "below"]),
    st.sampled_from([None, -18_000, -16_000, -14_000, -10_000, -24_000, -26_000, -30_000]),
    st.sampled_from(["at_once", "consecutive", "cumulative"]),
    st.integers(1, 20).map(lambda minutes: 60 * minutes),
    st.sampled_from([None, 1200, 1800, 3600]),
)
VALUES = st.lists(
    st.sampled_from([-20_000, -20_000, -20_000, -15_500, -14_500, -12_000, -5_000, -25_500, -28_000, -40_000]),
    min_size=1, max_size=80,
).map(lambda steps: [value for value in steps for _ in range(3)])  # fmt: skip


@given(VALUES, st.lists(RULES, max_size=3))
@example([-20_000, -14_500, -14_500, -20_000], [AlarmRule("above", -16_000, "at_once", 0)])
@example([-15_500] * 5 + [-14_500] * 5 + [-20_000], [AlarmRule("above", -16_000, "consecutive", 600)])
@example([-5_000] * 20 + [-14_500] * 30 + [-20_000], [AlarmRule("above", -10_000, "cumulative", 1200, 1200)])
def test_a_rule_counts_what_a_minute_by_minute_look_counts(values: list[int], rules: list[AlarmRule]) -> None:
    for one in outs(values, PRODUCT):
        standing = [rule for rule in rules if rule.direction == one.direction]
        # an excursion whose end nobody saw is one; while it is watched it is judged as far as it goes
        expected = not standing or any(counted(rule, values, one) for rule in standing)
        watched = at(len(values)) if one.until is None else None
        told = fires(rules, one, PRODUCT, lambda limits: outs(values, limits), watched)
        assert told is expected
        if one.until is None:
            assert fires(rules, one, PRODUCT, lambda limits: outs(values, limits))


@given(VALUES, RULES, st.integers(1, 240))
def test_nothing_that_fired_is_taken_back_by_what_is_read_later(values: list[int], rule: AlarmRule, cut: int) -> None:
    """Judged while it goes on and again when more is known: once an excursion, always one."""
    early = values[:cut]
    for one in outs(early, PRODUCT):
        if one.until is None and one.direction == rule.direction:
            told = fires([rule], one, PRODUCT, lambda limits: outs(early, limits), at(len(early)))
            (later,) = [other for other in outs(values, PRODUCT) if other.since == one.since]
            ends = at(len(values)) if later.until is None else None
            assert not told or fires([rule], later, PRODUCT, lambda limits: outs(values, limits), ends)


def test_a_rule_speaks_for_its_own_direction_and_for_what_began_while_it_stood() -> None:
    warm = Excursion(at(10), at(15), -12_000, "above")
    cold = Excursion(at(10), at(15), -30_000, "below")
    half_hour = AlarmRule("above", None, "consecutive", 1800)
    assert not fires([half_hour], warm, PRODUCT, lambda _: [warm])
    assert fires([half_hour], cold, PRODUCT, lambda _: [cold])
    for decided, ended, counts in (
        (at(11), None, False),
        (at(10), None, True),
        (None, at(10), False),
        (None, at(11), True),
    ):
        rule = AlarmRule("above", None, "consecutive", 1800, None, decided, ended)
        assert fires([rule], warm, PRODUCT, lambda _: [warm]) is not counts


@pytest.mark.parametrize("value, minutes, is_one", [
    (8_000, 600, True), (8_000, 599, False), (7_900, 900, False), (-500, 60, True), (-500, 59, False), (-400, 90, False),
])  # fmt: skip
def test_the_preset_of_a_vaccine_refrigerator_is_as_its_source_says(value: int, minutes: int, is_one: bool) -> None:
    """≥ 8 °C for ten hours, ≤ −0.5 °C for one, at a stretch: the threshold itself counts."""
    rules = [rule for _, rule in PRESETS[Preset.VACCINE_FRIDGE].rules]
    values = [5_000] + [value] * minutes + [5_000]
    limits = Limits(2_000, 7_000)
    (one,) = outs(values, limits)
    assert fires(rules, one, limits, lambda others: outs(values, others)) is is_one


def test_every_preset_names_its_source_and_each_of_its_rules_once() -> None:
    for preset in Preset:
        found = PRESETS[preset]
        assert found.source.startswith("WHO/PQS/E006/")
        assert len({name for name, _ in found.rules}) == len(found.rules) > 1
    cumulative = dict(PRESETS[Preset.SHIPPING_TYPE_1].rules)["≥ 30 °C, 10 h"]
    assert (cumulative.threshold_mc, cumulative.mode, cumulative.duration_s) == (29_999, "cumulative", 10 * HOURS_S)


def test_below_zero_a_product_that_is_harmed_by_it_goes_to_qa_whatever_the_rules() -> None:
    """R23: a minute at −0.1 °C, and a rule that would wait for an hour of it."""
    rules = [AlarmRule("below", -500, "consecutive", HOURS_S)]
    values = [5_000] * 10 + [1_900, -100, 1_900] + [5_000] * 10
    for freezes, fired in ((True, True), (False, False)):
        limits = Limits(2_000, 8_000, freezes)
        (one,) = outs(values, limits)
        assert fires(rules, one, limits, lambda other: outs(values, other)) is fired
