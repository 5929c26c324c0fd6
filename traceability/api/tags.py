"""Labels of what is no vial, by program: as PDF on sheets or rolls, or as a file for a Zebra printer. Nothing is noted by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from marshmallow import fields, validate

from schemas.fields import Code, Whole
from traceability import asking
from traceability.api import asked, blueprint
from traceability.api.acts import STATUSES
from traceability.api.lists import ONE
from traceability.asking import actor, store
from traceability.domain.labels import PAPERS
from traceability.services import PERFORMERS, tags
from traceability.services.tags import Noun

LOOK_UP = PERFORMERS["subject.look_up"].act
PDF, ZPL = "application/pdf", "text/plain"
SHEETS = [one for one in PAPERS if not one.startswith("zpl")]
Draw = Callable[..., bytes]


class PaperIn(asked.In):
    paper = fields.String(load_default=PAPERS[0], validate=validate.OneOf(SHEETS))
    start = Whole(load_default=0, metadata={"description": "Labels already gone from the first sheet."})


class DpiIn(asked.In):
    dpi = Whole(load_default=203, validate=validate.OneOf([203, 300]))


def sized(sizes: list[str]) -> fields.String:
    described = {"description": "Without it the usual one of its kind."}
    return fields.String(load_default="", validate=validate.OneOf(sizes), metadata=described)


def drawn(path: str, name: str, draw: Draw, summary: str, tag: str, sizes: list[str]) -> None:
    """`GET …/<path>.pdf` and `.zpl`; `draw` takes what the path says, and layout, paper, start."""
    more = {"layout": sized(sizes)} if sizes else {}
    kind = "".join(part.title() for part in name.split("_"))

    def pdf(told: dict[str, Any], **at: str) -> Response:
        return Response(draw(**at, **told), content_type=PDF)

    def zpl(told: dict[str, Any], **at: str) -> Response:
        dpi = told.pop("dpi")
        return Response(draw(**at, **told, paper=f"zpl_{dpi}"), content_type=ZPL)

    pdf.__doc__, zpl.__doc__ = summary, f"{summary} For a Zebra printer, to be sent to it as it is."
    for view, schema, ending, kept in (
        (pdf, PaperIn.from_dict(more, name=f"{kind}PaperIn"), "pdf", {"type": "string", "format": "binary"}),
        (zpl, DpiIn.from_dict(more, name=f"{kind}DpiIn"), "zpl", {"type": "string"}),
    ):
        view.__name__ = f"{name}_{ending}"
        made = blueprint.arguments(schema, location="query")(view)
        made = blueprint.response(200, kept, content_type=PDF if ending == "pdf" else ZPL)(made)
        made = blueprint.refuses(409)(blueprint.refuses(*ONE)(made))
        blueprint.add_url_rule(f"{path}.{ending}", f"{name}_{ending}", made, methods=["GET"], tags=[tag])


def labelled(noun: Noun, nouns: str, summary: str) -> None:
    def draw(layout: str, paper: str, start: int = 0, **at: str) -> bytes:
        with store().read(actor()) as view:
            made = tags.tag(view, noun, at[f"{noun}_id"])
        return tags.file(made, noun, layout, paper=paper, start=start)

    drawn(f"/{nouns}/<record:{noun}_id>/label", f"{noun}_label", draw, summary, nouns, list(tags.SIZES[noun]))


labelled("consignment", "consignments", "The label of the box: its SSCC, what is in it, how cold it stays.")
labelled("place", "places", "The label of a place, which leads to it when it is scanned.")
labelled("sensor", "sensors", "The label of a sensor or a logger that has a GIAI.")
labelled("person", "persons", "A badge: the name to be read by people, a number of its own in the code.")
labelled("subject", "subjects", "A wristband under the pseudonym.")
drawn("/scan/self_test", "self_test", tags.self_test, "The sheet by which a scanner is set up.", "scan", [])


class BandIn(PaperIn):
    code = Code(
        required=True, metadata={"description": "The patient\u2019s GSRN (8018) as it was scanned; it is kept nowhere."}
    )


@blueprint.route("/subjects/<record:subject_id>/label.pdf", methods=["POST"], tags=["subjects"])
@blueprint.doc(**{"x-act": {"kind": "fact", "roles": sorted(LOOK_UP.roles), "signatures": []}})
@blueprint.refuses(*STATUSES)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=PDF)
@blueprint.arguments(BandIn)
def subject_band(told: dict[str, Any], subject_id: str) -> Response:
    """A wristband with the number that the patient has already. By POST alone: it stands in no address and no log (R9).

    That somebody asked whose it is, is an entry of the ledger.
    """
    call = asking.call_of({}, asking.new_id())
    made = tags.band(store(), actor(), call, subject_id, told["code"])
    return Response(tags.file(made, "subject", "", paper=told["paper"], start=told["start"]), content_type=PDF)
