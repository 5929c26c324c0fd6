"""The words a state column may hold. No word is shared by two life cycles; everything else is a row or derived."""

from __future__ import annotations

from enum import StrEnum


class LotState(StrEnum):
    ANNOUNCED = "announced"
    CERTIFIED = "certified"
    DECLINED = "declined"


class Custody(StrEnum):
    """Who answers for a vial now. Neither its place nor its quality (MODEL.md, decision 5)."""

    MADE = "made"
    IN_TRANSIT = "in_transit"
    IN_STOCK = "in_stock"
    RESERVED = "reserved"
    ISSUED = "issued"
    BACK_IN_PHARMACY = "back_in_pharmacy"
    GIVEN = "given"
    DISCARDED = "discarded"
    DESTROYED = "destroyed"
    SAMPLED = "sampled"
    RETAINED = "retained"
    LOST = "lost"
    SENT_BACK = "sent_back"


class ConsignmentState(StrEnum):
    EXPECTED = "expected"
    GIVEN_UP = "given_up"
    ARRIVED = "arrived"
    CHECKED_IN = "checked_in"
    TURNED_AWAY = "turned_away"
    CLOSED = "closed"


class DocumentState(StrEnum):
    CURRENT = "current"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


GONE = frozenset({Custody.GIVEN, Custody.DISCARDED, Custody.DESTROYED, Custody.SAMPLED, Custody.SENT_BACK})
"""Custody that no act leaves again: the vial is no longer anybody's to use."""

BUCKET = {
    Custody.MADE: "in_stock",
    Custody.IN_STOCK: "in_stock",
    Custody.RESERVED: "in_stock",
    Custody.BACK_IN_PHARMACY: "in_stock",
    Custody.IN_TRANSIT: "in_transit",
    Custody.ISSUED: "issued",
    Custody.GIVEN: "administered",
    Custody.DISCARDED: "wasted",
    Custody.DESTROYED: "destroyed",
    Custody.SAMPLED: "retained",
    Custody.RETAINED: "retained",
    Custody.SENT_BACK: "returned",
    Custody.LOST: "missing",
}
"""Custody → reconciliation bucket (R36), total over all states: filled is the sum over the buckets."""


def reconcile(custodies: dict[Custody, int]) -> dict[str, int]:
    """Vials per bucket, every bucket named, in the order of the table."""
    buckets = dict.fromkeys(BUCKET.values(), 0)
    for custody, count in custodies.items():
        buckets[BUCKET[custody]] += count
    return buckets
