"""A lot counted up to its last vial: filled is the sum of its buckets, and what does not add up is a case (R36)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import col

from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.plain import digest
from traceability.domain.recalling import named
from traceability.domain.rules import Finding, Severity
from traceability.domain.states import BUCKET, GONE, Custody, reconcile
from traceability.services import Answer, performs
from traceability.services.cases import open_case
from traceability.services.lost_boxes import OVERDUE
from traceability.services.missing import SAID_BROKEN
from traceability.services.verdicts import facts
from traceability.store import Tx, View
from traceability.store.tables import Case, Lot, Reconciliation
from traceability.store.tables.quality import CaseKind
from traceability.store.tables.row import Utc

_ROWS = (
    "SELECT v.id, v.serial, v.state, v.organisation_id, o.name AS holder, t.name AS site, p.code AS place, p.kind AS kind,"
    " p.quarantine FROM vial v JOIN organisation o ON o.id = v.organisation_id"
    " LEFT JOIN stay s ON s.vial_id = v.id AND s.until IS NULL LEFT JOIN place p ON p.id = s.place_id"
    " LEFT JOIN site t ON t.id = p.site_id WHERE v.lot_id = :lot ORDER BY v.serial"
)
_COUNTED = (
    # what a count of a place said against the record, until somebody has answered for it or the vial was seen since
    "SELECT v.serial, l.seen, k.number FROM stocktake_line l JOIN stocktake c ON c.id = l.stocktake_id"
    " JOIN cases k ON k.id = c.case_id JOIN vial v ON v.id = l.vial_id"
    " WHERE v.lot_id = :lot AND l.seen <> 'here' AND k.closed_at IS NULL AND NOT (l.seen = 'missing' AND"
    " (EXISTS (SELECT 1 FROM stocktake_line n WHERE n.vial_id = v.id AND n.seen = 'here' AND n.at > l.at)"
    " OR EXISTS (SELECT 1 FROM retrieval r WHERE r.vial_id = v.id AND r.how = 'scanned' AND r.at > l.at))) ORDER BY v.serial"
)
_OVERDUE = text(
    "SELECT v.serial, consignment.number FROM vial v JOIN consignment_line l ON l.vial_id = v.id"  # noqa: S608 - a clause of our own
    " JOIN consignment ON consignment.id = l.consignment_id"
    f" WHERE v.lot_id = :lot AND v.state = 'in_transit' AND {OVERDUE} ORDER BY v.serial"
).bindparams(bindparam("now", type_=Utc))
_GIVEN = (
    "SELECT v.serial, count(av.id) AS times, v.state FROM vial v JOIN administration_vial av ON av.vial_id = v.id"
    " JOIN administration a ON a.id = av.administration_id AND a.void_at IS NULL"
    " WHERE v.lot_id = :lot GROUP BY v.serial, v.state HAVING count(av.id) > 1 OR v.state <> 'given' ORDER BY v.serial"
)


@dataclass(frozen=True, slots=True)
class Where:
    """How many vials of a lot are in one custody with one holder, and at which of its places where that is one's own."""

    holder: str
    site: str | None
    place: str | None
    custody: Custody
    vials: int
    serials: tuple[str, ...]

    @property
    def bucket(self) -> str:
        return BUCKET[self.custody]


@dataclass(frozen=True, slots=True)
class Figures:
    """One lot counted up. `over` lies beside the buckets, not in them: a vial in stock may be held and recalled at once."""

    lot: Lot
    filled: int
    counted: int
    buckets: dict[str, int]
    where: list[Where]
    over: dict[str, int]
    differs: tuple[Finding, ...]

    def plain(self) -> dict[str, Any]:
        """What QA signs."""
        return {
            "filled": self.filled, "counted": self.counted, "buckets": self.buckets, "over": self.over,
            "differs": [one.plain() for one in self.differs],
        }  # fmt: skip

    @property
    def digest(self) -> str:
        return digest(self.plain())


@performs("lot.reconcile")
def reconcile_lot(tx: Tx, lot_id: str, figures_digest: str) -> Answer:
    """QA has looked at the figures and signs them as they stand; a difference opens a case, once while it is open."""
    lot = tx.need(Lot, lot_id)
    tx.alone(f"reconciliation of {lot.id}")
    figures = count_up(tx, lot.id)
    if figures.digest != figures_digest:
        raise Refused("figures_changed")
    case = _case(tx, lot, figures.differs) if figures.differs else None
    row = tx.add(
        Reconciliation(
            lot_id=lot.id, organisation_id=tx.actor.organisation_id, figures=figures.plain(), digest=figures.digest,
            case_id=case.id if case else None, reconciled_at=tx.at,
        )
    )  # fmt: skip
    tx.covers = figures.digest
    answer: Answer = {"id": row.id, "lot_id": lot.id, "differs": [one.code for one in figures.differs]}
    return {**answer, "case": case.number} if case else answer


def _case(tx: Tx, lot: Lot, differs: Sequence[Finding]) -> Case:
    """The case of these differences: the one that is open, if one is."""
    title = f"Vials of {lot.number}: {', '.join(one.code for one in differs)}"[:240]
    mine = Case.organisation_id == tx.actor.organisation_id
    known = tx.known(Case, Case.lot_id == lot.id, Case.title == title, mine, col(Case.closed_at).is_(None))
    return known[0] if known else open_case(tx, CaseKind.COUNT_DIFFERS, title, lot_id=lot.id)


def count_up(view: View, lot_id: str) -> Figures:
    """The figures of a lot as they stand. Raises `NotFound`."""
    lot = view.need(Lot, lot_id)
    rows = view.rows(_ROWS, {"lot": lot.id})
    custodies = Counter(Custody(row.state) for row in rows)
    left = [row.id for row in rows if Custody(row.state) not in GONE]
    known = facts(view, left, Purpose.STOCK) if left else []
    over = {
        "quarantine": sum(bool(row.quarantine) for row in rows),
        "held": sum(bool(one.holds) for one in known),
        "recalled": sum(bool(one.recalls) for one in known),
    }
    return Figures(
        lot, lot.filled, len(rows), reconcile(dict(custodies)), _where(view, rows), over, _differs(view, lot, rows)
    )


def _where(view: View, rows: Sequence[Any]) -> list[Where]:
    """By holder, place and custody; a place of another organisation is its own affair."""
    mine = {grant.organisation_id for grant in view.actor.grants if grant.holds(view.at)}
    found: dict[tuple[str, str | None, str | None, Custody], list[str]] = {}
    for row in rows:
        told = row.organisation_id in mine or row.kind == "shipper"
        key = (row.holder, row.site if told else None, row.place if told else None, Custody(row.state))
        found.setdefault(key, []).append(row.serial)
    order = list(Custody)
    return [
        Where(holder, site, place, custody, len(serials), tuple(serials))
        for (holder, site, place, custody), serials in sorted(
            found.items(), key=lambda one: (one[0][0], one[0][1] or "", one[0][2] or "", order.index(one[0][3]))
        )
    ]


def _differs(view: View, lot: Lot, rows: Sequence[Any]) -> tuple[Finding, ...]:
    """Everything that does not add up, each with its vials."""
    given = view.rows(_GIVEN, {"lot": lot.id})
    missing = [row.serial for row in rows if row.state == Custody.LOST]
    differently = [f"{row.serial} ({row.number})" for row in view.rows(_COUNTED, {"lot": lot.id})]
    told = view.connection.execute(_OVERDUE, {"lot": lot.id, "now": view.at})
    overdue = [f"{row.serial} ({row.number})" for row in told]
    broken = [row.serial for row in view.rows(SAID_BROKEN + " AND v.lot_id = :lot ORDER BY v.serial", {"lot": lot.id})]
    twice = [row.serial for row in given if row.times > 1]
    against = [row.serial for row in given if row.state != Custody.GIVEN]
    filled = {"filled": lot.filled, "count": len(rows)}
    found = (
        Finding("filled_differs", len(rows) == lot.filled, Severity.ASK, filled),
        Finding("vials_missing", not missing, Severity.ASK, named(missing)),
        Finding("box_overdue", not overdue, Severity.ASK, named(overdue)),
        Finding("missing_and_broken", not broken, Severity.ASK, named(broken)),
        Finding("counted_differently", not differently, Severity.ASK, named(differently)),
        Finding("given_twice", not twice, Severity.ASK, named(twice)),
        Finding("given_and_not", not against, Severity.ASK, named(against)),
    )
    return tuple(one for one in found if not one.holds)


def signed(view: View, lot_id: str) -> list[Reconciliation]:
    """What this organisation has signed of a lot, the newest first."""
    lot = view.need(Lot, lot_id)
    return view.all(Reconciliation, Reconciliation.lot_id == lot.id, order=col(Reconciliation.id).desc())
