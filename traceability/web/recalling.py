"""How a recall runs: its clocks, who was told and answered, what was found, who was reached; and the page that retrieves by scanning."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import View, actor, store
from traceability.domain.people import Role
from traceability.domain.recalling import Account, answer_due
from traceability.problems import told
from traceability.services import organisations, people, progress, stops
from traceability.services.organisations import named
from traceability.web import blueprint, posting, roles, scanning
from traceability.web.posting import Trouble
from traceability.web.recalls import covers
from traceability.words import choice_word, sentence

SHOWN = 200


@blueprint.get("/recalls/<recall_id>")
def recall(recall_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        one = stops.recall_of(view, recall_id)
        mine = one.organisation_id == view.actor.organisation_id
        return render_template(
            "recalls/recall.html", stop=one, mine=mine, is_recall=True, **run(view, recall_id),
            **covers(view, one.id, stops.scopes(view, recall_id=one.id), mine or bool(roles() & {Role.INSPECTOR})),
        )  # fmt: skip


def run(view: View, recall_id: str) -> dict[str, Any]:
    """How far it is, as this reader may see it: `notice` is that of their own house."""
    standing = progress.standing(view, recall_id)
    ours = [one for one in standing.notices if one.organisation_id == view.actor.organisation_id]
    tried = {contact.by_id for some in standing.contacts.values() for contact in some}
    return {
        "standing": standing, "notice": ours[-1] if ours else None, "points": [told(one) for one in standing.points],
        "coverage": progress.coverage_bp(standing.tally), "names": named(view, [standing.recall.organisation_id]),
        "who": {one: people.person(view, one).name for one in tried},
        "this_recall": url_for("web.recall", recall_id=recall_id), "going": going(standing.recall),
        "ended": standing.recall.closed_at or (None if standing.recall.mock else standing.recall.withdrawn_at),
        "answer_by": answer_due(standing.recall.started_at, standing.recall.clocks),
    }  # fmt: skip


def going(recall: Any) -> bool:
    """Neither closed nor withdrawn: what is asked for can still be done."""
    return recall.closed_at is None and (recall.mock or recall.withdrawn_at is None)


@blueprint.post("/recalls/<recall_id>/see")
def recall_see(recall_id: str) -> ResponseReturnValue:
    """The page of a recall was opened where it concerns: sent by the page itself, or by the button where there is no script."""
    done = posting.perform("recall.see", recall_id)
    if request.headers.get("HX-Request"):
        return "", 204
    if isinstance(done, Trouble):
        flash("; ".join(done.general), "info")
    return redirect(url_for("web.recall", recall_id=recall_id), 303)


@blueprint.get("/recalls/<recall_id>/retrieve")
def recall_scan(recall_id: str) -> ResponseReturnValue:
    posting.permitted("recall.retrieve")
    return _shown(recall_id, None)


@blueprint.post("/recalls/<recall_id>/retrieve", endpoint="recall_retrieve")
def retrieve(recall_id: str) -> ResponseReturnValue:
    """One vial that is in somebody's hand: put aside, or in a mock recall seen."""
    code, instead = scanning.listen()
    if instead is not None:
        return _shown(recall_id, instead)
    done = posting.perform("recall.retrieve", recall_id, code=code, place_id=request.form.get("place_id", ""))
    outcome = scanning.outcome(done, code, already={"retrieved_already"}, word=_("Accounted for"))
    if not isinstance(done, Trouble) and not done.repeated:
        outcome = _heard(done.answer, code)
    return _shown(recall_id, outcome)


def _heard(answer: Any, code: str) -> scanning.Outcome:
    """Where it goes now; what contradicts the record is said, with its case."""
    serial = str(answer["serial"])
    with store().read(actor()) as view:
        place = organisations.place_named(view, answer["place_id"]) if answer["place_id"] else None
    where = _("Seen, and left where it is: this is a mock recall.") if answer["mock"] else ""
    if place:
        where = _("Put it into %(place)s.", place=place)
    elif not answer["mock"]:
        where = _("Noted where it is; it moves by its own act.")
    found = [sentence(one, {"serial": serial}) for one in answer["findings"] if one in SPOKEN]
    case = _("Kept, and asked of QA: case %(number)s.", number=answer["case"]) if answer.get("case") else ""
    why = tuple(filter(None, (serial, where, *found, case)))
    if answer["vial_id"] is None:
        return scanning.Outcome("stop", choice_word("Seen", "unknown"), why, code)
    word = _("Accounted for, and it differs") if answer["findings"] else _("Accounted for")
    return scanning.Outcome("warn" if answer["findings"] else "ok", word, why, code)


SPOKEN = frozenset({"serial_unknown", "label_contradicts", "label_superseded"})
"""Findings with a sentence that needs no more than the serial."""


def _shown(recall_id: str, outcome: scanning.Outcome | None) -> ResponseReturnValue:
    with store().read(actor()) as view:
        standing = progress.standing(view, recall_id)
        mine = view.actor.organisation_id
        held = [one for one in standing.vials if one["answers"] == mine]
        seen = [one for one in standing.vials if one["retrieved_by"] == mine and one["how"] == "scanned"]
        places = [one for one in organisations.shelves(view) if one.quarantine]
    page = render_template(
        "recalls/retrieve.html", stop=standing.recall, outcome=outcome, places=places,
        left=[one for one in held if one["account"] is Account.UNACCOUNTED],
        seen=sorted(seen, key=lambda one: one["retrieved_at"], reverse=True)[:SHOWN], counted=progress.tally(held),
        chosen=request.form.get("place_id", ""),
    )  # fmt: skip
    return page, outcome.status if outcome else 200
