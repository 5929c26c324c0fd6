"""Grave cases that name a lot or a vial of it, and of which QA has not decided: while one is open they are not used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from traceability.store.hot import Hot, Reader

_NAMED = Hot(
    "SELECT t.lot_id, k.number, t.vial_id, k.organisation_id FROM cases k JOIN ("
    " SELECT c.id AS case_id, c.lot_id, NULL AS vial_id, c.lot_id AS thing FROM cases c"
    " WHERE c.vial_id IS NULL AND c.lot_id = ANY(:ids) UNION ALL"
    " SELECT c.id, v.lot_id, v.id, v.id FROM cases c JOIN vial v ON v.id = c.vial_id WHERE v.lot_id = ANY(:ids) UNION ALL"
    # an excursion is decided vial by vial, with a hold of its own
    " SELECT c.id, v.lot_id, v.id, c.consignment_id FROM cases c JOIN consignment_line n ON n.consignment_id = c.consignment_id"
    " JOIN vial v ON v.id = n.vial_id WHERE c.vial_id IS NULL AND c.lot_id IS NULL AND c.excursion_id IS NULL"
    " AND v.lot_id = ANY(:ids) UNION ALL"
    " SELECT n.case_id, n.lot_id, NULL, n.lot_id FROM case_lot n WHERE n.chosen AND n.lot_id = ANY(:ids) AND NOT EXISTS"
    " (SELECT 1 FROM case_lot m WHERE m.case_id = n.case_id AND m.lot_id = n.lot_id AND m.id > n.id)"
    ") t ON t.case_id = k.id WHERE k.closed_at IS NULL AND k.severity <> 'minor'"
    # a result outside its specification has a rule of its own, and is not answered before its case is closed
    " AND NOT EXISTS (SELECT 1 FROM result r WHERE r.case_id = k.id)"
    # the newest word of the thing frees it, said of the case as it is: not before it was opened again, or graded anew
    " AND NOT EXISTS (SELECT 1 FROM case_disposition d WHERE d.case_id = k.id AND d.target_id = t.thing AND d.decision = 'use'"
    " AND NOT EXISTS (SELECT 1 FROM case_disposition n WHERE n.case_id = k.id AND n.target_id = t.thing AND n.id > d.id)"
    " AND NOT EXISTS (SELECT 1 FROM case_step s WHERE s.case_id = k.id AND s.kind IN ('grade', 'reopened') AND s.id > d.id))"
    " ORDER BY k.opened_at, k.number"
)


class _Named(NamedTuple):
    """`vial_id`: the one vial that it names; None: the whole lot."""

    case: str
    vial_id: str | None
    organisation_id: str


def undecided(reader: Reader, lot_id: str, vial_id: str, houses: Iterable[str]) -> tuple[str, ...]:
    """Numbers of the open cases of these houses, major or critical, that name this vial or its lot (R31, R34).

    A gravity that is not known to be minor counts.
    """
    found = reader.grouped(_NAMED, (lot_id,), lambda row: _Named(*row[1:]))[lot_id]
    asked = frozenset(houses)
    return tuple(
        dict.fromkeys(one.case for one in found if one.organisation_id in asked and one.vial_id in (None, vial_id))
    )
