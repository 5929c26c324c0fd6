"""Records made into documents: numbered, drawn once, kept byte for byte (R59).

A document is prepared before the door: the record is read, hashed, drawn and its bytes kept; the act only links them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, partial
from hashlib import sha256
from importlib import import_module
from importlib.metadata import version as version_of
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from reports import VERSION
from traceability.domain.acts import MAY_ISSUE
from traceability.domain.errors import Conflict, NotFound, Refused
from traceability.domain.people import SYSTEM, Actor
from traceability.domain.plain import digest
from traceability.domain.records import Record, RecordKind, SealPart, told
from traceability.domain.releasing import Lapsed
from traceability.domain.seals import Seal
from traceability.domain.states import DocumentState
from traceability.services import Answer, performs, sheets
from traceability.services.attachments import keep_bytes
from traceability.services.lapsed import lapsed as lapsed_release
from traceability.services.records import (
    administration,
    analysis,
    card,
    case,
    cioms,
    coldchain,
    contingency,
    outcomes,
    recall,
    release,
    trace,
    trail,
)
from traceability.services.records.parts import reasons
from traceability.services.releases import releases
from traceability.store import Call, Done, Store, Tx, View
from traceability.store.tables import AdministrationVial, Case, Document, Line, Lot, Release, Vial

Link = Callable[[str, int], str]
"""Number and version → the address of the status page, as the QR says it."""
LANGUAGES = ("en", "id")
TRIES = 3
NUMBER = re.compile(r"[A-Z]{2,3}-[0-9]{4,9}")
NO_PERIOD = re.compile("")
MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")
"""Of what span there is a record for each: none, a month, a day."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: how its numbers begin, what it is about, who reads it, and the module that draws it.

    `period`: of one noun there is a record for each month, or for each day.
    """

    prefix: str
    noun: str
    build: Callable[..., Record]
    paper: str
    lot_of: Callable[[View, str], str | None]
    period: re.Pattern[str] = NO_PERIOD


KINDS: Mapping[RecordKind, Kind] = {
    RecordKind.RELEASE: Kind(
        "REL", "release", release.build, "reports.release", lambda view, noun_id: view.need(Release, noun_id).lot_id
    ),
    RecordKind.ANALYSIS: Kind(
        "COA", "lot", analysis.build, "reports.analysis", lambda view, noun_id: view.need(Lot, noun_id).id
    ),
    RecordKind.TRACE: Kind("BT", "lot", trace.build, "reports.trace", lambda view, noun_id: view.need(Lot, noun_id).id),
    RecordKind.ADMINISTRATION: Kind(
        "ADM", "administration", administration.build, "reports.administration", administration.lot_of
    ),
    RecordKind.SHIPMENT: Kind("CCS", "consignment", coldchain.shipment, "reports.coldchain", coldchain.lot_of_shipment),
    RecordKind.PLACE: Kind(
        "CCP", "place", coldchain.month, "reports.coldchain", lambda view, noun_id: None, period=MONTH
    ),
    RecordKind.VIAL: Kind("CCV", "vial", coldchain.vial, "reports.coldchain", coldchain.lot_of_vial),
    RecordKind.CASE: Kind("DEV", "case", case.build, "reports.case", case.lot_of),
    RecordKind.RECALL: Kind("RCL", "recall", recall.real, "reports.recall", lambda view, noun_id: None),
    RecordKind.TRAIL: Kind(
        "AUD", "lot", trail.build, "reports.trail", lambda view, noun_id: view.need(Lot, noun_id).id
    ),
    RecordKind.MOCK_RECALL: Kind("MRC", "recall", recall.mock, "reports.recall", lambda view, noun_id: None),
    RecordKind.OUTCOMES: Kind("OUT", "organisation", outcomes.build, "reports.outcomes", lambda view, noun_id: None),
    RecordKind.CARD: Kind("CRD", "course", card.build, "reports.card", lambda view, noun_id: None),
    RecordKind.CONTINGENCY: Kind(
        "CTG", "site", contingency.build, "reports.contingency", lambda view, noun_id: None, period=DAY
    ),
    RecordKind.CIOMS: Kind("SAR", "adverse_event", cioms.build, "reports.cioms", lambda view, noun_id: None),
}


@dataclass(frozen=True)
class Drawn:
    """A record as it was read and drawn; its bytes are kept already."""

    kind: RecordKind
    noun_id: str
    period: str
    number: str
    version: int
    language: str
    record: str
    record_sha256: str
    bytes_sha256: str
    seal_sha256: str | None
    renderer: str
    checkpoint: Mapping[str, Any]
    demonstration: bool

    @cached_property
    def digest(self) -> str:
        """What the act was asked with."""
        return digest(
            [self.kind, self.noun_id, self.period, self.number, self.version, self.language, self.bytes_sha256]
        )


@performs("document.issue")
def issue(tx: Tx, noun_id: str, drawn: Drawn) -> Answer:
    """Link a document that was drawn before: it is the current one of its record, and supersedes the one before it."""
    kind = KINDS[drawn.kind]
    if not MAY_ISSUE[drawn.kind] & tx.actor.roles(tx.at):
        raise Refused("not_permitted", act=tx.act.name, roles=sorted(MAY_ISSUE[drawn.kind]))
    lot_id = kind.lot_of(tx, noun_id)
    former = current(tx, drawn.kind, noun_id, drawn.period)
    if _next(tx, drawn.kind, noun_id, drawn.period) != (drawn.number, drawn.version):
        raise Refused("document_number_taken", number=drawn.number, version=drawn.version)
    if former is not None:
        tx.move(former, DocumentState.SUPERSEDED)
    row = tx.add(
        Document(
            number=drawn.number, version=drawn.version, kind=str(drawn.kind), noun=kind.noun, noun_id=noun_id,
            period=drawn.period, organisation_id=tx.actor.organisation_id, language=drawn.language, record=drawn.record,
            record_sha256=drawn.record_sha256, bytes_sha256=drawn.bytes_sha256, seal_sha256=drawn.seal_sha256,
            renderer=drawn.renderer, checkpoint=dict(drawn.checkpoint), issued_at=tx.at, state=DocumentState.CURRENT,
            demonstration=drawn.demonstration,
        )
    )  # fmt: skip
    tx.mention(noun_id, *([lot_id] if lot_id else []))
    return {"id": row.id, "number": row.number, "version": row.version, "kind": str(drawn.kind), "noun_id": noun_id}


@performs("document.revoke")
def revoke(tx: Tx, document_id: str) -> Answer:
    """It may no longer be relied on, for the reason given; its bytes stay, and whoever scans its QR is told."""
    row = tx.need(Document, document_id)
    tx.move(row, DocumentState.REVOKED)
    tx.mention(row.noun_id)
    return {"id": row.id, "number": row.number, "version": row.version}


def outdate(tx: Tx, noun_ids: Mapping[RecordKind, Iterable[str | None]]) -> list[str]:
    """Something is told otherwise than these records say: the current ones of this house do not stand any more."""
    made = []
    for kind, ids in noun_ids.items():
        which = (Document.kind == str(kind), col(Document.noun_id).in_([one for one in ids if one]))
        found = tx.all(
            Document, Document.organisation_id == tx.actor.organisation_id, *which,
            Document.state == DocumentState.CURRENT, order=Document.id,
        )  # fmt: skip
        for one in found:
            tx.move(one, DocumentState.SUPERSEDED)
            made.append(f"{one.number}, {one.version}")
    return made


# ---------------------------------------------------------------------------------------------- before the door


def make(
    store: Store, actor: Actor, call: Call, kind: RecordKind, noun_id: str, language: str, link: Link, period: str = ""
) -> Done:
    """Read, draw, keep and issue a document, once for an act id. Where somebody took its number meanwhile, again.

    Each try is an act of its own, its id made from the first: asked again, the same answer is found.
    """
    if language not in LANGUAGES:
        raise Refused("language_unknown", language=language)
    if not KINDS[kind].period.fullmatch(period) or not _is_a_day(period):
        raise Refused("document_period", period=period)
    for attempt in range(TRIES):
        tried = replace(call, act_id=_try(call.act_id, attempt))
        try:
            return _answered(store, actor, tried, kind, noun_id) or issue(
                store, actor, tried, noun_id, prepare(store, actor, kind, noun_id, language, link, period)
            )
        except Refused as refused:
            if refused.code != "document_number_taken" or attempt + 1 == TRIES:
                raise
    raise AssertionError("unreachable")


def _is_a_day(period: str) -> bool:
    try:
        return not DAY.fullmatch(period) or bool(date.fromisoformat(period))
    except ValueError:
        return False


def prepare(
    store: Store, actor: Actor, kind: RecordKind, noun_id: str, language: str, link: Link, period: str = ""
) -> Drawn:
    """The record as this actor may read it now, its digest, the checkpoint before it, and its bytes, sealed and kept."""
    with store.read(actor) as view:
        number, version = _next(view, kind, noun_id, period)
        record = KINDS[kind].build(view, noun_id, number, version, *([period] if period else []))
        point = store.checkpoint(view, actor.organisation_id)
    drawn = partial(_draw, record, point, language, link(number, version))
    seal = store.seal
    if seal is None:
        pdf, written, renderer = drawn(None)
    else:
        pdf, written, renderer = _sealed(seal, record.head.as_of, drawn)
    return Drawn(
        kind, noun_id, period, number, version, language, written, sha256(written.encode()).hexdigest(),
        keep_bytes(store, pdf, ".pdf"), seal.fingerprint if seal else None, renderer, point, record.head.demonstration,
    )  # fmt: skip


def _draw(
    record: Record, point: Mapping[str, Any], language: str, status: str, seal: SealPart | None
) -> tuple[bytes, str, str]:
    """The bytes of a record that says how it is sealed, its canonical JSON, and who drew it."""
    told_of = replace(record, head=replace(record.head, seal=seal))
    written = told(told_of)
    renderer = f"reports {VERSION}, reportlab {version_of('reportlab')}"
    drawn: bytes = import_module(KINDS[record.head.kind].paper).draw(
        told_of, language=language, digest=sha256(written.encode()).hexdigest(), checkpoint=point, status_url=status,
        renderer=renderer,
    )  # fmt: skip
    archived = import_module("reports.archive").archived
    return archived(drawn, written, at=record.head.as_of, renderer=renderer), written, renderer


def _sealed(seal: Seal, at: datetime, drawn: Callable[[SealPart], tuple[bytes, str, str]]) -> tuple[bytes, str, str]:
    """Sealed as the paper itself says it: where no stamp came and none is required, it is drawn again and says so."""
    if not seal.since <= at <= seal.until:
        raise Refused("seal_expired", name=seal.name, since=seal.since, until=seal.until)
    sealed = import_module("traceability.sealing.signing").sealed
    stamper = seal.stamper
    for stamped in (True, False) if stamper else (False,):
        pdf, written, renderer = drawn(SealPart(
            name=seal.name, certificate_sha256=seal.fingerprint, stamped_by=stamper.name if stamper and stamped else None
        ))  # fmt: skip
        try:
            return sealed(pdf, seal, at, stamped=stamped), written, renderer
        except Refused as refused:
            if refused.code != "timestamp_unavailable" or stamper is None or stamper.required:
                raise
    raise AssertionError("unreachable")


def _try(act_id: str, attempt: int) -> str:
    return act_id if attempt == 0 else sha256(f"{act_id.replace('-', '').lower()}|{attempt}".encode()).hexdigest()[:32]


def _answered(store: Store, actor: Actor, call: Call, kind: RecordKind, noun_id: str) -> Done | None:
    """What this act id did already: drawing it again would give other bytes, so its input is compared here."""
    done = store.answer(actor, call.act_id)
    if done is not None and (done.answer.get("kind"), done.answer.get("noun_id")) != (str(kind), noun_id):
        raise Conflict("act_id_reused")
    return done


def current(view: View, kind: RecordKind, noun_id: str, period: str = "") -> Document | None:
    """The version that stands, and that printing once more supersedes, in whatever language."""
    found = [one for one in _versions(view, kind, noun_id, period) if one.state is DocumentState.CURRENT]
    return found[-1] if found else None


def _versions(view: View, kind: str, noun_id: str, period: str, organisation_id: str | None = None) -> list[Document]:
    """Each organisation prints its own: another's document of the same lot is neither continued nor superseded."""
    mine = Document.organisation_id == (organisation_id or view.actor.organisation_id)
    which = (Document.kind == str(kind), Document.noun_id == noun_id, Document.period == period)
    return view.all(Document, mine, *which, order=Document.version)


def _next(view: View, kind: RecordKind, noun_id: str, period: str) -> tuple[str, int]:
    """The number of this record, or the next of its series (one for all organisations), and the version it will be."""
    if earlier := _versions(view, kind, noun_id, period):
        return earlier[-1].number, earlier[-1].version + 1
    (row,) = view.rows("SELECT count(DISTINCT number) FROM document WHERE kind = :kind", {"kind": str(kind)})
    return f"{KINDS[kind].prefix}-{row[0] + 1:04d}", 1


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class Listed:
    """A document with the lot it is about and, where there is one, the version that followed."""

    document: Document
    lot: Lot | None
    successor: Document | None
    void_at: datetime | None
    told_since: bool = False
    """Contingency sheets on which something holds no more."""


def documents(
    view: View,
    *,
    kind: RecordKind | None = None,
    lot_id: str | None = None,
    limit: int | None = 50,
    after: str | None = None,
) -> list[Listed]:
    """Documents of the actor's organisations, newest first."""
    where: list[Any] = [col(Document.id) < after] if after else []
    if kind is not None:
        where.append(Document.kind == str(kind))
    if lot_id is not None:
        where.append(_about(view.need(Lot, lot_id).id))
    found = view.all(Document, *where, order=col(Document.id).desc(), limit=limit)
    wall: dict[str, list[Document]] = defaultdict(list)
    for one in found:
        if one.kind == RecordKind.CONTINGENCY:
            wall[one.organisation_id].append(one)
    outdated = {one.document.id for house in wall.values() for one in sheets.told_since(view, house)}
    return [replace(_listed(view, one), told_since=one.id in outdated) for one in found]


def document(view: View, document_id: str) -> Listed:
    one = view.need(Document, document_id)
    return replace(_listed(view, one), told_since=_told_since(view, one))


def revoked_why(view: View, one: Document) -> str | None:
    """The reason given for revoking it."""
    return reasons(view, [one.act_id]).get(one.act_id) if one.state is DocumentState.REVOKED else None


def noun_of(view: View, kind: RecordKind, lot_id: str, release_id: str = "") -> str:
    """What a record of this lot is about: the lot itself, or the release named, else its newest here."""
    lot = view.need(Lot, lot_id)
    if kind is not RecordKind.RELEASE:
        return lot.id
    found = [one.id for one in releases(view, lot.id) if release_id in ("", one.id)]
    if not found:
        raise Refused("document_nothing_released")
    return found[-1]


def _about(lot_id: str) -> ColumnElement[bool]:
    """Documents about a lot: about itself, its releases, injections and vials, the boxes they came in, and its cases."""
    vials = select(col(Vial.id)).where(col(Vial.lot_id) == lot_id)
    through = (
        vials,
        select(col(Line.consignment_id)).where(col(Line.vial_id).in_(vials)),
        select(col(Case.id)).where(col(Case.lot_id) == lot_id),
        select(col(Release.id)).where(col(Release.lot_id) == lot_id),
        select(col(AdministrationVial.administration_id)).where(col(AdministrationVial.lot_id) == lot_id),
    )
    return or_(col(Document.noun_id) == lot_id, *(col(Document.noun_id).in_(ids) for ids in through))


def _listed(view: View, one: Document) -> Listed:
    kind = RecordKind(one.kind)
    lot_id = KINDS[kind].lot_of(view, one.noun_id)
    later = [
        other
        for other in _versions(view, kind, one.noun_id, one.period, one.organisation_id)
        if other.version == one.version + 1
    ]
    return Listed(one, view.find(Lot, lot_id), later[0] if later else None, _void_at(view, one))


def lapsed(view: View, one: Document) -> Lapsed | None:
    """Why the release that a release record is about is not to be relied on, or contingency sheets are not.

    A paper that says itself that its release is void is true.
    """
    if one.kind == RecordKind.CONTINGENCY:
        return Lapsed.TOLD_SINCE if _told_since(view, one) else None
    if one.kind != RecordKind.RELEASE:
        return None
    release = view.need(Release, one.noun_id)
    why = lapsed_release(view, release)
    said = why is Lapsed.VOIDED and release.void_at is not None and one.issued_at >= release.void_at
    return None if said else why


def _told_since(view: View, one: Document) -> bool:
    return one.kind == RecordKind.CONTINGENCY and bool(sheets.told_since(view, [one]))


def _void_at(view: View, one: Document) -> datetime | None:
    """Since when the release that a release record is about is void."""
    return view.need(Release, one.noun_id).void_at if one.kind == RecordKind.RELEASE else None


def kept(store: Store, document: Document) -> bytes:
    """The bytes as they were drawn; `document_bytes_differ` where they are gone or changed, never made anew."""
    try:
        data = (store.documents / f"{document.bytes_sha256}.pdf").read_bytes()
    except FileNotFoundError:
        data = b""
    if sha256(data).hexdigest() != document.bytes_sha256:
        raise Refused("document_bytes_differ", number=document.number, version=document.version)
    return data


@dataclass(frozen=True, slots=True)
class Status:
    """All that anybody may know of a document: nothing about people, not even what it is about.

    `newest`: the version that stands now, if one does. `void_at`: since when the release behind it is void. `lapsed`: why that
    release, or what sheets say of a dose, is not to be relied on, where the paper does not say so itself. `file`: the
    SHA-256 of its bytes; `seal`: of the certificate that sealed them.
    """

    number: str
    version: int
    state: DocumentState
    digest: str
    newest: int | None
    void_at: datetime | None = None
    lapsed: Lapsed | None = None
    file: str = ""
    seal: str | None = None


def status_url(base: str, number: str, version: int) -> str:
    """What the QR says: it must lead there for as long as the paper is kept."""
    return f"{base.rstrip('/')}/d/{number}/{version}"


def status(store: Store, number: str, version: int) -> Status:
    """For whoever holds the paper and scans its QR; nobody signs in."""
    if not NUMBER.fullmatch(number):
        raise NotFound("document")
    with store.read(SYSTEM) as view:
        found = view.all(Document, Document.number == number, order=Document.version)
        void_at = _void_at(view, found[0]) if found else None
        why = next((lapsed(view, one) for one in found if one.version == version), None)
    for one in found:
        if one.version == version:
            standing = [other.version for other in found if other.state is DocumentState.CURRENT]
            return Status(
                one.number, one.version, one.state, one.record_sha256, standing[-1] if standing else None, void_at,
                lapsed=why, file=one.bytes_sha256, seal=one.seal_sha256,
            )  # fmt: skip
    raise NotFound("document")
