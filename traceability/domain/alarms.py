"""When being out of limits becomes an alarm (R24): rules as data. Without any rule of its place, every time, at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from traceability.domain.coldchain import COLDEST_MC, WARMEST_MC, Excursion, Limits, Span

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """`direction` above or below; `threshold_mc` None: the product's own limit; `mode` at_once, consecutive or cumulative.

    `duration_s`: how long at a stretch, or added up within `window_s` (a day where nobody said).
    """

    direction: str
    threshold_mc: int | None
    mode: str
    duration_s: int
    window_s: int | None = None
    decided_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def window(self) -> int:
        """Seconds before its end over which a time out of limits is added up."""
        return (self.window_s or DAY_S) if self.mode == "cumulative" else 0

    def holds(self, at: datetime) -> bool:
        """It judges what began while it stood: not what was before, nor after it ended."""
        return (self.decided_at is None or self.decided_at <= at) and (self.ended_at is None or at < self.ended_at)

    def limits(self, product: Limits) -> Limits:
        """Beyond which it counts: its own threshold, and nothing the other way, or the product's limits."""
        if self.threshold_mc is None:
            return product
        return (
            Limits(COLDEST_MC, self.threshold_mc)
            if self.direction == "above"
            else Limits(self.threshold_mc, WARMEST_MC)
        )


def fires(
    rules: Sequence[AlarmRule],
    one: Excursion,
    limits: Limits,
    out: Callable[[Limits], Sequence[Excursion]],
    watched_until: datetime | None = None,
) -> bool:
    """Whether this time out of limits is an excursion.

    A rule speaks for its own direction: where none does, the product's limit counts, at once. `out`: when the place was
    out of other limits. One that goes on and is watched without a gap is judged as far as that (`watched_until`); one
    whose end nobody saw is an excursion, whatever it would have lasted.
    """
    if limits.freezes and one.peak_mc < 0:
        return True  # R23: QA decides, whatever any rule or mean says
    standing = [rule for rule in rules if rule.direction == one.direction and rule.holds(one.since)]
    until = one.until or watched_until
    if not standing or until is None:
        return True
    return any(_fires(rule, one.since, until, out(rule.limits(limits))) for rule in standing)


def _fires(rule: AlarmRule, since: datetime, until: datetime, out: Sequence[Excursion]) -> bool:
    """Each time beyond the threshold that belongs to this excursion, up to its own end, and before it as far as it counts."""
    beyond = [
        (one.since, min(one.until or until, until))
        for one in out
        if one.direction == rule.direction and one.since < until
    ]
    mine = [(begins, ends) for begins, ends in beyond if ends > since]
    lasting = timedelta(seconds=rule.duration_s)
    if rule.mode == "at_once":
        return bool(mine)
    if rule.mode == "consecutive":
        return any(ends - begins >= lasting for begins, ends in mine)
    window = timedelta(seconds=rule.window_s or DAY_S)
    return any(_within(beyond, ends - window, ends) >= lasting for _, ends in mine)


def _within(spans: Sequence[Span], since: datetime, until: datetime) -> timedelta:
    """How much of a window they fill. They do not overlap."""
    each = (min(ends, until) - max(begins, since) for begins, ends in spans)
    return sum((one for one in each if one > timedelta()), timedelta())


# ------------------------------------------------------------------------------------------------------------- presets


class Preset(StrEnum):
    """Rules of others for vaccines, taken by name and never by default: this product's limits are narrower (R24)."""

    VACCINE_FRIDGE = "vaccine_fridge"
    SHIPPING_TYPE_1 = "shipping_type_1"
    SHIPPING_TYPE_2 = "shipping_type_2"


@dataclass(frozen=True, slots=True)
class PresetRules:
    source: str
    rules: tuple[tuple[str, AlarmRule], ...]
    """Each with its name, as its source says it."""


HOUR_S, TEN_DAYS_S = 3600, 10 * DAY_S


def _at_least(mc: int, mode: str, hours: int) -> tuple[str, AlarmRule]:
    """The source counts the threshold itself: the last thousandth below it is still well."""
    window = TEN_DAYS_S if mode == "cumulative" else None
    return f"≥ {mc / 1000:g} °C, {hours} h", AlarmRule("above", mc - 1, mode, hours * HOUR_S, window)


def _at_most(mc: int, hours: int) -> tuple[str, AlarmRule]:
    return f"≤ {mc / 1000:g} °C, {hours} h".replace("-", "−"), AlarmRule("below", mc + 1, "consecutive", hours * HOUR_S)


PRESETS: Mapping[Preset, PresetRules] = {
    Preset.VACCINE_FRIDGE: PresetRules("WHO/PQS/E006/TR06", (_at_least(8_000, "consecutive", 10), _at_most(-500, 1))),
    Preset.SHIPPING_TYPE_1: PresetRules(
        "WHO/PQS/E006/TR07",
        (_at_least(45_000, "consecutive", 1), _at_least(30_000, "cumulative", 10), _at_most(-500, 1)),
    ),
    Preset.SHIPPING_TYPE_2: PresetRules(
        "WHO/PQS/E006/TR07",
        (
            _at_least(45_000, "consecutive", 1),
            _at_least(30_000, "cumulative", 10),
            _at_least(10_000, "cumulative", 20),
        ),
    ),
}
