"""A lot counted up to its last vial, signed; and the distribution record: what of it went to whom."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from traceability.asking import actor, store
from traceability.problems import told
from traceability.services import distribution, reconciling
from traceability.services.signatures import about
from traceability.sheets import MEDIA_TYPE, written
from traceability.web import blueprint, posting
from traceability.web.lots import head
from traceability.web.posting import Trouble
from traceability.words import act_words


@blueprint.get("/lots/<lot_id>/reconciliation")
def lot_reconciliation(lot_id: str) -> ResponseReturnValue:
    return _shown(lot_id, None)


@blueprint.route("/lots/<lot_id>/reconcile", methods=["GET", "POST"])
def lot_reconcile(lot_id: str) -> ResponseReturnValue:
    """The figures as they were shown, signed by QA."""
    if request.method == "GET":
        return redirect(url_for("web.lot_reconciliation", lot_id=lot_id), 303)
    done = posting.perform("lot.reconcile", lot_id, figures_digest=request.form.get("figures_digest", ""))
    if isinstance(done, Trouble):
        return _shown(lot_id, done)
    flash(act_words("lot.reconcile").done)
    return redirect(url_for("web.lot_reconciliation", lot_id=lot_id), 303)


def _shown(lot_id: str, trouble: Trouble | None) -> ResponseReturnValue:
    with store().read(actor()) as view:
        figures = reconciling.count_up(view, lot_id)
        kept = reconciling.signed(view, lot_id)
        page = render_template(
            "lots/reconciliation.html", **head(view, lot_id, "reconciliation"), figures=figures, trouble=trouble, kept=kept,
            differs=[told(one) for one in figures.differs], by=about(view, [one.id for one in kept]),
        )  # fmt: skip
    return page, trouble.status if trouble else 200


@blueprint.get("/distribution", endpoint="distribution")
@blueprint.get("/lots/<lot_id>/distribution", endpoint="lot_distribution")
def distributed(lot_id: str | None = None) -> ResponseReturnValue:
    """As a page, or with `?format=csv` as a table file."""
    with store().read(actor()) as view:
        lines = distribution.distribution(view, lot_id)
        if request.args.get("format") == "csv":
            return sheet(lines)
        above: dict[str, Any] = head(view, lot_id, "distribution") if lot_id else {"lot": None}
    return render_template(
        "lots/distribution.html" if lot_id else "consignments/distribution.html", **above, lines=lines
    )


def sheet(lines: list[distribution.Distributed]) -> Response:
    """The distribution record as a table file: times in UTC, names as they stand."""
    names = list(distribution.Distributed.__dataclass_fields__)
    rows = [[_cell(getattr(line, name)) for name in names] for line in lines]
    response = Response(written([names, *rows]), content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = 'attachment; filename="distribution.csv"'
    return response


def _cell(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
