"""The distribution record: what went to whom, when, how many, of which lot, and what became of the box (R19)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, text

from traceability.domain.states import ConsignmentState
from traceability.store import View
from traceability.store.tables import Consignment, Lot
from traceability.store.tables.row import Utc

_LINES = text(
    "SELECT c.id, c.number, c.sscc, c.state, c.shipped_at, p.name AS product, pv.strength, p.gtin, l.id AS lot_id, l.number AS lot,"
    " (SELECT x.expires FROM expiry_statement x WHERE x.lot_id = l.id ORDER BY x.version DESC LIMIT 1) AS expires,"
    " s.name AS from_site, so.name AS shipper, t.name AS to_site, o.name AS consignee,"
    " (SELECT max(h.at) FROM handover h WHERE h.consignment_id = c.id) AS arrived_at,"
    " sum(CASE WHEN n.found NOT IN ('extra', 'extra_broken') THEN 1 ELSE 0 END) AS quantity,"
    " sum(CASE WHEN n.found = 'ok' THEN 1 ELSE 0 END) AS whole, sum(CASE WHEN n.found = 'broken' THEN 1 ELSE 0 END) AS broken,"
    " sum(CASE WHEN n.found = 'absent' THEN 1 ELSE 0 END) AS absent,"
    " sum(CASE WHEN n.found IN ('extra', 'extra_broken') THEN 1 ELSE 0 END) AS extra"
    " FROM consignment c JOIN consignment_line n ON n.consignment_id = c.id JOIN vial v ON v.id = n.vial_id"
    " JOIN lot l ON l.id = v.lot_id JOIN product_version pv ON pv.id = l.product_version_id JOIN product p ON p.id = pv.product_id"
    " JOIN site s ON s.id = c.from_site_id JOIN organisation so ON so.id = c.shipper_id JOIN site t ON t.id = c.to_site_id"
    " JOIN organisation o ON o.id = c.consignee_id"
    " GROUP BY c.id, c.number, c.sscc, c.state, c.shipped_at, p.name, pv.strength, p.gtin, l.id, l.number, s.name, so.name, t.name, o.name"
    " ORDER BY c.shipped_at, c.number, l.number"
).columns(shipped_at=Utc, arrived_at=Utc, expires=Date)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Distributed:
    """One lot in one box. `quantity` is what was shipped and is never edited; what the count found stands beside it."""

    consignment_id: str
    consignment: str
    sscc: str
    state: ConsignmentState
    product: str
    strength: str | None
    gtin: str
    lot_id: str
    lot: str
    expires: date | None
    shipper: str
    from_site: str
    consignee: str
    to_site: str
    shipped_at: datetime
    arrived_at: datetime | None
    quantity: int
    whole: int
    broken: int
    absent: int
    extra: int


def distribution(view: View, lot_id: str | None = None) -> list[Distributed]:
    """Boxes that this reader may see, from or to its house, oldest first; of one lot or of all."""
    lot = view.need(Lot, lot_id) if lot_id else None
    seen = {one.id for one in view.all(Consignment)}
    return [
        _line(row)
        for row in view.connection.execute(_LINES).mappings()
        if row["id"] in seen and (lot is None or row["lot_id"] == lot.id)
    ]


def _line(row: Any) -> Distributed:
    told: dict[str, Any] = dict(row)
    told |= {name: int(told[name] or 0) for name in ("quantity", "whole", "broken", "absent", "extra")}
    return Distributed(
        consignment_id=told.pop("id"), consignment=told.pop("number"), state=ConsignmentState(told.pop("state")), **told
    )  # fmt: skip
