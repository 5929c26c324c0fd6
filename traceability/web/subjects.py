"""Subjects under their pseudonyms: the list, one of them, and who it is, after an act that says who looked.

Numbers and wristbands of people come by POST only and are never shown again. Consents: `consents.py`; scores and
events: `outcomes.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability import asking, problems
from traceability.asking import View, actor, store
from traceability.domain.errors import Refused
from traceability.domain.people import DECIDES
from traceability.domain.rules import Finding
from traceability.routes import SUBJECTS
from traceability.services import (
    administrations,
    consents,
    courses,
    credentials,
    eventbook,
    glass,
    images,
    merging,
    people,
    persons,
    signatures,
    subjects,
)
from traceability.services.signatures import reasons_of
from traceability.web import blueprint, outcomes, posting, today
from traceability.web.links import may
from traceability.web.posting import Trouble
from traceability.words import act_words, choice_word, field_hint, field_label, meaning_sentence

for each in (field_label, field_hint, choice_word, meaning_sentence):
    blueprint.add_app_template_global(each)

PAGE = 50
SEEN_BY = SUBJECTS
"""Who may look at what was done to whom: under pseudonyms, all of it."""


def may_identify() -> bool:
    """Who may learn who somebody is may also look somebody up: a number that finds a pseudonym tells as much."""
    return may("subject.look_up")


@blueprint.get("/subjects", endpoint="subjects")
def list_() -> ResponseReturnValue:
    return shown()


def shown(told: str | None = None, status: int = 200) -> ResponseReturnValue:
    """The list; `told` stands at the box. What was typed there is not repeated: it is a person's number."""
    with store().read(actor()) as view:
        found = subjects.subjects(view, limit=PAGE + 1, after=request.args.get("after"))
        plans = courses.progress(view, [one.id for one in found[:PAGE]])
        alike = len(subjects.alike(view)) if may("subject.merge") else 0
    following = url_for("web.subjects", after=found[PAGE - 1].id) if len(found) > PAGE else None
    page = render_template(
        "subjects/list.html", found=found[:PAGE], plans=plans, following=following, today=today(), finds=may_identify(), told=told,
        alike=alike,
    )  # fmt: skip
    return page, status


@blueprint.post("/subjects/find")
def subject_find() -> ResponseReturnValue:
    """By wristband, record number or national number; posted, so that it stands in no address and no log."""
    nobody = _("Nobody here has this number. Scan it again, or enrol the patient.")
    if not (told := request.form.get("code", "").strip()):
        return shown(nobody, 404)
    number = subjects.looked(store(), told, "wristband", "mrn", "nik")
    done = asking.ask("subject.look_up", None, {"number": number}, asking.new_id())
    if not done.answer["found"]:
        return shown(nobody, 404)
    return redirect(url_for("web.subject", subject_id=done.id), 303)


IDENTITY = ("name", "mrn", "nik", "born", "wristband")


@blueprint.route("/subjects/enrol", methods=["GET", "POST"])
def subject_enrol() -> ResponseReturnValue:
    """Who somebody is goes from this form into the sealed row and nowhere else."""
    given, errors, general, status = posting.form(*IDENTITY), {}, [], 200
    if request.method == "POST":
        errors = {name: _("This is needed.") for name in ("name", "mrn", "born") if not given[name]}
        born = _day(given["born"])
        if born is None:
            errors["born"] = _("A date, such as 1969-05-03.")
        elif born > today():
            errors["born"] = _("This day is still to come.")
        if not errors and born is not None:
            try:
                told = {name: given[name] for name in ("name", "mrn", "nik", "wristband")}
                sealed = subjects.seal_identity(store(), born=born, **told)
                done = asking.ask("subject.enrol", None, {"identity": sealed}, request.form.get("act_id", ""))
            except Refused as refused:
                trouble = posting.refusal(refused)
                general, status, given = trouble.general, trouble.status, dict.fromkeys(IDENTITY, "")
            else:
                flash(act_words("subject.enrol").done)
                for told in done.answer.get("findings") or ():
                    if told["code"] == "enrolled_once":
                        flash(problems.told(Finding.of(told))["message"], "info")
                return redirect(url_for("web.subject", subject_id=done.id), 303)
        status = 422 if errors else status
    with store().read(actor()) as view:
        closed = [problems.told(one)["message"] for one in credentials.none_open(view)]
    return render_template("subjects/enrol.html", given=given, errors=errors, general=general, closed=closed), status


def _day(told: str) -> date | None:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None


@blueprint.get("/subjects/<subject_id>")
def subject(subject_id: str) -> ResponseReturnValue:
    """Everything about one subject but who it is."""
    with store().read(actor()) as view:
        one = subjects.subject(view, subject_id)
        standing, *others = [subjects.subject(view, each) for each in persons.of(view, subject_id)]
        if standing.id != one.id:
            merge = merging.merges(view, one.id)[0]
            signed = signatures.about(view, [one.id]).get(one.id, [])
            return render_template("subjects/merged.html", subject=one, stands=standing, merge=merge, signed=signed)
        signed = consents.told(view, subjects.consents(view, subject_id))
        broken = glass.standing(view, subject_id)
        return render_template(
            "subjects/subject.html", subject=one, others=others, consents=signed,
            names=people.names(view, [one["consent"].witness_id for one in signed]), asks=asks,
            plans=courses.progress(view, [subject_id])[subject_id], given=administrations.administrations(view, subject_id=subject_id),
            sheet=outcomes.sheet(view, subject_id), events=eventbook.of_subject(view, subject_id),
            album=images.album(view, subject_id), today=today(),
            identifies=may_identify() or broken is not None, broken=broken,
            opened=opened(view, subject_id), named=subjects.is_named(view, subject_id),
        )  # fmt: skip


def asks(row: dict[str, Any]) -> list[str]:
    """What asks about the form that was signed, as sentences; of a consent that was withdrawn nobody asks any more."""
    return [] if row["consent"].withdrawn_at else [problems.told(one)["message"] for one in row["asks"]]


def opened(view: View, subject_id: str) -> list[dict[str, Any]]:
    """Every time the glass was broken for this subject, with who, why, and when they looked."""
    found = glass.accesses(view, subject_id)
    why = reasons_of(view, [one.act_id for one in found])
    said = people.names(view, [who for one in found for who in (one.person_id, one.witness_id, one.reviewed_by) if who])
    return [
        {
            "access": one, "by": said.get(one.person_id, ""), "witness": said.get(one.witness_id, ""), "looks": glass.looks(view, one),
            "reason": why.get(one.act_id), "reviewer": said.get(one.reviewed_by or "", ""),
            "mine": bool(view.mine(DECIDES) & glass.both(view, one)),
        }
        for one in found
    ]  # fmt: skip


@blueprint.route("/subjects/<subject_id>/open_identity", methods=["GET", "POST"])
def subject_identity(subject_id: str) -> ResponseReturnValue:
    """Asked first, then recorded, then shown: once, in the answer to the form, kept by no browser."""
    with store().read(actor()) as view:
        one = subjects.subject(view, subject_id)
        glass.may_look(view, subject_id)
    trouble = None
    if request.method == "POST":
        done = posting.perform("subject.open_identity", subject_id)
        if not isinstance(done, Trouble) and not done.repeated:
            with store().read(actor()) as view:
                identity = subjects.read_identity(store(), view, subject_id)
            return render_template("subjects/identity.html", subject=one, identity=identity, entry=done.number)
        trouble = done if isinstance(done, Trouble) else None
    page = render_template("subjects/open_identity.html", subject=one, again=request.method == "POST", trouble=trouble)
    return page, trouble.status if trouble else 200
