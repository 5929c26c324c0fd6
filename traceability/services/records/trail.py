"""An extract of the audit trail as a record: what one ledger says of a lot, its vials and its boxes, and who has reviewed it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from traceability.domain.records import EntryPart, RecordKind, ReviewPart, TrailRecord
from traceability.services import audit, audit_reviews, audit_search, scopes
from traceability.services.choices import names
from traceability.services.records import parts
from traceability.store import View
from traceability.store.tables import AuditReview, Lot

MOST = 5_000
"""So many entries are printed, the newest; all of them are in the evidence package."""
AT_ONCE, CHANGES, SIGNED = 500, 6, 3


def build(view: View, lot_id: str, number: str, version: int) -> TrailRecord:
    lot = view.need(Lot, lot_id)
    ledger = audit.ledgers(view)[0].id
    found: list[int] = []
    while len(found) <= MOST:
        asked = audit_search.Asked(ledger, about=lot.id)
        some, _known = audit_search.numbers(view, asked, before=found[-1] if found else None, limit=AT_ONCE)
        found += some
        if len(some) < AT_ONCE:
            break
    shown, reviewed = found[:MOST], audit_reviews.reviews(view, lot.id, of=ledger)
    return TrailRecord(
        head=parts.head(view, RecordKind.TRAIL, number, version, demonstration=lot.demonstration),
        lot=parts.lot_part(view, lot),
        maker=parts.maker(view, lot),
        ledger=ledger,
        scope=scopes.scope(view, ledger, lot=lot),
        whole=len(found) <= MOST,
        entries=tuple(_entries(view, ledger, shown)),
        reviews=tuple(_reviews(view, reviewed)),
        signatures=parts.signatures(view, {one.id: "" for one in reviewed[:SIGNED]}),
    )


def _entries(view: View, ledger: str, found: list[int]) -> Iterator[EntryPart]:
    for begin in range(0, len(found), AT_ONCE):
        some = audit.told(view, ledger, found[begin : begin + AT_ONCE])
        known = names(view, {one for told in some for one in audit.ids(told.body)})
        for told in some:
            changes = list(_changes(told.body, known))
            yield EntryPart(
                number=told.number, at=told.recorded_at, act=told.act, person=told.person, role=told.role, refused=told.refused,
                about=tuple(known[one][1] for one in told.body.get("about", ())[:3] if one in known),
                changes=tuple(changes[:CHANGES]), more=max(0, len(changes) - CHANGES), reason=told.reason,
                signed_by=tuple(one.name for one in told.signatures), leaf=told.leaf,
            )  # fmt: skip


def _changes(body: dict[str, Any], known: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str | None, str]]:
    """Columns that changed, with what was there before; of new rows which table they are of."""
    for change in body.get("changes", ()):
        if change["table"] in ("signature", "free_text"):
            continue
        if "new" in change:
            yield change["table"], None, known[change["id"]][1] if change["id"] in known else ""
        for name, (before, after) in (change.get("set") or {}).items():
            yield f"{change['table']}.{name}", _said(before, known), _said(after, known)


def _said(value: Any, known: dict[str, tuple[str, str]]) -> str:
    told = "" if value is None else known[value][1] if isinstance(value, str) and value in known else str(value)
    return told if len(told) <= 60 else f"{told[:59]}…"


def _reviews(view: View, found: list[AuditReview]) -> Iterator[ReviewPart]:
    called = parts.people(view, [one.person_id for one in found])
    for one in found:
        whole = one.lot_id is None
        yield ReviewPart(by=called[one.person_id], through=one.through, at=one.reviewed_at, whole_ledger=whole)
