"""Printed records: the list, one document, its bytes, the buttons that make one, and the public page behind its QR."""

from __future__ import annotations

from datetime import timedelta

from babel.dates import format_date
from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability.asking import actor, call_of, store
from traceability.domain.acts import MAY_ISSUE
from traceability.domain.errors import Refused
from traceability.domain.records import RecordKind
from traceability.domain.releasing import Lapsed
from traceability.domain.rules import Finding
from traceability.formats import language, zone_of
from traceability.problems import status_of
from traceability.services import documents as printed
from traceability.services import lots, progress, sheets, verifying
from traceability.web import blueprint, now
from traceability.web.language import LANGUAGES
from traceability.words import role_word, sentence

PAGE = 50
PDF_POLICY = "default-src 'none'; object-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""A PDF is shown by the browser's own viewer, which is an object of this origin; nothing in it may load anything."""


@blueprint.app_template_global("document_word")
def kind_word(kind: str) -> str:
    words = {
        RecordKind.RELEASE: _("Release record"),
        RecordKind.TRACE: _("Batch trace"),
        RecordKind.ANALYSIS: _("Certificate of analysis"),
        RecordKind.ADMINISTRATION: _("Administration record"),
        RecordKind.SHIPMENT: _("Cold-chain record of a shipment"),
        RecordKind.PLACE: _("Cold-chain record of a place"),
        RecordKind.VIAL: _("Cold-chain record of a vial"),
        RecordKind.CASE: _("Record of a case"),
        RecordKind.RECALL: _("Recall report"),
        RecordKind.MOCK_RECALL: _("Mock recall report"),
        RecordKind.TRAIL: _("Audit extract"),
        RecordKind.OUTCOMES: _("Outcomes by lot"),
        RecordKind.CARD: _("Patient’s card"),
        RecordKind.CONTINGENCY: _("Contingency sheets"),
        RecordKind.CIOMS: _("Adverse reaction report"),
    }
    return str(words[RecordKind(kind)])


@blueprint.app_template_global("may_print")
def may_print(kind: str) -> bool:
    """This person's roles issue such a record; whoever may not is told who does."""
    return bool(MAY_ISSUE[RecordKind(kind)] & actor().roles(now()))


@blueprint.app_template_global("print_word")
def print_word(kind: str) -> str:
    return _("For %(roles)s.", roles=", ".join(role_word(role) for role in sorted(MAY_ISSUE[RecordKind(kind)])))


@blueprint.app_template_global("finding_sentence")
def finding_sentence(finding: Finding) -> str:
    return sentence(finding.code, finding.values, holds=finding.holds)


@blueprint.app_template_global("supersedes")
def supersedes(kind: str, noun_id: str) -> str:
    """What printing this record would supersede, said before it is printed; empty where it is the first."""
    with store().read(actor()) as view:
        one = printed.current(view, RecordKind(kind), noun_id)
    if one is None:
        return ""
    return _(
        "%(number)s, version %(version)s in %(language)s, is current. Printing again, in whatever language, supersedes it.",
        number=one.number,
        version=one.version,
        language=LANGUAGES[one.language],
    )


@blueprint.get("/documents")
def documents() -> ResponseReturnValue:
    """Newest first; of one kind, of one lot."""
    kind, lot_id = request.args.get("kind", ""), request.args.get("lot", "")
    if kind not in ("", *RecordKind):
        raise Refused("document_kind_unready", kind=kind)
    with store().read(actor()) as view:
        found = printed.documents(
            view,
            kind=RecordKind(kind) if kind else None,
            lot_id=lot_id or None,
            limit=PAGE + 1,
            after=request.args.get("after"),
        )
        known = [(one["lot"].id, one["lot"].number) for one in lots.lots(view)]
    shown = found[:PAGE]
    following = (
        url_for("web.documents", kind=kind, lot=lot_id, after=shown[-1].document.id) if len(found) > PAGE else None
    )
    return render_template(
        "documents/list.html", found=shown, following=following, asked={"kind": kind, "lot": lot_id}, lots=known,
        kinds=[(str(one), kind_word(one)) for one in RecordKind],
    )  # fmt: skip


@blueprint.route("/documents/verify", methods=["GET", "POST"])
def verify_document() -> ResponseReturnValue:
    """A file is sent and looked into: is it ours, unchanged, and does it still stand? Nothing of it is kept."""
    told, own, why, status = None, None, "", 200
    if request.method == "POST":
        sent = request.files.get("file")
        try:
            if sent is None or not sent.filename:
                raise Refused("paper_not_pdf")
            with sent.stream as stream:  # a large one lies in a file of its own
                told = verifying.verify(store(), verifying.received(stream))
            with store().read(actor()) as view:
                own = verifying.mine(view, told)
        except Refused as refused:
            why, status = sentence(refused.code, refused.values), status_of(refused.code)
    return render_template("documents/verify.html", told=told, own=own, why=why), status


@blueprint.get("/documents/<string(length=32):document_id>")
def document(document_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        one = printed.document(view, document_id)
        why, lapsed = printed.revoked_why(view, one.document), printed.lapsed(view, one.document)
        outdated = sheets.told_since(view, [one.document]) if lapsed is Lapsed.TOLD_SINCE else []
    return render_template(
        "documents/document.html",
        one=one,
        lapsed=lapsed,
        outdated=outdated,
        why=why,
        status_url=link(one.document.number, one.document.version),
    )


@blueprint.get("/documents/<string(length=32):document_id>.pdf")
def document_pdf(document_id: str) -> Response:
    """The bytes as they were drawn, or a problem; never drawn anew."""
    with store().read(actor()) as view:
        one = printed.document(view, document_id).document
    response = Response(printed.kept(store(), one), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{one.number}-{one.version}.pdf"'
    response.headers["Content-Security-Policy"] = PDF_POLICY
    return response


@blueprint.post("/lots/<lot_id>/documents")
def issue_document(lot_id: str) -> ResponseReturnValue:
    """Draw and issue a record that is about this lot, or its release, in the language asked for."""
    kind = request.values.get("kind", "")
    if kind not in (RecordKind.RELEASE, RecordKind.TRACE, RecordKind.ANALYSIS, RecordKind.TRAIL):
        raise Refused("document_kind_unready", kind=kind)
    with store().read(actor()) as view:
        noun_id = printed.noun_of(view, RecordKind(kind), lot_id, request.values.get("release_id", ""))
    return _issued(RecordKind(kind), noun_id)


@blueprint.post("/administrations/<noun_id>/documents")
def issue_administration_record(noun_id: str) -> ResponseReturnValue:
    return _issued(RecordKind.ADMINISTRATION, noun_id)


@blueprint.post("/consignments/<noun_id>/documents")
def issue_shipment_record(noun_id: str) -> ResponseReturnValue:
    return _issued(RecordKind.SHIPMENT, noun_id)


@blueprint.post("/places/<noun_id>/documents")
def issue_place_record(noun_id: str) -> ResponseReturnValue:
    """Of one month."""
    return _issued(RecordKind.PLACE, noun_id, request.form.get("period", ""))


@blueprint.post("/vials/<noun_id>/documents")
def issue_vial_record(noun_id: str) -> ResponseReturnValue:
    return _issued(RecordKind.VIAL, noun_id)


@blueprint.post("/cases/<noun_id>/documents")
def issue_case_record(noun_id: str) -> ResponseReturnValue:
    return _issued(RecordKind.CASE, noun_id)


@blueprint.post("/recalls/<noun_id>/documents")
def issue_recall_report(noun_id: str) -> ResponseReturnValue:
    """Of a recall, or of a mock one: which it is, the recall says."""
    with store().read(actor()) as view:
        mock = progress.recall_of(view, noun_id).mock
    return _issued(RecordKind.MOCK_RECALL if mock else RecordKind.RECALL, noun_id)


@blueprint.post("/outcomes/documents")
def issue_outcomes_record() -> ResponseReturnValue:
    """Of the reader's own house: its lots by the primary rule."""
    return _issued(RecordKind.OUTCOMES, actor().organisation_id)


@blueprint.post("/events/<noun_id>/documents")
def issue_cioms(noun_id: str) -> ResponseReturnValue:
    return _issued(RecordKind.CIOMS, noun_id)


@blueprint.post("/courses/<noun_id>/documents")
def issue_card(noun_id: str) -> ResponseReturnValue:
    return _issued(RecordKind.CARD, noun_id)


@blueprint.post("/sites/<noun_id>/documents")
def issue_contingency_sheets(noun_id: str) -> ResponseReturnValue:
    """Of one day."""
    return _issued(RecordKind.CONTINGENCY, noun_id, request.form.get("period", ""))


@blueprint.app_template_global("days_ahead")
def days_ahead(count: int = 14) -> list[tuple[str, str]]:
    """Tomorrow, today, and the days after, where the reader is: tomorrow first, because sheets are printed the day before."""
    today = now().astimezone(zone_of(None)).date()
    days = [today + timedelta(days=n) for n in (1, 0, *range(2, count))]
    return [(one.isoformat(), format_date(one, "EEEE d MMMM", locale=language())) for one in days]


@blueprint.app_template_global("months_back")
def months_back(count: int = 13) -> list[tuple[str, str]]:
    """This month and those before it, where the reader is: as they are asked for, and as they are called."""
    first, made = now().astimezone(zone_of(None)).date().replace(day=1), []
    for _n in range(count):
        made.append((f"{first:%Y-%m}", format_date(first, "MMMM y", locale=language())))
        first = (first - timedelta(days=1)).replace(day=1)
    return made


def _issued(kind: RecordKind, noun_id: str, period: str = "") -> ResponseReturnValue:
    asked = request.values.get("language", "")
    if not (act_id := request.form.get("act_id", "")):
        raise Refused("act_id_missing")
    done = printed.make(store(), actor(), call_of({}, act_id), kind, noun_id, asked, link, period)
    flash(_("%(number)s, version %(version)s, is issued.", **{key: done.answer[key] for key in ("number", "version")}))
    return redirect(url_for("web.document", document_id=done.id), 303)


@blueprint.get("/d/<number>/<int:version>")
def document_status(number: str, version: int) -> ResponseReturnValue:
    """Behind the QR, for whoever holds the paper: is it current? Nothing about people, nor what it is about."""
    return render_template("documents/status.html", one=printed.status(store(), number, version), section="")


def link(number: str, version: int) -> str:
    """The status page's address as paper carries it: where the installation is reached from outside, else as it was asked."""
    base = current_app.config.get("EXTERNAL_URL") or request.url_root
    return printed.status_url(str(base), number, version)
