"""Labels on A4 or Letter for cutting, on a roll of a label printer, or one on a screen. Sizes and texts are in `domain`.

Nothing is kept of a label that was drawn: a job of ten thousand takes the memory of one page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from io import BytesIO
from itertools import chain, islice
from string import ascii_lowercase, ascii_uppercase, digits
from typing import BinaryIO

from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm

from reports import fonts, stream
from reports.fitting import MARK, Drawing, Fitter, dots, smallest
from reports.symbols import Mask
from traceability.domain.codes import Form
from traceability.domain.errors import Refused
from traceability.domain.labels import Label, Layout
from traceability.domain.tags import EVERY

__all__ = [
    "PAGES", "ROLLS", "begins", "check", "fits", "picture", "roll", "roll_steps", "sheet", "sheet_steps", "sheet_to", "smallest",
]  # fmt: skip

SHEET_DPI = 300  # office printers have 600 or 1200: whole dots of 300 are whole dots there
PAGES = {
    name: tuple(int(side * SHEET_DPI / 72) * 72 / SHEET_DPI for side in size)  # A4 is no whole number of dots
    for name, size in (("A4", A4), ("Letter", LETTER))
}
ROLLS = {"roll_203": 203, "roll_300": 300}
MARGIN = 9 * mm
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet, filled row by row."""

    size: Layout
    page: str

    @cached_property
    def cell(self) -> tuple[float, float]:
        dot = 72 / SHEET_DPI
        return dots(self.size.width_mm, SHEET_DPI) * dot, dots(self.size.height_mm, SHEET_DPI) * dot

    @cached_property
    def columns(self) -> int:
        return int((PAGES[self.page][0] - 2 * MARGIN) // self.cell[0])

    @cached_property
    def cells(self) -> int:
        return self.columns * int((PAGES[self.page][1] - 2 * MARGIN) // self.cell[1])

    @cached_property
    def corner(self) -> tuple[float, float]:
        dot = 72 / SHEET_DPI
        left = (PAGES[self.page][0] - self.columns * self.cell[0]) / 2
        return left // dot * dot, MARGIN // dot * dot


class _Labels:
    """Draws labels into a stream; what labels of one lot have in common stands in it once."""

    def __init__(self, out: stream.Stream, size: Layout, dpi: int) -> None:
        self.out, self.size, self.fitter, self.edge = out, size, Fitter(size, dpi), size.edge_mm * mm
        self._forms: dict[int, tuple[Drawing, str]] = {}

    def drawn(self, label: Label) -> str:
        drawing, masks = self.fitter.fit(label)
        known = self._forms.get(id(drawing))
        if known is None:
            known = self._forms[id(drawing)] = (drawing, self._form(drawing))
        own = [
            self.out.text(run.font, run.points, self.edge, run.baseline, run.text.replace(MARK, label.serial))
            for run in drawing.runs
            if MARK in run.text
        ]
        codes = [stream.mask(box.left, box.top, box.side, box.modules, masks[box.form].packed) for box in drawing.boxes]
        return stream.use(known[1]) + "".join(own) + "".join(codes)

    def _form(self, drawing: Drawing) -> str:
        words = (
            self.out.text(run.font, run.points, self.edge, run.baseline, run.text)
            for run in drawing.runs
            if MARK not in run.text
        )
        return self.out.form(self.size.width_mm * mm, self.size.height_mm * mm, "".join(words))


def sheet(labels: Iterable[Label], layout: Layout | str, *, page: str = "A4", start: int = 0) -> bytes:
    """`sheet_to` as bytes."""
    out = BytesIO()
    sheet_to(out, labels, layout, page=page, start=start)
    return out.getvalue()


def sheet_to(
    out: BinaryIO, labels: Iterable[Label], layout: Layout | str, *, page: str = "A4", start: int = 0,
    progress: Progress | None = None,
) -> int:  # fmt: skip
    """`sheet_steps` to the end; gives how many labels there are. `progress` hears how many are drawn, page by page."""
    return _through(sheet_steps(out, labels, layout, page=page, start=start), progress)


def sheet_steps(
    out: BinaryIO, labels: Iterable[Label], layout: Layout | str, *, page: str = "A4", start: int = 0
) -> Iterator[int]:
    """A sheet per page full, beginning at cell `start` of the first; tells after each how many labels are drawn.

    Refuses `label_does_not_fit` (naming the smallest layout that does), `label_glyph_missing`, `label_start` and what
    no code can hold. Print at 100 %: the ruler at the foot is 50 mm.
    """
    grid = begins(layout, page, start)
    size = grid.size
    todo = iter(labels)
    first = next(todo, None)
    pdf = stream.Stream(out, f"{size.name} {first.group}" if first else size.name)
    draw, number, done, cell = _Labels(pdf, size, SHEET_DPI), 0, 0, start
    rest: Iterator[Label] = chain([first] if first else [], todo)
    while True:
        here = list(islice(rest, grid.cells - cell))
        if not here and number:
            break
        number += 1
        pdf.page(*PAGES[page], _page(draw, grid, here, cell, number))
        done, cell = done + len(here), 0
        yield done
    pdf.close()
    yield done


def begins(layout: Layout | str, page: str, start: int) -> Grid:
    """The grid of such a sheet, or `label_start` where it has no such cell."""
    grid = Grid(_layout(layout), page)
    if not 0 <= start < grid.cells:
        raise Refused("label_start", start=start, cells=grid.cells)
    return grid


def roll(
    out: BinaryIO, labels: Iterable[Label], layout: Layout | str, *, dpi: int, progress: Progress | None = None
) -> int:
    """`roll_steps` to the end, as `sheet_to`."""
    return _through(roll_steps(out, labels, layout, dpi=dpi), progress)


def roll_steps(out: BinaryIO, labels: Iterable[Label], layout: Layout | str, *, dpi: int) -> Iterator[int]:
    """A page a label, of its size in whole dots of the printer; told by the hundred. Refuses as `sheet_steps` does."""
    size = _layout(layout)
    width, height = (dots(side, dpi) * 72 / dpi for side in (size.width_mm, size.height_mm))
    done = 0
    pdf = stream.Stream(out, size.name)
    draw = _Labels(pdf, size, dpi)
    for done, label in enumerate(labels, 1):
        pdf.page(width, height, draw.drawn(label))
        if done % 100 == 0:
            yield done
    pdf.close()
    yield done


def _through(steps: Iterator[int], progress: Progress | None) -> int:
    done = 0
    for now in steps:
        if progress and now != done:
            progress(now)
        done = now
    return done


def check(labels: Iterable[Label], layout: Layout | str, *, dpi: int) -> None:
    """Refuse before anything is drawn what a job of these labels would be refused for on its way.

    How large a symbol is and how a line breaks depend on the kinds of signs in a serial, and on its width: of labels that
    are alike in all else, the widest serial of each kind stands for all.
    """
    widest: dict[object, tuple[float, Label]] = {}
    for label in labels:
        like, wide = (label.shared, label.serial.translate(_KIND)), fonts.width(label.serial, fonts.BOLD, 1)
        if like not in widest or widest[like][0] < wide:
            widest[like] = (wide, label)
    fitter = Fitter(_layout(layout), dpi)
    for _, label in widest.values():
        fitter.fit(label)


_KIND = {
    ord(sign): kind for signs, kind in ((digits, "0"), (ascii_uppercase, "A"), (ascii_lowercase, "a")) for sign in signs
}


def fits(label: Label, layout: Layout | str, dpi: int = SHEET_DPI) -> bool:
    """Whether this label has room on that layout."""
    fitter = Fitter(_layout(layout), dpi)
    return fitter.drawing(label, {form: mask.side for form, mask in fitter.masks(label).items()}) is not None


def picture(label: Label, layout: Layout | str) -> str | None:
    """One label as SVG in points, for a page to show what a sheet will look like; None: it does not fit."""
    size = _layout(layout)
    fitter = Fitter(size, SHEET_DPI)
    masks = fitter.masks(label)
    drawing = fitter.drawing(label, {form: mask.side for form, mask in masks.items()})
    if drawing is None:
        return None
    width, height = size.width_mm * mm, size.height_mm * mm
    words = "".join(
        f'<text x="{size.edge_mm * mm:.2f}" y="{run.baseline:.2f}" font-size="{run.points:g}"'
        f' font-weight="{700 if run.font == fonts.BOLD else 400}">{escape(run.text.replace(MARK, label.serial))}</text>'
        for run in drawing.runs
    )
    wide = min(width * 1.6, 260)
    frame = f'viewBox="0 0 {width:.2f} {height:.2f}" width="{wide:.0f}" height="{wide * height / width:.0f}"'
    paper = f'<rect width="{width:.2f}" height="{height:.2f}"></rect><path d="{_dark(drawing, masks)}"></path>'
    return f'<svg class="label" {frame} aria-hidden="true">{paper}{words}</svg>'


def _dark(drawing: Drawing, masks: dict[Form, Mask]) -> str:
    return "".join(
        f"M{box.left + column * box.module:.2f} {box.top + row * box.module:.2f}h{box.module:.2f}v{box.module:.2f}"
        f"h-{box.module:.2f}z"
        for box in drawing.boxes
        for row, line in enumerate(masks[box.form].rows())
        for column, is_dark in enumerate(line)
        if is_dark
    )


def _layout(layout: Layout | str) -> Layout:
    if isinstance(layout, Layout):
        return layout
    if layout not in EVERY:
        raise Refused("label_layout_unknown", layout=layout)
    return EVERY[layout]


def _page(draw: _Labels, grid: Grid, labels: list[Label], cell: int, number: int) -> str:
    """One sheet: cutting lines around the rows in use, labels, and at the foot what it is."""
    (left, top), (across, down) = grid.corner, grid.cell
    told = [_hairlines(grid, cell, len(labels))] if labels else []
    for at, label in enumerate(labels, cell):
        row, column = divmod(at, grid.columns)
        told.append(stream.placed(left + column * across, top + row * down, draw.drawn(label)))
    groups = ", ".join(dict.fromkeys(label.group for label in labels))
    demo = " · DEMO" if any(label.demonstration for label in labels) else ""
    told.append(_foot(draw.out, grid, f"{grid.size.name} · {groups} · {number}{demo}"))
    return "".join(told)


def _hairlines(grid: Grid, cell: int, count: int) -> str:
    """The cutting grid of the rows in use, with ends that stand out so that a ruler finds them."""
    (left, top), (across, down) = grid.corner, grid.cell
    first, last, over = cell // grid.columns, (cell + count - 1) // grid.columns + 1, 2.5 * mm
    right = left + grid.columns * across
    level = [(left - over, top + row * down, right + over, top + row * down) for row in range(first, last + 1)]
    upright = [
        (x, top + first * down - over, x, top + last * down + over)
        for x in (left + column * across for column in range(grid.columns + 1))
    ]
    return stream.lines(0.2, 0.55, level + upright)


def _foot(out: stream.Stream, grid: Grid, text: str) -> str:
    left, y, ruler = grid.corner[0], PAGES[grid.page][1] - 4.2 * mm, 50 * mm
    ticks = [
        (x, y, x, y - (1.6 if tick in (0, 5) else 0.9) * mm)
        for tick, x in ((tick, left + tick * ruler / 5) for tick in range(6))
    ]
    room = PAGES[grid.page][0] - left - ruler - 2 * mm - MARGIN
    told = fonts.printable(f"50 mm, 100 % · {text}", "label_glyph_missing")
    while fonts.width(told, fonts.REGULAR, 6.5) > room:
        told = told[:-2] + "…"
    words = out.text(fonts.REGULAR, 6.5, left + ruler + 2 * mm, y, told)
    return stream.lines(0.5, 0, [(left, y, left + ruler, y), *ticks]) + words
