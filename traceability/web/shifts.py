"""Who is on call, now and to come."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from traceability.asking import actor, store
from traceability.services import shifts as service
from traceability.web import blueprint, now


@blueprint.get("/shifts", endpoint="shifts")
def list_() -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = service.shifts(view)
    return render_template("shifts/list.html", found=found, at=now(), section="web.home")
