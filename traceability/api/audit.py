"""The audit trail by program: entries of a ledger that one may read, newest first."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import fields, validate

from schemas.fields import Flag, Id, Moment, Name, Typed, Whole
from schemas.outputs import At, EntryOut, GrowthOut, Out, ProofOut, optional, page_of
from traceability.api import asked, blueprint
from traceability.api.acts import STATUSES
from traceability.api.lists import ONE, cut
from traceability.api.plots import SHEET
from traceability.asking import View, actor, call_of, store
from traceability.domain.acts import ACTS
from traceability.domain.checks import Purpose
from traceability.services import audit as trail
from traceability.services import audit_export, proofs
from traceability.services import near_misses as misses
from traceability.services import viewings as looked

EMPTY = {"role": None, "answer": None, "refusal": None, "about": [], "changes": []}
"""What a body leaves out: an act done has no refusal, a refusal no answer."""


class SearchIn(asked.In):
    about = Typed(
        metadata={
            "description": "The id, the number or the code of a lot, vial, subject, consignment … that the entries mention."
        }
    )
    ledger = Id(
        metadata={"description": "The organisation whose ledger it is: by default one's own, for a guest the first."}
    )
    act = Name(only=sorted(ACTS))
    person_id = Name(metadata={"description": "The id of a person, or the name by which they sign in."})
    refused = Flag(metadata={"description": "Only what was refused."})
    since = Moment(metadata={"description": "Recorded then or later."})
    until = Moment(metadata={"description": "Recorded before."})
    above = Whole(validate=validate.Range(min=1), metadata={"description": "Only entries after this number."})


class EntriesIn(SearchIn):
    limit = Whole(load_default=50, validate=validate.Range(1, 200))
    after = Whole(validate=validate.Range(min=1), metadata={"description": "`next` of the page before."})


@blueprint.route("/entries", tags=["entries"])
@blueprint.refuses(*ONE)
@blueprint.response(200, page_of(EntryOut))
@blueprint.arguments(EntriesIn, location="query")
def entries(told: dict[str, Any]) -> dict[str, Any]:
    """Entries of one organisation, newest first, done and refused."""
    limit = told["limit"]
    with store().read(actor()) as view:
        found = trail.page(view, _search(_ledger(view, told), told), before=told.get("after"), limit=limit + 1).entries
    return cut([shown(one) for one in found], limit, lambda one: one["number"])


def _ledger(view: View, told: dict[str, Any]) -> str:
    return told.get("ledger") or next((one.id for one in trail.ledgers(view)), actor().organisation_id)


def _search(ledger: str, told: dict[str, Any]) -> trail.Asked:
    words = {name: told.get(name) or "" for name in ("about", "act", "person_id")}
    times = {name: told.get(name) for name in ("since", "until")}
    return trail.Asked(ledger, **words, refused=bool(told.get("refused")), **times, above=told.get("above") or 0)


class SinceIn(asked.In):
    since = Whole(validate=validate.Range(min=0), metadata={"description": "The size of a checkpoint that was kept."})


@blueprint.route("/entries/<record:ledger>/<int:number>/proof", tags=["entries"])
@blueprint.refuses(*ONE, 409)
@blueprint.response(200, ProofOut)
def entry_proof(ledger: str, number: int) -> dict[str, Any]:
    """The proof that an entry stands in its ledger, under a checkpoint that is signed now."""
    with store().read(actor()) as view:
        return proofs.of_entry(store(), view, ledger, number)


@blueprint.route("/entries/<record:ledger>/checkpoint", tags=["entries"])
@blueprint.refuses(*ONE, 409)
@blueprint.response(200, GrowthOut)
@blueprint.arguments(SinceIn, location="query")
def ledger_checkpoint(told: dict[str, Any], ledger: str) -> dict[str, Any]:
    """A checkpoint of a ledger, signed now; with `since` the proof that it goes on from the one that was kept."""
    with store().read(actor()) as view:
        return proofs.of_growth(store(), view, ledger, told.get("since"))


def shown(one: trail.Told) -> dict[str, Any]:
    """An entry as it was hashed, with its number, its leaf and who signed it."""
    return {
        **EMPTY, **one.body, "number": one.number, "leaf": one.leaf, "intact": one.intact, "outcome": "refused" if one.refused else "done",
        "occurred_at": one.occurred_at, "recorded_at": one.recorded_at, "signatures": one.signatures,
    }  # fmt: skip


class ViewingOut(Out):
    id = fields.Integer(required=True)
    at = At(required=True)
    person_id = fields.String(required=True)
    person = fields.String()
    path = fields.String(required=True, metadata={"description": "What was asked for; what was typed is a digest."})


class MissOut(Out):
    """A scan that did not say USE."""

    id = fields.Integer(required=True)
    at = At(required=True)
    person = fields.String()
    vial_id = optional(fields.String)
    serial = optional(fields.String)
    lot = optional(fields.String)
    purpose = fields.String()
    verdict = fields.String(required=True)
    findings = fields.List(fields.String())


class LogIn(asked.In):
    limit = Whole(load_default=50, validate=validate.Range(1, 200))
    after = Whole(validate=validate.Range(min=1), metadata={"description": "`next` of the page before."})
    person_id = Name(metadata={"description": "The id of a person, or the name by which they sign in."})


class MissesIn(LogIn):
    about = Typed(metadata={"description": "The id, the number or the code of a lot or of a vial."})
    purpose = fields.Enum(Purpose, by_value=True, metadata={"description": "What they were scanned for."})
    since = Moment(metadata={"description": "Scanned then or later."})
    until = Moment(metadata={"description": "Scanned before."})


@blueprint.route("/viewings", tags=["entries"])
@blueprint.refuses(*ONE)
@blueprint.response(200, page_of(ViewingOut))
@blueprint.arguments(LogIn, location="query")
def viewings(told: dict[str, Any]) -> dict[str, Any]:
    """What inspectors looked at whom one's house let in, newest first."""
    with store().read(actor()) as view:
        found = looked.viewings(
            view, person_id=told.get("person_id", ""), before=told.get("after"), limit=told["limit"] + 1
        )
    return cut([asdict(one) for one in found], told["limit"], lambda one: one["id"])


@blueprint.route("/near-misses", tags=["entries"])
@blueprint.refuses(*ONE)
@blueprint.response(200, page_of(MissOut))
@blueprint.arguments(MissesIn, location="query")
def near_misses(told: dict[str, Any]) -> dict[str, Any]:
    """Scans that said DO NOT USE or ASK QA, newest first. Refused acts are entries."""
    with store().read(actor()) as view:
        found, _known = misses.scans(
            view, about=told.get("about", ""), person_id=told.get("person_id", ""), purpose=str(told.get("purpose") or ""),
            since=told.get("since"), until=told.get("until"), before=told.get("after"), limit=told["limit"] + 1,
        )  # fmt: skip
    return cut([asdict(one) for one in found], told["limit"], lambda one: one["id"])


class ExportIn(SearchIn):
    format = fields.String(load_default="json", metadata={"enum": sorted(audit_export.FORMATS)})


@blueprint.route("/audits/export", methods=["POST"], tags=["audits"], parameters=[dict(asked.IDEMPOTENCY_KEY)])
@blueprint.doc(operationId="audit.export", **SHEET)
@blueprint.refuses(*STATUSES)
@blueprint.response(200, {"type": "object"})
@blueprint.arguments(ExportIn)
def export_audit(told: dict[str, Any]) -> Response:
    """What answers a search, as a file: JSON with the proof of each entry, or CSV. That it was taken out is entered."""
    with store().read(actor()) as view:
        ledger = _ledger(view, told)
    file, _done = audit_export.take(
        store(), actor(), call_of({}, asked.act_id()), _search(ledger, told), told["format"]
    )
    return Response(audit_export.parts(file), content_type=audit_export.FORMATS[told["format"]])
