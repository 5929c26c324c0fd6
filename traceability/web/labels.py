"""Labels of a lot, or of what came with a consignment: choose a layout, print, and scan every label back from its vial."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Literal

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from traceability.asking import View, actor, store
from traceability.domain.errors import Refused
from traceability.domain.labels import PAPERS
from traceability.formats import number
from traceability.services import expiry, labelling, vials
from traceability.services.labelling import Job
from traceability.web import blueprint, consignments, lots, paper, posting, scanning
from traceability.words import sentence

USUAL = "vial_38x21"
LONG = 500
"""So many labels are opened from a page that says how far their file is (static/labels.js)."""
Noun = Literal["lot", "consignment"]


def _above(view: View, job: Job) -> dict[str, Any]:
    """What stands above a page of the job, and where its other pages are."""
    above = lots.head(view, job.id, "labels") if job.noun == "lot" else consignments.head(view, job.id)
    return {**above, "job": job, "at": lambda endpoint, **told: _at(job, endpoint, **told)}


def _at(job: Job, endpoint: str, **told: Any) -> str:
    """`_at(job, "labels")` is the address of web.lot_labels or web.consignment_labels; "" that of the lot or the box itself."""
    return url_for(f"web.{job.noun}_{endpoint}".rstrip("_"), **{f"{job.noun}_id": job.id, **told})


# ------------------------------------------------------------------------------------------------------------------- print


def chosen(job: Job, trouble: posting.Trouble | None = None) -> ResponseReturnValue:
    """How far its labels are, and each layout as it would look."""
    with store().read(actor()) as view:
        above = _above(view, job)
        progress = labelling.progress(view, job)
        sizes = labelling.sizes(view, job)
        looks = _looks(view, job, sizes)
        old = expiry.superseded(view, job.id) if job.noun == "lot" else []
    page = render_template(
        f"{job.noun}s/labels.html", **above, progress=progress, looks=looks, layouts=sizes, trouble=trouble, papers=paper.papers(), old=old,
        given={
            "layout": request.form.get("layout") or _usual(looks), "start": request.form.get("start", "0"),
            "paper": request.values.get("paper") or PAPERS[0], "after": request.args.get("after", ""),
        },
    )  # fmt: skip
    return page, trouble.status if trouble else 200


def _looks(view: View, job: Job, sizes: Iterable[str]) -> dict[str, Markup | None]:
    """Pictures by layout; a lot whose words the font has not, or whose number no code can hold, has none."""
    found: dict[str, Markup | None] = {}
    for name in sizes:
        try:
            drawn = labelling.preview(view, job, name, domain=_domain())
        except Refused:
            drawn = None
        found[name] = paper.picture(drawn)
    return found


def print_(job: Job) -> ResponseReturnValue:
    """Look whether it fits first, so that nothing is noted as printed that does not; then the act; then the sheet."""
    posting.permitted("label.print")
    told: dict[str, Any] = posting.form("layout", "start", "paper")
    told["paper"] = told["paper"] or PAPERS[0]
    try:
        with store().read(actor()) as view:
            labelling.fitting(
                view, job, told["layout"], domain=_domain(), paper=told["paper"], start=paper.start_cell(told["start"])
            )  # fmt: skip
    except Refused as refused:
        return chosen(job, paper.at_field(posting.refusal(refused)))
    done = posting.perform("label.print", layout=told["layout"], **{f"{job.noun}_id": job.id})
    if isinstance(done, posting.Trouble):
        return chosen(job, done)
    if (count := int(done.answer["labels"])) >= LONG:
        flash(
            _("%(count)s labels are noted. Open them here; the page says how far they are drawn.", count=number(count))
        )
        return redirect(_at(job, "labels", paper=told["paper"]), 303)
    return redirect(_at(job, "labels_sheet", **told), 303)


def sheet(job: Job) -> ResponseReturnValue:
    """The labels of one printing that wait to be scanned back, as PDF or as a file for the printer, sent as they are drawn.

    Nothing is noted by it: a job that a jam or a closed window interrupted is fetched again from the vial that is next.
    """
    posting.permitted("label.print")
    asked = {
        name: request.args.get(name, "").strip() for name in ("layout", "paper", "start", "after", "only", "printing")
    }
    on = asked["paper"] or PAPERS[0]
    try:
        with store().read(actor()) as view:
            file = labelling.drawn(
                view, job, asked["layout"], domain=_domain(), paper=on, start=paper.start_cell(asked["start"] or "0"),
                after=_serial(view, asked["after"]), only=asked["only"], printing=asked["printing"],
            )  # fmt: skip
    except Refused as refused:
        if "after" not in request.args:
            raise
        trouble = paper.at_field(posting.refusal(refused))
        return back(job, interrupted=trouble) if request.args.get("from") == "scan_back" else chosen(job, trouble)
    return paper.sent(file.parts, on, f"labels-{job.id[-6:]}", pages=file.pages)


@blueprint.post("/lots/<lot_id>/relabel")
def lot_relabel(lot_id: str) -> ResponseReturnValue:
    """New labels for every vial here that shows a date which counts no more, each in the size it has."""
    posting.permitted("label.reprint")
    job = Job("lot", lot_id)
    with store().read(actor()) as view:
        old = expiry.superseded(view, lot_id)
    layout = old[0].layout if old else ""
    chosen_ids = [one.id for one in old if one.layout == layout]
    done = posting.perform("label.reprint", vial_ids=chosen_ids, layout=layout, reason=posting.form("reason")["reason"])
    if isinstance(done, posting.Trouble):
        return chosen(job, done)
    flash(
        ngettext(
            "%(num)d label is printed again. Scan it back on its vial.",
            "%(num)d labels are printed again. Scan each back on its vial.",
            done.answer["labels"],
        )
    )
    return redirect(_at(job, "labels"), 303)


# --------------------------------------------------------------------------------------------------------------- scan back


def scan_back(job: Job) -> ResponseReturnValue:
    """One box; every label read on its vial is one act. What was not accepted stays until it is acknowledged."""
    posting.permitted("label.scan_back")
    if not posting.posted():
        return back(job)
    code, outcome = scanning.listen()
    return back(job, outcome or _read_back(job, code))


def _read_back(job: Job, code: str) -> scanning.Outcome:
    """A label that is not of this job is not noted: if it lies here, it was taken from another pile."""
    try:
        with store().read(actor()) as view:
            vial = vials.by_code(view, code)
            ours = labelling.holds(view, job, vial.id)
    except Refused:
        ours = True  # the act says what is wrong
    if not ours:
        why = _("This label is not of this job. Nothing was noted; look where its vial belongs.")
        return scanning.Outcome("stop", "", (vial.serial, why), code, 422).of(vial.serial)
    done = posting.perform("label.scan_back", code=code)
    return scanning.outcome(done, code, already={"label_scanned_already"}, word=_("Scanned back"))


def back(
    job: Job, outcome: scanning.Outcome | None = None, *, spoiling: posting.Trouble | None = None,
    interrupted: posting.Trouble | None = None,
) -> ResponseReturnValue:  # fmt: skip
    """What is on its vial, what is missing, what was spoiled; and how an interrupted job goes on."""
    with store().read(actor()) as view:
        above = _above(view, job)
        progress = labelling.progress(view, job)
    page = render_template(
        f"{job.noun}s/scan_back.html", **above, progress=progress, outcome=outcome, refused=scanning.refusals(outcome),
        spoiling=spoiling, interrupted=interrupted, papers=paper.papers(),
        given={
            "serial": request.form.get("serial", ""), "reason": request.form.get("reason", ""),
            "after": request.args.get("after", ""), "paper": request.args.get("paper") or PAPERS[0],
            "start": request.args.get("start", "0"),
        },
    )  # fmt: skip
    trouble = spoiling or interrupted
    return page, outcome.status if outcome else trouble.status if trouble else 200


def spoil(job: Job) -> ResponseReturnValue:
    """One label that never came onto its vial: destroyed, with the reason, and printed anew, alone."""
    posting.permitted("label.spoil")
    told = posting.form("serial", "reason")
    with store().read(actor()) as view:
        left, serial = _left(view, labelling.progress(view, job).missing, told["serial"]), _serial(view, told["serial"])
    if len(left) != 1:
        why = (
            sentence("label_not_waiting", {"serial": serial})
            if not left
            else _(
                "Several lots have this serial. Scan the code of another label of the vial, or type it with brackets."
            )
        )
        return back(job, spoiling=posting.Trouble(422, {"serial": why if told["serial"] else _("This is needed.")}))
    done = posting.perform("label.spoil", vial_ids=[left[0].id], reason=told["reason"])
    if isinstance(done, posting.Trouble):
        return back(job, spoiling=done)
    flash(_("The label of %(serial)s is noted as spoiled. Destroy it.", serial=left[0].serial))
    return redirect(_at(job, "scan_back", spoiled=left[0].serial), 303)


def _left(view: View, missing: tuple[labelling.Left, ...], typed: str) -> list[labelling.Left]:
    """Whom the serial names, or the code of the vial."""
    try:
        vial = vials.by_code(view, typed)
    except Refused:
        return [one for one in missing if one.serial == typed]
    return [one for one in missing if one.id == vial.id]


# ---------------------------------------------------------------------------------------------------------------- addresses


def _page(view: Callable[[Job], ResponseReturnValue], noun: Noun, **of: str) -> ResponseReturnValue:
    return view(Job(noun, of[f"{noun}_id"]))


NOUNS: tuple[Noun, ...] = ("lot", "consignment")
for _noun in NOUNS:
    for _rule, _endpoint, _view, _methods in (
        ("labels", "labels", chosen, ["GET"]),
        ("labels", "labels_print", print_, ["POST"]),
        ("labels.pdf", "labels_sheet", sheet, ["GET"]),
        ("scan_back", "scan_back", scan_back, ["GET", "POST"]),
        ("spoil", "spoil", spoil, ["POST"]),
    ):
        blueprint.add_url_rule(
            f"/{_noun}s/<{_noun}_id>/{_rule}", f"{_noun}_{_endpoint}", partial(_page, _view, _noun), methods=_methods
        )


def _serial(view: View, typed: str) -> str:
    """The serial, typed or scanned from the last label that came out well."""
    try:
        return vials.by_code(view, typed).serial
    except Refused:
        return typed


def _usual(looks: dict[str, Markup | None]) -> str:
    """The smallest layout that says all a label owes (R13), else the first that fits."""
    fits = [name for name, drawn in looks.items() if drawn]
    return USUAL if USUAL in fits else next(iter(fits), "")


def _domain() -> str:
    told: str = current_app.config["DIGITAL_LINK_DOMAIN"]
    return told
