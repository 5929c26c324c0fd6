"""Lots and their vials by program: reads, what a release would rest on, and files that belong to a lot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from flask import Response, current_app
from marshmallow import fields, validate
from webargs.fields import DelimitedList

from schemas.fields import Id, Whole, Words
from schemas.outputs import DossierOut, LotOut, LotWholeOut, Out, RestsOnOut, VialOut, VialWholeOut, optional, page_of
from traceability import asking
from traceability import problems as wording
from traceability.api import asked, blueprint
from traceability.api.acts import act
from traceability.api.lists import LIST, ONE, cut
from traceability.asking import Done, View, actor, store
from traceability.domain import gs1
from traceability.domain.identity import GIAI
from traceability.domain.labels import PAPERS
from traceability.domain.papers import ATTACHED, FileKind
from traceability.domain.tags import VIALS as LAYOUTS
from traceability.services import (
    attachments,
    audit_reviews,
    grounds,
    labelling,
    lists,
    lots,
    names,
    releases,
    results,
    vials,
)
from traceability.services.expiry import superseded
from traceability.services.results import Judged

LOTS, VIALS = ["lots"], ["vials"]


def lot_told(found: dict[str, Any]) -> dict[str, Any]:
    """One lot as `lots.summary` gives it, flat."""
    lot, product = found["lot"], found["product"]
    named = {name: {"id": found[name].id, "name": found[name].name} for name in ("maker", "product")}
    rest = {name: found[name] for name in ("expires", "custody", "buckets", "released")}
    return lot.model_dump() | named | rest | {"gtin": product.gtin}


def vial_told(vial: Any, number: str, expires: date | None, giai: str | None) -> dict[str, Any]:
    """With the Digital Link of its label; none before anybody said until when the lot may be used."""
    made = names.label(vial.gtin, number, expires, vial.serial, giai) if expires else None
    return vial.model_dump() | {
        "code": gs1.digital_link(current_app.config["DIGITAL_LINK_DOMAIN"], made) if made else None
    }


def expiry(view: Any, lot_id: str) -> date | None:
    stated = lots.expiries(view, lot_id)
    return stated[-1].expires if stated else None


@blueprint.route("/lots", tags=LOTS, endpoint="lots")
@blueprint.refuses(*LIST)
@blueprint.response(200, page_of(LotOut))
@blueprint.arguments(asked.PageIn, location="query")
def all_lots(told: dict[str, Any]) -> dict[str, Any]:
    """Lots in sight, newest first."""
    limit = told["limit"]
    with store().read(actor()) as view:
        found = lots.lots(view, limit=limit + 1, after=asked.cursor(told.get("after")))
        return cut([lot_told(one) for one in found], limit, lambda one: one["id"])


@blueprint.route("/lots/<record:lot_id>", tags=LOTS, endpoint="lot")
@blueprint.refuses(*ONE)
@blueprint.response(200, LotWholeOut)
def one_lot(lot_id: str) -> dict[str, Any]:
    """One lot: who vouches for it, until when, what was tested, what was released."""
    with store().read(actor()) as view:
        found = lots.summary(view, lots.lot(view, lot_id)["lot"])
        return lot_told(found) | {
            "expiries": lots.expiries(view, lot_id),
            "certifications": lots.certifications(view, lot_id),
            "releases": [release_told(view, one) for one in releases.releases(view, lot_id)],
            "results": [tested(one) for one in results.judged(view, found["lot"])],
        }


def release_told(view: View, one: Any) -> dict[str, Any]:
    return one.model_dump(exclude={"course_id"}) | {"newer_entries": releases.newer(view, one)}


def tested(one: Judged) -> dict[str, Any]:
    """One test asked of a lot with the result that stands, and every result that was tried."""
    row = one.stands.row if one.stands else None
    return {
        "id": row.id if row else None, "specification_id": one.specification.id, "test": one.test,
        "version": one.specification.version, "mandatory": one.mandatory, "value": row.value if row else None,
        "conforms": one.stands.fact.conforms if one.stands else None,
        "tested_on": row.tested_on if row else None, "reviewed_at": row.reviewed_at if row else None,
        "tried": [
            {
                "id": each.row.id, "value": each.row.value, "conforms": each.fact.conforms,
                "tested_on": each.row.tested_on, "reviewed_at": each.row.reviewed_at, "case": each.fact.case,
                "case_closed": each.fact.closed if each.fact.case else None, "outcome": each.fact.outcome,
                "attachment_id": each.row.attachment_id,
            }
            for each in one.tried
        ],
    }  # fmt: skip


@blueprint.route("/lots/<record:lot_id>/vials", tags=VIALS)
@blueprint.refuses(*ONE)
@blueprint.response(200, page_of(VialOut))
@blueprint.arguments(asked.PageIn, location="query")
def lot_vials(told: dict[str, Any], lot_id: str) -> dict[str, Any]:
    """The vials of a lot in the order of their serials."""
    limit = told["limit"]
    with store().read(actor()) as view:
        lot = lots.lot(view, lot_id)["lot"]
        expires = expiry(view, lot_id)
        found = lists.vials(view, lot_id, limit=limit + 1, after=told.get("after"))
        over = names.giais(view, [one.id for one in found])
    return cut(
        [vial_told(one, lot.number, expires, over.get(one.id)) for one in found], limit, lambda one: one["serial"]
    )


class LabelLeftOut(Out):
    id = Id(required=True, metadata={"description": "Of the vial."})
    gtin = fields.String(required=True)
    serial = fields.String(required=True)
    lot = fields.String(required=True)


class PrintingOut(Out):
    act_id = Id(required=True, metadata={"description": "Of the act that printed them."})
    layout = fields.String(required=True)
    labels = fields.Integer(required=True, metadata={"description": "Of them still waiting."})


class LabelsOut(Out):
    vials = fields.Integer(required=True)
    waiting = fields.Integer(required=True, metadata={"description": "Vials whose label was not read from them yet."})
    layout = optional(fields.String, metadata={"description": "The last one used."})
    labels = fields.Integer(required=True, metadata={"description": "Printed: applied + spoiled + left."})
    applied = fields.Integer(required=True)
    spoiled = fields.Integer(required=True)
    left = fields.Integer(required=True)
    missing = fields.List(
        fields.Nested(LabelLeftOut),
        required=True,
        metadata={"description": "Those that wait, in the order of the job."},
    )
    printings = fields.List(
        fields.Nested(PrintingOut),
        required=True,
        metadata={"description": "What wait, by the act that printed; newest first."},
    )
    superseded = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Of a lot: ids of vials here whose label shows an expiry that was stated anew since."},
    )


LAYOUT = {"description": "Else as they were printed."}
PRINTING = {
    "description": "The act that printed, by its id: just what it printed and what waits of it. Else the newest that has some."
}


class LabelsIn(asked.In):
    layout = fields.String(load_default="", validate=validate.OneOf(list(LAYOUTS)), metadata=LAYOUT)
    paper = fields.String(
        load_default=PAPERS[0], validate=validate.OneOf([one for one in PAPERS if not one.startswith("zpl")])
    )
    start = Whole(load_default=0, metadata={"description": "Labels already gone from the first sheet."})
    after = Words(
        most=20,
        load_default="",
        metadata={"description": "The last serial that came out well; the file goes on with the next that waits."},
    )
    only = Words(most=20, load_default="", metadata={"description": "The label of this serial alone."})
    printing = Id(load_default="", metadata=PRINTING)


class ZplIn(asked.In):
    layout = fields.String(load_default="", validate=validate.OneOf(list(LAYOUTS)), metadata=LAYOUT)
    dpi = Whole(load_default=203, validate=validate.OneOf([203, 300]))
    after = Words(most=20, load_default="", metadata={"description": "As of the PDF."})
    only = Words(most=20, load_default="", metadata={"description": "As of the PDF."})
    printing = Id(load_default="", metadata=PRINTING)


@blueprint.route("/lots/<record:lot_id>/labels", tags=LOTS)
@blueprint.refuses(*ONE)
@blueprint.response(200, LabelsOut)
def lot_labels(lot_id: str) -> dict[str, Any]:
    """How far the labels of a lot are: every label printed is applied, spoiled, or left."""
    return labels_told(labelling.Job("lot", lot_id))


def labels_told(job: labelling.Job) -> dict[str, Any]:
    with store().read(actor()) as view:
        found = labelling.progress(view, job)
        old = [one.id for one in superseded(view, job.id)] if job.noun == "lot" else []
    return {name: getattr(found, name) for name in LabelsOut().fields if name != "superseded"} | {
        "superseded": old,
        "missing": [one._asdict() for one in found.missing],
        "printings": [one._asdict() for one in found.printings],
    }


@blueprint.route("/lots/<record:lot_id>/labels.pdf", tags=LOTS)
@blueprint.refuses(*ONE)
@blueprint.refuses(409)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/pdf")
@blueprint.arguments(LabelsIn, location="query")
def lot_labels_pdf(told: dict[str, Any], lot_id: str) -> Response:
    """The labels of one printing that wait to be scanned back, on sheets for cutting or on a roll. Nothing is noted by it."""
    return labels_pdf(labelling.Job("lot", lot_id), **told)


@blueprint.route("/lots/<record:lot_id>/labels.zpl", tags=LOTS)
@blueprint.refuses(*ONE)
@blueprint.refuses(409)
@blueprint.response(200, {"type": "string"}, content_type="text/plain")
@blueprint.arguments(ZplIn, location="query")
def lot_labels_zpl(told: dict[str, Any], lot_id: str) -> Response:
    """The same for a Zebra printer, to be sent to it as it is."""
    return labels_zpl(labelling.Job("lot", lot_id), **told)


def labels_pdf(job: labelling.Job, **told: Any) -> Response:
    return Response(_drawn(job, **told), content_type="application/pdf")


def labels_zpl(job: labelling.Job, *, dpi: int, **told: Any) -> Response:
    return Response(_drawn(job, paper=f"zpl_{dpi}", **told), content_type="text/plain")


def _drawn(job: labelling.Job, layout: str, **told: Any) -> Iterator[bytes]:
    """Sent as it is drawn; what would be refused is refused before."""
    with store().read(actor()) as view:
        return labelling.drawn(view, job, layout, domain=current_app.config["DIGITAL_LINK_DOMAIN"], **told).parts


class DossierIn(asked.In):
    vial_ids = DelimitedList(Id(), validate=validate.Length(1, 200), metadata={"description": "Ids, by commas."})
    course_id = Id(metadata={"description": "For the patient of this course alone."})


@blueprint.route("/lots/<record:lot_id>/dossier", tags=LOTS)
@blueprint.refuses(*ONE)
@blueprint.refuses(409)
@blueprint.response(200, DossierOut)
@blueprint.arguments(DossierIn, location="query")
def dossier(told: dict[str, Any], lot_id: str) -> dict[str, Any]:
    """What a release would rest on: every rule's finding, and the digest that is signed with it.

    Over these vials, or over all of the lot that lie in stock and are under no release.
    """
    with store().read(actor()) as view:
        lots.lot(view, lot_id)
        chosen = told.get("vial_ids") or releases.releasable(view, lot_id)
        made = releases.prepare(view, lot_id, chosen, told.get("course_id"))
        through, boxes = audit_reviews.reviewed_through(view, lot_id), audit_reviews.boxes_read(view, lot_id)
        left = audit_reviews.unreviewed(view, lot_id)
        rests_on = grounds.of(view, made)
    findings = [
        wording.told(one)
        | {
            "evidence": [
                {name: getattr(row, name) for name in RestsOnOut().fields} for row in rests_on.get(one.code, ())
            ]
        }
        for one in made.findings
    ]
    return {
        "ready": made.ready, "accepted": made.accepted, "digest": made.digest, "reviewed_through": through, "boxes_digest": boxes,
        "unreviewed": left,
        "vial_ids": [vial.id for vial in made.vials], "findings": findings,
    }  # fmt: skip


@blueprint.route("/vials/<record:vial_id>", tags=VIALS)
@blueprint.refuses(*ONE)
@blueprint.response(200, VialWholeOut)
def vial(vial_id: str) -> dict[str, Any]:
    """One vial: its code, its lot, and every place it lay in."""
    with store().read(actor()) as view:
        found = vials.described(view, vial_id)
        lot, expires = found["lot"], expiry(view, found["lot"].id)
        stays = [_stay(stay, place) for stay, place in vials.stays(view, vial_id)]
        aliases = [{"scheme": one.scheme, "code": one.code} for one in found["aliases"]]
    over = next((one["code"] for one in aliases if one["scheme"] == GIAI), None)
    told = {"id": lot.id, "number": lot.number, "state": lot.state, "expires": expires}
    return vial_told(found["vial"], lot.number, expires, over) | {"lot": told, "stays": stays, "aliases": aliases}


def _stay(stay: Any, place: Any) -> dict[str, Any]:
    return stay.model_dump() | {"place": place.code}


def uploading(*more: dict[str, Any]) -> dict[str, Any]:
    """The description of a multipart body with one file."""
    properties: dict[str, Any] = {"file": {"type": "string", "format": "binary"}}
    for one in more:
        properties |= one
    schema = {"type": "object", "required": ["file"], "properties": properties, "additionalProperties": False}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


def enumerated(name: str, words: Iterable[str]) -> dict[str, Any]:
    return {name: {"type": "string", "enum": list(words)}}


class AttachIn(asked.In):
    kind = fields.String(load_default=FileKind.OTHER, validate=validate.OneOf(ATTACHED))
    name = Words(most=200)


@act("lot.attach", given="lot_id", **uploading(enumerated("kind", ATTACHED)))
def attach(lot_id: str) -> Done:
    """A PDF, PNG or JPEG of at most 50 MiB that belongs to the lot, as it was received."""
    file, told = asked.upload(), asked.form(AttachIn)
    with store().read(actor()) as view:
        lots.lot(view, lot_id)
    act_id, name = asked.act_id(), asked.name_of(file)
    kept = attachments.keep(store(), file.stream)
    given = {"sha256": kept.sha256, "name": name, "media_type": kept.media_type, "size": kept.size}
    return asking.ask("lot.attach", None, given | {"lot_id": lot_id, "kind": told["kind"]}, act_id)
