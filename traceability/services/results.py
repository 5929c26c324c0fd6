"""Test results: entered by an analyst, reviewed by somebody else (R30, R32)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from traceability.domain.errors import Refused
from traceability.services import Answer, performs
from traceability.services.products import current_specifications, number
from traceability.store import Tx, View
from traceability.store.tables import Lot, Result, Specification


@performs("result.enter")
def enter(tx: Tx, lot_id: str, specification_id: str, value: str, tested_on: datetime) -> Answer:
    """What one test showed, as its source writes it; a new entry is a new version beside the old."""
    lot, specification = tx.need(Lot, lot_id), tx.need(Specification, specification_id)
    if specification.product_version_id != lot.product_version_id:
        raise Refused("specification_of_other_product")
    value = value.strip()
    if specification.expected is None:
        number(value)
    if not value or len(value) > 80:
        raise Refused("value_missing")
    if tested_on > tx.at:
        raise Refused("occurred_in_future", occurred=tested_on, now=tx.at)
    versions = [one.version for one in results(tx, lot.id) if one.specification_id == specification.id]
    row = Result(
        lot_id=lot.id, specification_id=specification.id, version=1 + max(versions, default=0), value=value,
        analyst_id=tx.actor.person_id, tested_on=tested_on,
    )  # fmt: skip
    return {"id": tx.add(row).id, "conforms": conforms(specification, value)}


@performs("result.review")
def review(tx: Tx, result_id: str) -> Answer:
    """Somebody else looked at the entry and its source (R58)."""
    result = tx.need(Result, result_id)
    if result.analyst_id == tx.actor.person_id:
        raise Refused("own_work", noun="result")
    if result.reviewed_at is not None:
        raise Refused("already_ended", noun="review")
    tx.covers = {"value": result.value, "specification": result.specification_id}
    tx.change(result, reviewer_id=tx.actor.person_id, reviewed_at=tx.at)
    return {"id": result.id}


def conforms(specification: Specification, value: str) -> bool | None:
    return within(specification.expected, specification.low, specification.high, value)


def within(expected: str | None, low: str | None, high: str | None, value: str) -> bool | None:
    """Inside the limits, or the expected word; None where the value cannot be held against them."""
    if expected is not None:
        return value.casefold() == expected.casefold()
    try:
        found = number(value)
    except Refused:
        return None
    return (Decimal(low) if low is not None else found) <= found <= (Decimal(high) if high is not None else found)


def results(view: View, lot_id: str) -> list[Result]:
    return view.all(Result, Result.lot_id == lot_id, order=(Result.specification_id, Result.version))


def current(view: View, lot: Lot) -> list[tuple[Specification, Result | None]]:
    """Every test asked of the lot with its newest result, or none."""
    newest = {one.specification_id: one for one in results(view, lot.id)}
    return [(spec, newest.get(spec.id)) for spec in current_specifications(view, lot.product_version_id).values()]
