"""A vial that was missing leaves the count by the word of two: one who says that it is lost, found and broken tells of nothing (R36)."""

from __future__ import annotations

from itertools import combinations

from sqlalchemy import text

from traceability.store import Tx
from traceability.store.tables import Vial
from traceability.store.tables.row import Utc
from traceability.store.voices import one

SAID_BROKEN = (
    "SELECT DISTINCT v.serial FROM vial v JOIN entry l ON l.act_id = v.act_id JOIN entry e ON e.noun_id = v.id"
    " WHERE v.state NOT IN ('given', 'discarded', 'destroyed', 'sampled', 'sent_back') AND e.act = 'vial.report_broken'"
    " AND e.refused IS NULL AND e.recorded_at >= l.recorded_at"
)
"""Vials that somebody has reported broken, and that are still counted: only one has said so."""
_TOLD = "EXISTS (SELECT 1 FROM mention m WHERE m.act_id = e.act_id AND m.about_id = :vial)"
_LOST = (
    # by a report, because a box came without it, or with a box that never came
    "SELECT e.recorded_at AS at FROM entry e WHERE e.refused IS NULL AND ((e.act = 'vial.report_lost' AND e.noun_id = :vial)"  # noqa: S608
    " OR (e.act = 'consignment.check_in' AND e.noun_id IN (SELECT n.consignment_id FROM consignment_line n"
    f" WHERE n.vial_id = :vial AND n.found = 'absent')) OR (e.act = 'consignment.give_up' AND {_TOLD}))"
)
_SINCE = text(
    # who says since that they had it in hand, alone or with a witness
    "SELECT DISTINCT coalesce(s.person_id, e.person_id) AS person_id, e.recorded_at AS at FROM entry e LEFT JOIN signature s"  # noqa: S608
    " ON s.act_id = e.act_id WHERE e.refused IS NULL AND e.act IN ('vial.report_found', 'vial.report_broken', 'vial.move',"
    " 'vial.put_away', 'vial.reserve', 'vial.issue', 'vial.take_back', 'vial.retain', 'place.move_all', 'stocktake.note',"
    f" 'recall.retrieve', 'consignment.count', 'consignment.arrive') AND (e.noun_id = :vial OR {_TOLD})"
    f" AND e.recorded_at >= (SELECT max(lost.at) FROM ({_LOST}) lost)"
).columns(at=Utc)
_EVER = text(f"SELECT 1 FROM ({_LOST}) lost")  # noqa: S608 - from the words above alone


def said_by_one(tx: Tx, vial: Vial) -> bool:
    """Whether this vial was missing, and everything that was said of it since, and is said now, is one voice's: a person's, or
    theirs and their stand-in's.
    """
    if not tx.rows(_EVER, {"vial": vial.id}):
        return False
    now = {tx.actor.person_id, *(signer.actor.person_id for signer in tx.signers)}
    words = {tx.voices(row.person_id, row.at) for row in tx.connection.execute(_SINCE, {"vial": vial.id})}
    words |= {tx.voices(person, tx.at) for person in now}
    return all(one(*two) for two in combinations(words, 2))
