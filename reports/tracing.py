"""The trace on paper: the same layout as on the page, as vectors in black; nothing is told by colour, and nothing is cut off.

A trace that is longer than a page is drawn in pieces: the ancestors on the first, each box with its lot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from reports import fonts, marks, terms
from reports.lines import plain
from reports.words import NARROW, Words
from traceability.domain.records.graph import GraphBox, GraphStop, RowKind, StopKind, TraceGraph
from traceability.domain.trace_layout import PAPER, SIGN, Layout, Placed, Said, layout, parts
from traceability.domain.trace_picture import picture

TALLEST = 590.0
"""Points: a piece of the drawing under a heading, on a page with a head of some lines."""
LIGHT, HEAVY = 0.45, 0.9
SIDE = 7.0


class Spoken:
    """What the drawing says (`domain.trace_picture.Speech`), in the language of the record."""

    def __init__(self, _: Words) -> None:
        self._ = _

    def material(self, kind: str) -> str:
        return terms.material(self._, kind)

    def custody(self, stored: str) -> str:
        return terms.custody(self._, stored)

    def side(self, laterality: str) -> str:
        return terms.knee(self._, "knee", laterality)

    def stop(self, stop: GraphStop) -> str:
        _ = self._
        word = {
            StopKind.HOLD: _("on hold %(number)s", number=stop.number),
            StopKind.RECALL: _("recalled %(number)s", number=stop.number),
            StopKind.EXCURSION: _("out of limits %(number)s", number=stop.number),
        }[stop.kind]
        return word if stop.vials is None else f"{word}: {self.vials(stop.vials)}"

    def filled(self, count: int) -> str:
        return self._("%(count)s filled", count=self._.number(count))

    def expires(self, day: date) -> str:
        return self._("expires %(day)s", day=self._.day(day))

    def box(self, box: GraphBox) -> str:
        return self._("Consignment %(number)s", number=box.number) if box.number else self._("In no consignment")

    def shipped(self, at: datetime, state: str) -> str:
        return f"{self._.day(at)}, {terms.consignment(self._, state)}"

    def vials(self, count: int) -> str:
        told = self._("1 vial") if count == 1 else self._("%(count)s vials", count=self._.number(count))
        return told.replace(" ", NARROW)

    def knees(self, count: int) -> str:
        return self._("1 knee") if count == 1 else self._("%(count)s knees", count=self._.number(count))

    def injections(self, count: int) -> str:
        return self._("1 injection") if count == 1 else self._("%(count)s injections", count=self._.number(count))

    def unnamed(self) -> str:
        return self._("Given")

    def nowhere(self) -> str:
        return self._("in no place")

    def findings(self) -> str:
        return self._("with findings")

    def more(self, count: int) -> str:
        return self._("and %(count)s more", count=self._.number(count))


def drawings(_: Words, graph: TraceGraph) -> list[Flowable]:
    """One drawing, or as many as it needs pages."""
    heads = (_("Where it comes from"), _("Lot"), _("Consignments"), _("Vials"), _("Subjects and places"))
    pieces = [layout(one, PAPER, heads) for one in parts(picture(graph, Spoken(_)), PAPER, TALLEST)]
    return [Drawing(piece, _said(_, graph, n, len(pieces))) for n, piece in enumerate(pieces, 1)]


def _said(_: Words, graph: TraceGraph, n: int, pieces: int) -> str:
    rows = [row for _lot, _box, row in graph.rows()]
    told = _(
        "Drawing of the trace: %(materials)s materials, %(boxes)s boxes, %(vials)s vials, %(subjects)s subjects."
        " The tables of this record hold the same.",
        materials=_.number(len(graph.materials)), boxes=_.number(sum(1 for lot in graph.lots for box in lot.boxes if box.number)),
        vials=_.number(sum(len(row.serials) for row in rows)),
        subjects=_.number(len({row.name for row in rows if row.kind is RowKind.SUBJECT})),
    )  # fmt: skip
    return told if pieces == 1 else _("%(told)s Part %(n)s of %(of)s.", told=told, n=_.number(n), of=_.number(pieces))


class Drawing(Flowable):
    """A layout whose y grows downwards, on a canvas where it grows upwards."""

    def __init__(self, made: Layout, said: str) -> None:
        super().__init__()
        self.made, self.said = made, fonts.printable(said)
        self.width, self.height = made.width, made.height
        self.spaceAfter = 6

    def wrap(self, *_: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        with canvas.mark(canvas.figure(canvas.here, self.said, 0, 0, self.width, self.height)):
            canvas.saveState()
            canvas.setFillGray(0)
            canvas.setStrokeGray(0)
            canvas.setLineWidth(LIGHT)
            for edge in self.made.edges:
                self._line(canvas, edge.points, bent=edge.bent)
            for head in self.made.heads:
                self._text(canvas, head, bold=True)
            for part in self.made.placed:
                self._part(canvas, part)
            canvas.restoreState()

    def _y(self, y: float) -> float:
        return self.height - y

    def _line(self, canvas: Canvas, points: tuple[tuple[float, float], ...], *, bent: bool) -> None:
        path = canvas.beginPath()
        (x, y), rest = points[0], points[1:]
        path.moveTo(x, self._y(y))
        if bent:
            ((right, down),) = rest
            path.curveTo((x + right) / 2, self._y(y), (x + right) / 2, self._y(down), right, self._y(down))
        for right, down in () if bent else rest:
            path.lineTo(right, self._y(down))
        canvas.drawPath(path, stroke=1, fill=0)

    def _part(self, canvas: Canvas, part: Placed) -> None:
        if part.height:
            canvas.setLineWidth(HEAVY if part.chosen else LIGHT)
            canvas.roundRect(part.x, self._y(part.y + part.height), part.width, part.height, 2.5, stroke=1, fill=0)
            canvas.setLineWidth(LIGHT)
        for x, y, shape, k in part.glyphs:
            self._glyph(canvas, x, y, shape, k)
        for said in part.said:
            self._text(canvas, said, bold=said.name or said.strong)
        for x, y, sign in part.signs:
            marks.Icon(sign.shape, SIDE).at(canvas, x, self._y(y + SIDE))
            self._text(canvas, Said(x + PAPER.text * SIGN, y + PAPER.text * 0.95, sign.word), bold=True)

    def _text(self, canvas: Canvas, said: Said, *, bold: bool) -> None:
        size = PAPER.name if said.name else PAPER.text
        canvas.setFont(fonts.BOLD if bold else fonts.REGULAR, size)
        told = fonts.printable(plain(said.text))
        if said.end:
            canvas.drawRightString(said.x, self._y(said.y), told)
        else:
            canvas.drawString(said.x, self._y(said.y), told)

    def _glyph(self, canvas: Canvas, x: float, y: float, shape: str, k: str) -> None:
        canvas.saveState()
        canvas.translate(x, self._y(y + PAPER.glyph))
        canvas.scale(PAPER.glyph / 20, PAPER.glyph / 20)
        canvas.setLineWidth(1.4)
        _GLYPHS[shape](canvas)
        if k:
            canvas.setFillGray(1)
            canvas.setFont(fonts.BOLD, 15)
            canvas.drawCentredString(10, 4.7, k)
        canvas.restoreState()


def _given(canvas: Canvas) -> None:
    canvas.circle(10, 10, 10, stroke=0, fill=1)


def _stock(canvas: Canvas) -> None:
    canvas.roundRect(1, 1, 18, 18, 2, stroke=1, fill=0)


def _keep(canvas: Canvas) -> None:
    _stock(canvas)
    canvas.rect(6, 6, 8, 8, stroke=0, fill=1)


def _move(canvas: Canvas) -> None:
    canvas.circle(10, 10, 9, stroke=1, fill=0)
    canvas.lines([(5, 10, 14, 10), (14, 10, 10, 14), (14, 10, 10, 6)])


def _waste(canvas: Canvas) -> None:
    canvas.circle(10, 10, 9, stroke=1, fill=0)
    canvas.line(4, 16, 16, 4)


def _back(canvas: Canvas) -> None:
    _stock(canvas)
    canvas.lines([(15, 10, 6, 10), (6, 10, 10, 14), (6, 10, 10, 6)])


def _lost(canvas: Canvas) -> None:
    canvas.setDash(2.5, 2.5)
    canvas.circle(10, 10, 9, stroke=1, fill=0)


_GLYPHS: Mapping[str, Callable[[Canvas], None]] = {
    "given": _given, "stock": _stock, "keep": _keep, "move": _move, "waste": _waste, "back": _back, "lost": _lost,
}  # fmt: skip
