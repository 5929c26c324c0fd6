"""States by shape, drawn as vectors: circle ok, octagon stop, diamond ask, square hold, triangle warn, flag recall."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from io import BytesIO
from itertools import pairwise
from math import cos, pi, sin

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from reports import fonts


class Icon(Flowable):
    """A state by its shape, on a square of `side` points: ok, stop, ask, hold, warn, flag, none."""

    def __init__(self, shape: str, side: float) -> None:
        super().__init__()
        if shape not in _SHAPES:
            raise KeyError(shape)
        self.shape, self.width, self.height = shape, side, side

    def wrap(self, *_: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        with self.canv.artifact():
            self.at(self.canv, 0, 0)

    def at(self, canvas: Canvas, left: float, bottom: float) -> None:
        unit = self.width / 24
        canvas._code.append(
            f"q {unit:.4f} 0 0 {-unit:.4f} {left:.2f} {bottom + self.height:.2f} cm {_drawn(self.shape)} Q"
        )


@cache
def _drawn(shape: str) -> str:
    """A shape as a page writes it, on a square of 24 whose y grows downwards: drawn once, whatever the document."""
    canvas = Canvas(BytesIO(), initialFontName=fonts.REGULAR)
    canvas._code = []
    canvas.setFillGray(0)
    canvas.setStrokeGray(1)
    canvas.setLineWidth(2.8)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    _SHAPES[shape](canvas)
    return " ".join(canvas._code)


def _polygon(canvas: Canvas, points: Sequence[tuple[float, float]]) -> None:
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _stroke(canvas: Canvas, *points: tuple[float, float]) -> None:
    canvas.lines([(*start, *end) for start, end in pairwise(points)])


def _ok(canvas: Canvas) -> None:
    canvas.circle(12, 12, 11, stroke=0, fill=1)
    path = canvas.beginPath()
    path.moveTo(7, 12.4)
    path.lineTo(10.4, 15.8)
    path.lineTo(17, 8.8)
    canvas.drawPath(path, stroke=1, fill=0)


def _stop(canvas: Canvas) -> None:
    corners = [(2 * k + 1) * pi / 8 for k in range(8)]
    _polygon(canvas, [(12 + 11.9 * cos(a), 12 + 11.9 * sin(a)) for a in corners])
    _stroke(canvas, (8, 8), (16, 16))
    _stroke(canvas, (16, 8), (8, 16))


def _ask(canvas: Canvas) -> None:
    _polygon(canvas, [(12, 0), (24, 12), (12, 24), (0, 12)])
    path = canvas.beginPath()
    path.moveTo(8.9, 9.6)
    path.curveTo(8.9, 5.2, 15.3, 5.4, 15.1, 9.4)
    path.curveTo(15, 11.6, 12, 11.8, 12, 14.2)
    canvas.setLineWidth(2.3)
    canvas.drawPath(path, stroke=1, fill=0)
    _stroke(canvas, (12, 18), (12, 18.05))


def _hold(canvas: Canvas) -> None:
    canvas.roundRect(1.5, 1.5, 21, 21, 2, stroke=0, fill=1)
    _stroke(canvas, (9, 7.5), (9, 16.5))
    _stroke(canvas, (15, 7.5), (15, 16.5))


def _warn(canvas: Canvas) -> None:
    _polygon(canvas, [(12, 1.5), (23.5, 22), (0.5, 22)])
    canvas.setLineWidth(2.5)
    _stroke(canvas, (12, 9), (12, 14.4))
    _stroke(canvas, (12, 18.2), (12, 18.25))


def _flag(canvas: Canvas) -> None:
    _polygon(canvas, [(4, 1), (21, 1), (17, 7.5), (21, 14), (7, 14), (7, 23), (4, 23)])


def _none(canvas: Canvas) -> None:
    canvas.setStrokeGray(0)
    canvas.setLineWidth(1.8)
    canvas.rect(2.5, 2.5, 19, 19, stroke=1, fill=0)


_SHAPES: Mapping[str, Callable[[Canvas], None]] = {
    "ok": _ok,
    "stop": _stop,
    "ask": _ask,
    "hold": _hold,
    "warn": _warn,
    "flag": _flag,
    "none": _none,
}
