"""Places: a board of all of them, and one with what lies there, how it was read, and what is assumed of it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from traceability import problems
from traceability.asking import actor, store
from traceability.services import places as reads
from traceability.services import plots
from traceability.services.board import board as everywhere
from traceability.web import blueprint
from traceability.web.plots import asked


@blueprint.get("/places", endpoint="places")
def board() -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = everywhere(view)
    return render_template("places/board.html", found=found, vials=sum(one.vials for one in found))


@blueprint.get("/places/<place_id>")
def place(place_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = reads.detail(view, place_id)
        plot = plots.of_place(view, place_id, asked())
    vials = [(held, [problems.told(finding)["message"] for finding in held.findings]) for held in found.vials]
    return render_template("places/place.html", found=found, now=found.now, vials=vials, most=reads.MOST, plot=plot)
