"""The trace as a graph (R46): from a lot, from a material through all lots made of it, from a subject back to donors.

Built from what `trace` tells its reader, so it shows nobody that the tables do not; stops come from the facts of the verdict.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlmodel import col

from traceability.domain.checks import Purpose, VialFacts
from traceability.domain.people import SEES_SUBJECTS
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
from traceability.domain.states import BUCKET
from traceability.services import lots, materials, trace, verdicts
from traceability.store import View
from traceability.store.hot import Hot, moment, reader_of
from traceability.store.tables import Consignment, Lot, Material, Product, ProductVersion, Subject
from traceability.store.tables.lots import MaterialKind

MOST_LOTS = 40
"""So many lots of one material are drawn; the table beside it has them all."""

_LINKS = Hot(
    "SELECT a.parent_id, a.child_id FROM ancestry a WHERE a.parent_id = ANY(:ids) AND a.child_id = ANY(:others)"
)
_RELATIVES = (
    "WITH RECURSIVE up(id) AS (SELECT m.id FROM material m WHERE m.id = :one"
    " UNION SELECT a.parent_id FROM ancestry a JOIN up ON a.child_id = up.id),"
    " down(id) AS (SELECT m.id FROM material m WHERE m.id = :one"
    " UNION SELECT a.child_id FROM ancestry a JOIN down ON a.parent_id = down.id)"
    " SELECT id FROM up UNION SELECT id FROM down"
)
_LINES = Hot(
    "SELECT l.vial_id, c.id, c.number, c.state, c.shipped_at, o.name FROM consignment_line l JOIN consignment c"
    " ON c.id = l.consignment_id JOIN organisation o ON o.id = c.consignee_id WHERE l.vial_id = ANY(:ids) ORDER BY c.shipped_at, c.id"
)
_WARM = Hot(
    "SELECT DISTINCT s.vial_id, e.number FROM stay s JOIN excursion e ON e.place_id = s.place_id"
    " WHERE s.vial_id = ANY(:ids) AND (s.until IS NULL OR s.until > e.since) AND (e.until IS NULL OR s.since < e.until)"
)
_AT_MATERIALS = Hot(
    "SELECT s.target_id, h.number, 0 FROM scope s JOIN hold h ON h.id = s.hold_id WHERE s.target_id = ANY(:ids) AND h.lifted_at IS NULL"
    " UNION ALL SELECT s.target_id, r.number, 1 FROM scope s JOIN recall r ON r.id = s.recall_id"
    " WHERE s.target_id = ANY(:ids) AND r.withdrawn_at IS NULL AND NOT r.mock"
)


def of_lot(view: View, traced: Mapping[str, Any], facts: Mapping[str, VialFacts] | None = None) -> TraceGraph:
    """What `trace.of_lot` told, as a graph; `facts` by vial, for stock, where the caller has them already."""
    return _graph(view, [_Told.of(traced)], facts)


def of_subject(view: View, traced: Mapping[str, Any]) -> TraceGraph:
    """What `trace.of_subject` told: only the vials that this subject had, back to what their lots were made of."""
    subject: Subject = traced["subject"]
    seen = {one.id: one for one in view.all(Lot, col(Lot.id).in_([one["id"] for one in traced["lots"]]))}
    told = []
    for lot_id, lot in seen.items():
        given = [
            row | {"subject_id": subject.id, "pseudonym": subject.pseudonym}
            for row in _counting(traced["given"])
            if row["lot_id"] == lot_id
        ]
        vials = [{"id": row["vial_id"], "serial": row["serial"]} for row in given if row["vial_id"]]
        told.append(_Told(lot, _product(view, lot), lots.expiries(view, lot_id)[-1].expires, vials, given))
    return _graph(view, told, None)


def of_material(view: View, material_id: str) -> dict[str, Any]:
    """A material with those above and below it, and every lot in sight that it went into; the first of these drawn."""
    material = view.need(Material, material_id)
    made = materials.lots_made_of(view, [material.id])
    traced = [trace.of_lot(view, lot.id) for lot in made[:MOST_LOTS]]
    graph = _graph(view, [_Told.of(one) for one in traced], None, only=_relatives(view, material), alone=material)
    return {"material": material, "graph": graph, "lots": made, "traced": traced}


@dataclass(frozen=True, slots=True)
class _Told:
    """A lot and those of its vials that are drawn, with what was given of them and not told by mistake."""

    lot: Lot
    product: str
    expires: Any
    vials: list[dict[str, Any]]
    given: list[dict[str, Any]]

    @classmethod
    def of(cls, traced: Mapping[str, Any]) -> _Told:
        return cls(
            traced["lot"], traced["product"].name, traced["expires"], traced["vials"], _counting(traced["given"])
        )


def _told_apart(found: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Kind and code of each material; codes that two of them have, of another kind or house, are numbered."""
    made, seen = {}, Counter(code for _, code in found.values())
    for code in seen:
        same = sorted(one for one, (_, other) in found.items() if other == code)
        for n, one in enumerate(same, 1):
            made[one] = found[one][0], code if len(same) == 1 else f"{code} ({n})"
    return made


def _counting(given: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was told by mistake stands in the tables; it is nobody's way."""
    return [row for row in given if row["void_at"] is None]


def _product(view: View, lot: Lot) -> str:
    return view.need(Product, view.need(ProductVersion, lot.product_version_id).product_id).name


def _graph(
    view: View, told: Sequence[_Told], facts: Mapping[str, VialFacts] | None, *, only: frozenset[str] | None = None,
    alone: Material | None = None,
) -> TraceGraph:  # fmt: skip
    driver = reader_of(view).driver
    ids = [vial["id"] for one in told for vial in one.vials]
    if facts is None:
        facts = dict(zip(ids, verdicts.facts(view, ids, Purpose.STOCK), strict=True))
    stops = _Stops.of(driver, ids, facts)
    boxes = {row[0]: row[1:] for row in _LINES(driver, ids=ids)}  # the last one that it left in
    above: dict[str, set[str]] = defaultdict(set)
    found: dict[str, tuple[str, str]] = {alone.id: (alone.kind, alone.code)} if alone else {}
    for lot_id, material_id, kind, code in trace.ANCESTORS(driver, ids=[one.lot.id for one in told]):
        if only is None or material_id in only:
            above[lot_id].add(material_id)
            found[material_id] = kind, code
    found = _told_apart(found)
    links = _LINKS(driver, ids=list(found), others=list(found))
    seen = _seen(view, found, {box[0] for box in boxes.values()})
    held: dict[str, list[GraphStop]] = defaultdict(list)
    reaching = {number for over in stops.of_vial.values() for _, number in over}
    for material_id, number, recall in _AT_MATERIALS(driver, ids=list(found)):
        if number in reaching:  # what reaches none of these vials is another house's own
            kind = StopKind.RECALL if recall else StopKind.HOLD
            held[material_id].append(GraphStop(kind=kind, number=number, vials=None))
    parents: dict[str, set[str]] = defaultdict(set)
    for parent, child in links:
        parents[child].add(parent)
    return TraceGraph(
        materials=tuple(
            GraphMaterial(
                ref=one if one in seen else None, kind=found[one][0], code=found[one][1],
                parents=tuple(sorted(found[parent][1] for parent in parents[one])), stops=tuple(held[one]),
            )
            for one in _in_order(found, parents)
        ),
        lots=tuple(_lot(view, one, above[one.lot.id], parents, found, boxes, seen, stops) for one in told),
    )  # fmt: skip


def _lot(
    view: View, told: _Told, above: set[str], parents: Mapping[str, set[str]], found: Mapping[str, tuple[str, str]],
    boxes: Mapping[str, tuple[Any, ...]], seen: set[str], stops: _Stops,
) -> GraphLot:  # fmt: skip
    between = set(chain.from_iterable(parents[one] for one in above))
    groups: dict[tuple[Any, ...], dict[tuple[Any, ...], _Row]] = defaultdict(dict)
    given = {row["vial_id"] for row in told.given}
    for row in told.given:
        box = boxes.get(row["vial_id"]) or (None, None, "", None, row["organisation"])
        if row["subject_id"]:
            key = RowKind.SUBJECT, row["subject_id"], row["pseudonym"], str(row["laterality"])
        else:
            key = RowKind.UNNAMED, None, row["organisation"], ""
        one = groups[box].setdefault(key, _Row())
        one.add(row["vial_id"], row["serial"], row["k"])
        one.injections.add(row["administration_id"])
        one.findings = one.findings or bool(row["findings"])
    for vial in told.vials:
        if vial["id"] not in given:
            last = vial["stays"][-1] if vial["stays"] else None
            place = "" if last is None or last["until"] else f"{last['code']}, {last['site']}"
            box = boxes.get(vial["id"]) or (None, None, "", None, vial["holder"])
            one = groups[box].setdefault((RowKind.VIALS, None, place, str(vial["state"])), _Row())
            one.add(vial["id"], vial["serial"], None)
    everything = [vial["id"] for vial in told.vials]
    over = stops.over(everything)
    opens = _opens_subjects(view)
    made = []
    for (box_id, number, state, shipped, name), rows in groups.items():
        inside = [one for row in rows.values() for one in row.vials]
        here = stops.over(inside, less=over)
        known = {stop.number for stop in (*over, *here)}
        made.append(
            GraphBox(
                ref=box_id if box_id in seen else None, number=number, name=name, state=state, shipped_at=moment(shipped),
                stops=here,
                rows=tuple(
                    GraphRow(
                        kind=kind, ref=ref if opens else None, name=label, serials=tuple(row.serials),
                        laterality=more if kind is RowKind.SUBJECT else "", custody=more if kind is RowKind.VIALS else "",
                        doses=() if kind is RowKind.VIALS else tuple(row.doses), injections=len(row.injections),
                        findings=row.findings,
                        stops=tuple(one for one in stops.over(row.vials, some=True) if one.number not in known),
                    )
                    for (kind, ref, label, more), row in sorted(rows.items(), key=_rank)
                ),
            )
        )  # fmt: skip
    made.sort(key=lambda box: (box.number is None, box.shipped_at is None, box.shipped_at, box.number or "", box.name))
    lot = told.lot
    return GraphLot(
        ref=lot.id, number=lot.number, product=told.product, filled=lot.filled, expires=told.expires, stops=over,
        made_of=tuple(sorted(found[one][1] for one in above - between)), boxes=tuple(made),
    )  # fmt: skip


@dataclass(slots=True)
class _Row:
    """A row as it fills, in the order of the injections."""

    vials: list[str] = field(default_factory=list)
    serials: list[str] = field(default_factory=list)
    doses: list[int | None] = field(default_factory=list)
    injections: set[str] = field(default_factory=set)
    findings: bool = False

    def add(self, vial_id: str | None, serial: str, k: int | None) -> None:
        self.serials.append(serial)
        self.doses.append(k)
        if vial_id:
            self.vials.append(vial_id)


_KINDS = list(RowKind)
_BUCKETS = {str(custody): n for n, custody in enumerate(BUCKET)}


def _rank(item: tuple[tuple[Any, ...], _Row]) -> tuple[Any, ...]:
    """Subjects by pseudonym, then those without a name, then the vials that were not given, by what became of them."""
    kind, _ref, name, more = item[0]
    return _KINDS.index(kind), _BUCKETS.get(more, 0) if kind is RowKind.VIALS else 0, name, more


@dataclass(frozen=True, slots=True)
class _Stops:
    """Which holds, recalls and excursions are over which vial."""

    of_vial: Mapping[str, frozenset[tuple[StopKind, str]]]

    @classmethod
    def of(cls, driver: Any, ids: Sequence[str], facts: Mapping[str, VialFacts]) -> _Stops:
        made: dict[str, set[tuple[StopKind, str]]] = defaultdict(set)
        for vial_id in ids:
            made[vial_id] |= {(StopKind.HOLD, one.number) for one in facts[vial_id].holds}
            made[vial_id] |= {(StopKind.RECALL, one.number) for one in facts[vial_id].recalls}
        for vial_id, number in _WARM(driver, ids=list(ids)):
            made[vial_id].add((StopKind.EXCURSION, number))
        return cls({vial_id: frozenset(found) for vial_id, found in made.items()})

    def over(
        self, vials: Iterable[str], *, less: Iterable[GraphStop] = (), some: bool = False
    ) -> tuple[GraphStop, ...]:
        """Those over all of these vials but `less`; with `some` also those over a part, with how many."""
        every = set(vials)
        counted = Counter(chain.from_iterable(self.of_vial.get(one, frozenset()) for one in every))
        whole, known = len(every), {one.number for one in less}
        return tuple(
            GraphStop(kind=kind, number=number, vials=None if count == whole else count)
            for (kind, number), count in sorted(counted.items())
            if (some or count == whole) and number not in known
        )


def _seen(view: View, found: Iterable[str], boxes: Iterable[str]) -> set[str]:
    """Which materials and boxes the reader may open."""
    made = {one.id for one in view.all(Material, col(Material.id).in_(list(found)))}
    return made | {one.id for one in view.all(Consignment, col(Consignment.id).in_(list(boxes)))}


def _opens_subjects(view: View) -> bool:
    return bool(view.actor.roles(view.at) & SEES_SUBJECTS)


def _in_order(found: Mapping[str, tuple[str, str]], parents: Mapping[str, set[str]]) -> list[str]:
    """Donors, banks, harvests, reagents; of one kind the older generation first."""

    def depth(one: str, path: frozenset[str] = frozenset()) -> int:
        ups = [depth(up, path | {one}) for up in parents.get(one, ()) if up not in path]
        return 1 + max(ups, default=0)

    order = [str(kind) for kind in MaterialKind]
    return sorted(found, key=lambda one: (order.index(str(found[one][0])), depth(one), found[one][1], one))


def _relatives(view: View, material: Material) -> frozenset[str]:
    """A material, all that it was made from and all that was made from it, as far as its lots say so."""
    return frozenset(row.id for row in view.rows(_RELATIVES, {"one": material.id}))
