"""Adverse events by program: what is owed of each, and one with everything said of it. Acts are at their own addresses."""

from __future__ import annotations

from typing import Any

from schemas.events import EventsOut, EventWholeOut
from traceability.api import blueprint
from traceability.api.lists import LIST, ONE
from traceability.asking import actor, store
from traceability.services import eventbook
from traceability.services.eventbook import Standing


@blueprint.route("/events", tags=["events"], endpoint="events")
@blueprint.refuses(*LIST)
@blueprint.response(200, EventsOut)
def all_events() -> dict[str, Any]:
    """Events that happened at one's house: those of which the authority is owed a report first, the soonest first."""
    with store().read(actor()) as view:
        found = eventbook.listed(view)
    return {"items": [_told(one.standing) | {"pseudonym": one.subject.pseudonym} for one in found]}


@blueprint.route("/events/<record:event_id>", tags=["events"], endpoint="event")
@blueprint.refuses(*ONE)
@blueprint.response(200, EventWholeOut)
def one_event(event_id: str) -> dict[str, Any]:
    """One event: every telling, every word on it, every report onward, what is owed by when, and who else had the lots."""
    with store().read(actor()) as view:
        found = eventbook.detail(view, event_id)
    return _told(found.standing) | {
        "pseudonym": found.subject.pseudonym, "tellings": found.tellings, "assessments": found.judged, "reports": found.reports,
        "lots": [{"id": one.id, "number": one.number} for one in found.lots],
        "exposed": [one for one in found.exposed if one["pseudonym"] is not None],
        "exposed_elsewhere": len({one["id"] for one in found.exposed if one["pseudonym"] is None}),
        "case_id": found.case.id if found.case else None,
    }  # fmt: skip


def _told(one: Standing) -> dict[str, Any]:
    owed = [
        {
            "expedited": each.clock.kind, "due_on": each.due_on, "reported_on": each.answered, "known_at": each.aware_at,
            "rests_on": each.clock.source,
        } for each in one.owed
    ]  # fmt: skip
    return {
        "id": one.first.id, "number": one.first.number, "subject_id": one.first.subject_id, "serious": one.serious,
        "fatal_or_life_threatening": one.mortal, "related": one.related, "unexpected": one.unexpected, "owed": owed,
        "newest_id": one.now.id, "counts_id": one.counts.id,
    }  # fmt: skip
