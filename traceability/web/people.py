"""People: who works here, in which roles, trained in what; who may do what looked through; enrolling; passwords."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import actor, call_of, store
from traceability.domain.errors import NotFound, Refused
from traceability.domain.training import REVIEW_EVERY_D
from traceability.problems import told
from traceability.services import access, choices, devices, handing, trainings
from traceability.services import people as service
from traceability.web import blueprint, files, now, posting
from traceability.web.language import LANGUAGES
from traceability.words import act_words

FIELDS = ("username", "name", "title", "language")


@blueprint.get("/people", endpoint="people")
def listed() -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = service.directory(view)
        untrained = [one for one in trainings.pressing(view) if one.stops]
        state = access.state(view) if access.due_at(view, actor().organisation_id) else None
        reviewer = service.names(view, [state.last.person_id]) if state and state.last else {}
        needs = trainings.needs(view)
    return render_template(
        "people/people.html", found=found, at=now(), untrained=untrained, access=state, needs=needs,
        reviewer=next(iter(reviewer.values()), None),
    )  # fmt: skip


@blueprint.get("/people/<person_id>")
def person(person_id: str) -> ResponseReturnValue:
    """One person with every grant; one's own is open to everybody."""
    with store().read(actor()) as view:
        found = next((one for one in service.directory(view) if one[0].id == person_id), None)
        if found is None:
            raise NotFound("person")
        about = [
            one_id
            for _one, _name, grants in [found]
            for g in grants
            for one_id in (g.organisation_id, g.site_id, g.lot_id)
            if one_id
        ]
        names = choices.names(view, about)
        lent_out = handing.handed_by(view, person_id)
        stand_ins = service.names(view, [g.person_id for g in lent_out])
        givers = service.names(view, [g.handed_by for g in found[2]])
        lent = service.lent_by(view, person_id)
        device = devices.keys(view, [person_id]).get(person_id)
        held = trainings.of_person(view, person_id)
        missing = trainings.missing(view, found[0], found[2])
        recorders = service.names(view, [one.row.recorded_by for one in held])
    return render_template(
        "people/person.html", one=found[0], organisation=found[1], grants=found[2], names=names, at=now(),
        givers=givers, lent_out=lent_out, stand_ins=stand_ins, lent=lent, device=device, held=held, recorders=recorders,
        missing={role: [told(one)["message"] for one in lacking] for role, lacking in missing.items()},
        mine=person_id == actor().person_id, languages=LANGUAGES, section="web.people",
    )  # fmt: skip


@blueprint.get("/people/<person_id>/files/<attachment_id>")
def person_file(person_id: str, attachment_id: str) -> ResponseReturnValue:
    """What a training of theirs was recorded from."""
    with store().read(actor()) as view:
        return files.as_it_came(trainings.evidence(view, person_id), attachment_id)


@blueprint.route("/grants/review", methods=["GET", "POST"])
def access_review() -> ResponseReturnValue:
    """Every role of the house on one page, signed as it is shown; what is not right is ended first."""
    posting.permitted("grant.review")
    done: posting.Done | posting.Trouble | None = None
    if posting.posted():
        done = posting.perform("grant.review", **posting.form("grants_sha256", "next_in_d"))
        if isinstance(done, posting.Done):
            flash(act_words("grant.review").done)
            return redirect(url_for("web.people"), 303)
    with store().read(actor()) as view:
        state = access.state(view)
        about = {id_ for one in state.grants.values() for id_ in (one.person_id, one.site_id, one.lot_id) if id_}
        names = choices.names(view, about)
        earlier = access.reviews(view)
        people = service.names(
            view, [*(one.person_id for one in earlier), *(one.handed_by for one in state.grants.values())]
        )
    page = render_template(
        "people/review.html", state=state, names=names, earlier=earlier, people=people, at=now(), trouble=done,
        grants=sorted(state.standing, key=lambda one: (names.get(one.person_id, ("", ""))[1], one.role, one.since)),
        days=request.values.get("next_in_d") or (state.last.next_in_d if state.last else REVIEW_EVERY_D),
        section="web.people",
    )  # fmt: skip
    return page, done.status if done else 200


@blueprint.route("/persons/enrol", methods=["GET", "POST"])
def enrol() -> ResponseReturnValue:
    """A new account. Whoever makes it chooses the first password, which opens nothing but the page to change it."""
    posting.permitted("person.enrol")
    told = posting.form(*FIELDS, "password", "again")
    trouble = None
    if request.method == "POST":
        errors = _password() | {key: _("This is needed.") for key in ("username", "name") if not told[key]}
        trouble = posting.Trouble(422, errors) if errors else _enrol(told)
        if isinstance(trouble, str):
            flash(act_words("person.enrol").done)
            return redirect(url_for("web.person", person_id=trouble), 303)
    page = render_template(
        "people/enrol.html", told=told, languages=LANGUAGES, words=act_words("person.enrol"),
        **_shown(trouble),
    )  # fmt: skip
    return page, trouble.status if trouble else 200


@blueprint.route("/persons/<person_id>/reset_password", methods=["GET", "POST"])
def reset_password(person_id: str) -> ResponseReturnValue:
    """For who forgot theirs: a password that must be changed at once."""
    posting.permitted("person.reset_password")
    with store().read(actor()) as view:
        one = service.person(view, person_id)
    told = posting.form("password", "again", "reason")
    trouble = None
    if request.method == "POST":
        errors = _password() | ({} if told["reason"] else {"reason": _("This is needed.")})
        trouble = posting.Trouble(422, errors) if errors else _reset(person_id, told)
        if trouble is None:
            flash(act_words("person.reset_password").done)
            return redirect(url_for("web.person", person_id=person_id), 303)
    words = act_words("person.reset_password")
    page = render_template("people/reset_password.html", one=one, told=told, words=words, **_shown(trouble))
    return page, trouble.status if trouble else 200


def _shown(trouble: posting.Trouble | None) -> dict[str, object]:
    return {
        "errors": trouble.fields if trouble else {}, "general": trouble.general if trouble else [],
        "unknown": trouble.act_id if trouble else None, "section": "web.people",
    }  # fmt: skip


def _password() -> dict[str, str]:
    if not request.form.get("password"):
        return {"password": _("This is needed.")}
    same = request.form["password"] == request.form.get("again", "")
    return {} if same else {"again": _("The two are not the same.")}


def _enrol(told: dict[str, str]) -> posting.Trouble | str:
    try:
        done = service.enrol(
            store(), actor(), call_of({}, request.form.get("act_id", "")), actor().organisation_id,
            told["username"].lower(), told["name"], service.passwords.hash_password(request.form["password"]), told["title"],
            told["language"] if told["language"] in LANGUAGES else "en", must_change=True,
        )  # fmt: skip
    except Refused as refused:
        return _at(refused)
    return done.id


def _reset(person_id: str, told: dict[str, str]) -> posting.Trouble | None:
    try:
        hashed = service.passwords.hash_password(request.form["password"])
        call = call_of({"reason": told["reason"]}, request.form.get("act_id", ""))
        service.reset_password(store(), actor(), call, person_id, hashed)
    except Refused as refused:
        return _at(refused)
    return None


def _at(refused: Refused) -> posting.Trouble:
    """A refusal at the field that it is about."""
    made = posting.refusal(refused)
    fields = {"password_length": "password", "username_malformed": "username", "already_there": "username"}
    if name := fields.get(refused.code):
        made.fields[name], made.general[:] = made.general[0], []
    return made
