"""Near misses: scans that answered DO NOT USE or ASK QA, with every reason. Refused acts stand in the ledger itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col

from traceability.domain.people import INSTALLATION
from traceability.domain.typed import meant
from traceability.services.audit import ledgers
from traceability.services.audit_search import about_these, bound, people_these, seen_lots
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
    view: View,
    *,
    about: str = "",
    person_id: str = "",
    purpose: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> tuple[list[Miss], bool]:
    """By people of the reader's house, or of one that let them in, newest first; of a lot, of a vial, by one person, for one
    purpose, from a time on and before another; and whether anything in sight goes by what was asked about. Asked for as in the
    search of the trail.
    """
    where, values = ["s.verdict <> 'use'"], dict[str, Any](limit=limit)
    houses = [one.id for one in ledgers(view)]
    if INSTALLATION not in houses:
        whole = [one for one in houses if seen_lots(view, one) is None]
        lots = sorted({lot for one in houses for lot in seen_lots(view, one) or ()})
        seen = " OR s.vial_id IN (SELECT id FROM vial WHERE lot_id IN :lots)" if lots else ""
        where.append(f"p.organisation_id IN :houses AND (p.organisation_id IN :whole{seen})")
        values |= {"houses": houses, "whole": whole, **({"lots": lots} if lots else {})}
    if person_id:
        where.append("s.person_id IN :people")
        values["people"] = people_these(view, person_id)
    if before is not None:
        where.append("s.id < :before")
        values["before"] = before
    for clause, name, value in (
        ("s.purpose = :purpose", "purpose", meant(purpose)),
        ("s.at >= :since", "since", since),
        ("s.at < :until", "until", until),
    ):
        if value:
            where.append(clause)
            values[name] = value
    if (ids := about_these(view, about)) is not None:
        if not ids:
            return [], False
        vials = [one.id for one in view.all(Vial, col(Vial.id).in_(ids) | col(Vial.lot_id).in_(ids))]
        where.append("s.vial_id IN :vials")
        values["vials"] = vials
    query = (
        "SELECT s.id, s.at, p.name, s.vial_id, s.purpose, s.verdict, s.findings FROM scan s"  # noqa: S608  # clauses of this module
        f" JOIN person p ON p.id = s.person_id WHERE {' AND '.join(where)} ORDER BY s.id DESC LIMIT :limit"
    )
    rows = bound(view, query, values)
    known = {one.id: one for one in view.all(Vial, col(Vial.id).in_({row[3] for row in rows if row[3]}))}
    numbers = {one.id: one.number for one in view.all(Lot, col(Lot.id).in_({one.lot_id for one in known.values()}))}
    return [_miss(row, known.get(row[3] or ""), numbers) for row in rows], True


def _miss(row: Any, vial: Vial | None, numbers: dict[str, str]) -> Miss:
    at = row[1] if isinstance(row[1], datetime) else datetime.fromisoformat(row[1])
    return Miss(
        row[0], at, row[2], vial.id if vial else None, vial.serial if vial else None, numbers.get(vial.lot_id) if vial else None,
        row[4], row[5], tuple(row[6].split(",")) if row[6] else (),
    )  # fmt: skip
