"""Cases: those that are open with what is overdue, one with everything done about it, and the two acts that choose among its things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability import problems
from traceability.asking import actor, store
from traceability.domain.casework import CaseDecision, CaseKind, CaseSeverity, StepKind
from traceability.domain.rules import Finding
from traceability.domain.states import Custody
from traceability.formats import day
from traceability.services import casebook, choices, trace
from traceability.web import blueprint, files, now, posting, roles, today
from traceability.web.posting import Trouble
from traceability.web.recalls import had, unnamed
from traceability.web.subjects import SEEN_BY
from traceability.words import act_words, choice_word, meaning_sentence, rule_title, who_answers

ASKED = ("kind", "severity", "owner", "state")


@blueprint.get("/cases", endpoint="cases")
def list_() -> ResponseReturnValue:
    """Open ones first, the soonest due first."""
    given = {name: request.args.get(name, "").strip() for name in ASKED}
    with store().read(actor()) as view:
        found = casebook.listed(
            view, kind=CaseKind(given["kind"]) if given["kind"] in set(CaseKind) else None,
            severity=CaseSeverity(given["severity"]) if given["severity"] in set(CaseSeverity) else None,
            owner_id=given["owner"] or None, overdue=given["state"] == "overdue",
            is_open={"open": True, "closed": False}.get(given["state"]),
        )  # fmt: skip
        owners = choices.choices(view, "owner_id", {}) or []
    return render_template(
        "cases/list.html", found=found, given=given, kinds=list(CaseKind), severities=list(CaseSeverity), owners=owners,
        at=now(), section="web.cases",
    )  # fmt: skip


@blueprint.get("/cases/<case_id>")
def case(case_id: str, trouble: Trouble | None = None) -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = casebook.detail(view, case_id)
        vials = casebook.vials_of(view, found)
        lots = sorted({row["lot_id"] for row in vials})
        exposed = trace.exposed(view, [row["id"] for row in vials], lots) if vials else []
        others = unnamed(view, exposed)
    issue = found.emergency
    page = render_template(
        "cases/case.html", found=found, one=found.case, missing=[shown(finding) for finding in found.against or ()],
        vials=by_custody(vials), against=[shown(Finding.of(each)) for each in issue.findings] if issue else [],
        called=[found.names[each] for each in issue.on_call] if issue else [], had=had(exposed),
        unnamed=others, opens=bool(roles() & set(SEEN_BY)), at=now(),
        today=today(), said=said, trouble=trouble, section="web.cases",
    )  # fmt: skip
    return page, trouble.status if trouble else 200


@blueprint.post("/cases/<case_id>/attach")
def case_attach(case_id: str) -> ResponseReturnValue:
    """A PDF or a picture, kept byte for byte before the act that links it."""
    posting.permitted("case.attach")
    told = files.attached()
    done = told if isinstance(told, Trouble) else posting.perform("case.attach", case_id, **told)
    if isinstance(done, Trouble):
        return case(case_id, done)
    flash(act_words("case.attach").done)
    return redirect(url_for("web.case", case_id=case_id), 303)


@blueprint.get("/cases/<case_id>/files/<attachment_id>")
def case_file(case_id: str, attachment_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        return files.as_it_came(casebook.detail(view, case_id).files, attachment_id)


def by_custody(vials: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, list[str]]]:
    """Lot, holder, custody and serials: those that share all three share a row."""
    made: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in vials:
        made[row["lot"], row["holder"], str(row["state"])].append(row["serial"])
    order = list(Custody)
    return [
        (*key, serials)
        for key, serials in sorted(made.items(), key=lambda one: (one[0][:2], order.index(Custody(one[0][2]))))
    ]


def shown(finding: Finding) -> dict[str, Any]:
    told = problems.told(finding)["message"]
    return {
        "outcome": "unknown" if finding.holds is None else "unmet",
        "rule": rule_title(finding.code),
        "found": told,
        "who": who_answers(finding.code, finding.holds),
    }


def said(kind: str, value: str | None, names: Mapping[str, str]) -> str:
    """One side of a change: who, how grave, or which day."""
    if value is None:
        return ""
    if kind == StepKind.OWNER:
        return names.get(value, value)
    return choice_word("CaseSeverity", value) if kind == StepKind.GRADE else day(date.fromisoformat(value))


@blueprint.route("/cases/<case_id>/extend_to", methods=["GET", "POST"])
def case_extend_to(case_id: str) -> ResponseReturnValue:
    """Lots that share something, each with its ground; the ticked ones are concerned or are not, with one reason."""
    return _chosen(case_id, "case.extend_to", "cases/extend_to.html", ("chosen", "place_hold", "reason"), "lot_ids")


@blueprint.route("/cases/<case_id>/dispose", methods=["GET", "POST"])
def case_dispose(case_id: str) -> ResponseReturnValue:
    """What becomes of the things that are ticked, or of all; signed."""
    return _chosen(case_id, "case.dispose", "cases/dispose.html", ("decision", "reason"), "target_ids")


def _chosen(case_id: str, name: str, template: str, asked: Sequence[str], many: str) -> ResponseReturnValue:
    posting.permitted(name)
    with store().read(actor()) as view:
        found = casebook.detail(view, case_id)
    given: dict[str, Any] = posting.form(*asked) | {many: request.form.getlist(many)}
    trouble = None
    if posting.posted():
        if many == "lot_ids" and not given[many]:
            done: Any = Trouble(422, {many: _("Choose at least one lot.")})
        else:
            told = {key: given[key] for key in asked} | {many: given[many]}
            if "place_hold" in asked:
                told["place_hold"] = "yes" if given["place_hold"] else "no"
            done = posting.perform(name, case_id, **told)
        if not isinstance(done, Trouble):
            flash(act_words(name).done)
            return redirect(url_for("web.case", case_id=case_id), 303)
        trouble = done
    page = render_template(
        template, found=found, one=found.case, given=given, trouble=trouble, decisions=list(CaseDecision),
        meaning=meaning_sentence("decided"), said=said, section="web.cases",
    )  # fmt: skip
    return page, trouble.status if trouble else 200
