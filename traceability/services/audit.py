"""Reading the ledger: entries newest first, what they changed, who signed, why. Proving it is not here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from traceability.domain.errors import NotFound
from traceability.domain.merkle import leaf_hash
from traceability.domain.people import INSTALLATION
from traceability.services.audit_search import ENTRY, Asked, about_these, numbers, people_these, sight
from traceability.services.choices import names
from traceability.services.signatures import reasons_of
from traceability.store import View
from traceability.store.tables import (
    Organisation,
    Person,
    Signature,
)
from traceability.store.tables.row import Choice

__all__ = [
    "LISTS", "Asked", "Detail", "Page", "Told", "about_these", "entry", "hashed", "ids", "ledgers", "lot_of", "page", "people", "told",
]  # fmt: skip

LISTS: Mapping[tuple[str, str], str] = {
    (table.name, column.name): column.type.words.__name__
    for table in SQLModel.metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, Choice)
} | {
    ("attachment", "kind"): "FileKind", ("document", "kind"): "RecordKind", ("document", "language"): "Language",
    ("document", "noun"): "Noun", ("label_print", "layout"): "Layout", ("person", "language"): "Language",
    ("recall", "class_"): "recall_class", ("score", "instrument"): "Instrument",
}  # fmt: skip
"""Of which closed list the words of a column are, by table and column: those that the schema says, and plain text that is."""


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as it stands: `body` is what was hashed, if it is `intact`. `reason` None: none was given, or it was erased."""

    ledger: str
    number: int
    act: str
    refused: str | None
    person: str
    role: str
    occurred_at: datetime
    recorded_at: datetime
    source: str
    noun_id: str | None
    body: dict[str, Any]
    leaf: str
    intact: bool
    reason: str | None
    signatures: list[Signature]


@dataclass(frozen=True, slots=True)
class Page:
    """`before` is where the next page begins; None: this is the last."""

    entries: list[Told]
    names: dict[str, tuple[str, str]]
    before: int | None
    last: int
    known: bool


def ledgers(view: View) -> list[Organisation]:
    """The organisations whose ledger this actor may read, their own first."""
    held = {grant.organisation_id for grant in view.actor.grants if grant.holds(view.at)}
    where = [] if INSTALLATION in held else [col(Organisation.id).in_(held)]
    found = view.all(Organisation, *where, order=Organisation.name)
    return sorted(found, key=lambda one: one.id != view.actor.organisation_id)


def page(view: View, asked: Asked, *, before: int | None = None, limit: int = 50) -> Page:
    """Entries of one ledger, newest first, from before a number: reading on never counts what was read."""
    found, known = numbers(view, asked, before=before, limit=limit + 1)
    last = view.connection.execute(select(func.max(ENTRY.c.number)).where(ENTRY.c.ledger == asked.ledger)).scalar()
    entries = told(view, asked.ledger, found[:limit])
    named = {asked.about}.union(*(ids(one.body) for one in entries))
    return Page(entries, names(view, named), found[limit - 1] if len(found) > limit else None, int(last or 0), known)


def told(view: View, ledger: str, found: Sequence[int]) -> list[Told]:
    """These entries, which are in sight, newest first."""
    query = select(ENTRY).where(ENTRY.c.ledger == ledger, ENTRY.c.number.in_(found)).order_by(ENTRY.c.number.desc())
    return _told(view, view.connection.execute(query).all())


@dataclass(frozen=True, slots=True)
class Detail:
    entry: Told
    names: dict[str, tuple[str, str]]


def entry(view: View, ledger: str, number: int) -> Detail:
    """One entry with its signatures. Raises `NotFound`: also for what is not theirs to see."""
    (made,) = _told(view, [_row(view, ledger, number)])
    return Detail(made, names(view, ids(made.body)))


def hashed(view: View, ledger: str, number: int) -> tuple[str, bytes]:
    """An entry letter by letter as it was hashed, and its leaf. Raises `NotFound`: also for what is not theirs to see."""
    row = _row(view, ledger, number)
    return row.body, bytes(row.leaf)


def _row(view: View, ledger: str, number: int) -> Any:
    where = (ENTRY.c.ledger == ledger, ENTRY.c.number == number, sight(view, ledger))
    row = view.connection.execute(select(ENTRY).where(*where)).one_or_none()
    if row is None:
        raise NotFound("entry")
    return row


def lot_of(view: View, told: str) -> tuple[str, str] | None:
    """Id and number of the lot that was asked about, where it is one."""
    found = names(view, about_these(view, told) or [])
    lots = [(one, name) for one, (noun, name) in found.items() if noun == "lot"]
    return lots[0] if len(lots) == 1 else None


def person_of(view: View, told: str) -> str:
    """The id of who was asked for by it or by the name they sign in with; empty where it is nobody."""
    return next(iter(people_these(view, told)), "") if told else ""


def people(view: View, ledger: str) -> list[tuple[str, str]]:
    """Whose acts may stand in a ledger: those of its organisation."""
    return [(one.id, one.name) for one in view.all(Person, Person.organisation_id == ledger, order=Person.name)]


def _told(view: View, rows: Sequence[Any]) -> list[Told]:
    """Entries already in sight, with the words that were given as a reason (erased ones are gone) and who signed."""
    act_ids = [row.act_id for row in rows]
    signed = defaultdict(list)
    for one in view.known(Signature, col(Signature.act_id).in_(act_ids)):
        signed[one.act_id].append(one)
    reasons = reasons_of(view, act_ids)
    return [_one(row, json.loads(row.body), reasons.get(row.act_id), signed[row.act_id]) for row in rows]


def _one(row: Any, body: dict[str, Any], reason: str | None, signatures: list[Signature]) -> Told:
    return Told(
        ledger=row.ledger, number=row.number, act=row.act, refused=row.refused, person=body["person"],
        role=body.get("role", ""), occurred_at=row.occurred_at, recorded_at=row.recorded_at, source=body["source"],
        noun_id=row.noun_id, body=body, leaf=bytes(row.leaf).hex(),
        intact=leaf_hash(row.body.encode()) == bytes(row.leaf), reason=reason, signatures=signatures,
    )  # fmt: skip


def ids(body: dict[str, Any]) -> set[str]:
    """Every id that an entry mentions: what it is about, and the values that are one."""
    found = {body.get("noun_id") or "", *body.get("about", ())}
    for change in body.get("changes", ()):
        for value in (change.get("new") or change.get("set") or {}).values():
            found |= {
                one
                for one in (value if isinstance(value, list) else [value])
                if isinstance(one, str) and len(one) == 32
            }
        found.add(change["id"])
    return found - {""}
