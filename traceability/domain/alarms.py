"""When being out of limits becomes an alarm (R24): rules as data. Without any rule of its place, every time, at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from traceability.domain.coldchain import Excursion, Limits

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
        """Beyond which it counts: its own threshold, or the product's limit."""
        if self.threshold_mc is None:
            return product
        above = self.direction == "above"
        return replace(product, **{"high_mc" if above else "low_mc": self.threshold_mc})


def fires(
    rules: Sequence[AlarmRule], one: Excursion, limits: Limits, out: Callable[[Limits], Sequence[Excursion]]
) -> bool:
    """Whether this time out of limits is an excursion. One whose end nobody saw is, whatever it would have lasted.

    A rule speaks for its own direction: where none does, the product's limit counts, at once. `out`: when the place was
    out of other limits.
    """
    standing = [rule for rule in rules if rule.direction == one.direction and rule.holds(one.since)]
    if not standing or one.until is None:
        return True
    return any(_fires(rule, one.since, one.until, out(rule.limits(limits))) for rule in standing)


def _fires(rule: AlarmRule, since: datetime, until: datetime, out: Sequence[Excursion]) -> bool:
    beyond = [one for one in out if one.direction == rule.direction and one.since < until]
    mine = [min(one.until or until, until) - one.since for one in beyond if one.since >= since]
    lasting = timedelta(seconds=rule.duration_s)
    if rule.mode == "at_once":
        return bool(mine)
    if rule.mode == "consecutive":
        return any(span >= lasting for span in mine)
    begins = until - timedelta(seconds=rule.window)
    spans = [min(one.until or until, until) - max(one.since, begins) for one in beyond]
    return bool(mine) and sum((span for span in spans if span > timedelta()), timedelta()) >= lasting
