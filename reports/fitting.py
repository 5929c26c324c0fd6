"""Where the symbols and the words of one label stand, in points from its top left corner; a lot is laid out once.

Symbols stand on whole dots of the device. What does not fit is refused, naming the smallest layout that does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reportlab.lib.units import mm

from reports import fonts, symbols
from traceability.domain.codes import Form
from traceability.domain.errors import Refused
from traceability.domain.labels import SMALLEST_PT, Label, Layout
from traceability.domain.tags import EVERY

CAP = 0.73  # height of a capital, in ems
DEEP = 0.95  # from there to the deepest descender
MARK = "\ufffc"  # stands for the serial while a lot is laid out
STEP = 20.0  # serials that differ in width by less than so many hundredths of an em share a layout
LEADINGS = (1.45, 1.4, 1.35, 1.3, 1.25, 1.2, 1.15, 1.1, 1.05)


class Box(NamedTuple):
    """A symbol with its quiet zone, from the label's top left corner, in points; `dots` a module."""

    form: Form
    modules: int
    dots: int
    module: float
    quiet: float
    left: float
    top: float
    side: float


class Run(NamedTuple):
    """Words on one line; `MARK` stands where the serial comes."""

    text: str
    font: str
    points: float
    baseline: float


@dataclass(frozen=True, slots=True)
class Drawing:
    boxes: tuple[Box, ...]
    runs: tuple[Run, ...]


@dataclass(slots=True)
class Fitter:
    """Lays labels of one layout out for one device; remembers what labels of the same lot have in common."""

    layout: Layout
    dpi: int = 300
    _known: dict[object, Drawing | None] = field(default_factory=dict)
    _patterns: dict[tuple[Form, int], int] = field(default_factory=dict)

    def fit(self, label: Label) -> tuple[Drawing, Mapping[Form, symbols.Mask]]:
        """The label's symbols and where all of it stands, or `label_does_not_fit`."""
        masks = self.masks(label)
        drawing = self.drawing(label, {form: mask.side for form, mask in masks.items()})
        if drawing is None:
            raise Refused(
                "label_does_not_fit", layout=self.layout.name, serial=label.serial,
                smallest=smallest(label, self.layout, self.dpi),
            )  # fmt: skip
        return drawing, masks

    def masks(self, label: Label) -> dict[Form, symbols.Mask]:
        """Of links as long as each other the first decides the mask pattern: trying all eight for each takes most of the time."""
        made: dict[Form, symbols.Mask] = {}
        for code in label.codes(qr=self.layout.qr_mm is not None):
            known = (code.form, len(code.content))
            made[code.form] = one = symbols.mask(code, self._patterns.get(known))
            if code.form == "qr" and known not in self._patterns:
                self._patterns[known] = symbols.pattern_of(one)
        return made

    def drawing(self, label: Label, sides: Mapping[Form, int]) -> Drawing | None:
        """Laid out as if the serial were a little wider than it is, so that others of the lot share it; if not, exactly."""
        ems = fonts.width(fonts.printable(label.serial, "label_glyph_missing"), fonts.BOLD, 100)
        for wide in ((ems // STEP + 1) * STEP, ems):
            key = (label.shared, tuple(sides.values()), wide)
            if key not in self._known:
                self._known[key] = self._drawn(label, sides, wide / 100)
            if found := self._known[key]:
                return found
        return None

    def _drawn(self, label: Label, sides: Mapping[Form, int], serial_ems: float) -> Drawing | None:
        boxes = _boxes(self.layout, sides, self.dpi)
        width, height, edge = (n * mm for n in (self.layout.width_mm, self.layout.height_mm, self.layout.edge_mm))
        if any(box.left - box.quiet < -0.01 or box.top < 0 for box in boxes):
            return None
        for leading in LEADINGS:
            runs = tuple(_flow(label, self.layout, boxes, width, height, leading, serial_ems))
            if runs and runs[-1].baseline <= height - edge and all(run.text for run in runs):
                return Drawing(boxes, runs)
        return None


def smallest(label: Label, among: Layout, dpi: int = 300) -> str | None:
    """The smallest layout of the same kind of label that holds this one, or none."""
    same = [layout for layout in EVERY.values() if layout.of == among.of]
    for layout in sorted(same, key=lambda one: one.width_mm * one.height_mm):
        fitter = Fitter(layout, dpi)
        if fitter.drawing(label, {form: mask.side for form, mask in fitter.masks(label).items()}):
            return layout.name
    return None


def dots(millimetres: float, dpi: int) -> int:
    """The nearest whole number of the device's dots."""
    return round(millimetres * dpi / 25.4)


def _boxes(layout: Layout, sides: Mapping[Form, int], dpi: int) -> tuple[Box, ...]:
    """The DataMatrix in the top right corner, the QR in the bottom right one; side by side where they would touch."""
    dot, edge = 72 / dpi, layout.edge_mm * mm
    width, height = dots(layout.width_mm, dpi) * dot, dots(layout.height_mm, dpi) * dot

    def box(form: Form, millimetres: float) -> Box:
        n = dots(millimetres, dpi)
        return Box(form, sides[form], n, n * dot, symbols.QUIET[form] * n * dot, 0, 0, sides[form] * n * dot)

    def at(one: Box, left: float, top: float) -> Box:
        return one._replace(left=left // dot * dot, top=-(-top // dot) * dot)  # towards more white

    matrix = box("datamatrix", layout.datamatrix_mm)
    matrix = at(matrix, width - edge - matrix.side + 1e-6, edge)
    if layout.qr_mm is None:
        return (matrix,)
    code = box("qr", layout.qr_mm)
    code = code._replace(left=width - code.side - max(code.quiet, edge), top=height - code.side - max(code.quiet, edge))
    if code.top - code.quiet < matrix.top + matrix.side:  # too low to stack
        return at(matrix, code.left - code.quiet - matrix.side, height - edge - matrix.side - dot), code
    return at(matrix, code.left + (code.side - matrix.side) / 2, matrix.top), code


def _flow(
    label: Label, layout: Layout, boxes: Sequence[Box], width: float, height: float, leading: float, serial_ems: float
) -> Iterator[Run]:
    """Lines from the top, broken at spaces; one too long beside a symbol waits until the symbol is passed."""
    top = edge = layout.edge_mm * mm

    def wide(text: str, font: str, size: float) -> float:
        marks = text.count(MARK)
        return fonts.width(text.replace(MARK, ""), font, size) + marks * serial_ems * size

    for line in layout.lines:
        assert line.points >= SMALLEST_PT
        font, size = (fonts.BOLD if line.bold else fonts.REGULAR), line.points
        told = line.joint.join(filter(None, (_part(label, name) for name in line.parts)))
        words = told.replace(" · ", "\xa0· ").split(" ") if told else []
        while words:
            room, taken = _room(boxes, top, size, width, edge), 0
            while taken < len(words) and wide(" ".join(words[: taken + 1]), font, size) <= room:
                taken += 1
            if taken:
                told, words = " ".join(words[:taken]), words[taken:]
                yield Run(told.removesuffix("\xa0·") if words else told, font, size, top + CAP * size)
                top += leading * size
            else:  # wait until the symbol is passed
                below = [end for box in boxes if (end := box.top + box.side + box.quiet) > top]
                top = min(below, default=height)
            if words and top >= height:
                yield Run("", font, size, height)
                return


def _part(label: Label, name: str) -> str:
    told = label.part(name)
    if name == "serial":
        return told.removesuffix(label.serial) + MARK
    return fonts.printable(told, "label_glyph_missing")


def _room(boxes: Sequence[Box], top: float, size: float, width: float, edge: float) -> float:
    """The free width at this height: up to the nearest quiet zone, or the edge."""
    beside = (
        box.left - max(box.quiet, edge)
        for box in boxes
        if top < box.top + box.side + box.quiet and top + DEEP * size > box.top - box.quiet
    )
    return float(min(beside, default=width - edge) - edge)
