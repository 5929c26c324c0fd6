"""The clocks in force, of cases, recalls and events."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from traceability.asking import actor, store
from traceability.domain.acts import ACTS
from traceability.services import clocks as service
from traceability.web import blueprint
from traceability.words import role_word


@blueprint.get("/clocks", endpoint="clocks")
def in_force() -> ResponseReturnValue:
    """By when a case is answered, each step of a recall is done and an event is reported: by whose word, and who may say otherwise."""
    with store().read(actor()) as view:
        found = service.in_force(view)
    may_set = {
        name: ", ".join(role_word(role) for role in sorted(ACTS[name].roles))
        for name in ("case.set_clock", "recall.set_clock", "event.set_clock")
    }
    return render_template("clocks/clocks.html", found=found, may_set=may_set, section="web.recalls")
