"""The audit trail of one's own organisation, newest first: entries as they were hashed. Never another ledger's."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from traceability.store import View
from traceability.store.tables import Entry, Mention, Signature

ENTRY, MENTION = Entry.__table__, Mention.__table__  # type: ignore[attr-defined]


def entries(
    view: View, *, about: str | None = None, limit: int = 50, before: int | None = None
) -> list[dict[str, Any]]:
    """Entries with a number below `before`; `about` a lot, vial, consignment, person or whatever else they mention."""
    query = select(ENTRY).where(ENTRY.c.ledger == view.actor.organisation_id)
    if about is not None:
        query = query.join(MENTION, MENTION.c.act_id == ENTRY.c.act_id).where(MENTION.c.about_id == about)
    if before is not None:
        query = query.where(ENTRY.c.number < before)
    rows = view.connection.execute(query.order_by(ENTRY.c.number.desc()).limit(limit)).all()
    signed: dict[str, list[Signature]] = {}
    for one in view.known(Signature, Signature.act_id.in_([row.act_id for row in rows])):  # type: ignore[attr-defined]
        signed.setdefault(one.act_id, []).append(one)
    return [_told(row, signed.get(row.act_id, [])) for row in rows]


def _told(row: Any, signatures: list[Signature]) -> dict[str, Any]:
    body = json.loads(row.body)
    told = {name: body.get(name) for name in ("person", "role", "source", "about", "answer", "changes", "refusal")}
    return told | {
        "number": row.number, "act_id": row.act_id, "act": row.act, "person_id": row.person_id, "noun_id": row.noun_id,
        "occurred_at": row.occurred_at, "recorded_at": row.recorded_at, "leaf": bytes(row.leaf).hex(),
        "outcome": "refused" if row.refused else "done", "signatures": signatures,
        "about": told["about"] or [], "changes": told["changes"] or [],
    }  # fmt: skip
