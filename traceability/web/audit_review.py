"""The audit trail reviewed and signed; taken out as a file; what inspectors looked at; and scans that did not say USE."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability import routes
from traceability.asking import Done, actor, call_of, store
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.typed import meant
from traceability.services import audit as reads
from traceability.services import audit_export, audit_reviews, lots, near_misses, organisations, people, viewings
from traceability.web import blueprint, now, posting
from traceability.web.audit import asked_of, days_of, number_of
from traceability.web.language import local
from traceability.words import act_words, choice_word, rule_title

PAGE = 50


@blueprint.route("/audits/review", methods=["GET", "POST"])
def audit_review() -> ResponseReturnValue:
    """What is signed when a trail was read: of which lot or of all of the ledger, and up to where."""
    posting.permitted("audit.review")
    lot_id, leads = request.values.get("lot_id", ""), request.values.get("next", "")
    done: Done | posting.Trouble | None = None
    if posting.posted():
        done = posting.perform("audit.review", **posting.form("through", "lot_id", "boxes_digest"))
        if isinstance(done, Done):
            flash(act_words("audit.review").done)
            back = url_for("web.lot", lot_id=lot_id) if lot_id else url_for("web.audit")
            return redirect(local(leads) if leads else back, 303)
    with store().read(actor()) as view:
        lot = lots.lot(view, lot_id)["lot"] if lot_id else None
        reviewed = audit_reviews.reviewed_through(view, lot_id or None)
        last = (
            audit_reviews.last_entry(view, lot_id)
            if lot_id
            else audit_reviews.last_number(view, actor().organisation_id)
        )
        new = audit_reviews.unreviewed(view, lot_id) if lot_id else range(reviewed + 1, last + 1)
        boxes = audit_reviews.boxes_read(view, lot_id) if lot_id else ""
        earlier = [
            (one, people.person(view, one.person_id).name) for one in audit_reviews.reviews(view, lot_id or None)
        ]
    page = render_template(
        "audit/review.html", lot=lot, reviewed=reviewed, last=last,
        unread=len(new), joined=sum(one <= reviewed for one in new) if lot else 0, above=new[0] - 1 if new else 0, boxes=boxes,
        earlier=earlier, trouble=done, section="web.audit",
        through=request.values.get("through") or last, leads=leads,
    )  # fmt: skip
    return page, done.status if done else 200


@blueprint.post("/audit/export")
def audit_export_file() -> Response:
    """What the page shows, all of it, as a file."""
    if not (act_id := request.form.get("act_id", "")):
        raise Refused("act_id_missing")
    with store().read(actor()) as view:
        ledger = request.form.get("ledger") or reads.ledgers(view)[0].id
        if ledger != actor().organisation_id and (site := organisations.site_of(view, ledger)):
            g.zone = ZoneInfo(site.zone)
    asked, wrong = asked_of(ledger, request.form)
    if wrong:
        raise Refused("input_malformed")
    chosen = request.form.get("format", "")
    file, done = audit_export.take(store(), actor(), call_of({}, act_id), asked, chosen)
    name = f"audit-{done.answer['through']}-{done.answer['sha256'][:8]}.{chosen}"
    response = Response(audit_export.parts(file), content_type=audit_export.FORMATS[chosen])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/audit/viewings")
def audit_viewings() -> ResponseReturnValue:
    """What inspectors looked at, newest first."""
    person = request.args.get("person", "")
    with store().read(actor()) as view:
        found = viewings.viewings(view, person_id=person, before=number_of(request.args.get("before")), limit=PAGE + 1)
    return render_template(
        "audit/viewings.html", found=found[:PAGE], section="web.audit",
        following=_following("web.audit_viewings", found, person=person),
    )  # fmt: skip


@blueprint.get("/audit/scans")
def audit_scans() -> ResponseReturnValue:
    """Near misses: scans that said DO NOT USE or ASK QA, newest first."""
    about, person, purpose = (meant(request.args.get(name, "")) for name in ("about", "person", "purpose"))
    if purpose and purpose not in set(Purpose):
        raise Refused("input_malformed")
    (since, until), errors = days_of(request.args)
    with store().read(actor()) as view:
        colleagues = reads.people(view, reads.ledgers(view)[0].id)
        found, known = near_misses.scans(
            view, about=about, person_id=person, purpose=purpose, since=since, until=until,
            before=number_of(request.args.get("before")), limit=PAGE + 1,
        )  # fmt: skip
        person = reads.person_of(view, person)
    days = {name: request.args.get(name, "") for name in ("from", "to") if name not in errors}
    kept = {"about": about, "person": person, "purpose": purpose, **days}
    return render_template(
        "audit/scans.html", found=found[:PAGE], title=rule_title, people=colleagues, given={**request.args, **kept}, errors=errors,
        known=known, purposes=[(str(one), choice_word(one)) for one in Purpose], section="web.audit",
        kept={name: value for name, value in kept.items() if value}, following=_following("web.audit_scans", found, **kept),
    )  # fmt: skip


def _following(endpoint: str, found: list[Any], **kept: str) -> str | None:
    more = {name: value for name, value in kept.items() if value}
    return url_for(endpoint, **more, before=found[PAGE - 1].id) if len(found) > PAGE else None


@blueprint.app_template_global("audit_tabs")
def tabs(here: str, asked: Mapping[str, str] = MappingProxyType({})) -> list[tuple[str, str, bool]]:
    """The pages of the trail: its entries, refusals, near misses, and what inspectors looked at. What was asked for goes with."""
    kept = {name: value for name, value in asked.items() if name in ("about", "act", "person", "from", "to", "ledger")}
    refused = "refused" in asked
    told = (
        ("web.audit", _("Entries"), kept, not refused),
        ("web.audit", _("Refusals"), kept | {"refused": "yes"}, refused),
        (
            "web.audit_scans",
            _("Scans that did not say USE"),
            {one: kept[one] for one in kept if one not in ("act", "ledger")},
            True,
        ),
        ("web.audit_viewings", _("What inspectors looked at"), {}, True),
    )
    held = [one for one in told if actor().holds(routes.ROUTES[one[0]].roles, now())]
    return [(url_for(endpoint, **query), word, endpoint == here and so) for endpoint, word, query, so in held]
