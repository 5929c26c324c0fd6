"""Rows and columns: tables whose head repeats, and names with their values. A row longer than a page breaks between lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from reports.lines import State, Text
from reports.tags import COLUMN, ROW, Node, Part, Tagged

Cell = Text | State
ABOVE, BELOW = 0.6 * mm, 0.9 * mm
INDIVISIBLE = 60 * mm
"""A row up to this height waits for the next page; a longer one breaks where the page ends."""


@dataclass(slots=True)
class Row:
    """Its cells, and the elements that were made for them, which the pieces of a broken row share."""

    cells: Sequence[Cell | None]
    nodes: list[Node] = field(default_factory=list)
    tall: float = 0


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column's text begins and how wide it is; where the rules under a row run: from, to."""

    lefts: Sequence[float]
    widths: Sequence[float]
    rules: Sequence[tuple[float, float]]


class Grid(Flowable):  # type: ignore[misc]  # reportlab is untyped
    """Rows as `shape` tags them. `heads` of them are repeated, as furniture, wherever the grid goes on."""

    def __init__(
        self, rows: Sequence[Row], columns: Columns, shape: Shape, *, heads: int = 0, part: Part | None = None,
        after: float = 1 * mm,
    ) -> None:  # fmt: skip
        super().__init__()
        self.rows, self.columns, self.shape, self.heads = list(rows), columns, shape, heads
        self.part = part or Part(shape.role)
        self.continued = part is not None
        self.spaceAfter = after
        self.tall = -1.0

    def wrap(self, width: float, *_: float) -> tuple[float, float]:
        if self.tall < 0:
            widths = self.columns.widths
            for row in self.rows:
                row.tall = ABOVE + BELOW + max(
                    cell.measure(wide) for cell, wide in zip(row.cells, widths, strict=True) if cell is not None
                )  # fmt: skip
            self.tall = sum(row.tall for row in self.rows)
        self.width, self.height = width, self.tall
        return width, self.tall

    @property
    def heights(self) -> list[float]:
        return [row.tall for row in self.rows]

    def split(self, width: float, height: float) -> list[Flowable]:
        self.wrap(width, height)
        left, fit = height + 0.001, 0
        for row in self.rows:
            if row.tall > left:
                break
            left -= row.tall
            fit += 1
        if fit == len(self.rows):
            return [self]
        head, broken = self.rows[: self.heads], self.rows[fit]
        pieces: list[Row] = []
        if fit >= self.heads and broken.tall > INDIVISIBLE and left > ABOVE + BELOW + 2 * broken_line(broken):
            pieces = _cut(broken, left - ABOVE - BELOW)
        if fit <= self.heads and not pieces:
            return []
        first = [*self.rows[:fit], *pieces[:1]]
        rest = [*head, *pieces[1:], *self.rows[fit + (1 if pieces else 0) :]]
        return [self._piece(first, self.continued), self._piece(rest, True)]

    def _piece(self, rows: Sequence[Row], continued: bool) -> Grid:
        made = Grid(rows, self.columns, self.shape, heads=self.heads, part=self.part, after=self.spaceAfter)
        made.continued = continued
        return made

    def draw(self) -> None:
        canvas: Tagged = self.canv
        top, strokes = self.tall, []
        grid = self.part.under(canvas.here)
        lefts = self.columns.lefts
        for at, row in enumerate(self.rows):
            furniture = self.continued and at < self.heads
            nodes: Sequence[Node | None] = [None] * len(row.cells)
            if furniture:
                canvas._code.append("/Artifact BMC")
            else:
                if not row.nodes:
                    row.nodes += self.shape.nodes(grid, row.cells, at < self.heads < len(self.rows))
                nodes = row.nodes
            for cell, left, node in zip(row.cells, lefts, nodes, strict=True):
                if cell is not None:
                    cell.paint(canvas, left, top - ABOVE, node)
            if furniture:
                canvas._code.append("EMC")
            top -= row.tall
            thick = "0.8 w 0 G" if at + 1 == self.heads else "0.3 w 0.733 G"
            strokes.append(
                thick + "".join(f" {a:.2f} {top:.2f} m {b:.2f} {top:.2f} l" for a, b in self.columns.rules) + " S"
            )
        canvas._code.append(f"/Artifact BMC q {' '.join(strokes)} Q EMC")


def broken_line(row: Row) -> float:
    return max(
        cell.words.style.leading if isinstance(cell, State) else cell.style.leading for cell in row.cells if cell
    )


def _cut(row: Row, height: float) -> list[Row]:
    """The row in two: what of each cell fits above, and what goes on below."""
    above: list[Cell | None] = []
    below: list[Cell | None] = []
    for cell in row.cells:
        one, other = cell.cut(height) if cell is not None else (None, None)
        above.append(one)
        below.append(other)
    made = [Row(above, row.nodes), Row(below, row.nodes)]
    for one in made:
        one.tall = ABOVE + BELOW + max(len(_lines(cell)) * _leading(cell) for cell in one.cells if cell is not None)
    return made


def _lines(cell: Cell) -> list[str]:
    return cell.words.lines if isinstance(cell, State) else cell.lines


def _leading(cell: Cell) -> float:
    return float(cell.words.style.leading if isinstance(cell, State) else cell.style.leading)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a grid is, and how the cells of a row become elements of it."""

    role: str
    nodes: Callable[[Node, Sequence[Cell | None], bool], list[Node]]


def _of_table(grid: Node, cells: Sequence[Cell | None], heads: bool) -> list[Node]:
    """A head cell speaks for its column, the first cell of a row for its row. A head without rows is a row itself."""
    row = _group(grid, "THead" if heads else "TBody").add("TR")
    if heads:
        return [row.add("TH", COLUMN) for _ in cells]
    return [row.add("TD") if at else row.add("TH", ROW) for at in range(len(cells))]


def _group(grid: Node, role: str) -> Node:
    return grid.kids[-1] if grid.kids and grid.kids[-1].role == role else grid.add(role)


def _of_pairs(grid: Node, cells: Sequence[Cell | None], _: bool) -> list[Node]:
    made: list[Node] = []
    for at in range(0, len(cells), 2):
        if cells[at] is None:  # the last row may be half full
            made += [grid, grid]
            continue
        item = grid.add("LI")
        made += [item.add("Lbl"), item.add("LBody")]
    return made


TABLE = Shape("Table", _of_table)
PAIRS = Shape("L", _of_pairs)
