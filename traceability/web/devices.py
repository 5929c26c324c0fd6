"""Devices: enrolling one, whose key is shown once. Revoking is the form of its act, from its page among the people."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import actor, call_of, store
from traceability.domain.errors import Refused
from traceability.services import calendar
from traceability.services import devices as service
from traceability.web import blueprint, posting
from traceability.words import act_words

LONGEST = 200


@blueprint.route("/devices/enrol", methods=["GET", "POST"], endpoint="device_enrol")
def enrol() -> ResponseReturnValue:
    """The key is in this one answer and nowhere else: a page that was sent twice says that it was told before."""
    posting.permitted("device.enrol")
    told = posting.form("name", "calendar_site_id")
    trouble = None
    if request.method == "POST":
        if not told["name"] or len(told["name"]) > LONGEST:
            said = _("At most %(count)s characters.", count=LONGEST) if told["name"] else _("This is needed.")
            trouble = posting.Trouble(422, {"name": said})
        else:
            try:
                act_id = request.form.get("act_id", "")
                key, hashed = service.new_key(store(), actor(), act_id)
                site_id = told["calendar_site_id"] or None
                done = service.enrol(
                    store(), actor(), call_of({}, act_id), told["name"], hashed, calendar_site_id=site_id
                )
                return render_template(
                    "devices/key.html", key=key, name=told["name"], device_id=done.id, section="web.people",
                    address=url_for("api.site_calendar", site_id=site_id, _external=True) if site_id else "",
                )  # fmt: skip
            except Refused as refused:
                trouble = posting.refusal(refused)
    with store().read(actor()) as view:
        sites = calendar.sites(view)
    page = render_template(
        "devices/enrol.html", told=told, sites=sites, words=act_words("device.enrol"), section="web.people",
        errors=trouble.fields if trouble else {}, general=trouble.general if trouble else [],
        unknown=trouble.act_id if trouble else None,
    )  # fmt: skip
    return page, trouble.status if trouble else 200
