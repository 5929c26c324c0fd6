"""Adverse events: those that happened with what is owed of them, one with everything said of it, and how it is told."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from traceability.asking import actor, store
from traceability.domain.harm import Challenge, EventOutcome, ReportOrigin, SeriousBecause, Sex
from traceability.services import administrations, courses, eventbook, events, subjects
from traceability.web import blueprint, forms, posting, roles, today
from traceability.web.posting import Trouble
from traceability.web.recalls import had, unnamed
from traceability.web.subjects import SEEN_BY
from traceability.words import act_words

TOLD = (
    "asked", "description", "narrative", "term", "grade", "serious", "outcome", "onset_on", "onset_at", "ended_on", "dechallenge",
    "rechallenge", "report_origin", "history", "age_y", "sex", "window", "told_by", "course_id", "administration_id", "follows_id",
)  # fmt: skip
LISTS = {
    "outcomes": EventOutcome, "criteria": SeriousBecause, "challenges": Challenge, "origins": ReportOrigin, "sexes": Sex,
}  # fmt: skip


@blueprint.get("/events", endpoint="events")
def list_() -> ResponseReturnValue:
    """What is owed to the authority first, the soonest first."""
    with store().read(actor()) as view:
        found = eventbook.listed(view)
    return render_template("events/list.html", found=found, today=today(), section="web.subjects")


@blueprint.get("/events/<event_id>")
def event(event_id: str) -> ResponseReturnValue:
    """Every telling, every word on it, every report, what is owed by when, and who else had the lots."""
    with store().read(actor()) as view:
        found = eventbook.detail(view, event_id)
        others = unnamed(view, found.exposed)
    return render_template(
        "events/event.html", found=found, had=had(found.exposed), unnamed=others, opens=bool(roles() & set(SEEN_BY)),
        section="web.subjects",
    )  # fmt: skip


@blueprint.route("/events/record", methods=["GET", "POST"])
def event_record() -> ResponseReturnValue:
    """What was asked and answered; with `follows_id` the same event told again, beginning with what is known."""
    posting.permitted("event.record")
    subject_id, follows_id = request.values.get("subject_id", ""), request.values.get("follows_id", "")
    given: dict[str, Any] = posting.form(*TOLD) | {"criteria": request.form.getlist("criteria")}
    trouble = None
    if posting.posted():
        done = posting.perform("event.record", subject_id=subject_id, **given | _times(given["onset_at"]))
        if not isinstance(done, Trouble):
            flash(act_words("event.record").done)
            if given["asked"] == events.Asked.YES:
                return redirect(url_for("web.event", event_id=done.id), 303)
            return redirect(url_for("web.subject", subject_id=subject_id) + "#events", 303)
        trouble = done
    with store().read(actor()) as view:
        follows = eventbook.latest(view, follows_id) if follows_id else None
        if follows is not None:
            subject_id = follows.subject_id
            if not posting.posted():
                given = _as_told(follows)
        page = render_template(
            "events/record.html", subject=subjects.subject(view, subject_id), given=given, trouble=trouble, follows=follows,
            asked_words=tuple(events.Asked), lists=LISTS, plans=courses.progress(view, [subject_id])[subject_id],
            injections=administrations.administrations(view, subject_id=subject_id),
        )  # fmt: skip
    return page, trouble.status if trouble else 200


def _times(onset_at: str) -> dict[str, Any]:
    """In the zone of the site: when it began, and when the house heard of it where that was before now."""
    heard = forms.moment(request.form.get("occurred_at", ""))
    return {"onset_at": forms.moment(onset_at) if onset_at else ""} | (
        {"occurred_at": heard, "source": "late"} if heard else {}
    )


def _as_told(one: Any) -> dict[str, Any]:
    """The form begins with what is known; nothing of it is lost by being told again."""
    named = {
        "told_by": one.source,
        "serious": {True: "yes", False: "no"}.get(one.serious) if one.serious is not None else "",
    }
    made = {name: getattr(one, name, None) for name in TOLD} | named | {"criteria": one.criteria, "follows_id": one.id}
    made["onset_at"] = one.onset_at.astimezone(g.zone).strftime("%Y-%m-%dT%H:%M") if one.onset_at else ""
    return {name: "" if value is None else value for name, value in made.items()}
