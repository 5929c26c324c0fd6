"""Temperatures by program: what is drawn of a place, a sensor, a box, and all that is told of a vial. As JSON or as a table file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, request

from schemas.plots import PlotOut, VialTemperatureOut, WindowIn
from traceability import sheets
from traceability.api import blueprint
from traceability.api.lists import ONE
from traceability.asking import View, actor, store
from traceability.domain.plots import Plot
from traceability.services import plots, thermal
from traceability.services.plots import EVERYTHING, MOST, Window

Read = Callable[[View, str, Window], Plot]
SHEET = {"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}}
"""Beside JSON, for the description."""


def as_sheet(told: dict[str, Any]) -> bool:
    """Asked for by name, or by who prefers it to JSON."""
    accepted = request.accept_mimetypes
    named = told.get("format")
    return named == "csv" if named else accepted["text/csv"] > accepted["application/json"]


def asked_for(told: dict[str, Any]) -> Window:
    return Window(told.get("span", ""), told.get("until"), EVERYTHING if as_sheet(told) else MOST)


def answered(told: dict[str, Any], plot: Plot, name: str) -> Response | None:
    if not as_sheet(told):
        return None
    response = Response(sheets.sheet(plot), content_type=sheets.MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def drawn(nouns: str, noun: str, read: Read, summary: str) -> None:
    """`GET /api/v1/<nouns>/<id>/plot` over one read of the services."""

    def view(told: dict[str, Any], noun_id: str) -> Any:
        with store().read(actor()) as view:
            plot = read(view, noun_id, asked_for(told))
        return answered(told, plot, f"{noun}-{noun_id}") or plot

    view.__doc__ = summary
    view.__name__ = f"{noun}_plot"
    made = blueprint.doc(**SHEET)(
        blueprint.response(200, PlotOut)(blueprint.arguments(WindowIn, location="query")(view))
    )
    blueprint.add_url_rule(
        f"/{nouns}/<record:noun_id>/plot", f"{noun}_plot", blueprint.refuses(*ONE)(made), methods=["GET"], tags=[nouns]
    )


drawn(
    "places",
    "place",
    plots.of_place,
    "What was measured in a place: readings without losing an extreme, gaps, excursions, moves.",
)
drawn("sensors", "sensor", plots.of_sensor, "What one sensor measured, wherever it hung.")
drawn(
    "consignments",
    "consignment",
    plots.of_consignment,
    "What was measured in the box, from the first vial in to the last out.",
)


@blueprint.route("/vials/<record:vial_id>/temperature", tags=["vials"])
@blueprint.refuses(*ONE)
@blueprint.doc(**SHEET)
@blueprint.response(200, VialTemperatureOut)
@blueprint.arguments(WindowIn, location="query")
def vial_temperature(told: dict[str, Any], vial_id: str) -> Any:
    """What a vial went through: each stay and what it was judged by, time out of storage used and left, what is unknown."""
    with store().read(actor()) as view:
        if as_sheet(told):
            plot = plots.of_vial(view, vial_id, asked_for(told))
            return answered(told, plot, f"vial-{vial_id}")
        thermal_, plot = thermal.of_vial(view, vial_id)
        if told.get("span") or told.get("until"):
            plot = plots.of_vial(view, vial_id, asked_for(told))
    return {name: getattr(thermal_, name) for name in VialTemperatureOut().fields if name != "plot"} | {"plot": plot}
