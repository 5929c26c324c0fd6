"""A laboratory's file of results: sent, shown as it was understood with every line that cannot be read, then confirmed."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from traceability import asking, problems
from traceability.asking import actor, new_id, store
from traceability.domain.errors import Refused
from traceability.services import attachments, result_import, study_import
from traceability.services.result_import import ResultFile
from traceability.web import blueprint, logs, posting
from traceability.web.lots import head
from traceability.words import sentence


@blueprint.route("/lots/<lot_id>/results/import", methods=["GET", "POST"])
def results_import(lot_id: str) -> ResponseReturnValue:
    """A file for one lot. Nothing enters the record before it was shown and confirmed, and then all of it does."""
    posting.permitted("result.import_file")
    with store().read(actor()) as view:
        above = head(view, lot_id, "tests")
    if not posting.posted():
        return render_template("lots/import.html", **above, found=None, trouble=None)
    sent = _sent()
    if sent is None:
        trouble = posting.Trouble(422, {"file": _("Choose the file of the laboratory: CSV or JSON.")})
        return render_template("lots/import.html", **above, found=None, trouble=trouble), 422
    name, data = sent
    try:
        file = result_import.read(name, data)
        with store().read(actor()) as view:
            found = result_import.understood(view, lot_id, file)
        digest = attachments.keep_bytes(store(), data)
        if request.form.get("confirmed") == found.digest:
            return _entered(lot_id, file)
    except Refused as refused:
        trouble = posting.Trouble(problems.status_of(refused.code), {"file": sentence(refused.code, refused.values)})
        return render_template("lots/import.html", **above, found=None, trouble=trouble), trouble.status
    page = render_template(
        "lots/import.html",
        **above,
        found=found,
        trouble=None,
        lines=lines_of(found.lines),
        waiting=logs.seal(digest, name),
    )
    return page, 422 if found.refused else 200


def _sent() -> tuple[str, bytes] | None:
    """The file of this form, or the one that waits since it was shown."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        with sent.stream as stream:
            name = sent.filename.replace("\\", "/").rpartition("/")[2][:200]
            return name, stream.read(result_import.MOST_BYTES + 1)
    return logs.opened(request.form.get("waiting", ""))


def _entered(lot_id: str, file: ResultFile) -> ResponseReturnValue:
    done = asking.ask(
        "result.import_file", lot_id, {"lot_id": lot_id, "file": file}, request.form.get("act_id") or new_id()
    )
    count, outside = done.answer["results"], done.answer["outside"]
    flash(
        ngettext(
            "%(num)d result is entered. A second person reviews it.",
            "%(num)d results are entered. A second person reviews them.",
            count,
        )
    )
    if outside:
        flash(
            ngettext(
                "%(num)d is outside its specification: its case is open.",
                "%(num)d are outside their specification: their cases are open.",
                outside,
            ),
            "info",
        )
    return redirect(url_for("web.lot_tests", lot_id=lot_id), 303)


def lines_of(lines: Iterable[result_import.Line | study_import.Line]) -> list[dict[str, object]]:
    """Every line as it was read; those that were refused first, each with why."""
    made = [
        {"line": one, "why": sentence(one.against.code, one.against.values) if one.against else ""} for one in lines
    ]
    return sorted(made, key=lambda one: not one["why"])
