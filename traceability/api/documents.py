"""Printed records by program: the list, one with its JSON, its bytes as they were drawn, and issuing one."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request
from marshmallow import fields

from schemas.fields import Id, Words
from schemas.outputs import At, CheckpointOut, Out, RowOut, Word, optional, page_of
from traceability.api import asked, blueprint
from traceability.api.acts import act
from traceability.api.lists import LIST, ONE, cut
from traceability.api.lots import uploading
from traceability.asking import Done, actor, call_of, store
from traceability.domain.records import RecordKind
from traceability.domain.releasing import Lapsed
from traceability.domain.states import DocumentState
from traceability.services import documents, verifying

TAG = ["documents"]


class DocumentOut(RowOut):
    number = fields.String(required=True)
    version = fields.Integer(required=True)
    kind = fields.String(required=True)
    state = Word(DocumentState, required=True)
    language = fields.String(required=True)
    issued_at = At(required=True)
    noun = fields.String(metadata={"description": "What the record is about, and its id beside it."})
    noun_id = fields.String()
    period = fields.String(metadata={"description": "The month of a place's record; else empty."})
    lot_id = optional(fields.String)
    void_at = optional(At, metadata={"description": "Since when the release that it tells of is void."})
    told_since = fields.Boolean(metadata={"description": "Contingency sheets on which something holds no more."})
    record_sha256 = fields.String(
        required=True, metadata={"description": "Of the canonical JSON; printed on each page."}
    )
    bytes_sha256 = fields.String(required=True)
    seal_sha256 = optional(
        fields.String, metadata={"description": "Of the certificate that sealed the file; null: it has no seal."}
    )
    renderer = fields.String()


class DocumentWholeOut(DocumentOut):
    record = optional(
        fields.String, metadata={"description": "Canonical JSON, to be hashed as it stands; null: erased."}
    )
    checkpoint = fields.Nested(CheckpointOut, required=True)
    successor_id = optional(fields.String)
    lapsed = optional(
        Word,
        Lapsed,
        metadata={"description": "Why what it tells of is not to be relied on, where it does not say so itself."},
    )


class DocumentsIn(asked.PageIn):
    kind = fields.Enum(RecordKind, by_value=True)
    lot_id = Id()


class DocumentIssueIn(asked.In):
    kind = fields.Enum(RecordKind, by_value=True, required=True)
    noun_id = Id(
        required=True,
        metadata={
            "description": "The release, the lot of a batch trace, the injection, consignment, place, vial or site."
        },
    )
    period = Words(
        most=10,
        load_default="",
        metadata={
            "description": "The month of a place's record, such as 2026-04; the day of contingency sheets, such as 2026-04-14; of no other."
        },
    )
    language = fields.String(load_default="en", metadata={"enum": list(documents.LANGUAGES)})


def document_told(found: documents.Listed) -> dict[str, Any]:
    """Without the record itself: it may be long."""
    told = found.document.model_dump(exclude={"record", "salt"})
    return told | {
        "lot_id": found.lot.id if found.lot else None,
        "void_at": found.void_at,
        "told_since": found.told_since,
    }


@blueprint.route("/documents", tags=TAG, endpoint="documents")
@blueprint.refuses(*ONE)
@blueprint.response(200, page_of(DocumentOut))
@blueprint.arguments(DocumentsIn, location="query")
def all_documents(told: dict[str, Any]) -> dict[str, Any]:
    """Printed records of one's organisation, newest first; of one kind, of one lot."""
    limit = told["limit"]
    with store().read(actor()) as view:
        found = documents.documents(
            view,
            kind=told.get("kind"),
            lot_id=told.get("lot_id"),
            limit=limit + 1,
            after=asked.cursor(told.get("after")),
        )
    return cut([document_told(one) for one in found], limit, lambda one: one["id"])


@blueprint.route("/documents/<record:document_id>", tags=TAG, endpoint="document")
@blueprint.refuses(*ONE)
@blueprint.response(200, DocumentWholeOut)
def one_document(document_id: str) -> dict[str, Any]:
    """One printed record with its canonical JSON and the checkpoint that stands on it."""
    with store().read(actor()) as view:
        found = documents.document(view, document_id)
        lapsed = documents.lapsed(view, found.document)
    return document_told(found) | {
        "lapsed": lapsed,
        "record": found.document.record,
        "checkpoint": found.document.checkpoint,
        "successor_id": found.successor.id if found.successor else None,
    }


@blueprint.route("/documents/<record:document_id>.pdf", tags=TAG)
@blueprint.refuses(*ONE)
@blueprint.refuses(409)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
def document_pdf(document_id: str) -> Response:
    """The bytes as they were drawn. Missing or changed ones are `document_bytes_differ`, never made anew."""
    with store().read(actor()) as view:
        one = documents.document(view, document_id).document
    return Response(documents.kept(store(), one), content_type="application/pdf")


class DocumentSealOut(Out):
    name = fields.String(required=True)
    certificate_sha256 = fields.String(required=True)
    intact = fields.Boolean(required=True)
    whole = fields.Boolean(required=True, metadata={"description": "It covers the file to its last byte."})
    signed_at = optional(At)
    stamped_at = optional(At, metadata={"description": "As an authority known here vouches for it."})
    stamp = fields.String(required=True, metadata={"enum": ["none", "valid", "unknown", "broken"]})
    trouble = fields.String(required=True)


class VerifiedOut(Out):
    answer = Word(verifying.Authenticity, required=True)
    unchanged = fields.Boolean(required=True)
    bytes_sha256 = fields.String(required=True)
    number = optional(fields.String, metadata={"description": "Of an altered or foreign file: what it says it is."})
    version = optional(fields.Integer)
    newest = optional(fields.Integer, metadata={"description": "The version that stands now, if one does."})
    void_at = optional(At)
    lapsed = optional(
        Word,
        Lapsed,
        metadata={"description": "Of a document that is `void`: why what it tells of is not to be relied on."},
    )
    record_kept = optional(
        fields.Boolean, metadata={"description": "Whether the record within it is the one that was issued."}
    )
    seal = Word(verifying.SealAnswer, required=True)
    seals = fields.List(fields.Nested(DocumentSealOut), required=True)


@blueprint.route("/documents/verify", methods=["POST"], tags=TAG, endpoint="verify_document")
@blueprint.refuses(*LIST)
@blueprint.refuses(413, 415, 503)
@blueprint.response(200, VerifiedOut)
@blueprint.doc(**uploading())
def verify_document() -> verifying.Verified:
    """Is this PDF a document of this installation, unchanged, and to be relied on? At most 25 MiB; nothing is kept.

    Only `current` with a seal that is `valid` or `none` may be relied on.
    """
    request.max_content_length = verifying.MOST_BYTES + asked.MOST_JSON
    with asked.upload().stream as stream:
        return verifying.verify(store(), verifying.received(stream))


@act("document.issue", DocumentIssueIn)
def issue_document(told: dict[str, Any]) -> Done:
    """Draw a record as it is known now and issue it: the current version, which supersedes the one before it."""
    base = current_app.config.get("EXTERNAL_URL") or request.url_root
    return documents.make(
        store(), actor(), call_of({}, asked.act_id()), told["kind"], told["noun_id"], told["language"],
        lambda number, version: documents.status_url(str(base), number, version), told["period"],
    )  # fmt: skip
