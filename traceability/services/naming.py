"""Grave cases that name a lot or a vial of it, and of which QA has not decided: while one is open they are not used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from traceability.domain.casework import OF_ONE_VIAL
from traceability.domain.states import GONE
from traceability.store.hot import Hot, Reader


def _listed(words: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{one}'" for one in sorted(words)) + ")"


_WHOLE = f"v.state IN {_listed(GONE)} AND c.kind NOT IN {_listed(OF_ONE_VIAL)}"
"""Nothing is left of the vial that it names: its lot is what can still be used."""
_NAMED = Hot(
    # of each: the vial or the whole lot, the thing on which QA decides, another whose word counts for it, and whose house it is
    # besides the asker's
    "SELECT t.lot_id, k.number, t.vial_id, k.organisation_id, t.owner_id FROM cases k JOIN ("  # noqa: S608 - from the words above alone
    " SELECT c.id AS case_id, c.lot_id, NULL AS vial_id, c.lot_id AS thing, NULL AS also, NULL AS owner_id FROM cases c"
    " WHERE c.vial_id IS NULL AND c.lot_id = ANY(:ids) UNION ALL"
    f" SELECT c.id, v.lot_id, CASE WHEN {_WHOLE} THEN NULL ELSE v.id END, CASE WHEN {_WHOLE} THEN v.lot_id ELSE v.id END, v.id, NULL"
    " FROM cases c JOIN vial v ON v.id = c.vial_id WHERE v.lot_id = ANY(:ids) UNION ALL"
    # an excursion is decided vial by vial, with a hold of its own
    " SELECT c.id, v.lot_id, v.id, c.consignment_id, NULL, NULL FROM cases c JOIN consignment_line n ON n.consignment_id = c.consignment_id"
    " JOIN vial v ON v.id = n.vial_id WHERE c.vial_id IS NULL AND c.lot_id IS NULL AND c.excursion_id IS NULL"
    " AND v.lot_id = ANY(:ids) UNION ALL"
    " SELECT n.case_id, n.lot_id, NULL, n.lot_id, NULL, NULL FROM case_lot n WHERE n.chosen AND n.lot_id = ANY(:ids) AND NOT EXISTS"
    " (SELECT 1 FROM case_lot m WHERE m.case_id = n.case_id AND m.lot_id = n.lot_id AND m.id > n.id) UNION ALL"
    # whatever was made of a material, announced before or after; what is said of the material is said of its lots
    " SELECT c.id, a.lot_id, NULL, a.lot_id, c.material_id, m.organisation_id FROM cases c JOIN lot_ancestor a"
    " ON a.material_id = c.material_id JOIN material m ON m.id = c.material_id WHERE a.lot_id = ANY(:ids)"
    ") t ON t.case_id = k.id WHERE k.closed_at IS NULL AND k.severity <> 'minor'"
    # the lot of a result outside its specification has a rule of its own, and is not answered before its case is closed
    " AND NOT EXISTS (SELECT 1 FROM result r WHERE r.case_id = k.id AND r.lot_id = t.lot_id)"
    # the newest word of the thing frees it, said of the case as it is: not before it was opened again, or graded anew
    " AND NOT EXISTS (SELECT 1 FROM case_disposition d WHERE d.case_id = k.id AND d.target_id IN (t.thing, t.also) AND d.decision = 'use'"
    " AND NOT EXISTS (SELECT 1 FROM case_disposition n WHERE n.case_id = k.id AND n.target_id = d.target_id AND n.id > d.id)"
    " AND NOT EXISTS (SELECT 1 FROM case_step s WHERE s.case_id = k.id AND s.kind IN ('grade', 'reopened') AND s.id > d.id))"
    " ORDER BY k.opened_at, k.number"
)
OWNER = "CASE WHEN p.kind = 'shipper' THEN b.shipper_id ELSE t.organisation_id END"
"""Whose a stay is, in SQL, of its place p, its site t and the consignment b of that place: a box is of who sent it on its way."""
_HAD = Hot(
    f"SELECT s.vial_id, {OWNER} FROM stay s JOIN place p ON p.id = s.place_id JOIN site t ON t.id = p.site_id"  # noqa: S608 - from the words above alone
    " LEFT JOIN consignment b ON b.place_id = s.place_id WHERE s.vial_id = ANY(:ids)"
)


class Named(NamedTuple):
    """`vial_id`: the one vial that it names; None: the whole lot. `owner_id`: of the material, whose word reaches everywhere."""

    case: str
    vial_id: str | None
    organisation_id: str
    owner_id: str | None


def named(reader: Reader, lot_ids: Iterable[str]) -> Mapping[str, Sequence[Named]]:
    """The open cases, major or critical, that name each of these lots or a vial of it, and of which QA has not decided (R31, R34).

    A gravity that is not known to be minor counts.
    """
    return reader.grouped(_NAMED, lot_ids, lambda row: Named(*row[1:]))


def had(reader: Reader, vial_ids: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The houses that had each of these vials."""
    return reader.grouped(_HAD, vial_ids, itemgetter(1))


def undecided(
    told: Sequence[Named], vial_id: str, houses: Iterable[str], owners: Iterable[str | None]
) -> tuple[str, ...]:
    """Numbers of the cases that name this vial or its lot: of these houses, and of every house that had this very vial (`owners`),
    for it travels with what was asked about it.
    """
    asked = {*houses, *owners}
    return tuple(
        dict.fromkeys(
            one.case
            for one in told
            if one.vial_id in (None, vial_id) and (one.organisation_id in asked or one.organisation_id == one.owner_id)
        )
    )
