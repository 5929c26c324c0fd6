"""Near misses: scans that answered DO NOT USE or ASK QA, with every reason. Refused acts stand in the ledger itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import col

from traceability.domain.people import INSTALLATION
from traceability.services.audit_search import about_these
from traceability.store import View
from traceability.store.tables import Lot, Vial


@dataclass(frozen=True, slots=True)
class Miss:
    """One verdict that stopped somebody. `vial` None: the code named none that is on record, or none in sight."""

    id: int
    at: datetime
    person: str
    vial_id: str | None
    serial: str | None
    lot: str | None
    purpose: str
    verdict: str
    findings: tuple[str, ...]


def scans(
    view: View, *, about: str = "", person_id: str = "", before: int | None = None, limit: int = 50
) -> list[Miss]:
    """By people of the reader's house, newest first; of a lot, of a vial, by one person."""
    mine = view.actor.organisation_id
    where, values = ["s.verdict <> 'use'"], dict[str, Any](limit=limit)
    if mine != INSTALLATION:
        where.append("p.organisation_id = :mine")
        values["mine"] = mine
    if person_id:
        where.append("s.person_id = :person")
        values["person"] = person_id
    if before is not None:
        where.append("s.id < :before")
        values["before"] = before
    if about:
        ids = about_these(view, about) or []
        vials = [one.id for one in view.all(Vial, col(Vial.id).in_(ids) | col(Vial.lot_id).in_(ids))]
        where.append("s.vial_id IN :vials")
        values["vials"] = vials
    query = text(
        "SELECT s.id, s.at, p.name, s.vial_id, s.purpose, s.verdict, s.findings FROM scan s"  # noqa: S608  # clauses of this module
        f" JOIN person p ON p.id = s.person_id WHERE {' AND '.join(where)} ORDER BY s.id DESC LIMIT :limit"
    )
    if "vials" in values:
        query = query.bindparams(bindparam("vials", expanding=True))
    rows = view.rows(query, values)
    seen = {one.id: one for one in view.all(Vial, col(Vial.id).in_({row[3] for row in rows if row[3]}))}
    numbers = {one.id: one.number for one in view.all(Lot, col(Lot.id).in_({one.lot_id for one in seen.values()}))}
    return [_miss(row, seen.get(row[3] or ""), numbers) for row in rows]


def _miss(row: Any, vial: Vial | None, numbers: dict[str, str]) -> Miss:
    at = row[1] if isinstance(row[1], datetime) else datetime.fromisoformat(row[1])
    return Miss(
        row[0], at, row[2], vial.id if vial else None, vial.serial if vial else None, numbers.get(vial.lot_id) if vial else None,
        row[4], row[5], tuple(row[6].split(",")) if row[6] else (),
    )  # fmt: skip
