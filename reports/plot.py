"""The drawing of temperatures on paper: the same record as on the page, as vectors in black. Nothing is told by colour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import floor, log10
from zoneinfo import ZoneInfo

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from reports import fonts, terms
from reports.frame import BODY
from reports.words import NARROW, Words
from traceability.domain.plots import MarkKind, Plot

LABEL = 7.2
LEFT, RIGHT, BELOW, ABOVE = 13 * mm, 2 * mm, 6 * mm, 8.5 * mm
TALL = 62 * mm
KEY = 4 * mm
HOURS = (1, 2, 3, 6, 12)
DAYS = (1, 2, 5, 7, 14, 30, 61, 91, 183, 366)


class Drawing(Flowable):
    """Limits dashed, unknown hatched, assumed dotted, out of limits on grey, events as dotted lines."""

    def __init__(self, _: Words, plot: Plot, tall: float = TALL) -> None:
        super().__init__()
        self._, self.plot, self.width, self.height = _, plot, BODY, tall
        self.zone = ZoneInfo(plot.zone)

    def wrap(self, *_: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        with canvas.mark(canvas.figure(canvas.here, self.said(), 0, 0, self.width, self.height)):
            self._draw()

    def said(self) -> str:
        """The finding in words, for who cannot see it; the figures stand in the tables beside it."""
        _, plot = self._, self.plot
        told = [_("Temperatures, %(span)s", span=_.span(plot.since, plot.until))]
        if plot.limits is not None:
            told.append(_("limits %(band)s", band=_.band(plot.limits.low_mc, plot.limits.high_mc)))
        if plot.low_mc is not None:
            told.append(_("least %(low)s, most %(high)s", low=_.celsius(plot.low_mc), high=_.celsius(plot.high_mc)))
        told.append(_("%(n)s × out of limits", n=_.number(len(plot.outs))))
        told.append(_("%(n)s × unknown", n=_.number(len(plot.unknown))))
        return fonts.printable("; ".join(told))

    def _draw(self) -> None:
        canvas, plot = self.canv, self.plot
        self.low, self.high = _range(plot)
        self.bottom = KEY + BELOW
        self.top = self.height - ABOVE
        canvas.saveState()
        canvas.setFillGray(0)
        canvas.setStrokeGray(0)
        self._areas(canvas)
        self._axes(canvas)
        self._readings(canvas)
        self._marks(canvas)
        self._key(canvas)
        canvas.restoreState()

    # ── where things are ──

    def x(self, at: datetime) -> float:
        plot = self.plot
        share = (at - plot.since) / (plot.until - plot.since)
        return LEFT + min(1.0, max(0.0, share)) * (self.width - LEFT - RIGHT)

    def y(self, mc: int) -> float:
        share = (mc - self.low) / (self.high - self.low)
        return self.bottom + min(1.0, max(0.0, share)) * (self.top - self.bottom)

    def box(self, since: datetime, until: datetime) -> tuple[float, float]:
        """Left and width: what is short is seen too."""
        left = self.x(since)
        return left, max(0.8, self.x(until) - left)

    # ── what is drawn ──

    def _areas(self, canvas: Canvas) -> None:
        plot, tall = self.plot, self.top - self.bottom
        canvas.setFillGray(0.88)
        for out in plot.outs:
            left, wide = self.box(out.since, out.until or plot.until)
            canvas.rect(left, self.bottom, wide, tall, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.setLineWidth(0.5)
        for band in plot.assumed:
            left, wide = self.box(band.since, band.until)
            low, high = self.y(band.low_mc), self.y(band.high_mc)
            self._dotted(canvas, left, wide, low, max(0.8, high - low))
        for one in plot.unknown:
            self._hatched(canvas, *self.box(one.since, one.until), self.bottom, tall)
        if plot.limits is not None:
            canvas.setLineWidth(0.7)
            canvas.setDash(4, 2.5)
            for mc in (plot.limits.low_mc, plot.limits.high_mc):
                canvas.line(LEFT, self.y(mc), self.width - RIGHT, self.y(mc))
            canvas.setDash()

    @staticmethod
    def _dotted(canvas: Canvas, left: float, wide: float, bottom: float, tall: float) -> None:
        """Framed and filled with dots: also where its edges are the limits."""
        canvas.setLineWidth(0.5)
        canvas.setDash(0.6, 2.6)
        at = bottom + 2.6
        while at < bottom + tall:
            canvas.line(left, at, left + wide, at)
            at += 3.4
        canvas.setDash(0.6, 1.2)
        canvas.rect(left, bottom, wide, tall, stroke=1, fill=0)
        canvas.setDash()

    @staticmethod
    def _hatched(canvas: Canvas, left: float, wide: float, bottom: float, tall: float) -> None:
        canvas.saveState()
        path = canvas.beginPath()
        path.rect(left, bottom, wide, tall)
        canvas.clipPath(path, stroke=0, fill=0)
        canvas.setLineWidth(0.35)
        at = left - tall - (left - tall) % 3.4  # hatches of neighbours meet
        while at < left + wide:
            canvas.line(at, bottom, at + tall, bottom + tall)
            at += 3.4
        canvas.restoreState()

    def _axes(self, canvas: Canvas) -> None:
        canvas.setFont(fonts.REGULAR, LABEL)
        canvas.setLineWidth(0.6)
        canvas.line(LEFT, self.bottom, self.width - RIGHT, self.bottom)
        canvas.line(LEFT, self.bottom, LEFT, self.top)
        step = _step(self.high - self.low)
        value = -(-self.low // step) * step
        while value <= self.high:
            y = self.y(value)
            canvas.line(LEFT - 2, y, LEFT, y)
            canvas.drawRightString(LEFT - 3.5, y - LABEL / 3, self._.scaled(value))
            value += step
        canvas.drawString(0, self.top + 2, "°C")
        reached = LEFT
        for at, said, begins_day in self._ticks():
            x = self.x(at)
            font = fonts.BOLD if begins_day else fonts.REGULAR
            half = fonts.width(said, font, LABEL) / 2
            canvas.line(x, self.bottom, x, self.bottom - 2)
            if x - half < reached or x + half > self.width:
                continue
            canvas.setFont(font, LABEL)
            canvas.drawCentredString(x, self.bottom - 3.5 - LABEL * 0.8, said)
            reached = x + half + 4
        canvas.setFont(fonts.REGULAR, LABEL)

    def _ticks(self) -> list[tuple[datetime, str, bool]]:
        """Hours and midnights where the record belongs; days, for longer times."""
        plot = self.plot
        hours = (plot.until - plot.since) / timedelta(hours=1)
        step = next((one for one in HOURS if hours / one <= 16), None)
        begins = plot.since.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        made = []
        if step is not None:
            at = begins
            while at < plot.until:
                if at >= plot.since:
                    midnight = at.hour == 0
                    made.append((at, self._short(at) if midnight else self._.clock(at), midnight))
                at = (at + timedelta(hours=step)).astimezone(self.zone)
            return made
        days = next((one for one in DAYS if hours / 24 / one <= 12), DAYS[-1])
        at = begins
        while at < plot.until:
            if at >= plot.since:
                made.append((at, self._short(at), False))
            at = at.replace(tzinfo=None) + timedelta(days=days)
            at = at.replace(tzinfo=self.zone)
        return made

    def _short(self, at: datetime) -> str:
        return NARROW.join(self._.day(at.date()).split(NARROW)[:2])

    def _readings(self, canvas: Canvas) -> None:
        plot = self.plot
        canvas.setLineJoin(1)
        for line in plot.lines(plot.worst):
            points = [
                (self.x(one.since + (one.until - one.since) / 2), self.y(one.low_mc), self.y(one.high_mc))
                for one in line
            ]
            if len(points) == 1:
                x, low, high = points[0]
                canvas.circle(x, (low + high) / 2, 0.8, stroke=0, fill=1)
            self._path(canvas, points)
        canvas.setLineWidth(0.9)
        for read in plot.by_hand:
            x = self.x(read.at)
            canvas.line(x, self.y(read.low_mc), x, self.y(read.high_mc))
            canvas.setFillGray(0)
            canvas.circle(x, self.y(read.now_mc), 1.5, stroke=0, fill=1)

    @staticmethod
    def _path(canvas: Canvas, points: Sequence[tuple[float, float, float]]) -> None:
        """From least to most of each point as one dark shape: a single value is a line."""
        canvas.setFillGray(0.35)
        canvas.setLineWidth(0.8)
        path = canvas.beginPath()
        x, low, _high = points[0]
        path.moveTo(x, low)
        for x, low, _high in points[1:]:
            path.lineTo(x, low)
        for x, _low, high in reversed(points):
            path.lineTo(x, high)
        path.close()
        canvas.drawPath(path, stroke=1, fill=1)
        canvas.setFillGray(0)

    def _marks(self, canvas: Canvas) -> None:
        """A dotted line each; its word where there is room, in two rows. All of them stand in the table."""
        plot, taken = self.plot, {0: LEFT - 20, 1: LEFT - 20}
        canvas.setLineWidth(0.5)
        for one in plot.marks:
            x = self.x(one.at)
            canvas.setDash(0.8, 1.8)
            canvas.line(x, self.bottom, x, self.top)
            canvas.setDash()
            said, font = terms.mark(self._, one), fonts.BOLD if one.kind is MarkKind.EXCURSION else fonts.REGULAR
            wide = fonts.width(said, font, LABEL)
            left = min(max(x - wide / 2, LEFT), self.width - wide)
            for row, reached in taken.items():
                if left > reached + 3:
                    canvas.setFont(font, LABEL)
                    canvas.drawString(left, self.top + 2 + row * LABEL * 1.25, said)
                    taken[row] = left + wide
                    break
        canvas.setFont(fonts.BOLD, LABEL)
        reached = 0.0
        for out in plot.outs:
            peak = self._.celsius(out.peak_mc)
            x = self.x(out.since + ((out.until or plot.until) - out.since) / 2)
            half = fonts.width(peak, fonts.BOLD, LABEL) / 2
            x = min(max(x, LEFT + half), self.width - half)
            if x - half < reached:
                continue
            below = plot.limits is not None and out.peak_mc < plot.limits.low_mc
            y = self.y(out.peak_mc) + (-LABEL * 1.2 if below else 2.5)
            y = min(max(y, self.bottom + 2), self.top - LABEL)
            canvas.setFillGray(1)  # lines of events run behind it
            canvas.rect(x - half - 1, y - 1, 2 * half + 2, LABEL, stroke=0, fill=1)
            canvas.setFillGray(0)
            canvas.drawCentredString(x, y, peak)
            reached = x + half + 3

    def _key(self, canvas: Canvas) -> None:
        """What the signs mean, on one line; only of those that are there."""
        _, plot, at = self._, self.plot, 0.0
        canvas.setFont(fonts.REGULAR, LABEL)
        signs: list[tuple[bool, str, str]] = [
            (plot.limits is not None, "limits", _("limits of the product")),
            (bool(plot.worst), "line", _("readings, least to most")),
            (bool(plot.by_hand), "hand", _("read by hand")),
            (bool(plot.outs), "out", _("out of limits")),
            (bool(plot.assumed), "assumed", _("assumed")),
            (bool(plot.unknown), "unknown", _("unknown")),
        ]
        for there, sign, said in signs:
            if not there:
                continue
            self._sign(canvas, sign, at)
            canvas.drawString(at + 17, 1.2, said)
            at += 17 + fonts.width(said, fonts.REGULAR, LABEL) + 8

    def _sign(self, canvas: Canvas, sign: str, at: float) -> None:
        canvas.saveState()
        canvas.setLineWidth(0.7)
        match sign:
            case "limits":
                canvas.setDash(4, 2.5)
                canvas.line(at, 3.5, at + 14, 3.5)
            case "line":
                canvas.lines([(at, 2, at + 5, 5), (at + 5, 5, at + 9, 2.5), (at + 9, 2.5, at + 14, 4.5)])
            case "hand":
                canvas.line(at + 7, 0.5, at + 7, 7)
                canvas.circle(at + 7, 3.5, 1.5, stroke=0, fill=1)
            case "out":
                canvas.setFillGray(0.88)
                canvas.rect(at, 0.5, 14, 6, stroke=0, fill=1)
            case "assumed":
                self._dotted(canvas, at, 14, 0.8, 5.5)
            case "unknown":
                self._hatched(canvas, at, 14, 0.5, 6)
        canvas.restoreState()


def _range(plot: Plot) -> tuple[int, int]:
    values = [mc for one in plot.worst for mc in (one.low_mc, one.high_mc)]
    values += [mc for one in plot.by_hand for mc in (one.low_mc, one.high_mc)]
    values += [mc for one in plot.assumed for mc in (one.low_mc, one.high_mc)] + [one.peak_mc for one in plot.outs]
    values += [plot.limits.low_mc, plot.limits.high_mc] if plot.limits else []
    if not values:
        return -30_000, 10_000
    room = max(1_000, (max(values) - min(values)) // 10)
    return min(values) - room, max(values) + room


def _step(span: int) -> int:
    """1, 2, 5 times a power of ten: six or seven lines."""
    rough = max(1, span / 6)
    power = 10 ** floor(log10(rough))
    return int(next(step * power for step in (1, 2, 5, 10) if step * power >= rough))
