"""Lot → every vial, place, subject, score, event; subject → every vial, lot, bank, maker (R46): one call each.

Plain SQL over the raw tables, a fixed number of queries however many vials there are.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from traceability.domain.people import SEES_SUBJECTS, Role
from traceability.domain.states import Custody, reconcile
from traceability.domain.weighing import Counts
from traceability.services import outcomes, persons
from traceability.services.lots import expiries
from traceability.store import View
from traceability.store.hot import Hot, reader_of
from traceability.store.tables import Lot, Organisation, Product, ProductVersion

ANCESTORS = Hot(
    "SELECT a.lot_id, m.id, m.kind, m.code FROM lot_ancestor a JOIN material m ON m.id = a.material_id"
    " WHERE a.lot_id = ANY(:ids) ORDER BY a.lot_id, m.id"
)
_VIALS = Hot(
    "SELECT v.id, v.serial, v.state, v.organisation_id, o.name AS holder FROM vial v JOIN organisation o ON o.id = v.organisation_id"
    " WHERE v.lot_id = :lot ORDER BY v.serial"
)
_STAYS = Hot(
    "SELECT s.vial_id, s.since, s.until, p.code, p.name, p.kind, t.name AS site FROM vial v JOIN stay s ON s.vial_id = v.id"
    " JOIN place p ON p.id = s.place_id JOIN site t ON t.id = p.site_id WHERE v.lot_id = :lot ORDER BY s.vial_id, s.since"
)
_GIVEN_OF_LOT = Hot(
    "SELECT av.vial_id, av.lot_id, coalesce(v.serial, av.code) AS serial, a.id AS administration_id, a.given_at, a.laterality,"
    " a.mode, a.dose_id, a.findings, a.void_at, a.demonstration,"
    " av.given_ul, av.discarded_ul, a.organisation_id, o.name AS organisation, s.id AS subject_id, s.pseudonym, d.k"
    " FROM administration_vial av JOIN administration a ON a.id = av.administration_id LEFT JOIN vial v ON v.id = av.vial_id"
    " JOIN subject s ON s.id = a.subject_id JOIN organisation o ON o.id = a.organisation_id LEFT JOIN dose d ON d.id = a.dose_id"
    " WHERE av.lot_id = :lot OR av.label_lot_id = :lot ORDER BY a.given_at, s.pseudonym, serial"
)
_GIVEN_TO = Hot(
    "SELECT av.vial_id, av.lot_id, coalesce(v.serial, av.code) AS serial, a.id AS administration_id, a.given_at, a.laterality,"
    " a.mode, a.findings, a.void_at,"
    " av.given_ul, av.discarded_ul, d.k, l.number AS lot, l.maker_id, m.name AS maker, a.organisation_id, o.name AS organisation"
    " FROM administration a JOIN administration_vial av ON av.administration_id = a.id LEFT JOIN vial v ON v.id = av.vial_id"
    " LEFT JOIN lot l ON l.id = av.lot_id LEFT JOIN organisation m ON m.id = l.maker_id JOIN organisation o ON o.id = a.organisation_id"
    " LEFT JOIN dose d ON d.id = a.dose_id WHERE a.subject_id = ANY(:subjects) ORDER BY a.given_at, serial"
)
_SCORES = Hot(
    "SELECT id, subject_id, instrument, instrument_version, raw, low, high, unit, time_point, observed_on, laterality, source,"
    " reader, projection, demonstration FROM score WHERE subject_id = ANY(:ids) AND void_at IS NULL"
    " ORDER BY subject_id, instrument, time_point, id"
)
_CHOSEN = Hot(
    "SELECT subject_id, score_ids, chosen_id, superseded_at FROM adjudication WHERE subject_id = ANY(:ids) ORDER BY adjudicated_at, id"
)
_EVENTS = Hot(
    # each as it was told last, under the id of how it was told first
    # under who had the injection that it names
    "SELECT coalesce(e.first_id, e.id) AS id, e.subject_id, g.subject_id AS had_by, e.asked, e.description, e.grade, e.serious,"
    ' e.administration_id, e."window",'
    " e.source, e.demonstration FROM adverse_event e"
    " LEFT JOIN administration g ON g.id = e.administration_id AND g.void_at IS NULL"
    " WHERE (e.subject_id = ANY(:ids) OR g.subject_id = ANY(:ids)) AND NOT EXISTS (SELECT 1 FROM adverse_event n"
    " WHERE n.first_id = coalesce(e.first_id, e.id) AND n.version > e.version) ORDER BY 1"
)
_BOXES = Hot(
    "SELECT DISTINCT c.id, c.number, c.sscc, c.state, c.shipped_at, o.name AS consignee FROM consignment c"
    " JOIN consignment_line l ON l.consignment_id = c.id JOIN vial v ON v.id = l.vial_id JOIN organisation o ON o.id = c.consignee_id"
    " WHERE v.lot_id = :lot ORDER BY c.number"
)
_EXPOSED = Hot(
    "SELECT DISTINCT s.id, s.pseudonym, s.organisation_id, av.lot_id, av.vial_id, coalesce(v.serial, av.code) AS serial,"
    " a.given_at, a.void_at FROM administration_vial av"
    " JOIN administration a ON a.id = av.administration_id JOIN subject s ON s.id = a.subject_id LEFT JOIN vial v ON v.id = av.vial_id"
    " WHERE av.vial_id = ANY(:ids) OR (av.vial_id IS NULL AND av.lot_id = ANY(:lots)) OR av.label_lot_id = ANY(:lots)"
    " ORDER BY s.pseudonym, a.given_at"
)


def of_lot(view: View, lot_id: str) -> dict[str, Any]:
    """Everything that came of a lot. The maker sees how many were given where; whom, only those who treat or inspect them."""
    lot = view.need(Lot, lot_id)
    version = view.need(ProductVersion, lot.product_version_id)
    stays: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(view, _STAYS, lot=lot.id):
        stays[row.pop("vial_id")].append(row)
    rows = _as_shown(view, _rows(view, _GIVEN_OF_LOT, lot=lot.id), "subject_id")
    given = [_subject_seen(view, row) for row in rows]
    by_vial: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in given:
        by_vial[row["vial_id"]].append(row)
    vials = _rows(view, _VIALS, lot=lot.id)
    counted: dict[Custody, int] = defaultdict(int)
    for vial in vials:
        counted[Custody(vial["state"])] += 1
        vial |= {"stays": stays[vial["id"]], "given": by_vial[vial["id"]]}
    subject_ids = sorted({row["subject_id"] for row in given if row["subject_id"]})
    return {
        "lot": lot, "version": version, "product": view.need(Product, version.product_id),
        "maker": view.need(Organisation, lot.maker_id), "expires": expiries(view, lot.id)[-1].expires,
        "ancestors": _rows(view, ANCESTORS, ids=[lot.id]), "consignments": _rows(view, _BOXES, lot=lot.id),
        "vials": vials, "given": given, "buckets": reconcile(counted), "outcomes": _outcomes(view, subject_ids),
    }  # fmt: skip


def of_subject(view: View, subject_id: str) -> dict[str, Any]:
    """Every vial that a subject got, with its lot, what that was made of, and by whom; and what became of it.

    Of somebody who was enrolled twice all of it, under the pseudonym that stands.
    """
    subject = persons.subject(view, subject_id)
    anybody = persons.of(view, subject.id)
    given = _rows(view, _GIVEN_TO, subjects=anybody)
    lots = sorted({row["lot_id"] for row in given if row["lot_id"]})
    ancestors: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(view, ANCESTORS, ids=lots) if lots else []:
        ancestors[row.pop("lot_id")].append(row)
    names = {row["lot_id"]: (row["lot"], row["maker"]) for row in given}
    made = [{"id": lot, "number": names[lot][0], "maker": names[lot][1], "ancestors": ancestors[lot]} for lot in lots]
    return {"subject": subject, "given": given, "lots": made, "outcomes": _outcomes(view, [subject.id])}


def exposed(view: View, vial_ids: Sequence[str], lot_ids: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Who had any of these vials, or one of these lots whose serial nobody knows: what a recall lists (R35).

    Other organisations' subjects are counted, not named.
    """
    rows = _as_shown(view, _rows(view, _EXPOSED, ids=list(vial_ids), lots=list(lot_ids)), "id")
    return [row if _may_see(view, row) else row | {"pseudonym": None} for row in rows]


def _as_shown(view: View, rows: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Each person under one pseudonym, in whichever they were given it."""
    known = persons.standing(view)
    for row in rows if known else ():
        if (other := known.get(row[key])) is not None:
            row |= {key: other.id, "pseudonym": other.pseudonym}
    return rows


def _outcomes(view: View, standing_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Scores and events by who stands; the adjudicated value of several is marked, until another one contradicts it."""
    made: dict[str, dict[str, Any]] = {one: {"scores": [], "events": []} for one in standing_ids}
    if not standing_ids:
        return made
    known = persons.stood_for(view)
    subject_ids = [*made, *(one for one, other in known.items() if other in made)]
    chosen: set[str] = set()
    counts: dict[str, Counts] = {}
    for row in _rows(view, _CHOSEN, ids=list(subject_ids)):
        chosen.difference_update(json.loads(row["score_ids"]))  # a later choice takes the place of an earlier one
        if row["superseded_at"] is None:
            chosen.add(row["chosen_id"])
            if row["chosen_id"] not in counts:
                counts |= outcomes.counts(view, row["subject_id"])
    for row in _rows(view, _SCORES, ids=list(subject_ids)):
        made[known.get(row["subject_id"], row["subject_id"])]["scores"].append(
            row | {"adjudicated": row["id"] in chosen and counts.get(row["id"]) is not Counts.UNDECIDED}
        )
    for row in _rows(view, _EVENTS, ids=list(subject_ids)):
        people = (known.get(one, one) for one in (row.pop("had_by"), row["subject_id"]))
        made[next(one for one in people if one in made)]["events"].append(row)
    return made


def _subject_seen(view: View, row: dict[str, Any]) -> dict[str, Any]:
    return row if _may_see(view, row) else row | {"subject_id": None, "pseudonym": None, "findings": None}


def _may_see(view: View, row: dict[str, Any]) -> bool:
    """Subjects are seen by who treats or judges there, by an inspector of that place or of this lot there, and by the system."""
    return any(
        grant.role is Role.SYSTEM
        or (grant.organisation_id == row["organisation_id"] and grant.lot_id in (None, row["lot_id"]))
        for grant in view.actor.grants
        if grant.holds(view.at) and grant.role in SEES_SUBJECTS
    )


def _rows(view: View, query: Hot, **values: Any) -> list[dict[str, Any]]:
    """Rows with the same types from both engines: SQLite gives its text."""
    made = query.named(reader_of(view).driver, **values)
    for name in _TEXT.keys() & made[0].keys() if made else ():
        read = _TEXT[name]
        for row in made:
            if isinstance(row[name], str):
                row[name] = read(row[name])
    for name in _FLAGS & made[0].keys() if made else ():
        for row in made:
            row[name] = None if row[name] is None else bool(row[name])
    return made


_FLAGS = frozenset({"demonstration", "serious"})
_TEXT: dict[str, Callable[[str], Any]] = {
    "since": datetime.fromisoformat, "until": datetime.fromisoformat, "given_at": datetime.fromisoformat,
    "shipped_at": datetime.fromisoformat, "void_at": datetime.fromisoformat, "observed_on": date.fromisoformat, "findings": json.loads,
}  # fmt: skip
