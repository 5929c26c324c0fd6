"""Rows and columns: tables whose head repeats, and names with their values. A row longer than a page breaks between lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reportlab.lib.units import mm
from reportlab.platypus import Flowable

from reports.lines import State, Words
from reports.tags import COLUMN, ROW, Node, Part, Tagged

Cell = Words | State
ABOVE, BELOW = 0.6 * mm, 0.9 * mm
INDIVISIBLE = 60 * mm
"""A row up to this height waits for the next page; a longer one breaks where the page ends."""
ROUNDING = 0.001


@dataclass(slots=True)
class Row:
    """Cells are made of a row when it is measured, and forgotten when it was painted: of a long table a page is there.

    `nodes`: the elements that were made for its cells, which the pieces of a broken row share.
    """

    make: Callable[[], Sequence[Cell | None]]
    cells: Sequence[Cell | None] = ()
    nodes: list[Node] = field(default_factory=list)
    tall: float = 0

    def measure(self, widths: Sequence[float]) -> float:
        if not self.tall:
            self.cells = self.make()
            measured = [cell.measure(wide) for cell, wide in zip(self.cells, widths, strict=True) if cell is not None]
            self.tall = ABOVE + BELOW + max(measured)
        return self.tall

    def cut(self, height: float) -> list[Row]:
        """The row in two: what of each cell fits above, and what goes on below."""
        pairs = [
            cell.cut(int((height - ABOVE - BELOW) / cell.leading + ROUNDING)) if cell is not None else (None, None)
            for cell in self.cells
        ]
        return [self._piece([pair[side] for pair in pairs]) for side in (0, 1)]

    def _piece(self, cells: Sequence[Cell | None]) -> Row:
        tall = ABOVE + BELOW + max(cell.tall for cell in cells if cell is not None)
        return Row(self.make, cells, self.nodes, tall)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column's text begins and how wide it is; where the rules under a row run: from, to."""

    lefts: Sequence[float]
    widths: Sequence[float]
    rules: Sequence[tuple[float, float]]


class Grid(Flowable):
    """Rows as `shape` tags them. `heads` of them are repeated, as furniture, wherever the grid goes on."""

    def __init__(
        self, rows: Sequence[Row], columns: Columns, shape: Shape, *, heads: int = 0, part: Part | None = None,
        after: float = 1 * mm,
    ) -> None:  # fmt: skip
        super().__init__()
        self.rows, self.columns, self.shape, self.heads = rows, columns, shape, heads
        self.part = part or Part(shape.role)
        self.continued = part is not None
        self.spaceAfter = after

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Measured as far as it fits: whatever is beyond is only known to be too much."""
        self.tall, self.fit = 0.0, 0
        for row in self.rows:
            self.tall += row.measure(self.columns.widths)
            if self.tall > height + ROUNDING:
                break
            self.fit += 1
        self.width, self.height = width, self.tall
        return width, self.tall

    @property
    def whole(self) -> bool:
        """Whether all of it fits."""
        return self.fit == len(self.rows)

    def split(self, width: float, height: float) -> list[Flowable]:
        self.wrap(width, height)
        if self.whole:
            return [self]
        fit, broken = self.fit, self.rows[self.fit]
        left = height - sum(row.tall for row in self.rows[:fit])
        pieces: list[Row] = []
        if fit >= self.heads and broken.tall > INDIVISIBLE:
            least = max(cell.leading for cell in broken.cells if cell is not None)
            pieces = broken.cut(left) if left > ABOVE + BELOW + 2 * least else []
        if fit <= self.heads and not pieces:
            return []
        first = [*self.rows[:fit], *pieces[:1]]
        rest = [*self.rows[: self.heads], *pieces[1:], *self.rows[fit + (1 if pieces else 0) :]]
        return [self._piece(first, continued=self.continued), self._piece(rest, continued=True)]

    def _piece(self, rows: Sequence[Row], *, continued: bool) -> Grid:
        made = Grid(rows, self.columns, self.shape, heads=self.heads, part=self.part, after=self.spaceAfter)
        made.continued = continued
        return made

    def draw(self) -> None:
        canvas: Tagged = self.canv
        top, strokes = self.tall, []
        grid, lefts = self.part.under(canvas.here), self.columns.lefts
        for at, row in enumerate(self.rows):
            head = at < self.heads
            if head and self.continued:
                nodes: Sequence[Node | None] = [None] * len(row.cells)
                canvas._code.append("/Artifact BMC")
            else:
                if not row.nodes:
                    row.nodes += self.shape.nodes(grid, row.cells, at < self.heads < len(self.rows))
                nodes = row.nodes
            for cell, left, node in zip(row.cells, lefts, nodes, strict=True):
                if cell is not None:
                    cell.paint(canvas, left, top - ABOVE, node)
            if head and self.continued:
                canvas._code.append("EMC")
            top -= row.tall
            thick = "0.8 w 0 G" if at + 1 == self.heads else "0.3 w 0.733 G"
            rules = "".join(f" {a:.2f} {top:.2f} m {b:.2f} {top:.2f} l" for a, b in self.columns.rules)
            strokes.append(f"{thick}{rules} S")
            if not head:
                row.cells = ()
        canvas._code.append(f"/Artifact BMC q {' '.join(strokes)} Q EMC")


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
