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
from traceability.services import lots, releases
from traceability.web import blueprint, forms, posting, roles
from traceability.web.lots import head
from traceability.words import rule_title, who_answers

EVIDENCE: dict[str, str] = {
    # rule → the page where its evidence stands; the others': the overview
    "certificate_attached": "web.lot_documents",
    "count_cleared": "web.lot_vials",
    "in_stock": "web.lot_vials",
    "labels_back": "web.lot_labels",
    "storage_known": "web.lot_vials",
    "excursions_decided": "web.lot_holds",
    "budgets_left": "web.lot_vials",
    "no_stop": "web.lot_holds",
    "results_complete": "web.lot_tests",
    "results_conform": "web.lot_tests",
    "results_reviewed": "web.lot_tests",
    "independent": "web.lot_tests",
    "not_released_yet": "web.lot_vials",
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a release would be of: these vials, read up to this entry, of this kind."""

    vial_ids: list[str]
    reviewed_through: int
    kind: str = "full"
    until: str = ""
    condition: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def asked(self) -> dict[str, Any]:
        told: dict[str, Any] = {"vial_ids": self.vial_ids, "reviewed_through": self.reviewed_through, "kind": self.kind}
        if self.kind == "conditional":
            told |= {"until": forms.moment(self.until), "condition": self.condition}
        return told


@blueprint.route("/lots/<lot_id>/release", methods=["GET", "POST"])
def lot_release(lot_id: str) -> ResponseReturnValue:
    """Look (GET), look again with other vials (check), see what is signed (sign), sign (release)."""
    step = request.form.get("step", "") if request.method == "POST" else ""
    with store().read(actor()) as view:
        chosen = _chosen(view, lot_id)
    match step:
        case "sign":
            posting.permitted("lot.release")
            return signing(lot_id, chosen)
        case "release":
            return release(lot_id, chosen)
    return looked(lot_id, chosen)


def looked(lot_id: str, chosen: Chosen, trouble: posting.Trouble | None = None) -> ResponseReturnValue:
    with store().read(actor()) as view:
        above = head(view, lot_id, "release")
        dossier = releases.prepare(view, lot_id, chosen.vial_ids, chosen.reviewed_through)
        mine = set(releases.releasable(view, lot_id))
        page = render_template(
            "lots/release.html", **above, dossier=dossier, chosen=chosen, findings=[_rule(lot_id, one) for one in dossier.findings],
            releasable=[one for one in lots.vials(view, lot_id) if one.id in mine],
            unread=releases.unread(view, lot_id, chosen.reviewed_through), last=releases.last_entry(view, lot_id), trouble=trouble,
        )  # fmt: skip
    return page, trouble.status if trouble else 200


def signing(lot_id: str, chosen: Chosen, trouble: posting.Trouble | None = None) -> ResponseReturnValue:
    """What would be signed, in full; whatever is not ready goes back to the rules."""
    with store().read(actor()) as view:
        above = head(view, lot_id, "release")
        dossier = releases.prepare(view, lot_id, chosen.vial_ids, chosen.reviewed_through)
    if not dossier.ready or not _complete(chosen):
        return looked(lot_id, chosen, trouble)
    page = render_template("lots/sign.html", **above, dossier=dossier, chosen=chosen, trouble=trouble)
    return page, trouble.status if trouble else 200


def release(lot_id: str, chosen: Chosen) -> ResponseReturnValue:
    digest = request.form.get("dossier_digest", "")
    done = posting.perform("lot.release", lot_id, **chosen.asked(), dossier_digest=digest)
    if not isinstance(done, posting.Trouble):
        flash(_("Released: %(number)s, %(count)s vials.", number=done.answer["number"], count=done.answer["vials"]))
        return redirect(url_for("web.lot_release", lot_id=lot_id), 303)
    if done.code.startswith("signature") or done.act_id or "password" in done.fields:
        return signing(lot_id, _through(lot_id, chosen, done), done)
    return looked(lot_id, chosen, done)


def _through(lot_id: str, chosen: Chosen, trouble: posting.Trouble) -> Chosen:
    """A password that was not accepted is an entry about this lot too; who typed it need not go and read it."""
    with store().read(actor()) as view:
        unread = releases.unread(view, lot_id, chosen.reviewed_through)
    if unread == [trouble.entry]:
        return Chosen(chosen.vial_ids, unread[0], chosen.kind, chosen.until, chosen.condition)
    return chosen


def _chosen(view: View, lot_id: str) -> Chosen:
    """As the form says; at first all that may be released, with the audit trail not yet read."""
    if request.method == "GET":
        return Chosen(releases.releasable(view, lot_id), 0)
    told = posting.form("kind", "until", "condition", "reviewed_through")
    through = (
        int(told["reviewed_through"])
        if told["reviewed_through"].isascii() and told["reviewed_through"].isdigit()
        else 0
    )
    kind = told["kind"] if told["kind"] in ("full", "conditional") else "full"
    chosen = Chosen(request.form.getlist("vial_ids"), through, kind, told["until"], told["condition"])
    if kind == "conditional" and request.form.get("step") == "sign":
        if not chosen.condition:
            chosen.errors["condition"] = _("A conditional release says on what condition.")
        if not _after_now(view, chosen.until):
            chosen.errors["until"] = _("A conditional release ends: a day and time still to come.")
    return chosen


def _after_now(view: View, typed: str) -> bool:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=g.zone) > view.at
    except ValueError:
        return False


def _complete(chosen: Chosen) -> bool:
    return not chosen.errors


def _rule(lot_id: str, finding: Finding) -> dict[str, Any]:
    """One line of the release check: outcome, rule, what was found, who answers, and where to look."""
    outcome = "met" if finding.holds else "unknown" if finding.holds is None else "unmet"
    evidence = url_for(EVIDENCE.get(finding.code, "web.lot"), lot_id=lot_id)
    if finding.code == "audit_reviewed" and roles() & TRAIL:
        evidence = url_for("web.audit", about=lot_id)
    return {
        "outcome": outcome,
        "rule": rule_title(finding.code),
        "found": problems.told(finding)["message"],
        "who": who_answers(finding.code, finding.holds),
        "evidence": evidence + ("#papers" if finding.code in ("gmp_valid", "licence_valid") else ""),
    }
