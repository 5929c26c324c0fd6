"""A trace graph as a picture before anybody knows where it stands: cards and strips with their words, shapes and links.

The words come from who draws it, page or paper; which vials share a strip and what is summed up is decided here alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from traceability.domain.records.graph import (
    GraphBox,
    GraphLot,
    GraphMaterial,
    GraphRow,
    GraphStop,
    RowKind,
    StopKind,
    TraceGraph,
)
from traceability.domain.states import Custody

MOST_GLYPHS = 8
"""So many vials of a strip have a shape each; of more, one shape and how many."""
MOST_STRIPS = 12
"""So many knees of one box have a strip each; of more, one strip says how many, and opens."""

MOST_SIGNS = 3
"""So many holds, recalls and excursions have a line each."""

GLYPHS = {
    Custody.MADE: "stock", Custody.IN_STOCK: "stock", Custody.RESERVED: "keep", Custody.ISSUED: "move",
    Custody.IN_TRANSIT: "move", Custody.BACK_IN_PHARMACY: "back", Custody.GIVEN: "given", Custody.DISCARDED: "waste",
    Custody.DESTROYED: "waste", Custody.SAMPLED: "keep", Custody.RETAINED: "keep", Custody.LOST: "lost",
    Custody.SENT_BACK: "back",
}  # fmt: skip
SHAPES = {StopKind.RECALL: "flag", StopKind.HOLD: "hold", StopKind.EXCURSION: "warn"}
"""The gravest first."""


class Speech(Protocol):
    """What a drawing says, in the language of its page or paper."""

    def material(self, kind: str) -> str: ...
    def custody(self, stored: str) -> str: ...
    def side(self, laterality: str) -> str: ...
    def stop(self, stop: GraphStop) -> str: ...
    def filled(self, count: int) -> str: ...
    def expires(self, day: date) -> str: ...
    def box(self, box: GraphBox) -> str: ...
    def shipped(self, at: datetime, state: str) -> str: ...
    def vials(self, count: int) -> str: ...
    def knees(self, count: int) -> str: ...
    def injections(self, count: int) -> str: ...
    def unnamed(self) -> str: ...
    def nowhere(self) -> str: ...
    def findings(self) -> str: ...
    def more(self, count: int) -> str: ...


Link = Callable[[GraphLot | None, GraphMaterial | GraphLot | GraphBox | GraphRow], str | None]
"""Where something leads; None: nowhere. A box of which only a sum is drawn is asked for by `opens`."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A hold, recall, excursion or finding: shape and word."""

    shape: str
    word: str


@dataclass(frozen=True, slots=True)
class Card:
    """A material, a lot or a box: what it is, its name, and lines more."""

    kind: str
    name: str
    more: tuple[str, ...]
    signs: tuple[Sign, ...]
    href: str | None
    chosen: bool

    @property
    def told(self) -> str:
        return ", ".join(filter(None, (self.kind, self.name, *self.more, *(one.word for one in self.signs))))


@dataclass(frozen=True, slots=True)
class Strip:
    """Vials with one end. `glyphs`: shape and dose of each; `more`: what those stand for where they are too many."""

    glyphs: tuple[tuple[str, str], ...]
    more: str
    name: str
    note: str
    count: str
    signs: tuple[Sign, ...]
    href: str | None
    chosen: bool
    strong: bool

    @property
    def told(self) -> str:
        return ", ".join(filter(None, (self.name, self.note, self.count, *(one.word for one in self.signs))))


@dataclass(frozen=True, slots=True)
class Box:
    card: Card
    strips: tuple[Strip, ...]


@dataclass(frozen=True, slots=True)
class Lot:
    """`made_of`: which materials of the picture, by their place in it."""

    card: Card
    made_of: tuple[int, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """`links`: parent and child by their places among the materials, and whether the chosen way leads there."""

    materials: tuple[Card, ...]
    links: tuple[tuple[int, int, bool], ...]
    lots: tuple[Lot, ...]


def nowhere(_lot: GraphLot | None, _of: object) -> None:
    """Paper leads nowhere."""
    return


def picture(
    graph: TraceGraph,
    say: Speech,
    *,
    link: Link = nowhere,
    opens: Callable[[GraphBox], str | None] = lambda _: None,
    opened: Collection[str] = (),
    chosen: Collection[str] = (),
    most: int = MOST_STRIPS,
) -> Picture:
    """`chosen`: serials and names whose way is marked. `opened`: boxes, by number or else name, whose every strip is drawn."""
    lots = [_lot(lot, graph, say, link, opens, opened, chosen, most) for lot in graph.lots]
    on = _on_the_way(
        graph, {code for lot, one in zip(graph.lots, lots, strict=True) if one.card.chosen for code in lot.made_of}
    )
    on |= {one.code for one in graph.materials if one.code in chosen}
    at = {one.code: n for n, one in enumerate(graph.materials)}
    return Picture(
        materials=tuple(
            Card(say.material(one.kind), one.code, (), _signs(one.stops, say), link(None, one), one.code in on)
            for one in graph.materials
        ),
        links=tuple(
            (at[up], at[one.code], up in on and one.code in on) for one in graph.materials for up in one.parents if up in at
        ),
        lots=tuple(lots),
    )  # fmt: skip


def _on_the_way(graph: TraceGraph, codes: set[str]) -> set[str]:
    parents = {one.code: one.parents for one in graph.materials}
    made, waiting = set(codes), list(codes)
    while waiting:
        for up in set(parents.get(waiting.pop(), ())) - made:
            made.add(up)
            waiting.append(up)
    return made


def _lot(
    lot: GraphLot, graph: TraceGraph, say: Speech, link: Link, opens: Callable[[GraphBox], str | None],
    opened: Collection[str], chosen: Collection[str], most: int,
) -> Lot:  # fmt: skip
    at = {one.code: n for n, one in enumerate(graph.materials)}
    boxes = []
    for box in lot.boxes:
        strips = _strips(lot, box, say, link, opens, opened, chosen, most)
        when = say.shipped(box.shipped_at, box.state) if box.shipped_at else say.vials(box.vials)
        card = Card(
            say.box(box), box.name, (when,), _signs(box.stops, say), link(lot, box), any(one.chosen for one in strips),
        )  # fmt: skip
        boxes.append(Box(card, tuple(strips)))
    on = lot.number in chosen or any(one.card.chosen for one in boxes)
    more = say.filled(lot.filled), say.expires(lot.expires)
    card = Card(lot.product, lot.number, more, _signs(lot.stops, say), link(None, lot), on)
    return Lot(card, tuple(at[code] for code in lot.made_of if code in at), tuple(boxes))


def _strips(
    lot: GraphLot, box: GraphBox, say: Speech, link: Link, opens: Callable[[GraphBox], str | None], opened: Collection[str],
    chosen: Collection[str], most: int,
) -> list[Strip]:  # fmt: skip
    """Whoever is chosen has a strip, however many there are."""
    people = [row for row in box.rows if row.kind is RowKind.SUBJECT]
    shown, summed = people, []
    if len(people) > most and (box.number or box.name) not in opened:
        shown = [row for row in people if _chosen(row, chosen)]
        summed = [row for row in people if not _chosen(row, chosen)]
    made = [_strip(lot, row, say, link, chosen) for row in shown]
    if summed:
        count = sum(len(row.serials) for row in summed)
        stops = _summed(summed)
        signs = _signs(stops, say) + ((Sign("warn", say.findings()),) if any(row.findings for row in summed) else ())
        made.append(
            Strip(
                (("given", ""),), f"× {count}", say.knees(len(summed)), "", say.vials(count), signs, opens(box), False, True
            )
        )  # fmt: skip
    return made + [_strip(lot, row, say, link, chosen) for row in box.rows if row.kind is not RowKind.SUBJECT]


def _summed(rows: list[GraphRow]) -> tuple[GraphStop, ...]:
    """The stops of many rows as those of one; over how many of their vials."""
    counted: dict[tuple[StopKind, str], int] = {}
    for row in rows:
        for stop in row.stops:
            key = stop.kind, stop.number
            counted[key] = counted.get(key, 0) + (len(row.serials) if stop.vials is None else stop.vials)
    whole = sum(len(row.serials) for row in rows)
    return tuple(
        GraphStop(kind=kind, number=number, vials=None if count == whole else count)
        for (kind, number), count in sorted(counted.items())
    )


def _chosen(row: GraphRow, chosen: Collection[str]) -> bool:
    return (row.kind is RowKind.SUBJECT and row.name in chosen) or any(serial in chosen for serial in row.serials)


def _strip(lot: GraphLot, row: GraphRow, say: Speech, link: Link, chosen: Collection[str]) -> Strip:
    signs = _signs(row.stops, say) + ((Sign("warn", say.findings()),) if row.findings else ())
    href, on, count = link(lot, row), _chosen(row, chosen), say.vials(len(row.serials))
    if row.kind is RowKind.SUBJECT:
        glyphs = tuple(("given", "?" if k is None else str(k)) for k in row.doses)
        return Strip(*_few(glyphs), row.name, say.side(row.laterality), count, signs, href, on, True)
    if row.kind is RowKind.UNNAMED:
        glyphs = (("given", ""),) * len(row.serials)
        return Strip(*_few(glyphs), say.unnamed(), row.name, say.injections(row.injections), signs, href, on, False)
    glyphs = ((GLYPHS[Custody(row.custody)], ""),) * len(row.serials)
    place = row.name or say.nowhere()
    return Strip(*_few(glyphs), say.custody(row.custody), place, count, signs, href, on, False)


def _few(glyphs: tuple[tuple[str, str], ...]) -> tuple[tuple[tuple[str, str], ...], str]:
    if len(glyphs) <= MOST_GLYPHS:
        return glyphs, ""
    if len(set(glyphs)) == 1:
        return glyphs[:1], f"× {len(glyphs)}"
    return glyphs[: MOST_GLYPHS - 2], f"+ {len(glyphs) - MOST_GLYPHS + 2}"


def _signs(stops: tuple[GraphStop, ...], say: Speech) -> tuple[Sign, ...]:
    """The gravest first, and those over everything before those over a part."""
    kinds = list(SHAPES)
    ranked = sorted(
        stops, key=lambda one: (kinds.index(one.kind), one.vials is not None, -(one.vials or 0), one.number)
    )
    made = [Sign(SHAPES[one.kind], say.stop(one)) for one in ranked]
    if len(made) > MOST_SIGNS:
        made[MOST_SIGNS - 1 :] = [Sign(made[MOST_SIGNS - 1].shape, say.more(len(made) - MOST_SIGNS + 1))]
    return tuple(made)
