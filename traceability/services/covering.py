"""What a hold or a recall covers, as the verdict has it: its vials, whole lots, and the organisations concerned."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlmodel import col

from traceability.store import View
from traceability.store.tables import Lot
from traceability.store.tables.row import Utc

_STOPS = (
    "(SELECT id, organisation_id, placed_at FROM hold UNION ALL SELECT id, organisation_id, started_at FROM recall)"
)
RECALLS = "(SELECT id, organisation_id, withdrawn_at, started_at AS placed_at FROM recall)"
_HAD = (
    # who placed x holds the vial, or held it at some moment since; a box on its way is of who sent it
    "(x.organisation_id = v.organisation_id OR EXISTS (SELECT 1 FROM stay h JOIN place hp ON hp.id = h.place_id"
    " JOIN site hs ON hs.id = hp.site_id LEFT JOIN consignment hb ON hb.place_id = h.place_id WHERE h.vial_id = v.id"
    " AND (h.until IS NULL OR h.until > x.placed_at)"
    " AND x.organisation_id = CASE WHEN hp.kind = 'shipper' THEN hb.shipper_id ELSE hs.organisation_id END))"
)
COVERS = (
    "((c.kind = 'vial' AND c.target_id = v.id) OR (c.kind = 'lot' AND c.target_id = v.lot_id)"  # noqa: S608 - from the words above alone
    f" OR (c.kind = 'maker' AND c.target_id = l.maker_id AND (x.organisation_id = l.maker_id OR {_HAD}))"
    " OR (c.kind = 'material' AND EXISTS (SELECT 1 FROM lot_ancestor a JOIN material m ON m.id = a.material_id WHERE a.lot_id = l.id"
    f" AND a.material_id = c.target_id AND (x.organisation_id IN (l.maker_id, m.organisation_id) OR {_HAD})))"
    " OR (c.kind = 'consignment' AND EXISTS (SELECT 1 FROM consignment_line n WHERE n.vial_id = v.id AND n.consignment_id = c.target_id))"
    " OR (c.kind IN ('place', 'site') AND EXISTS (SELECT 1 FROM stay t JOIN place q ON q.id = t.place_id WHERE t.vial_id = v.id"
    " AND c.target_id = CASE c.kind WHEN 'place' THEN t.place_id ELSE q.site_id END"
    " AND (c.until IS NULL OR t.since < c.until) AND (c.since IS NULL OR t.until IS NULL OR t.until > c.since))))"
)
"""A scope c of a hold or recall x covers a vial v of a lot l: as the verdict has it (`verdicts.py`)."""
_COVERED = text(
    "SELECT v.id, v.serial, v.state, v.lot_id, l.number AS lot, v.organisation_id, o.name AS holder, p.code AS place"  # noqa: S608 - from the words above alone
    " FROM vial v JOIN lot l ON l.id = v.lot_id JOIN organisation o ON o.id = v.organisation_id"
    " LEFT JOIN stay s ON s.vial_id = v.id AND s.until IS NULL LEFT JOIN place p ON p.id = s.place_id"
    f" WHERE EXISTS (SELECT 1 FROM scope c JOIN {_STOPS} x ON x.id = coalesce(c.hold_id, c.recall_id)"
    f" WHERE (c.recall_id = :one OR c.hold_id = :one) AND {COVERS}) ORDER BY l.number, v.serial"
)
_OVER_MINE = (
    "SELECT DISTINCT x.id FROM hold x JOIN scope c ON c.hold_id = x.id WHERE x.organisation_id <> :mine AND EXISTS"  # noqa: S608
    f" (SELECT 1 FROM vial v JOIN lot l ON l.id = v.lot_id WHERE v.organisation_id = :mine AND {COVERS})"
)
"""Holds of others over vials that we hold: whoever is stopped sees by what and by whom, and who could lift it."""


def over_mine(view: View) -> list[str]:
    return [row[0] for row in view.rows(_OVER_MINE, {"mine": view.actor.organisation_id})]


def covered(view: View, stop_id: str) -> list[dict[str, Any]]:
    """Every vial under one hold or recall, as the verdict sees it, and where it is now; of lots in the reader's sight.

    A place is told of one's own organisation only; of another, who holds the vial.
    """
    rows = [dict(row) for row in view.connection.execute(_COVERED, {"one": stop_id}).mappings()]
    seen = {lot.id for lot in view.all(Lot, col(Lot.id).in_({row["lot_id"] for row in rows}))}
    mine = view.actor.organisation_id
    return [
        row if row["organisation_id"] == mine else row | {"place": None} for row in rows if row["lot_id"] in seen
    ]  # fmt: skip


_EVERY = text(
    "SELECT v.id, v.serial, v.state, v.lot_id, l.number AS lot, v.organisation_id, o.name AS holder, e.recorded_at AS changed_at,"  # noqa: S608 - from the words above alone
    # whoever a box is on its way to answers for what is in it
    " coalesce((SELECT b.consignee_id FROM stay s JOIN consignment b ON b.place_id = s.place_id WHERE s.vial_id = v.id"
    " AND s.until IS NULL), v.organisation_id) AS answers,"
    " r.how, r.custody AS was, r.at AS retrieved_at, r.organisation_id AS retrieved_by, q.code AS put_aside"
    " FROM vial v JOIN lot l ON l.id = v.lot_id JOIN organisation o ON o.id = v.organisation_id"
    " LEFT JOIN entry e ON e.act_id = v.act_id LEFT JOIN retrieval r ON r.recall_id = :one AND r.vial_id = v.id"
    " LEFT JOIN place q ON q.id = r.place_id"
    f" WHERE EXISTS (SELECT 1 FROM scope c JOIN {RECALLS} x ON x.id = c.recall_id"
    f" WHERE c.recall_id = :one AND {COVERS}) ORDER BY l.number, v.serial"
).columns(changed_at=Utc, retrieved_at=Utc)


def every(view: View, recall_id: str) -> list[dict[str, Any]]:
    """Every vial of one recall, whoever asks, with how it was retrieved and when its custody changed last. Not for showing."""
    return [dict(row) for row in view.connection.execute(_EVERY, {"one": recall_id}).mappings()]


def covers(view: View, recall_id: str, vial_id: str) -> bool:
    return bool(view.rows(_ONE, {"one": recall_id, "vial": vial_id}))


_ONE = (
    "SELECT 1 FROM vial v JOIN lot l ON l.id = v.lot_id WHERE v.id = :vial AND EXISTS (SELECT 1 FROM scope c"  # noqa: S608
    f" JOIN {RECALLS} x ON x.id = c.recall_id WHERE c.recall_id = :one AND {COVERS})"
)
_LOTS = (
    # lots covered whole: of these also what was given by the label alone, without a vial on record
    "SELECT l.id FROM lot l WHERE EXISTS (SELECT 1 FROM scope c JOIN (SELECT id, organisation_id FROM hold UNION ALL"
    " SELECT id, organisation_id FROM recall) x ON x.id = coalesce(c.hold_id, c.recall_id) WHERE (c.recall_id = :one OR c.hold_id = :one)"
    " AND ((c.kind = 'lot' AND c.target_id = l.id) OR (c.kind = 'maker' AND c.target_id = l.maker_id AND x.organisation_id = l.maker_id)"
    " OR (c.kind = 'material' AND EXISTS (SELECT 1 FROM lot_ancestor a JOIN material m ON m.id = a.material_id WHERE a.lot_id = l.id"
    " AND a.material_id = c.target_id AND x.organisation_id IN (l.maker_id, m.organisation_id)))))"
)
_CONCERNED = (
    "WITH lots AS ("  # noqa: S608
    f"{_LOTS}), vials AS (SELECT v.id, v.organisation_id FROM vial v JOIN lot l ON l.id = v.lot_id WHERE EXISTS (SELECT 1"
    f" FROM scope c JOIN {RECALLS} x ON x.id = c.recall_id WHERE c.recall_id = :one AND {COVERS}))"
    " SELECT organisation_id FROM vials UNION SELECT t.organisation_id FROM stay s JOIN place p ON p.id = s.place_id"
    " JOIN site t ON t.id = p.site_id WHERE s.vial_id IN (SELECT id FROM vials)"
    " UNION SELECT b.shipper_id FROM consignment_line n JOIN consignment b ON b.id = n.consignment_id"
    " WHERE n.vial_id IN (SELECT id FROM vials)"
    " UNION SELECT b.consignee_id FROM consignment_line n JOIN consignment b ON b.id = n.consignment_id"
    " WHERE n.vial_id IN (SELECT id FROM vials)"
    " UNION SELECT g.organisation_id FROM administration_vial av JOIN administration g ON g.id = av.administration_id"
    " WHERE av.vial_id IN (SELECT id FROM vials) OR (av.vial_id IS NULL AND av.lot_id IN (SELECT id FROM lots))"
    " OR av.label_lot_id IN (SELECT id FROM lots)"
)


def whole_lots(view: View, stop_id: str) -> list[str]:
    """Lots that a recall, or a hold, covers whole."""
    return [row[0] for row in view.rows(_LOTS, {"one": stop_id})]


def concerned(view: View, recall_id: str) -> set[str]:
    """The organisations that hold, or held, or gave any vial of this recall: each of them is told (R35)."""
    return {row[0] for row in view.rows(_CONCERNED, {"one": recall_id})}
