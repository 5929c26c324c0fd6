"""The trace as a graph: what lots were made of, the boxes that they left in, and on which row each of their vials ended (R46)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum


class StopKind(StrEnum):
    HOLD = "hold"
    RECALL = "recall"
    EXCURSION = "excursion"


class RowKind(StrEnum):
    SUBJECT = "subject"
    UNNAMED = "unnamed"
    VIALS = "vials"


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphStop:
    """A hold or recall that stands, or an excursion, over so many of the vials of what it is drawn at (all of them: None)."""

    kind: StopKind
    number: str
    vials: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphMaterial:
    """`ref`: where it can be opened, for whom that is allowed; None on paper. The same holds of everything below."""

    ref: str | None
    kind: str
    code: str
    parents: tuple[str, ...]
    stops: tuple[GraphStop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRow:
    """Vials with one end: given to one knee of somebody (`name`: the pseudonym), given to whom the reader may not know
    (`name`: the hospital, `injections`), or lying together (`custody` at `name`). `doses`: k of each vial in the order of
    the injections, None for one that was not planned. A vial that nobody identified has its code as serial.
    """

    kind: RowKind
    ref: str | None
    name: str
    serials: tuple[str, ...]
    laterality: str = ""
    doses: tuple[int | None, ...] = ()
    injections: int = 0
    custody: str = ""
    findings: bool = False
    stops: tuple[GraphStop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphBox:
    """A consignment to `name`; with no number, vials that `name` holds and that came in no box that is on record."""

    ref: str | None
    number: str | None
    name: str
    state: str
    shipped_at: datetime | None
    rows: tuple[GraphRow, ...]
    stops: tuple[GraphStop, ...] = ()

    @property
    def vials(self) -> int:
        return sum(len(row.serials) for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphLot:
    """`made_of`: the codes of the materials that it was made from at once; the graph holds those above them too."""

    ref: str | None
    number: str
    product: str
    filled: int
    expires: date
    made_of: tuple[str, ...]
    boxes: tuple[GraphBox, ...]
    stops: tuple[GraphStop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceGraph:
    """Ancestors, each after what it was made from as far as that goes; then every lot with what came of it."""

    materials: tuple[GraphMaterial, ...]
    lots: tuple[GraphLot, ...]

    def unlinked(self) -> TraceGraph:
        """For paper: nothing of it can be opened."""
        return TraceGraph(
            materials=tuple(replace(one, ref=None) for one in self.materials),
            lots=tuple(
                replace(
                    lot, ref=None, boxes=tuple(
                        replace(box, ref=None, rows=tuple(replace(row, ref=None) for row in box.rows)) for box in lot.boxes
                    ),
                )
                for lot in self.lots
            ),
        )  # fmt: skip

    def rows(self) -> Iterator[tuple[GraphLot, GraphBox, GraphRow]]:
        for lot in self.lots:
            for box in lot.boxes:
                for row in box.rows:
                    yield lot, box, row
