"""Boxes that are filled in by hand: each with what belongs into it, high enough for a pen."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from reports.lines import Style, Words
from reports.tags import Tagged

LABEL = Style(7.5, spacing=1.2)
INSIDE, GAP = 1.6 * mm, 2.5 * mm

Box = tuple[str, float]
"""What belongs into it, and its share of the row."""


class Blanks(Flowable):
    """One row of boxes."""

    def __init__(self, boxes: Sequence[Box], tall: float) -> None:
        super().__init__()
        self.boxes = [(Words(label, LABEL), share) for label, share in boxes]
        self.tall, self.spaceAfter = tall * mm, GAP

    def wrap(self, width: float, *_: float) -> tuple[float, float]:
        free = width - GAP * (len(self.boxes) - 1)
        whole = sum(share for _, share in self.boxes)
        self.wide = [free * share / whole for _, share in self.boxes]
        label = max(one.measure(wide - 2 * INSIDE) for (one, _), wide in zip(self.boxes, self.wide, strict=True))
        self.width, self.height = width, max(self.tall, label + 7 * mm)
        return width, self.height

    def draw(self) -> None:
        canvas: Tagged = self.canv
        left = 0.0
        for (label, _), wide in zip(self.boxes, self.wide, strict=True):
            with canvas.artifact():
                canvas.setLineWidth(0.6)
                canvas.rect(left, 0, wide, self.height)
            label.paint(canvas, left + INSIDE, self.height - INSIDE, canvas.here.add("P"))
            left += wide + GAP
