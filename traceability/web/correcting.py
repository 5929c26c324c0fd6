"""An injection that was told wrong, told again: its form begins with what is on record, and only what differs is asked of the door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from traceability.asking import actor as reader
from traceability.asking import store
from traceability.formats import number
from traceability.services import administrations, courses
from traceability.services.correcting import NotReported
from traceability.web import blueprint, forms, posting
from traceability.web.administrations import kept, owed
from traceability.web.courses import doses_of
from traceability.web.filters import datetime_local
from traceability.web.posting import Trouble
from traceability.words import act_words, choice_word, sentence

ACT = "administration.correct"
VOLUMES = ("given_ul", "discarded_ul", "aspirated_ul")
FIELDS = ("laterality", "given_at", "dose_id", *VOLUMES[:2], *NotReported)


@blueprint.route("/administrations/<administration_id>/correct", methods=["GET", "POST"])
def administration_correct(administration_id: str) -> ResponseReturnValue:
    """What is on record, to be put right; two people sign what differs."""
    posting.permitted(ACT)
    with store().read(reader()) as view:
        found = administrations.administration(view, administration_id)
        plans = courses.progress(view, [found["subject"].id])[found["subject"].id]
        rows = [(plan["course"], row) for plan in plans for row in doses_of(view, plan["course"].id)]
    was, trouble = _on_record(found), None
    given = posting.form(*FIELDS, "withdrawn_ul", "reason") if request.method == "POST" else was
    if request.method == "POST":
        errors = owed(given) | ({} if given["reason"] else {"reason": sentence("reason_missing", {})})
        done = Trouble(422, errors) if errors else posting.perform(ACT, administration_id, **_differs(was, given))
        if not isinstance(done, Trouble) or kept(done):
            flash(act_words(ACT).done)
            return redirect(url_for("web.administration", administration_id=administration_id), 303)
        trouble = done
    shown = render_template("administrations/correct.html", **found, given=given, trouble=trouble, rows=rows)
    return shown, trouble.status if trouble else 200


@blueprint.app_template_global()
def corrected_word(name: str, value: str) -> str:
    """A value of an injection that was corrected, as its page shows it."""
    match name:
        case "given_at":
            return str(datetime_local(datetime.fromisoformat(value)))
        case "given_ul" | "discarded_ul" | "aspirated_ul":
            return f"{number(Decimal(value) / 1000)} mL"
        case "laterality" | "inspection":
            return choice_word(name.title(), value)
        case "vas_before" | "vas_after":
            return number(Decimal(value))
        case _:
            return value


def _on_record(found: Mapping[str, Any]) -> dict[str, str]:
    """As the form would have been filled in: local minutes, millilitres."""
    one, parts = found["administration"], [part for part, _ in found["parts"]]
    told = {name: getattr(one, name) for name in NotReported}
    told |= {name: sum(getattr(part, name) for part in parts) for name in (*VOLUMES[:2], "withdrawn_ul")}
    told = {
        name: _millilitres(value) if name in (*VOLUMES, "withdrawn_ul") else str(value or "")
        for name, value in told.items()
    }
    at: datetime = one.given_at.astimezone(g.zone)
    return told | {
        "laterality": str(one.laterality), "given_at": f"{at:%Y-%m-%dT%H:%M}", "dose_id": one.dose_id or "", "reason": "",
    }  # fmt: skip


def _millilitres(value: int | None) -> str:
    return "" if value is None else f"{Decimal(value) / 1000:f}"


def _differs(was: Mapping[str, str], given: Mapping[str, str]) -> dict[str, Any]:
    """Only what was typed otherwise: a time to the minute stays the second that it was, and an emptied field is not reported."""
    told: dict[str, Any] = {
        name: given[name] for name in FIELDS if given[name] and not _same(name, was[name], given[name])
    }
    if "given_at" in told:
        told["given_at"] = forms.moment(told["given_at"])
    gone = [str(name) for name in NotReported if was[name] and not given[name]]
    return told | {"not_reported": gone, "reason": given["reason"]}


def _same(name: str, was: str, now: str) -> bool:
    if name not in VOLUMES or not was:
        return was == now
    try:
        return Decimal(was) == Decimal(now.replace(",", "."))
    except ArithmeticError:
        return False
