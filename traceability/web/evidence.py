"""One button makes a lot's evidence package; it is downloaded as it was made."""

from __future__ import annotations

import re

from flask import Response, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import actor, call_of, store
from traceability.domain.errors import Refused
from traceability.services import evidence_packages
from traceability.services.choices import name_of
from traceability.web import blueprint


@blueprint.post("/lots/<lot_id>/evidence")
def lot_evidence(lot_id: str) -> ResponseReturnValue:
    """Make it, and go on to where it lies."""
    if not (act_id := request.form.get("act_id", "")):
        raise Refused("act_id_missing")
    done = evidence_packages.make(store(), actor(), call_of({}, act_id), lot_id)
    flash(
        _("%(number)s is made. It is checked by the program in it, without this system.", number=done.answer["number"])
    )
    return redirect(url_for("web.lot_documents", lot_id=lot_id) + "#evidence", 303)


@blueprint.get("/evidence/<string(length=32):evidence_id>.zip")
def evidence_zip(evidence_id: str) -> Response:
    """Its bytes, if they are those of its digest."""
    with store().read(actor()) as view:
        one, path = evidence_packages.kept(store(), view, evidence_id)
        lot = re.sub(r"[^A-Za-z0-9.-]", "-", name_of(view, "lot", one.lot_id))
    return send_file(path, "application/zip", as_attachment=True, download_name=f"evidence-{lot}-{one.number}.zip")
