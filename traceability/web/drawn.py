"""Drawings of comparisons as coordinates, for inline SVG: rows with intervals, limits of a funnel behind them, steps in time.

Every drawing is made twice, for a wide page and for a phone; sizes are attributes, so the policy of the page holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDE, NARROW = 900, 330
RIGHT = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """A row that is to be drawn: its name, its count, its value and interval, or a word why there are none."""

    name: str
    count: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    instead: str = ""
    inner: float | None = None
    """Where the limits of the funnel lie on both sides of 0, for as many persons as this row has."""
    outer: float | None = None
    stands_out: bool = False
    hollow: bool = False
    last: bool = False
    """A line is drawn above it: it sums up the others."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A row where it stands: `y` of its mark, `text_y` of its name; x of its mark, whiskers and limits."""

    bar: Bar
    y: float
    text_y: float
    x: float | None
    low: float | None
    high: float | None
    inner: tuple[float, float] | None
    outer: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Rows:
    """A drawing of rows under one scale. `left`: where the scale begins; names stand before it, or above it on a phone."""

    width: int
    height: float
    left: float
    right: float
    top: float
    bottom: float
    step: float
    rows: tuple[Drawn, ...]
    ticks: tuple[tuple[float, str], ...]
    zero: float | None

    @property
    def wide(self) -> bool:
        return self.width == WIDE


def rows(bars: Sequence[Bar], low: float, high: float, ticks: Sequence[tuple[float, str]], width: int) -> Rows:
    wide = width == WIDE
    left, top, step = (250.0, 12.0, 32.0) if wide else (8.0, 6.0, 50.0)
    right = float(width - (RIGHT if wide else 12))

    def at(value: float) -> float:
        return round(left + (min(max(value, low), high) - low) / (high - low) * (right - left), 1)

    made = []
    for n, bar in enumerate(bars):
        begin = top + n * step
        y = begin + (step / 2 if wide else 34)
        made.append(
            Drawn(
                bar, y, y + 4 if wide else begin + 17, *(None if one is None else at(one) for one in (bar.value, bar.low, bar.high)),
                *(None if one is None else (at(-one), at(one)) for one in (bar.inner, bar.outer)),
            )
        )  # fmt: skip
    bottom = top + len(bars) * step
    zero = at(0) if low < 0 < high else None
    return Rows(
        width, bottom + 26, left, right, top, bottom, step, tuple(made), tuple((at(one), word) for one, word in ticks), zero
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Steps:
    """A curve that falls in steps from 1, and the band of its interval, as paths."""

    width: int
    height: float
    left: float
    right: float
    bottom: float
    line: str
    band: str
    ticks: tuple[tuple[float, str], ...]
    shares: tuple[tuple[float, str], ...]


def steps(
    points: Sequence[tuple[int, float, float | None, float | None]], until: int, ticks: Sequence[tuple[int, str]],
    share: Callable[[float], str], width: int,
) -> Steps:  # fmt: skip
    """`points`: the day, the share free since, and its interval; drawn until a day."""
    left, right, top, bottom = 56.0, float(width - RIGHT), 12.0, 212.0

    def x(day: float) -> float:
        return round(left + day / max(until, 1) * (right - left), 1)

    def y(value: float) -> float:
        return round(bottom - value * (bottom - top), 1)

    line, uppers, lowers = [f"M{x(0)} {y(1)}"], [f"M{x(0)} {y(1)}"], [(x(0), y(1))]
    for day, free, low, high in points:
        line.append(f"H{x(day)}V{y(free)}")
        uppers.append(f"H{x(day)}V{y(free if high is None else high)}")
        lowers += [(x(day), lowers[-1][1]), (x(day), y(free if low is None else low))]
    line.append(f"H{x(until)}")
    uppers.append(f"H{x(until)}")
    lowers.append((x(until), lowers[-1][1]))
    band = "".join(uppers) + "".join(f"L{across} {down}" for across, down in reversed(lowers)) + "Z"
    return Steps(
        width, bottom + 26, left, right, bottom, "".join(line), band, tuple((x(day), word) for day, word in ticks),
        tuple((y(at / 4), share(at / 4)) for at in range(5)),
    )  # fmt: skip
