"""Everything out of one place into another: a few vials scanned on the way, then told in one act."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from traceability.asking import actor, store
from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.services import by_label, consignments, names, organisations, vials
from traceability.services import places as reads
from traceability.services.moves import MOST_SAMPLES
from traceability.web import blueprint, forms, posting, scanning
from traceability.web.posting import Trouble
from traceability.words import sentence


@blueprint.route("/places/<place_id>/move_all", methods=["GET", "POST"])
def move_all(place_id: str) -> ResponseReturnValue:
    """Scan after scan, each kept on the page; the last step tells the move and what was scanned."""
    posting.permitted("place.move_all")
    codes = [unquote(one) for one in request.form.getlist("codes")][:MOST_SAMPLES]
    given = posting.form("target_place_id", "reason", "occurred_at")
    outcome, trouble = None, None
    if posting.posted() and "code" in request.form:
        code, outcome = scanning.listen()
        outcome = outcome or _heard(code, place_id, codes)
    elif posting.posted():
        told = {"target_place_id": given["target_place_id"], "reason": given["reason"], "codes": codes}
        if given["occurred_at"]:
            told |= {"occurred_at": forms.moment(given["occurred_at"]), "source": "late"}
        done = posting.perform("place.move_all", place_id, **told)
        if not isinstance(done, Trouble):
            _say(dict(done.answer))
            return redirect(url_for("web.place", place_id=given["target_place_id"]), 303)
        trouble = done
    with store().read(actor()) as view:
        now = reads.detail(view, place_id).now
        targets = [one for one in organisations.shelves(view) if one.id != place_id]
        sampled = _sampled(codes, place_id)
    page = render_template(
        "places/move_all.html", now=now, targets=targets, sampled=sampled, codes=[quote(one, safe="") for one in codes],
        given=given, outcome=outcome, trouble=trouble, enough=MOST_SAMPLES,
    )  # fmt: skip
    return page, outcome.status if outcome else trouble.status if trouble else 200


def _heard(code: str, place_id: str, codes: list[str]) -> scanning.Outcome:
    """What was read joins the others, wherever the record has it; what cannot be read holds the box."""
    found = _sampled([code], place_id)[0]
    if found["stop"]:
        unread = scanning.unreadable(found["code"])
        code = "" if found["code"].startswith("code_") else code
        return scanning.Outcome("stop", "", (found["why"],), code, 422, unread=unread)
    if found["thing"] in [one["thing"] for one in _sampled(codes, place_id)] and not found["label"]:
        return scanning.Outcome("already", "", (found["serial"],), code)
    if len(codes) >= MOST_SAMPLES:
        return scanning.Outcome("already", "", (_("So many are enough."),), code)
    codes.append(found["naming"])
    word = _("In this place, as recorded") if found["here"] else _("Not in this place, as the record has it")
    kind = "ok" if found["here"] and not found["why"] else "warn"
    return scanning.Outcome(kind, word, (found["serial"], found["why"]), code)


def _sampled(codes: list[str], place_id: str) -> list[dict[str, Any]]:
    """What each code names, whether the record has it in this place, and what its label says against it.

    `thing`: its product and serial.
    """
    made = []
    with store().read(actor()) as view:
        for code in codes:
            one = {"serial": "", "here": "", "stop": "", "why": "", "code": "", "thing": (), "label": ""}
            try:
                read = gs1.read(code, view.at.date())
                one |= {"thing": names.thing(read), "naming": names.of_vial(read)}
                vial = vials.by_code(view, code)
                where = consignments.lying(view, [vial.id]).get(vial.id)
                one["serial"] = vial.serial
                label = by_label.said(view, vial, read)
                one["label"] = "differs" if label.contradicts else ""
                why = [sentence(found.code, found.values) for found in (*label.contradicts, *label.outdated)]
                if where is not None and where.id == place_id:
                    one["here"] = "yes"
                else:
                    why.insert(0, _("It is in %(place)s.", place=where.code) if where else _("It lies nowhere."))
                one["why"] = " ".join(why)
            except Refused as refused:
                unknown = refused.code == "serial_unknown"
                told = posting.refusal(refused).general[0]
                one |= {
                    "serial": str(refused.values.get("serial", "")),
                    "stop": "" if unknown else "yes",
                    "why": told,
                    "code": refused.code,
                }
            made.append(one)
    return made


def _say(answer: dict[str, object]) -> None:
    moved, sampled = int(str(answer["moved"])), int(str(answer["sampled"]))
    told = ngettext("%(num)d vial is moved", "%(num)d vials are moved", moved)
    flash(_("%(moved)s, %(sampled)s of them scanned.", moved=told, sampled=sampled))
    if cases := answer["cases"]:
        numbers = ", ".join(cases)  # type: ignore[arg-type]
        flash(
            _("What was told differs from what was on record: %(cases)s. It is kept as it was told.", cases=numbers),
            "ask",
        )
    if found := answer["excursions"]:
        flash(
            _("The vials came to where it was out of their limits: %(excursions)s.", excursions=", ".join(found)),
            "stop",
        )  # type: ignore[arg-type]
