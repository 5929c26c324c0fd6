"""Vial labels on A4 for cutting: labels in, PDF bytes out. Sizes and texts are data in `domain/labels.py`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import NamedTuple

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from reports import fonts, symbols
from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.labels import LAYOUTS, SMALLEST_PT, Layout, VialLabel

PAGES = {"A4": A4}
EDGE = 0.5 * mm  # a cut may be this far off
DOT = 72 / 300
CAP = 0.73  # height of a capital, in ems
MARGIN = 9 * mm


class _Box(NamedTuple):
    """A symbol with its quiet zone, from the label's top left corner, in points."""

    modules: symbols.Modules
    module: float
    quiet: float
    left: float
    top: float
    side: float


class _Run(NamedTuple):
    text: str
    font: str
    points: float
    baseline: float


@dataclass(frozen=True, slots=True)
class _Drawing:
    boxes: tuple[_Box, ...]
    runs: tuple[_Run, ...]


def sheet(labels: Sequence[VialLabel], layout: Layout | str, *, page: str = "A4", start: int = 0) -> bytes:
    """A sheet per page full, beginning at cell `start` of the first; the same labels give the same bytes.

    Refuses `label_does_not_fit` (naming the smallest layout that does), `label_glyph_missing`,
    `label_start` and what `gs1` refuses. Print at 100 %: the ruler at the foot is 50 mm.
    """
    size = LAYOUTS[layout] if isinstance(layout, str) else layout
    width, height = PAGES[page]
    across, down = size.width_mm * mm, size.height_mm * mm
    columns = int((width - 2 * MARGIN) // across)
    cells = columns * int((height - 2 * MARGIN) // down)
    if not 0 <= start < cells:
        raise Refused("label_start", start=start, cells=cells)
    drawings = [_fit(label, size) for label in labels]
    out = BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1, initialFontName=fonts.REGULAR, lang="en")
    canvas.setTitle(fonts.printable(f"{size.name} {', '.join(sorted({label.lot for label in labels}))}"))
    left, top = _snap((width - columns * across) / 2), height - _snap(MARGIN)
    pages = max(1, -(-(start + len(drawings)) // cells))
    for number in range(pages):
        first = number * cells - start  # of the labels, in this sheet's first cell
        used = range(max(0, -first), min(cells, len(drawings) - first))
        _hairlines(canvas, left, top, across, down, columns, used)
        for cell in used:
            row, column = divmod(cell, columns)
            _draw(canvas, drawings[first + cell], left + column * across, top - row * down, height)
        lots = ", ".join(sorted({labels[first + cell].lot for cell in used}))
        demo = any(label.demonstration for label in labels)
        _foot(canvas, left, f"{size.name} · {lots} · {number + 1}/{pages}" + (" · DEMO" if demo else ""))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def picture(label: VialLabel, layout: Layout | str) -> str | None:
    """One label as SVG in points, for a page to show what a sheet will look like; None: it does not fit."""
    size = LAYOUTS[layout] if isinstance(layout, str) else layout
    drawing = _drawing(label, size)
    if drawing is None:
        return None
    width, height = size.width_mm * mm, size.height_mm * mm
    dark = "".join(
        f"M{box.left + column * box.module:.2f} {box.top + row * box.module:.2f}h{box.module:.2f}v{box.module:.2f}"
        f"h-{box.module:.2f}z"
        for box in drawing.boxes
        for row, line in enumerate(box.modules)
        for column, is_dark in enumerate(line)
        if is_dark
    )
    words = "".join(
        f'<text x="{EDGE:.2f}" y="{run.baseline:.2f}" font-size="{run.points:g}"'
        f' font-weight="{700 if run.font == fonts.BOLD else 400}">{escape(run.text)}</text>'
        for run in drawing.runs
    )
    frame = f'viewBox="0 0 {width:.2f} {height:.2f}" width="{width * 1.6:.0f}" height="{height * 1.6:.0f}"'
    paper = f'<rect width="{width:.2f}" height="{height:.2f}"></rect><path d="{dark}"></path>'
    return f'<svg class="label" {frame} aria-hidden="true">{paper}{words}</svg>'


def smallest(label: VialLabel) -> str | None:
    """The smallest layout that holds this label, or none."""
    for layout in sorted(LAYOUTS.values(), key=lambda one: one.width_mm * one.height_mm):
        if _drawing(label, layout):
            return layout.name
    return None


def _fit(label: VialLabel, layout: Layout) -> _Drawing:
    drawing = _drawing(label, layout)
    if drawing is None:
        raise Refused("label_does_not_fit", layout=layout.name, serial=label.serial, smallest=smallest(label))
    return drawing


def _drawing(label: VialLabel, layout: Layout) -> _Drawing | None:
    """Symbols at the right edge, text around them, as airy as the height allows."""
    boxes = _symbols(label, layout)
    width, height = layout.width_mm * mm, layout.height_mm * mm
    if any(box.left < 0 or box.top < 0 for box in boxes):
        return None
    for leading in (1.45, 1.4, 1.35, 1.3, 1.25, 1.2, 1.15, 1.1, 1.05):
        runs = tuple(_flow(label, layout, boxes, width, height, leading))
        if runs and runs[-1].baseline <= height - EDGE and all(run.text for run in runs):
            return _Drawing(boxes, runs)
    return None


def _symbols(label: VialLabel, layout: Layout) -> tuple[_Box, ...]:
    width, height = layout.width_mm * mm, layout.height_mm * mm
    module = layout.datamatrix_mm * mm
    matrix = symbols.datamatrix(label.elements, label.expires)
    side = len(matrix) * module
    box = _Box(matrix, module, module, width - EDGE - side, EDGE, side)
    if layout.qr_mm is None:
        return (box,)
    module = layout.qr_mm * mm
    code = symbols.qr(gs1.digital_link(label.domain, label.elements))
    inner = len(code) * module
    link = _Box(code, module, 4 * module, width - inner - 4 * module, height - inner - 4 * module, inner)
    if link.top - link.quiet < box.top + box.side:  # too low to stack: side by side along the foot
        box = box._replace(left=link.left - link.quiet - side, top=height - EDGE - side)
    else:
        box = box._replace(left=link.left + (inner - side) / 2)
    return (box, link)


def _flow(
    label: VialLabel, layout: Layout, boxes: Sequence[_Box], width: float, height: float, leading: float
) -> Iterator[_Run]:
    """Lines from the top, broken at spaces; one too long beside a symbol waits until the symbol is passed."""
    top = EDGE
    for line in layout.lines:
        assert line.points >= SMALLEST_PT
        font, size = (fonts.BOLD if line.bold else fonts.REGULAR), line.points
        parts = filter(None, (label.part(name) for name in line.parts))
        told = fonts.printable(line.joint.join(parts), "label_glyph_missing").replace(" · ", "\xa0· ")
        words = told.split(" ") if told else []
        while words:
            room, taken = _room(boxes, top, size, width), 0
            while taken < len(words) and fonts.width(" ".join(words[: taken + 1]), font, size) <= room:
                taken += 1
            if taken:
                told, words = " ".join(words[:taken]), words[taken:]
                yield _Run(told.removesuffix("\xa0·") if words else told, font, size, top + CAP * size)
                top += leading * size
            else:  # wait until the symbol is passed
                below = [end for box in boxes if (end := box.top + box.side + box.quiet) > top]
                top = min(below, default=height)
            if words and top >= height:
                yield _Run("", font, size, height)
                return


def _room(boxes: Sequence[_Box], top: float, size: float, width: float) -> float:
    """The free width at this height: up to the nearest quiet zone, or the edge."""
    beside = (
        box.left - max(box.quiet, EDGE)
        for box in boxes
        if top < box.top + box.side + box.quiet and top + size > box.top - box.quiet
    )
    return float(min(beside, default=width - EDGE) - EDGE)


def _snap(points: float) -> float:
    """To a whole printer dot, counted from the sheet's top left corner."""
    return round(points / DOT) * DOT


def _draw(canvas: Canvas, drawing: _Drawing, left: float, top: float, height: float) -> None:
    for box in drawing.boxes:
        down = _snap(height - top + box.top)
        symbols.draw(canvas, box.modules, _snap(left + box.left), height - down, box.module)
    for run in drawing.runs:
        canvas.setFont(run.font, run.points)
        canvas.drawString(left + EDGE, top - run.baseline, run.text)


def _hairlines(canvas: Canvas, left: float, top: float, across: float, down: float, columns: int, cells: range) -> None:
    """The cutting grid of the rows in use, with ends that stand out so that a ruler finds them."""
    if not cells:
        return
    first, last, over = cells[0] // columns, cells[-1] // columns + 1, 2.5 * mm
    canvas.setLineWidth(0.2)
    canvas.setStrokeGray(0.55)
    for row in range(first, last + 1):
        y = top - row * down
        canvas.line(left - over, y, left + columns * across + over, y)
    for column in range(columns + 1):
        x = left + column * across
        canvas.line(x, top - first * down + over, x, top - last * down - over)


def _foot(canvas: Canvas, left: float, text: str) -> None:
    canvas.setFont(fonts.REGULAR, 6.5)
    canvas.setStrokeGray(0)
    canvas.setLineWidth(0.5)
    y, ruler = 4.2 * mm, 50 * mm
    canvas.line(left, y, left + ruler, y)
    for tick in range(6):
        x = left + tick * ruler / 5
        canvas.line(x, y, x, y + (1.6 if tick in (0, 5) else 0.9) * mm)
    told = fonts.printable(f"50 mm, 100 % · {text}", "label_glyph_missing")
    canvas.drawString(left + ruler + 2 * mm, y, told)
