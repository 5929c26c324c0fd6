"""Sensors: all of them with what each says now, one with where it hung and what it wrote, and its files read in."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from schemas.coldchain import LogIn
from traceability.asking import actor, store
from traceability.services import importing, plots, sensors
from traceability.services.sensing import sensing
from traceability.web import blueprint, logs, posting
from traceability.web.plots import asked
from traceability.words import sentence


@blueprint.get("/sensors", endpoint="sensors")
def list_() -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = sensing(view, sensors.sensors(view))
    mine = actor().organisation_id
    found.sort(
        key=lambda one: (one.sensor.organisation_id != mine, not one.silent, one.place is None, one.sensor.serial)
    )
    return render_template("sensors/list.html", found=found)


@blueprint.get("/sensors/<sensor_id>")
def sensor(sensor_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = sensors.detail(view, sensor_id)
        plot = plots.of_sensor(view, sensor_id, asked())
    return render_template(
        "sensors/sensor.html", found=found, plot=plot, said=found.said, ours=found.said.sensor.organisation_id == actor().organisation_id,
        told=sentence, moment=datetime.fromisoformat,
    )  # fmt: skip


@blueprint.route("/sensors/<sensor_id>/import_log", methods=["GET", "POST"])
def import_log(sensor_id: str) -> ResponseReturnValue:
    """Read a file of this sensor in: shown as it was understood, then confirmed."""
    posting.permitted("sensor.import_log")
    with store().read(actor()) as view:
        mission = importing.of_sensor(view, sensor_id)
        found = sensors.detail(view, sensor_id)
    step = logs.step(mission, LogIn) if posting.posted() else logs.Step()
    if step.done is not None:
        flash(read_in(step.done.answer["excursions"]))
        return redirect(url_for("web.sensor", sensor_id=sensor_id, _anchor="files"), 303)
    page = render_template(
        "sensors/import_log.html",
        said=found.said,
        mission=mission,
        step=step,
        carried=logs.answered(step.given),
        told=sentence,
    )
    return page, step.status


def read_in(excursions: list[str]) -> str:
    found = ", ".join(excursions)
    if not found:
        return _("The file is read in and judged: inside the limits of what lay there.")
    return _("The file is read in and judged: %(found)s.", found=found)
