"""Lots: the list, one lot with its tabs, and the announcement of a new one. Release and labels have files of their own."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability import routes
from traceability.asking import View, actor, store
from traceability.domain import checks, rules
from traceability.domain.checks import Purpose
from traceability.domain.papers import ATTACHED, FileKind
from traceability.domain.rules import Verdict
from traceability.domain.states import Custody
from traceability.problems import told
from traceability.services import (
    cases,
    consignments,
    credentials,
    documents,
    evidence_packages,
    evidence_zip,
    lots,
    organisations,
    people,
    products,
    releases,
    results,
    reviewing,
    stops,
)
from traceability.services.verdicts import facts
from traceability.web import blueprint, files, posting
from traceability.words import choice_word

PAGE = 50
BAR = {
    "in_stock": "stock",
    "in_transit": "transit",
    "issued": "issued",
    "administered": "given",
    "wasted": "wasted",
    "destroyed": "destroyed",
    "retained": "kept",
    "returned": "returned",
    "missing": "missing",
}
"""Reconciliation bucket → its pattern in a bar."""


@blueprint.get("/lots", endpoint="lots")
def list_() -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = lots.lots(view, limit=PAGE + 1, after=request.args.get("after"))
        shown = [
            one
            | {
                "stops": lots.stopped(view, one["lot"].id),
                "transcribed": any(given.transcribed for given in lots.certifications(view, one["lot"].id)),
            }
            for one in found[:PAGE]
        ]
    following = url_for("web.lots", after=shown[-1]["lot"].id) if len(found) > PAGE else None
    return render_template("lots/list.html", found=shown, following=following, bar=BAR)


def head(view: View, lot_id: str, tab: str) -> dict[str, Any]:
    """What stands above every tab: the lot, its word, its releases and what stops it."""
    one = lots.lot(view, lot_id)
    given = lots.certifications(view, lot_id)
    standing = releases.standings(view, lot_id)
    return one | {
        "tab": tab,
        "certification": given[-1] if given else None,
        "stops": lots.stopped(view, lot_id),
        "releases": [one.release for one in standing],
        "standings": standing,
        "newer": any(one.release.void_at is None and one.newer for one in standing),
        "outdated": any(one.changes for one in standing),
        "is_maker": one["lot"].maker_id == view.actor.organisation_id,
        "bar": BAR,
    }


@blueprint.get("/lots/<lot_id>")
def lot(lot_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        above = head(view, lot_id, "overview")
        papers = products.credentials(view, above["lot"].maker_id)
        return render_template(
            "lots/overview.html",
            **above,
            lineage=lots.lineage(view, lot_id),
            stated=lots.expiries(view, lot_id),
            stands=above["lot"].maker_id in organisations.stood_for(view) and not above["is_maker"],
            files={one.id: one for one in lots.attachments(view, lot_id)},
            papers=papers,
            suspended=credentials.suspensions(view, papers),
            boxes=consignments.of_lot(view, lot_id),
        )


@blueprint.get("/lots/<lot_id>/vials")
def lot_vials(lot_id: str) -> ResponseReturnValue:
    """Every vial with its answer for stock, asked now; filtered by answer, custody or serial."""
    asked: dict[str, Any] = {key: request.args.get(key, "") for key in ("answer", "custody", "serial")}
    with store().read(actor()) as view:
        above = head(view, lot_id, "vials")
        vials = lots.vials(view, lot_id)
        found: list[dict[str, Any]] = []
        for vial, fact in zip(vials, facts(view, [one.id for one in vials], Purpose.STOCK), strict=True):
            findings = checks.use(fact)
            found.append({"vial": vial, "answer": rules.verdict(findings), "findings": [told(one) for one in findings]})
        places = lots.placed(view, lot_id)
    counts = {str(one): sum(row["answer"] is one for row in found) for one in Verdict}
    kept = [
        row
        for row in found
        if asked["answer"] in ("", row["answer"])
        and asked["custody"] in ("", row["vial"].state)
        and asked["serial"].casefold() in row["vial"].serial.casefold()
    ]
    start = max(0, request.args.get("start", 0, int))
    following = (
        url_for("web.lot_vials", lot_id=lot_id, start=start + PAGE, **asked) if start + PAGE < len(kept) else None
    )
    return render_template(
        "lots/vials.html", **above, found=kept[start : start + PAGE], total=len(kept), asked=asked, counts=counts,
        places=places, following=following,
        custody_words=[(one, choice_word("Custody", one)) for one in Custody],
    )  # fmt: skip


@blueprint.get("/lots/<lot_id>/tests")
def lot_tests(lot_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        above = head(view, lot_id, "tests")
        tests = results.judged(view, above["lot"])
        hands = {who for one in tests for each in one.tried for who in (each.row.analyst_id, each.row.reviewer_id)}
        named = {who: people.person(view, who).name for who in hands if who}
        files = {one.id: one for one in lots.attachments(view, lot_id)}
        theirs = {each.row.case_id for one in tests for each in one.tried if each.row.case_id}
        seen = {one: found for one in theirs if one and (found := cases.find(view, one))}
        mine = {one.id for one in reviewing.reviewable(view, lot_id)}
    return render_template("lots/tests.html", **above, tests=tests, mine=mine, people=named, files=files, cases=seen)


@blueprint.get("/lots/<lot_id>/holds")
def lot_holds(lot_id: str) -> ResponseReturnValue:
    """Every open hold and recall over any vial of the lot, with how many it covers."""
    with store().read(actor()) as view:
        above = head(view, lot_id, "holds")
        covered: dict[str, int] = {}
        for fact in facts(view, [one.id for one in lots.vials(view, lot_id)], Purpose.STOCK):
            for stop in (*fact.holds, *fact.recalls):
                covered[stop.number] = covered.get(stop.number, 0) + 1
        open_now: list[Any] = [*stops.open_holds(view), *stops.open_recalls(view)]
        mine = {one.number: one for one in open_now}
    return render_template("lots/holds.html", **above, covered=covered, mine=mine)


@blueprint.get("/lots/<lot_id>/documents")
def lot_documents(lot_id: str, trouble: posting.Trouble | None = None) -> ResponseReturnValue:
    """Records printed of the lot, and the files that came with it."""
    with store().read(actor()) as view:
        packed = actor().holds(routes.EVIDENCE, view.at)
        page = render_template(
            "lots/documents.html", **head(view, lot_id, "documents"), files=lots.attachments(view, lot_id), trouble=trouble,
            printed=documents.documents(view, lot_id=lot_id), kinds=ATTACHED,
            packages=evidence_packages.packages(view, lot_id) if packed else None,
            scopes=evidence_packages.sights(view, lot_id) if packed else [],
            program=evidence_zip.program(),
        )  # fmt: skip
    return page, trouble.status if trouble else 200


@blueprint.post("/lots/<lot_id>/attach")
def lot_attach(lot_id: str) -> ResponseReturnValue:
    """A PDF or a picture, kept byte for byte before the act that links it."""
    posting.permitted("lot.attach")
    told, kind = files.attached(), request.form.get("kind", "")
    if isinstance(told, posting.Trouble):
        return lot_documents(lot_id, told)
    told |= {"lot_id": lot_id, "kind": kind if kind in set(ATTACHED) else FileKind.OTHER}
    done = posting.perform("lot.attach", **told)
    if isinstance(done, posting.Trouble):
        return lot_documents(lot_id, done)
    flash(_("The file is attached."))
    return redirect(url_for("web.lot_documents", lot_id=lot_id), 303)


@blueprint.get("/lots/<lot_id>/files/<attachment_id>")
def lot_file(lot_id: str, attachment_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        return files.as_it_came(lots.attachments(view, lot_id), attachment_id)


ANNOUNCED = (
    "product_version_id", "number", "made_on", "expires", "place_id", "route", "route_number", "count", "overlabelled",
)  # fmt: skip


@blueprint.route("/lots/announce", methods=["GET", "POST"])
def announce() -> ResponseReturnValue:
    """A lot of one's own: serials pasted as they stand on the vials, or a number of new ones."""
    posting.permitted("lot.announce")
    trouble = None
    given: dict[str, Any] = posting.form(*ANNOUNCED, "serials")
    given |= {name: request.form.getlist(name) for name in ("material_ids", "consignee_ids")}
    if request.method == "POST":
        asked = given | {"serials": given["serials"].replace(",", " ").split()}
        done = posting.perform("lot.announce", **asked)
        if not isinstance(done, posting.Trouble):
            flash(_("Announced with %(count)s vials.", count=done.answer["vials"]))
            return redirect(url_for("web.lot", lot_id=done.id), 303)
        trouble = done
    with store().read(actor()) as view:
        made_of = lots.announceable(view)
        makers = {product.organisation_id for product, _version in made_of}
        page = render_template(
            "lots/announce.html", given=given, trouble=trouble, made_of=made_of,
            transcribing=bool(makers - {view.actor.organisation_id}), places=organisations.shelves(view, makers),
            materials=lots.materials(view), routes=lots.ROUTES, hospitals=organisations.hospitals(view),
        )  # fmt: skip
    return page, trouble.status if trouble else 200
