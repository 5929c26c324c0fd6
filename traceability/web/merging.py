"""Two pseudonyms of one person: which may be, both side by side, and the signature of two that it is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability import asking, problems
from traceability.asking import View, actor, new_id, store
from traceability.domain.errors import Refused
from traceability.domain.merging import doubts
from traceability.services import administrations, courses, glass, merging, subjects
from traceability.web import blueprint, posting
from traceability.web.posting import Trouble
from traceability.words import act_words


@blueprint.get("/subjects/alike", endpoint="subjects_alike")
def alike() -> ResponseReturnValue:
    """Who may have been enrolled twice, by digests alone: nobody is opened for it."""
    with store().read(actor()) as view:
        return render_template("subjects/alike.html", found=subjects.alike(view))


@blueprint.route("/subjects/<subject_id>/merge", methods=["GET", "POST"])
def subject_merge(subject_id: str) -> ResponseReturnValue:
    """Which other; both side by side, and who they are once somebody has looked; then two sign. Kept by no browser."""
    into_id, trouble, seen = request.values.get("into_id", ""), None, None
    with store().read(actor()) as view:
        one = subjects.subject(view, subject_id)
        if not into_id:
            return _chosen(view, one)
        other = subjects.subject(view, into_id)
    try:
        if request.method == "POST" and request.form.get("step") == "look":
            seen = _looked(subject_id, into_id)
        elif request.method == "POST":
            told = {"into_id": into_id, "certain": request.form.get("certain", ""), **posting.form("reason")}
            done = posting.perform("subject.merge", subject_id, **told)
            if not isinstance(done, Trouble):
                flash(act_words("subject.merge").done)
                for words, named in _anew(done.answer):
                    flash(f"{words} {named}", "info")
                return redirect(url_for("web.subject", subject_id=into_id), 303)
            trouble = done
    except Refused as refused:
        trouble = posting.refusal(refused)
    with store().read(actor()) as view:
        page = render_template(
            "subjects/merge.html", one=one, other=other, sides=[_side(view, each.id) for each in (one, other)], seen=seen,
            trouble=trouble, given=posting.form("reason", "certain"), **_compared(view, subject_id, into_id),
        )  # fmt: skip
    return page, trouble.status if trouble else 200


def let_back(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Of the vials of doses that are not given, as they were planned, any more: which are in stock again, and which have no way back."""
    told = (
        (_("Back in stock:"), answer.get("back_in_stock", ())),
        (_("Still out, kept for its dose:"), answer.get("still_out", ())),
    )
    return [(words, ", ".join(map(str, named))) for words, named in told if named]


def _anew(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was open of either and counts no more: who stands there has to go on from it."""
    told = (
        (_("To be ordered and verified anew, dose:"), answer["orders"]),
        (_("No longer cleared:"), answer["starts"]),
    )
    return [(words, ", ".join(map(str, named))) for words, named in told if named] + let_back(answer)


def _chosen(view: View, one: Any) -> ResponseReturnValue:
    """The other pseudonym, from those that may be the same person, or as it was typed."""
    asked, status, error = request.args.get("pseudonym", "").strip().upper(), 200, None
    if asked:
        if (found := subjects.called(view, asked)) is not None:
            return redirect(url_for("web.subject_merge", subject_id=one.id, into_id=found.id), 303)
        status, error = 404, _("No subject here is called %(name)s.", name=asked)
    near = [each for group in subjects.alike(view, one.id) if one in group for each in group if each.id != one.id]
    return render_template("subjects/merge_which.html", one=one, near=near, asked=asked, error=error), status


def _looked(*subject_ids: str) -> list[dict[str, str | None]]:
    """Each look is an entry of its own; who treats nobody breaks the glass for both first."""
    with store().read(actor()) as view:  # both, or none is looked at
        for each in subject_ids:
            glass.may_look(view, each)
    for each in subject_ids:
        asking.ask("subject.open_identity", each, {}, new_id())
    with store().read(actor()) as view:
        return [subjects.read_identity(store(), view, each) for each in subject_ids]


def _compared(view: View, subject_id: str, into_id: str) -> dict[str, Any]:
    """What is alike, without who they are; or why nobody can say."""
    try:
        found = merging.compared(store(), view, subject_id, into_id)
    except Refused as refused:
        return {"alike": None, "doubts": [], "why_not": problems.problem(refused)["title"]}
    against = [problems.told(finding)["message"] for finding in doubts(found.told)]
    return {"alike": found.told, "doubts": against, "why_not": None}


def _side(view: View, subject_id: str) -> dict[str, Any]:
    """What the record has of one of the two, under its pseudonym."""
    return {
        "courses": courses.progress(view, [subject_id])[subject_id],
        "given": len(administrations.administrations(view, subject_id=subject_id)),
        "consents": subjects.consents(view, subject_id),
        "named": subjects.is_named(view, subject_id),
    }
