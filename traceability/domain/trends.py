"""How long until a place reaches a limit, if it goes on as in its last readings. A line, not a promise; no clock, no database."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from traceability.domain.coldchain import GAP_INTERVALS, Limits

WINDOW_S = 3600
LEAST = 4
"""Readings of the window: from fewer nobody sees a direction."""
FARTHEST_S = 24 * 3600


def to_limit(times: Sequence[int], values: Sequence[int], limits: Limits, interval_s: int) -> int | None:
    """Seconds from the last reading to the limit that the readings of the last hour go towards, on their straight line.

    None: too few of them, a gap among them, one that went the other way, a limit passed already, or farther off than a day.
    """
    begin = next((at for at, time in enumerate(times) if time > times[-1] - WINDOW_S), len(times))
    at, mc = times[begin:], values[begin:]
    if len(at) < LEAST or limits.side(mc[-1]) or any(b - a > GAP_INTERVALS * interval_s for a, b in pairwise(at)):
        return None
    steps = [after - before for before, after in pairwise(mc)]
    if mc[-1] == mc[0] or not (min(steps) >= 0 or max(steps) <= 0):
        return None
    limit = limits.high_mc if mc[-1] > mc[0] else limits.low_mc
    seconds = round((limit - mc[-1]) / _slope(at, mc))
    return seconds if seconds <= FARTHEST_S else None


def _slope(at: Sequence[int], mc: Sequence[int]) -> float:
    """Least squares, in thousandths of °C a second."""
    n, first = len(at), at[0]
    x = [one - first for one in at]
    mean_x, mean_y = sum(x) / n, sum(mc) / n
    over = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, mc, strict=True))
    return over / sum((a - mean_x) ** 2 for a in x)
