"""Papers of an organisation: every certificate and licence with how it stands today, and what is done about it."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from traceability.asking import actor, store
from traceability.services import credentials, organisations
from traceability.web import blueprint


@blueprint.get("/organisations/<organisation_id>/papers")
def papers(organisation_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = credentials.of_holder(view, organisation_id)
        ours = organisation_id in organisations.stood_for(view)
    return render_template("lots/papers.html", found=found, ours=ours)
