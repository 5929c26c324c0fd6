"""The release of a lot: every rule with its evidence, the vials it would cover, and the signature over exactly that."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability import problems
from traceability.asking import View, actor, store
from traceability.domain.rules import Finding
from traceability.routes import TRAIL
from traceability.services import audit_reviews, grounds, lots, people, releases
from traceability.services.grounds import Ground
from traceability.web import blueprint, forms, posting, roles
from traceability.web.lots import head
from traceability.words import choice_word, meaning_sentence, rule_title, who_answers

KINDS = ("full", "conditional", "named_patient")
ACTS = dict.fromkeys(KINDS, "lot.release") | {"named_patient": "lot.release_named"}
ALL_OF_IT: dict[str, str] = {
    # rule → the page that lists all it rests on; the others': the overview
    "certificate_attached": "web.lot_documents",
    "count_cleared": "web.lot_vials",
    "in_stock": "web.lot_vials",
    "labels_back": "web.lot_labels",
    "storage_known": "web.lot_vials",
    "excursions_decided": "web.lot_holds",
    "none_rejected": "web.lot_holds",
    "budgets_left": "web.lot_vials",
    "no_stop": "web.lot_holds",
    "results_complete": "web.lot_tests",
    "results_conform": "web.lot_tests",
    "results_reviewed": "web.lot_tests",
    "outside_answered": "web.lot_tests",
    "independent": "web.lot_tests",
    "not_released_yet": "web.lot_vials",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a release would be of: these vials, of this kind."""

    vial_ids: list[str]
    kind: str = "full"
    until: str = ""
    condition: str = ""
    course_id: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def act(self) -> str:
        return ACTS[self.kind]

    @property
    def course(self) -> str | None:
        return self.course_id or None if self.kind == "named_patient" else None

    def asked(self) -> dict[str, Any]:
        told: dict[str, Any] = {"vial_ids": self.vial_ids}
        if self.kind == "named_patient":
            return told | {"course_id": self.course_id}
        told |= {"kind": self.kind}
        if self.kind == "conditional":
            told |= {"until": forms.moment(self.until), "condition": self.condition}
        return told


@blueprint.route("/lots/<lot_id>/release", methods=["GET", "POST"])
def lot_release(lot_id: str) -> ResponseReturnValue:
    """Look (GET), look again with other vials (check), see what is signed (sign), sign (release).

    The review of the audit trail is a step before, an act with a signature of its own.
    """
    step = request.form.get("step", "") if request.method == "POST" else ""
    with store().read(actor()) as view:
        chosen = _chosen(view, lot_id)
    match step:
        case "sign":
            posting.permitted(chosen.act)
            return signing(lot_id, chosen)
        case "release":
            return release(lot_id, chosen)
    return looked(lot_id, chosen)


def looked(lot_id: str, chosen: Chosen, trouble: posting.Trouble | None = None) -> ResponseReturnValue:
    with store().read(actor()) as view:
        above = head(view, lot_id, "release")
        dossier = releases.prepare(view, lot_id, chosen.vial_ids, chosen.course)
        rests_on = grounds.of(view, dossier)
        mine = set(releases.releasable(view, lot_id))
        reviewed = audit_reviews.reviews(view, lot_id, limit=1)
        reviewer = people.person(view, reviewed[0].person_id).name if reviewed else ""
        page = render_template(
            "lots/release.html", **above, dossier=dossier, chosen=chosen,
            findings=[_rule(lot_id, one, dossier, rests_on.get(one.code, ())) for one in dossier.findings],
            releasable=[one for one in lots.vials(view, lot_id) if one.id in mine],
            unreviewed=audit_reviews.unreviewed(view, lot_id), last=audit_reviews.last_entry(view, lot_id), trouble=trouble,
            reviewed=reviewed[0] if reviewed else None, reviewer=reviewer,
            courses=_courses(view, lot_id), two=releases.signatures_asked(view) == 2,
        )  # fmt: skip
    return page, trouble.status if trouble else 200


def signing(lot_id: str, chosen: Chosen, trouble: posting.Trouble | None = None) -> ResponseReturnValue:
    """What would be signed, in full; whatever is not ready goes back to the rules."""
    with store().read(actor()) as view:
        above = head(view, lot_id, "release")
        dossier = releases.prepare(view, lot_id, chosen.vial_ids, chosen.course)
        two = releases.signatures_asked(view) == 2
        whose = dict(_courses(view, lot_id)).get(chosen.course_id, "")
    if not dossier.ready or chosen.errors:
        return looked(lot_id, chosen, trouble)
    second = "requested" if chosen.course else "approved" if two else None
    page = render_template(
        "lots/sign.html", **above, dossier=dossier, chosen=chosen, trouble=trouble, whose=whose,
        second=meaning_sentence(second) if second else None, accepted=[rule_title(code) for code in dossier.accepted],
    )  # fmt: skip
    return page, trouble.status if trouble else 200


def release(lot_id: str, chosen: Chosen) -> ResponseReturnValue:
    told = posting.form("dossier_digest", "reason")
    asked = chosen.asked() | {"dossier_digest": told["dossier_digest"]}
    if chosen.kind == "named_patient":
        asked |= {"reason": told["reason"]}
    done = posting.perform(chosen.act, lot_id, **asked)
    if not isinstance(done, posting.Trouble):
        flash(_("Released: %(number)s, %(count)s vials.", number=done.answer["number"], count=done.answer["vials"]))
        return redirect(url_for("web.lot_release", lot_id=lot_id), 303)
    if done.code.startswith("signature") or done.act_id or {"password", "second_password", "reason"} & set(done.fields):
        return signing(lot_id, chosen, done)
    return looked(lot_id, chosen, done)


def _chosen(view: View, lot_id: str) -> Chosen:
    """As the form says; at first all that may be released."""
    if request.method == "GET":
        return Chosen(releases.releasable(view, lot_id))
    told = posting.form("kind", "until", "condition", "course_id")
    kind = told["kind"] if told["kind"] in KINDS else "full"
    course = told["course_id"] if told["course_id"] in dict(_courses(view, lot_id)) else ""
    chosen = Chosen(request.form.getlist("vial_ids"), kind, told["until"], told["condition"], course)
    if kind == "conditional" and request.form.get("step") == "sign":
        if not chosen.condition:
            chosen.errors["condition"] = _("A conditional release says on what condition.")
        if not _after_now(view, chosen.until):
            chosen.errors["until"] = _("A conditional release ends: a day and time still to come.")
    if kind == "named_patient" and not course:
        chosen.errors["course_id"] = _("A release for a named patient names the course.")
    return chosen


def _courses(view: View, lot_id: str) -> list[tuple[str, str]]:
    found = releases.named_for(view, lot_id)
    return [(one.id, f"{subject.pseudonym}, {choice_word(one.laterality).lower()}") for one, subject in found]


def _after_now(view: View, typed: str) -> bool:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=g.zone) > view.at
    except ValueError:
        return False


def _rule(lot_id: str, finding: Finding, dossier: releases.Dossier, rows: tuple[Ground, ...]) -> dict[str, Any]:
    """One line of the release check: outcome, rule, what was found, who answers, and every row that it rests on."""
    outcome = "met" if finding.holds else "unknown" if finding.holds is None else "unmet"
    whole = url_for(ALL_OF_IT.get(finding.code, "web.lot"), lot_id=lot_id)
    if finding.code == "audit_reviewed" and roles() & TRAIL:
        whole = url_for("web.audit", about=lot_id)
    return {
        "outcome": "warning" if finding.code in dossier.accepted else outcome,
        "rule": rule_title(finding.code),
        "found": problems.told(finding)["message"],
        "who": who_answers(finding.code, finding.holds),
        "all": whole + ("#papers" if finding.code in ("gmp_valid", "licence_valid") else ""),
        "rows": [_row(lot_id, one) for one in rows],
    }


PAGES: dict[str, tuple[str, str]] = {
    # noun → its page, and what its address calls the id
    "consignment": ("web.consignment", "consignment_id"),
    "sensor_file": ("web.consignment", "consignment_id"),
    "vial": ("web.vial_temperature", "vial_id"),
    "excursion": ("web.excursion", "excursion_id"),
    "case": ("web.case", "case_id"),
    "hold": ("web.hold", "hold_id"),
    "recall": ("web.recall", "recall_id"),
    "place": ("web.place", "place_id"),
}
OF_LOT = {
    "result": ("web.lot_tests", ""),
    "conclusion": ("web.lot_tests", ""),
    "specification": ("web.lot_tests", ""),
    "credential": ("web.lot", "papers"),
    "certification": ("web.lot", "word-for-it"),
    "expiry_statement": ("web.lot", "what"),
    "lot": ("web.lot", "what"),
    "release": ("web.lot_release", "releases"),
}
"""Noun → the page of its lot that shows it, and where there."""


def _row(lot_id: str, one: Ground) -> dict[str, Any]:
    """One row of evidence: what it is, its page, and its entry in the ledger for who may read that."""
    if one.noun == "attachment":
        href = url_for("web.lot_file", lot_id=lot_id, attachment_id=one.id)
    elif one.noun in PAGES:
        page, given = PAGES[one.noun]
        href = url_for(page, **{given: one.id})
    else:
        page, anchor = OF_LOT[one.noun]
        href = url_for(page, lot_id=lot_id, _anchor=anchor or None)
    entry = url_for("web.audit", about=lot_id, entry=one.entry) if one.entry and roles() & TRAIL else None
    return {"noun": choice_word("Noun", one.noun), "name": one.name, "href": href, "entry": entry, "number": one.entry}
