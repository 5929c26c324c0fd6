"""Alarms by program: what is raised, who is told, and the rules of a place."""

from __future__ import annotations

from typing import Any

from schemas.alarms import AlarmOut, AlarmRuleOut, ContactOut
from schemas.fields import Flag
from schemas.outputs import page_of
from traceability.api import asked, blueprint
from traceability.api.lists import ONE, listed
from traceability.asking import actor, store
from traceability.services import alarm_rules, lists, places


class AlarmsIn(asked.PageIn):
    is_open = Flag(
        data_key="open",
        metadata={"description": "Only those that nobody acknowledged or that go on, or only the others."},
    )


listed("alarms", AlarmOut, lists.alarms, "Alarms of one's own organisation.", AlarmsIn)
listed("contacts", ContactOut, lists.contacts, "Who is told of what, by what way and after how long.")


@blueprint.route("/alarms/<record:alarm_id>", tags=["alarms"])
@blueprint.response(200, AlarmOut)
@blueprint.refuses(*ONE)
def alarm(alarm_id: str) -> dict[str, Any]:
    """One alarm."""
    with store().read(actor()) as view:
        return lists.alarm(view, alarm_id)


@blueprint.route("/places/<record:place_id>/alarms", tags=["places"])
@blueprint.response(200, page_of(AlarmRuleOut))
@blueprint.refuses(*ONE)
def place_alarms(place_id: str) -> dict[str, Any]:
    """The alarm rules of a place, those that stand first. Without any, a product's limits count, at once."""
    with store().read(actor()) as view:
        found = alarm_rules.rules(view, places.place(view, place_id).id)
    return {"items": found, "next": None}
