"""What every A4 record is made of: decision, numbered sections, tables, names and values, notes, signatures.

Not here: what a record says (one module a document), the sheet around it (`frame`), the archive's form (`archive`).
All text is text, never markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether

from reports import fonts, frame, grid
from reports.frame import BODY, HEIGHT, Sheet
from reports.grid import Columns, Grid, Row
from reports.lines import (
    ANSWER,
    HEAD,
    NAME,
    NOTE,
    NUMBER,
    NUMBER_HEAD,
    QUIET,
    SECTION,
    SMALL,
    STRONG,
    TEXT,
    VERDICT,
    State,
    Style,
    Text,
    Words,
)
from reports.marks import Icon
from reports.tags import Part

GAP = 7 * mm


@dataclass(frozen=True, slots=True)
class Mark:
    """A state in a cell: shape and word, so that a grey copy loses nothing."""

    shape: str
    word: str


@dataclass(frozen=True, slots=True)
class Signature:
    meaning: str
    name: str
    role: str
    at: str
    covers: str
    says: str = ""


Cell = str | Mark | None


def text(value: str | None, style: Style = TEXT) -> Text:
    """A paragraph of plain text: NFC, line ends kept; None is a dash."""
    return Text(value, style)


def note(value: str) -> Flowable:
    return Text(value, NOTE)


def decision(shape: str, word: str, detail: str = "") -> Flowable:
    """The answer first: shape, word, and what it is about, in a box."""
    return Decision(Icon(shape, 6.5 * mm), Words(word, VERDICT), Words(detail, ANSWER) if detail else None)


class Decision(Flowable):
    INSIDE, ABOVE, SHAPE = 3.5 * mm, 1.8 * mm, 9.5 * mm

    def __init__(self, icon: Icon, word: Words, detail: Words | None) -> None:
        super().__init__()
        self.icon, self.word, self.detail, self.part = icon, word, detail, Part("Div")
        self.spaceAfter = 2 * mm

    def wrap(self, width: float, *_: float) -> tuple[float, float]:
        inner = width - 2 * self.INSIDE - self.SHAPE
        self.wide = (
            min(fonts.width(self.word.told, fonts.BOLD, VERDICT.size) + 4 * mm, width / 2) if self.detail else inner
        )
        tall = self.word.measure(self.wide - (4 * mm if self.detail else 0))
        if self.detail is not None:
            tall = max(tall, self.detail.measure(inner - self.wide))
        self.width, self.height = width, max(tall, self.icon.height) + 2 * self.ABOVE
        return width, self.height

    def draw(self) -> None:
        canvas, middle, left = self.canv, self.height / 2, self.INSIDE + self.SHAPE
        with canvas.artifact():
            canvas.setLineWidth(1.2)
            canvas.rect(0, 0, self.width, self.height)
            self.icon.at(canvas, self.INSIDE, middle - self.icon.height / 2)
        box = self.part.under(canvas.here)
        for one in filter(None, (self.word, self.detail)):
            one.paint(canvas, left, middle + one.tall / 2, box.add("P"))
            left += self.wide


class Heading(Text):
    """Fits only where the first rows under it fit too; what follows may still break over pages."""

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        _, tall = super().wrap(width, height)
        return width, tall if height >= tall + 25 * mm else height + 1

    def split(self, *_: float) -> list[Flowable]:
        return []

    def draw(self) -> None:
        canvas = self.canv
        node = canvas.section().add("H2")
        tall = self.words.tall
        self.words.paint(canvas, 0, tall, node)
        canvas.bookmark(self.words.told.replace("\xa0", " "), tall)


def section(number: int, title: str) -> Flowable:
    """A numbered heading that never stays behind at the foot of a page."""
    return Heading(f"{number}\xa0\xa0{title}", SECTION)


def pairs(rows: Iterable[tuple[str, Cell]], *, columns: int = 2) -> Flowable:
    """Names and values, read across in two columns, or down in one."""
    told = list(rows)
    label, whole = 26 * mm, (BODY - GAP * (columns - 1)) / columns
    begins = [k * (whole + GAP) for k in range(columns)]
    places = Columns(
        [left for begin in begins for left in (begin, begin + label)],
        [wide for _ in begins for wide in (label - 2 * mm, whole - label)],
        [(begin, begin + whole) for begin in begins],
    )
    lines = [Row(partial(_pairs, told[at : at + columns], columns)) for at in range(0, len(told), columns)]
    return Grid(lines or [Row(partial(_pairs, [("", "")], columns))], places, grid.PAIRS, after=0)


def _pairs(told: Sequence[tuple[str, Cell]], columns: int) -> list[grid.Cell | None]:
    cells = [cell for name, value in told for cell in (Words(name, QUIET), _cell(value, STRONG))]
    return [*cells, *[None] * (2 * columns - len(cells))]


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    widths: Sequence[float],
    *,
    numeric: Iterable[int] = (),
) -> Flowable:
    """A table whose head repeats on every page. `widths` are shares of the body; `numeric` go right."""
    right, last = set(numeric), len(widths) - 1
    styles = [NUMBER if at in right else TEXT if at else STRONG for at in range(len(head))]
    whole = [BODY * share / sum(widths) for share in widths]
    gaps = [0 if at == last else 4 * mm if at in right else 2.5 * mm for at in range(len(whole))]
    places = Columns(
        [sum(whole[:at]) for at in range(len(whole))],
        [wide - gap for wide, gap in zip(whole, gaps, strict=True)],
        [(0, BODY)],
    )
    lines = [Row(lambda: [Words(name, NUMBER_HEAD if at in right else HEAD) for at, name in enumerate(head)])]
    lines += [Row(partial(_cells, row, styles)) for row in rows]
    return Grid(lines, places, grid.TABLE, heads=1)


def _cells(row: Sequence[Cell], styles: Sequence[Style]) -> list[grid.Cell]:
    return [_cell(cell, style) for cell, style in zip(row, styles, strict=True)]


def _cell(value: Cell, style: Style) -> grid.Cell:
    return State(value.shape, value.word) if isinstance(value, Mark) else Words(value, style)


def signatures(signed: Sequence[Signature]) -> list[Flowable]:
    """Boxes two by two; a box is never broken over pages."""
    return [KeepTogether([Boxes(signed[at : at + 2])]) for at in range(0, len(signed), 2)]


class Boxes(Flowable):
    """Up to two signatures side by side."""

    INSIDE, ABOVE, BELOW = 3 * mm, 1.8 * mm, 2 * mm

    def __init__(self, signed: Sequence[Signature]) -> None:
        super().__init__()
        self.boxes = [
            [
                Words(one.meaning),
                *([Words(one.says, SMALL)] if one.says else []),
                Words(one.name, NAME),
                Words(one.role),
                Words(one.at),
                Words(one.covers, SMALL),
            ]
            for one in signed
        ]
        self.spaceBefore = self.spaceAfter = 2 * mm

    def wrap(self, width: float, *_: float) -> tuple[float, float]:
        self.wide = (width - 5 * mm) / 2
        inner = self.wide - 2 * self.INSIDE
        self.width = width
        self.height = self.ABOVE + self.BELOW + max(sum(one.measure(inner) for one in box) for box in self.boxes)
        return width, self.height

    def draw(self) -> None:
        canvas = self.canv
        for at, box in enumerate(self.boxes):
            left, top = at * (self.wide + 5 * mm), self.height - self.ABOVE
            with canvas.artifact():
                canvas.setLineWidth(0.8)
                canvas.rect(left, 0, self.wide, self.height)
            node = canvas.here.add("Div")
            for one in box:
                one.paint(canvas, left + self.INSIDE, top, node.add("P"))
                top -= one.tall


class Followed(Flowable):
    """A table and the notes under it: wherever it breaks, they stand under rows of it, never alone on a new page."""

    def __init__(self, table: Grid, notes: Sequence[Text]) -> None:
        super().__init__()
        self.table, self.notes = table, list(notes)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.table.wrap(width, height)
        self.tall = self.table.tall
        if self.table.whole:
            for one in self.notes:
                one.wrap(width, height)
            self.tall += sum(one.getSpaceBefore() + one.height for one in self.notes)
        return width, self.tall

    def split(self, width: float, height: float) -> list[Flowable]:
        self.wrap(width, height)
        if self.table.whole:
            height_of_all = self.table.tall
            parts = self.table.split(width, height_of_all - sum(row.tall for row in self.table.rows[-2:]) + 0.1)
        else:
            parts = self.table.split(width, height)
        if len(parts) == 2:
            return [parts[0], Followed(parts[1], self.notes)]
        return [self.table, *self.notes] if height > HEIGHT / 2 else []  # no page is long enough, or the next one is

    def draw(self) -> None:
        top = self.tall - self.table.tall
        self.table.drawOn(self.canv, 0, top)
        for one in self.notes:
            top -= one.getSpaceBefore() + one.height
            one.drawOn(self.canv, 0, top)

    def getSpaceAfter(self) -> float:  # noqa: N802  # reportlab's name
        return float(self.table.getSpaceAfter())


MOST_BOUND = 4


def bound(flow: Iterable[Flowable]) -> list[Flowable]:
    """Notes stay with what they are about: a table, a box; of many the first does, and the last with the one before it."""
    made: list[Flowable] = []
    for is_note, group in groupby(flow, lambda one: isinstance(one, Text) and one.style is NOTE):
        notes: list[Any] = list(group)
        before = made[-1] if is_note and made else None
        if isinstance(before, (Grid, KeepTogether)):
            few = notes[: len(notes) if len(notes) <= MOST_BOUND else 1]
            boxed = isinstance(before, KeepTogether)
            made[-1] = KeepTogether([*before._content, *few]) if boxed else Followed(before, few)
            notes = notes[len(few) :]
        if is_note and len(notes) > 1:
            notes[-2:] = [KeepTogether(notes[-2:])]
        made += notes
    return made


def draw(sheet: Sheet, flow: Sequence[Flowable]) -> bytes:
    """The record as tagged PDF, the same bytes for the same input. Refuses `document_glyph_missing`."""
    return frame.draw(sheet, bound(flow))
