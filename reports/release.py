"""The release record: what was judged, test by test and rule by rule, and who let the vials be used."""

from __future__ import annotations

from reportlab.platypus import Flowable

from reports import page, results, sections, terms
from reports.sections import Checkpoint, Section
from reports.words import DASH, Words, grouped
from traceability.domain.records import ReleaseRecord


def draw(
    record: ReleaseRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.head.zone)
    subject = _("Batch (lot) %(lot)s, %(product)s", lot=record.lot.number, product=record.product.name)
    frame = sections.sheet(
        _,
        record.head,
        _("Release record"),
        subject,
        digest=digest,
        checkpoint=checkpoint,
        status_url=status_url,
    )
    body = [
        _product(_, record),
        sections.maker(_, record.maker, record.papers, record.certified),
        results.tests(_, record.tests),
        _cold_chain(_, record),
        sections.deviations(_, record.excursions, record.stops, record.cases),
        _check(_, record),
        sections.changes(_, record.changes),
        _serials(_, record),
        _signatures(_, record),
        sections.proof(_, digest, checkpoint, renderer),
    ]
    return page.draw(frame, [_decision(_, record), *sections.numbered(body)])


def _decision(_: Words, record: ReleaseRecord) -> Flowable:
    release = record.release
    if release.void_at is not None:
        told = _("on %(moment)s", moment=_.moment(release.void_at))
        return page.decision("stop", _("RELEASE VOIDED"), ": ".join(filter(None, (told, release.void_reason))))
    counted = _(
        "%(n)s of %(filled)s vials for use at %(place)s.",
        n=_.number(release.vials),
        filled=_.number(record.lot.filled),
        place=record.head.organisation,
    )
    route = {
        "trial": _("For clinical trial use only."),
        "service": _("For research-based service only."),
    }.get(record.lot.route, "")
    if release.kind == "named_patient":
        accepted = ", ".join(terms.rule(_, code) for code in release.accepted)
        told = _("For one patient alone, by QA and the physician.")
        if accepted:
            told += " " + _("Does not hold, and is answered for: %(rules)s.", rules=accepted)
        return page.decision("warn", _("RELEASED FOR A NAMED PATIENT"), f"{counted} {told} {route}".strip())
    if release.kind == "conditional":
        until = _(
            "Until %(moment)s, on condition: %(condition)s",
            moment=_.moment(release.until),
            condition=_.told(release.condition),
        )
        return page.decision("warn", _("RELEASED ON CONDITION"), f"{counted} {until} {route}".strip())
    return page.decision("ok", _("RELEASED"), f"{counted} {route}".strip())


def _product(_: Words, record: ReleaseRecord) -> Section:
    filled, released = _.number(record.lot.filled), _.number(record.release.vials)
    return sections.product_and_lot(
        _,
        record.product,
        record.lot,
        record.certified,
        (_("Filled, released"), f"{filled}, {released}"),
        (_("Release"), f"{record.release.number}, {terms.release(_, record.release.kind)}"),
    )


def _cold_chain(_: Words, record: ReleaseRecord) -> Section:
    told = _(
        "Out of storage, the most of any vial: %(used)s of %(allowed)s.",
        used=_.duration(record.out_of_storage_s),
        allowed=_.duration(record.product.budget_s),
    )
    if record.unknown_temperature:
        told += " " + _("Temperature not known of: %(serials)s.", serials=", ".join(record.unknown_temperature))
    return _("Cold chain of the released vials"), [
        *sections.custody(_, record.custody, record.product),
        page.note(told),
        *sections.budgets(_, record.budgets),
        *sections.disposed(_, record.disposed),
    ]


def _check(_: Words, record: ReleaseRecord) -> Section:
    """Every rule as it stood in the dossier that was signed, those that did not hold first."""
    rows = [
        (terms.rule(_, one.code), terms.answer(_, one), terms.evidence(_, one) or DASH)
        for one in sorted(record.findings, key=lambda one: one.holds is True)
    ]
    hold = sum(one.holds is True for one in record.findings)
    told = _(
        "%(n)s rules asked, %(hold)s met. Audit trail reviewed to entry %(entry)s.",
        n=_.number(len(record.findings)),
        hold=_.number(hold),
        entry=DASH if record.reviewed_through is None else _.number(record.reviewed_through),
    )
    if record.newer_entries:
        told += " " + _(
            "Newer facts exist: %(n)s entries about this lot since the release.", n=_.number(record.newer_entries)
        )
    return _("Release check"), [
        page.table([_("Rule"), _("Answer"), _("What was found")], rows, [5.2, 2.6, 6.4]),
        page.note(told),
    ]


def _serials(_: Words, record: ReleaseRecord) -> Section:
    return _("Released vials"), [page.text(", ".join(record.serials))]


def _signatures(_: Words, record: ReleaseRecord) -> Section:
    title, (*boxes, told) = sections.signatures(_, record.signatures)
    body: list[Flowable] = boxes
    body = [*body, *results.reviews(_, record.reviews)]
    signed = _(
        "The release was signed over the dossier with SHA-256 %(digest)s.",
        digest=grouped(record.release.dossier_digest, 8),
    )
    return title, [*body, page.note(signed), told]
