"""Alarms: what waits for somebody, what became of the messages, who is told, and the rules of a place."""

from __future__ import annotations

from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from traceability import routes
from traceability.asking import actor, store
from traceability.domain.alarms import PRESETS
from traceability.services import alarm_rules, contacts, outbox, people, places
from traceability.services import alarms as service
from traceability.web import blueprint, now, roles
from traceability.worker.webhook import shown_secret


@blueprint.get("/alarms", endpoint="alarms")
def list_() -> ResponseReturnValue:
    """Those that wait for somebody first, then those that go on; how long each has."""
    with store().read(actor()) as view:
        found = service.alarms(view)
        names = people.names(view, [one.alarm.acknowledged_by for one in found])
        untold = {row.id for row in outbox.given_up(view)}
    return render_template("alarms/list.html", found=found, names=names, untold=untold, at=now(), tells=_tells())


@blueprint.get("/alarms/<alarm_id>")
def alarm(alarm_id: str) -> ResponseReturnValue:
    """One alarm with who acknowledged it, and each message: to whom, sent when, or why not."""
    with store().read(actor()) as view:
        one = service.alarm(view, alarm_id)
        names = people.names(view, [one.alarm.acknowledged_by])
        sendings = outbox.sendings(view, one.alarm)
    return render_template(
        "alarms/alarm.html", one=one, names=names, sendings=sendings, most=outbox.MOST_TRIES, tells=_tells(), at=now(),
        section="web.alarms",
    )  # fmt: skip


@blueprint.get("/contacts", endpoint="contacts")
def told() -> ResponseReturnValue:
    """Who is told of what in the house, and with what a webhook is signed; and of what nobody is told."""
    with store().read(actor()) as view:
        found = contacts.contacts(view)
    secrets = {one.id: shown_secret(outbox.secret(store(), one.id)) for one in found if one.channel == "webhook"}
    mail = bool(current_app.config["SMTP_HOST"])
    return render_template(
        "alarms/contacts.html", found=found, secrets=secrets, mail=mail, unheard=contacts.unheard(found), topics=contacts.topics,
        section="web.alarms",
    )  # fmt: skip


@blueprint.get("/places/<place_id>/alarms")
def place_alarms(place_id: str) -> ResponseReturnValue:
    """When being out of limits becomes an alarm here."""
    with store().read(actor()) as view:
        place = places.place(view, place_id)
        rules = alarm_rules.rules(view, place.id)
    return render_template(
        "alarms/rules.html", place=place, rules=rules, presets=PRESETS, here=url_for("web.place_alarms", place_id=place.id),
        section="web.places",
    )  # fmt: skip


def _tells() -> bool:
    """Whether the addresses are this person's to see."""
    return bool(roles() & routes.TELL)
