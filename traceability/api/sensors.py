"""The cold chain by program: sensors and their files, excursions with what was decided on them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema

from schemas.coldchain import LogIn
from schemas.outputs import ExcursionOut, ExcursionWholeOut, SensorOut, SensorWholeOut, page_of
from traceability import asking
from traceability.api import asked, blueprint
from traceability.api.acts import act
from traceability.api.lists import LIST, ONE, OpenIn, cut, listed
from traceability.api.lots import uploading
from traceability.asking import Done, View, actor, store
from traceability.domain.errors import Refused
from traceability.services import attachments, deciding, importing, lists, sensors
from traceability.services.importing import MOST_BYTES, Mission
from traceability.services.sensing import Sensing, sensing

ANSWERED: dict[str, Any] = {
    "confirmed": {"type": "string", "description": "The digest of what somebody was shown and has confirmed."},
    "zone": {"type": "string", "description": "Of its clock, like Asia/Jakarta, where the file names none."},
    "date_order": {"type": "string", "enum": ["dmy", "mdy", "ymd"]},
    "decimal": {"type": "string", "enum": [".", ","]},
    "unit": {"type": "string", "enum": ["C", "F"]},
    "channel": {"type": "string", "description": "The column of the temperature that is meant."},
    "clock": {"type": "string", "description": "The column of the times that are meant."},
}
"""What a person may answer of a file."""


def told(one: Sensing) -> dict[str, Any]:
    place = one.place
    return one.sensor.model_dump() | {
        "place_id": place.id if place else None, "hung_since": one.since, "last_at": one.last_at, "last_mc": one.last_mc,
        "calibrated_until": one.calibrated_until, "calibrated": one.calibrated, "silent": one.silent,
    }  # fmt: skip


def of_page(view: View, *, limit: int, after: str | None) -> list[dict[str, Any]]:
    return [told(one) for one in sensing(view, lists.sensors(view, limit=limit, after=after))]


listed(
    "sensors", SensorOut, of_page, "Sensors in sight: where each hangs, what it said last, until when it is calibrated."
)


@blueprint.route("/sensors/<record:sensor_id>", tags=["sensors"], endpoint="sensor")
@blueprint.refuses(*ONE)
@blueprint.response(200, SensorWholeOut)
def one_sensor(sensor_id: str) -> dict[str, Any]:
    """One sensor: where it hung, for which days it was calibrated, and its files."""
    with store().read(actor()) as view:
        found = sensors.detail(view, sensor_id)
    hung = [one for one, _ in found.hung]
    return told(found.said) | {"assignments": hung, "calibrations": found.calibrations, "files": found.files}


@act("sensor.import_log", **uploading(ANSWERED))
def import_log(sensor_id: str) -> Done:
    """A file of this sensor, judged wherever it hung then.

    What a file leaves open is refused with the `question`; what has to be looked at first, with its `understanding`.
    """
    with store().read(actor()) as view:
        mission = importing.of_sensor(view, sensor_id)
    return imported(mission, LogIn)


def imported(mission: Mission, schema: type[Schema]) -> Done:
    """The file of this request, read in for a sensor or a box."""
    file = asked.upload()
    given = asked.form(schema)
    act_id, name = asked.act_id(), asked.name_of(file)
    data = file.stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused("body_too_large", most=MOST_BYTES)
    log = importing.read(mission, name, data, {key: str(value) for key, value in given.items()})
    importing.confirmed(log, given.get("confirmed", ""))
    attachments.keep_bytes(store(), data)
    answers = {key: value for key, value in given.items() if key not in importing.ANSWERS}
    return asking.ask(mission.act, mission.id, {"log": log, **answers}, act_id)


def excursion(one: deciding.Listed) -> dict[str, Any]:
    counts = {"vials": one.vials, "undecided": one.undecided, "given": one.given, "state": one.state}
    return one.excursion.model_dump() | counts


@blueprint.route("/excursions", tags=["excursions"], endpoint="excursions")
@blueprint.refuses(*LIST)
@blueprint.response(200, page_of(ExcursionOut))
@blueprint.arguments(OpenIn, location="query")
def excursions(given: dict[str, Any]) -> dict[str, Any]:
    """Excursions in sight, newest first. Open: they go on, or somebody has to decide on vials that were there."""
    limit = given["limit"]
    with store().read(actor()) as view:
        rows = lists.excursions(
            view, limit=limit + 1, after=asked.cursor(given.get("after")), is_open=given.get("is_open")
        )
        found = {one.excursion.id: excursion(one) for one in deciding.listed(view, rows)}
    return cut([found[row.id] for row in rows], limit, lambda one: one["id"])


@blueprint.route("/excursions/<record:excursion_id>", tags=["excursions"], endpoint="excursion")
@blueprint.refuses(*ONE)
@blueprint.response(200, ExcursionWholeOut)
def one_excursion(excursion_id: str) -> dict[str, Any]:
    """One excursion: every vial that was there with its budget and its verdict for stock, and every decision."""
    with store().read(actor()) as view:
        found = deciding.detail(view, excursion_id)
        dispositions = deciding.dispositions(view, excursion_id)
    there = [one for group in (*found.groups, *found.gone) for one in group.vials]
    vials = [
        {
            "vial_id": one.vial.id, "serial": one.vial.serial, "lot": one.lot, "state": one.vial.state, "here_s": one.here_s,
            "used_s": one.used_s, "budget_s": one.budget_s, "left_s": one.left_s, "known": one.known, "verdict": one.verdict,
            "findings": [finding.code for finding in one.findings], "waits": one.waits,
        }
        for one in there
    ]  # fmt: skip
    return excursion(found.listed) | {"there": vials, "dispositions": dispositions}
