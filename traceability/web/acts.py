"""A page for every act: its form from the schema, its signatures, its refusals, and where it leads when it is done.

An act with a page of its own (the same address, in a module before this one) gets none here. Words are in `words.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from jinja2 import TemplateNotFound
from werkzeug.datastructures import MultiDict

from traceability import asking, routes
from traceability.asking import actor, store
from traceability.domain.acts import ACTS, Kind
from traceability.domain.errors import Refused
from traceability.services import choices, load
from traceability.web import blueprint, forms, links, now, posting
from traceability.web.language import local
from traceability.web.links import act_url
from traceability.web.merging import let_back
from traceability.web.posting import Done, Trouble
from traceability.words import act_words, field_label, meaning_sentence, role_word, sentence

Sent = MultiDict[str, str]
GENERIC = "acts/act.html"


@blueprint.record
def _routes(state: BlueprintSetupState) -> None:
    """`/lots/<id>/certify`, `/lots/announce`; `/lots/certify` asks which lot. Addresses that are taken are left alone."""
    load()
    taken = {re.sub(r"<[^>]*>", "<>", rule.rule) for rule in state.app.url_map.iter_rules()}
    for name in asking.acts():
        nouns, verb = asking.plural(ACTS[name].noun), ACTS[name].verb
        told = {"nouns": nouns, "verb": verb}
        alone = f"/{nouns}/{verb}"
        about = f"/{nouns}/<noun_id>/{verb}" if asking.target(name) else alone
        if re.sub(r"<[^>]*>", "<>", about) not in taken:
            state.add_url_rule(about, "act", act, methods=["GET", "POST"], defaults=told)
        if about != alone and alone not in taken:
            state.add_url_rule(alone, "choose", choose, methods=["GET"], defaults=told)
    links.init_app(state.app)


def act(nouns: str, verb: str, noun_id: str | None = None) -> ResponseReturnValue:
    """The form of one act; posted, the act itself."""
    name = named(nouns, verb)
    target = asking.target(name)
    if request.method == "GET":
        posting.permitted(name)
        if name in BEGUN_AT:
            return redirect(url_for(BEGUN_AT[name]), 303)
    subject = None
    with store().read(actor()) as view:
        if target and noun_id is not None:
            subject = choices.name_of(view, ACTS[name].noun, noun_id, name)
            if ACTS[name].noun == "grant":
                person, _comma, role = subject.rpartition(", ")
                subject = f"{person}, {role_word(role)}"
        sent = request.form if request.method == "POST" else request.args
        controls = forms.controls(view, name, sent, target={target: noun_id} if target and noun_id else {})
        controls = [one for one in controls if one.name not in ("since", "until") or _timed(controls)]
        vials = (covers := _kinds(controls)) is not None and covers.value == "vial" and not sent.get("lot_id")
        lots = choices.targets(view, "lot") if vials else []
    done: Done | Trouble | None = None
    if request.method == "POST":
        done = perform(name, noun_id, controls, sent)
        if isinstance(done, Done):
            if done.answer.get("findings") and (case := done.answer.get("case")):
                told = _(
                    "Kept as it was told. It differs from what was on record: case %(number)s is open.", number=case
                )
                flash(told, "info")
            else:
                flash(act_words(name).done)
                for said in done.answer.get("findings") or ():
                    flash(sentence(said, done.answer), "info")
                for said, serials in let_back(done.answer):
                    flash(f"{said} {serials}", "info")
            return redirect(leads(name, noun_id, done, sent), 303)
    return shown(name, noun_id, subject, controls, sent, done, lots)


def choose(nouns: str, verb: str) -> ResponseReturnValue:
    """An act about something, before it is said about what: everything it could be about."""
    name = named(nouns, verb)
    posting.permitted(name)
    if name == "grant.take_back":  # what one handed over, or was handed, stands on one's own page
        return redirect(url_for("web.person", person_id=actor().person_id), 303)
    if ACTS[name].noun in LISTED_AT:
        return redirect(url_for(LISTED_AT[ACTS[name].noun]), 303)
    with store().read(actor()) as view:
        found = choices.targets(view, ACTS[name].noun)
    return render_template("acts/choose.html", name=name, words=act_words(name), found=found, section="")


@blueprint.get("/acts/<act_id>")
def act_answer(act_id: str) -> ResponseReturnValue:
    """What became of an act whose answer was lost: it is in the record, it was refused, or it never came."""
    done, refused = None, None
    try:
        done = store().answer(actor(), act_id)
    except Refused as refusal:
        if refusal.code in ("act_id_malformed", "act_id_reused"):
            raise
        refused = refusal
    told = posting.refusal(refused).general if refused else []
    return render_template("acts/answer.html", done=done, told=told, act_id=act_id, section="")


# ------------------------------------------------------------------------------------------------------------ may, where

BEGUN_AT = {
    "dose.identify": "web.bedside", "dose.start": "web.bedside", "dose.give": "web.bedside",
    "vial.reserve": "web.bedside", "score.adjudicate": "web.subjects", "score.agree": "web.subjects",
}  # fmt: skip
"""Acts whose form would ask for ids that nobody can type: they are begun from a page that knows them."""
LISTED_AT = {
    "administration": "web.bedside", "alarm": "web.alarms", "consent": "web.subjects", "contact": "web.contacts",
    "course": "web.subjects", "device": "web.people", "dose": "web.bedside", "excursion": "web.excursions",
    "training": "web.people", "training_need": "web.people",
    "consent_form": "web.consent_forms",
    "grant": "web.people", "order": "web.bedside", "opening": "web.subjects",
    "event": "web.events",
    "action": "web.cases", "shift": "web.shifts", "result": "web.lots", "sensor": "web.sensors",
}  # fmt: skip
"""Nouns without a name to choose them by: an act about one begins where they are listed."""


def named(nouns: str, verb: str) -> str:
    return next(name for name in asking.acts() if asking.plural(ACTS[name].noun) == nouns and ACTS[name].verb == verb)


PAGES = {
    "alarm": "alarms", "device": "people", "lot": "lots", "consignment": "consignments", "place": "places",
    "person": "people", "sensor": "sensors", "excursion": "excursions", "case": "cases",
    "subject": "subjects",
    "event": "events",
}  # fmt: skip
"""Nouns with a page, by the first word of its address."""


def leads(name: str, noun_id: str | None, done: Done, sent: Mapping[str, str]) -> str:
    """Where one goes on: as the page that led here asked, else to what the act was about."""
    if back := sent.get("next"):
        return local(back)
    if ACTS[name].noun == "shift":
        return url_for("web.shifts")
    known = {
        **dict.fromkeys(PAGES, ""),
        **{key.removesuffix("_id"): value for key, value in sent.items() if key.endswith("_id")},
    }
    known |= {key.removesuffix("_id"): str(value) for key, value in done.answer.items() if key.endswith("_id")}
    noun = ACTS[name].noun
    if noun in PAGES:
        known[noun] = noun_id or done.id
    page = next(
        (
            one
            for one in (noun, "case", "lot", "person", "place", "consignment", "sensor")
            if known.get(one) and one in PAGES
        ),
        None,
    )
    if page == "case" and not actor().holds(routes.ROUTES["web.case"].roles, now()):
        page = None  # whoever opened it told of it, and need not read the rest
    return f"{request.script_root}/{PAGES[page]}/{known[page]}" if page else f"{request.script_root}/"


# ------------------------------------------------------------------------------------------------------------ perform


def perform(name: str, noun_id: str | None, controls: list[forms.Control], sent: Sent) -> Done | Trouble:
    """Ask the door with what the form says."""
    told = {control.name: forms.told(control, sent) for control in controls}
    told |= {"reason": sent.get("reason", "").strip(), "occurred_at": forms.moment(sent.get("occurred_at", ""))}
    if told["occurred_at"]:
        told["source"] = "late"
    asked = {key: value for key, value in told.items() if value not in ("", [])}
    return posting.perform(name, noun_id, **asked)


def shown(
    name: str,
    noun_id: str | None,
    subject: str | None,
    controls: list[forms.Control],
    sent: Sent,
    trouble: Trouble | None,
    lots: list[choices.Choice],
) -> ResponseReturnValue:
    act = ACTS[name]
    template = f"{act.noun}/{act.verb}.html"
    try:
        current_app.jinja_env.get_template(template)
    except TemplateNotFound:
        template = GENERIC
    errors = trouble.fields if trouble else {}
    own = {one.name for one in controls}
    page = render_template(
        template, name=name, act=act, noun_id=noun_id, subject=subject, words=act_words(name), lots=lots, controls=controls,
        sent=sent, errors=errors, summary=summary(controls, errors), general=trouble.general if trouble else [],
        unknown=trouble.act_id if trouble else None, late=act.kind is Kind.FACT,
        kinds=_kinds(controls), kinds_links=_links(name, controls, sent),
        carried={key: sent[key] for key in ("next", "lot_id", "consignment_id") if sent.get(key) and key not in own},
        meanings=[meaning_sentence(meaning) for meaning in act.signatures or act.also],
        cancel=local(sent.get("next", "")) or "/",
        section=SECTIONS.get(act.noun, ""),
    )  # fmt: skip
    return page, trouble.status if trouble else 200


def summary(controls: list[forms.Control], errors: dict[str, str]) -> dict[str, str]:
    """What is to be put right, each with the name of its field; about a password the sentence says enough."""
    labels = {one.name: one.label for one in controls} | {key: field_label(key) for key in ("reason", "occurred_at")}
    return {key: f"{labels[key]}: {told}" if key in labels else told for key, told in errors.items()}


SECTIONS = {
    "lot": "web.lots",
    "label": "web.lots",
    "release": "web.lots",
    "result": "web.lots",
    "consignment": "web.consignments",
    "place": "web.places",
    "vial": "web.places",
    "sensor": "web.places",
    "excursion": "web.places",
    "person": "web.people",
    "device": "web.people",
    "grant": "web.people",
    "training": "web.people",
    "training_need": "web.people",
    "alarm": "web.alarms",
    "contact": "web.alarms",
    "case": "web.cases",
    "action": "web.cases",
    "event": "web.subjects",
}


def _links(name: str, controls: list[forms.Control], sent: Sent) -> list[tuple[str, str, bool]]:
    kinds = _kinds(controls)
    if kinds is None:
        return []
    kinds.value = kinds.value if kinds.value in dict(kinds.options) else "lot"
    back = sent.get("next", "")
    return [(act_url(name, kind=kind, next=back), word, kind == kinds.value) for kind, word in kinds.options if kind]


def _timed(controls: list[forms.Control]) -> bool:
    """Of what a hold may cover only a place is covered for a time."""
    kinds = _kinds(controls)
    return kinds is None or kinds.value == "place"


def _kinds(controls: list[forms.Control]) -> forms.Control | None:
    """The kind of what a hold or a recall covers: chosen by link, since it decides what there is to tick."""
    names = {control.name: control for control in controls}
    return names.get("kind") if "target_ids" in names else None
