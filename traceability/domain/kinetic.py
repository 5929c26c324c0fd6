"""Mean kinetic temperature as evidence after an excursion (R22, USP <1079.2>): where it applies, over which window, what it says.
It is never the only ground of a decision, and nothing here decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from traceability.domain.coldchain import ACTIVATION_KJ, GAP_INTERVALS, Limits, mean_kinetic_temperature

FRIDGE = Limits(2_000, 8_000)
FRIDGE_WINDOW, ROOM_WINDOW = timedelta(hours=24), timedelta(days=30)
FRIDGE_HIGHEST_MC, FRIDGE_LONGEST = 15_000, timedelta(hours=24)
Why = Literal["product", "frozen", "frozen_through", "earlier_excursion", "readings_missing"]


@dataclass(frozen=True, slots=True)
class Kinetic:
    """`value_mc` None: not applicable, or not known, for the reason `why`. `supports`: whether it speaks for use."""

    value_mc: int | None
    why: Why | None = None
    window: tuple[datetime, datetime] | None = None
    highest_mc: int | None = None
    supports: bool | None = None


def window(limits: Limits, since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """A day for what is kept at 2 to 8 °C, else thirty days; it ends with the excursion and always holds all of it."""
    length = FRIDGE_WINDOW if limits.high_mc <= FRIDGE.high_mc else ROOM_WINDOW
    return min(since, until - length), until


def kinetic(
    times: Sequence[int],
    values: Sequence[int],
    limits: Limits,
    since: datetime,
    until: datetime,
    *,
    interval_s: int,
    applies: bool,
    earlier: bool = False,
    activation_kj: float = ACTIVATION_KJ,
) -> Kinetic:
    """MKT over the window of an excursion. `times` in epoch seconds and `values` in thousandths of °C of at least that window.

    Not applicable: the product does not allow it, is kept frozen, froze, or had an excursion before (`earlier`).
    At 2 to 8 °C it supports use where it is at most 8 °C, nothing was above 15 °C and it lasted at most 24 hours.
    """
    if not applies:
        return Kinetic(None, "frozen" if limits.high_mc <= 0 else "product")
    if limits.high_mc <= 0:
        return Kinetic(None, "frozen")
    if earlier:
        return Kinetic(None, "earlier_excursion")
    begins, ends = window(limits, since, until)
    inside = [(at, mc) for at, mc in zip(times, values, strict=True) if begins.timestamp() <= at < ends.timestamp()]
    if any(mc < 0 for _, mc in inside):
        return Kinetic(None, "frozen_through")
    longest = GAP_INTERVALS * interval_s
    edges = [int(begins.timestamp()), *[at for at, _ in inside], int(ends.timestamp())]
    steps = [b - a for a, b in pairwise(edges)]
    if not inside or max(steps) > longest:
        return Kinetic(None, "readings_missing")
    weights = steps[1:]
    weights[0] += steps[0]  # what was before the first reading is taken to have been as it
    value = mean_kinetic_temperature([mc for _, mc in inside], weights, activation_kj)
    highest = max(mc for _, mc in inside)
    supports = value <= limits.high_mc
    if limits.high_mc <= FRIDGE.high_mc:
        supports = supports and highest <= FRIDGE_HIGHEST_MC and until - since <= FRIDGE_LONGEST
    return Kinetic(value, None, (begins, ends), highest, supports)
