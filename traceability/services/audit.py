"""Reading the ledger: entries newest first, what they changed, who signed, why. Proving it is not here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, column, or_, select, text, true
from sqlmodel import SQLModel, col

from traceability.domain.acts import ACTS
from traceability.domain.errors import NotFound
from traceability.domain.people import INSTALLATION
from traceability.services.choices import names
from traceability.store import View
from traceability.store.sight import OF_SUBJECTS_TO
from traceability.store.tables import (
    Consignment,
    Entry,
    FreeText,
    Lot,
    Mention,
    Organisation,
    Person,
    Place,
    Signature,
    Vial,
)
from traceability.store.tables.row import Choice

ENTRY, MENTION = Entry.__table__, Mention.__table__  # type: ignore[attr-defined]

ABOUT_LOT = text(
    "SELECT m.act_id FROM mention m WHERE m.about_id = :lot"
    " UNION SELECT m.act_id FROM vial v JOIN mention m ON m.about_id = v.id WHERE v.lot_id = :lot"
    " UNION SELECT m.act_id FROM vial v JOIN consignment_line l ON l.vial_id = v.id"
    " JOIN mention m ON m.about_id = l.consignment_id WHERE v.lot_id = :lot"
).columns(column("act_id"))
"""The acts of a lot's trail, in every ledger: about the lot, its vials, and the consignments that carried them."""

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

OF_SUBJECTS = [
    name
    for name, act in sorted(ACTS.items())
    if act.noun in ("subject", "consent", "course", "order", "dose", "administration", "score", "event")
]
"""Acts whose entries name a subject: not for who keeps the accounts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for; `about` is an id, a lot's number, a serial, a consignment's number, a place or a username."""

    ledger: str
    about: str = ""
    act: str = ""
    person_id: str = ""
    refused: bool = False
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One entry as it stands: `content` is what was hashed, `body` the same read. `reason` None: none was given, or it was erased."""

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
    content: str
    body: dict[str, Any]
    leaf: str
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
    seen = sight(view, asked.ledger)
    about = _about(view, asked.about)
    where = [ENTRY.c.ledger == asked.ledger, seen, *_where(asked)]
    if about is not None:
        where.append(ENTRY.c.act_id.in_(_about_these(about)))
    if before is not None:
        where.append(ENTRY.c.number < before)
    rows = view.connection.execute(select(ENTRY).where(*where).order_by(ENTRY.c.number.desc()).limit(limit + 1)).all()
    last = view.connection.execute(
        select(ENTRY.c.number).where(ENTRY.c.ledger == asked.ledger).order_by(ENTRY.c.number.desc()).limit(1)
    ).scalar()
    shown = rows[:limit]
    entries = _told(view, shown)
    ids = {one.noun_id for one in entries if one.noun_id} | {asked.about}
    for change in (change for one in entries for change in one.body.get("changes", ())):
        ids |= {
            each
            for pair in (change.get("set") or {}).values()
            for each in pair
            if isinstance(each, str) and len(each) == 32
        }
    following = shown[-1].number if len(rows) > limit else None
    return Page(entries, names(view, ids), following, int(last or 0), about is None or bool(about))


@dataclass(frozen=True, slots=True)
class Detail:
    entry: Told
    names: dict[str, tuple[str, str]]


def entry(view: View, ledger: str, number: int) -> Detail:
    """One entry with its signatures. Raises `NotFound`: also for what is not theirs to see."""
    where = (ENTRY.c.ledger == ledger, ENTRY.c.number == number, sight(view, ledger))
    row = view.connection.execute(select(ENTRY).where(*where)).one_or_none()
    if row is None:
        raise NotFound("entry")
    (made,) = _told(view, [row])
    return Detail(made, names(view, _ids(made.body)))


def people(view: View, ledger: str) -> list[tuple[str, str]]:
    """Whose acts may stand in a ledger: those of its organisation."""
    return [(one.id, one.name) for one in view.all(Person, Person.organisation_id == ledger, order=Person.name)]


def sight(view: View, ledger: str) -> ColumnElement[bool]:
    """Everything in a ledger that was granted whole; of one that was granted for lots, what is about them."""
    held = [grant for grant in view.actor.grants if grant.holds(view.at)]
    if any(grant.organisation_id == INSTALLATION for grant in held):
        return true()
    here = [grant for grant in held if grant.organisation_id == ledger]
    if not here:
        raise NotFound("ledger")
    if any(grant.lot_id is None for grant in here):
        return true() if any(grant.role in OF_SUBJECTS_TO for grant in here) else ENTRY.c.act.not_in(OF_SUBJECTS)
    lots = [grant.lot_id for grant in here if grant.lot_id]
    vials = [row.id for row in view.known(Vial, col(Vial.lot_id).in_(lots))]
    seen: ColumnElement[bool] = ENTRY.c.act_id.in_(_about_these([*lots, *vials]))
    return seen


def _about_these(ids: list[str]) -> Any:
    return select(MENTION.c.act_id).where(MENTION.c.about_id.in_(ids))


def _where(asked: Asked) -> Iterable[ColumnElement[bool]]:
    if asked.act:
        yield ENTRY.c.act == asked.act
    if asked.person_id:
        yield ENTRY.c.person_id == asked.person_id
    if asked.refused:
        yield ENTRY.c.refused.is_not(None)
    if asked.since is not None:
        yield ENTRY.c.recorded_at >= asked.since
    if asked.until is not None:
        yield ENTRY.c.recorded_at < asked.until


def _about(view: View, told: str) -> list[str] | None:
    """Ids of what goes by this name and is in sight; None where nothing is asked, empty where nothing is called so."""
    if not told:
        return None
    plain = told.replace("-", "").lower()
    if len(plain) == 32 and not set(plain) - set("0123456789abcdef"):
        return [plain]
    named = [
        *view.all(Lot, Lot.number == told),
        *view.all(Vial, Vial.serial == told),
        *view.all(Consignment, or_(col(Consignment.number) == told, col(Consignment.sscc) == told)),
        *view.all(Place, Place.code == told),
        *view.all(Person, Person.username == told.lower()),
    ]
    return [one.id for one in named]


def _told(view: View, rows: Sequence[Any]) -> list[Told]:
    """Entries already in sight, with the words that were given as a reason (erased ones are gone) and who signed."""
    act_ids = [row.act_id for row in rows]
    signed = defaultdict(list)
    for one in view.known(Signature, col(Signature.act_id).in_(act_ids)):
        signed[one.act_id].append(one)
    words = view.known(FreeText, col(FreeText.act_id).in_(act_ids), FreeText.kind == "reason")
    reasons = {one.act_id: one.words for one in words if one.words}
    return [_one(row, json.loads(row.body), reasons.get(row.act_id), signed[row.act_id]) for row in rows]


def _one(row: Any, body: dict[str, Any], reason: str | None, signatures: list[Signature]) -> Told:
    return Told(
        ledger=row.ledger, number=row.number, act=row.act, refused=row.refused, person=body["person"],
        role=body.get("role", ""), occurred_at=row.occurred_at, recorded_at=row.recorded_at, source=body["source"],
        noun_id=row.noun_id, content=row.body, body=body, leaf=bytes(row.leaf).hex(), reason=reason, signatures=signatures,
    )  # fmt: skip


def _ids(body: dict[str, Any]) -> set[str]:
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
