"""Rows with intervals on paper, limits of a funnel behind them in grey: the same as on the page, as vectors in black."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from reports import fonts
from reports.frame import BODY

LABEL = 8.0
ROW, BELOW = 5.6 * mm, 6 * mm
NAMES, COUNTS = 34 * mm, 52 * mm
LEFT, RIGHT = 56 * mm, 4 * mm


@dataclass(frozen=True, slots=True)
class Bar:
    """A row: its name, its count, and in the unit of the scale its value, interval and limits; or a word why there are none."""

    name: str
    count: str
    value: int | None = None
    low: int | None = None
    high: int | None = None
    inner: int | None = None
    outer: int | None = None
    instead: str = ""
    stands_out: bool = False


class Forest(Flowable):
    """What stands out is a square, the others circles: nothing is told by colour. `said`: what it shows, in words."""

    def __init__(self, bars: Sequence[Bar], low: int, high: int, ticks: Sequence[tuple[int, str]], said: str) -> None:
        super().__init__()
        self.bars, self.low, self.high, self.ticks, self.said = bars, low, high, ticks, fonts.printable(said)
        self.width, self.height = BODY, len(bars) * ROW + BELOW + 1.5 * mm
        self.spaceAfter = 2 * mm

    def wrap(self, *_: float) -> tuple[float, float]:
        return self.width, self.height

    def x(self, value: int) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return LEFT + share * (self.width - LEFT - RIGHT)

    def draw(self) -> None:
        canvas = self.canv
        with canvas.mark(canvas.figure(canvas.here, self.said, 0, 0, self.width, self.height)):
            canvas.saveState()
            self._limits()
            self._axis()
            for n, bar in enumerate(self.bars):
                self._bar(bar, self._y(n))
            canvas.restoreState()

    def _y(self, n: int) -> float:
        return self.height - 1.5 * mm - (n + 0.5) * ROW

    def _limits(self) -> None:
        canvas = self.canv
        for n, bar in enumerate(self.bars):
            for reach, gray in ((bar.outer, 0.93), (bar.inner, 0.84)):
                if reach is not None:
                    canvas.setFillGray(gray)
                    left = self.x(-reach)
                    canvas.rect(left, self._y(n) - ROW / 2, self.x(reach) - left, ROW, stroke=0, fill=1)
        canvas.setFillGray(0)

    def _axis(self) -> None:
        canvas, top, bottom = self.canv, self._y(0) + ROW / 2, self._y(len(self.bars) - 1) - ROW / 2
        canvas.setFont(fonts.REGULAR, LABEL)
        for value, word in self.ticks:
            x = self.x(value)
            canvas.setStrokeGray(0 if value == 0 else 0.75)
            canvas.setLineWidth(0.7 if value == 0 else 0.4)
            canvas.line(x, top, x, bottom)
            half = fonts.width(word, fonts.REGULAR, LABEL) / 2
            canvas.drawCentredString(min(x, self.width - half), bottom - LABEL - 1.5, word)
        canvas.setStrokeGray(0)

    def _bar(self, bar: Bar, y: float) -> None:
        canvas = self.canv
        canvas.setFont(fonts.BOLD, LABEL)
        canvas.drawString(0, y - LABEL / 3, bar.name)
        canvas.setFont(fonts.REGULAR, LABEL)
        canvas.drawRightString(COUNTS, y - LABEL / 3, bar.count)
        if bar.value is None or bar.low is None or bar.high is None:
            canvas.drawString(LEFT + 2 * mm, y - LABEL / 3, bar.instead)
            return
        left, right, at = self.x(bar.low), self.x(bar.high), self.x(bar.value)
        canvas.setLineWidth(1.6 if bar.stands_out else 0.9)
        canvas.lines([(left, y, right, y), (left, y - 2.5, left, y + 2.5), (right, y - 2.5, right, y + 2.5)])
        if bar.stands_out:
            canvas.rect(at - 3, y - 3, 6, 6, stroke=0, fill=1)
        else:
            canvas.circle(at, y, 2.4, stroke=0, fill=1)
