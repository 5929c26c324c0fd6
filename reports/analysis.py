"""The certificate of analysis: every test of a lot with its result, what was tried beside it, and who answers for it."""

from __future__ import annotations

from reportlab.platypus import Flowable

from reports import page, results, sections
from reports.sections import Checkpoint
from reports.words import Words
from traceability.domain.records import AnalysisRecord


def draw(
    record: AnalysisRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.head.zone)
    subject = _("Batch (lot) %(lot)s, %(product)s", lot=record.lot.number, product=record.product.name)
    frame = sections.sheet(
        _,
        record.head,
        _("Certificate of analysis"),
        subject,
        digest=digest,
        checkpoint=checkpoint,
        status_url=status_url,
    )
    title, (*boxes, told) = sections.signatures(_, record.signatures)
    body = [
        sections.product_and_lot(_, record.product, record.lot, record.certified, (_("Manufacturer"), record.maker)),
        results.tests(_, record.tests),
        results.tried(_, record.tried),
        results.sources(_, record.files),
        sections.changes(_, record.changes),
        (title, [*boxes, *results.reviews(_, record.reviews), told]),
        sections.proof(_, digest, checkpoint, renderer),
    ]
    return page.draw(frame, [_decision(_, record), *sections.numbered(body)])


def _decision(_: Words, record: AnalysisRecord) -> Flowable:
    """The answer first: whether every test that is needed has a result, and every result conforms."""
    needed = [one for one in record.tests if one.mandatory]
    outside = [one.test for one in record.tests if one.conforms is False]
    missing = [one.test for one in needed if one.value is None]
    unknown = [one.test for one in record.tests if one.value is not None and one.conforms is None]
    open_ = [one.case for one in record.tried if one.case is not None and not one.answered]
    told = _("%(n)s of %(all)s tests have a result.", n=_.number(len(needed) - len(missing)), all=_.number(len(needed)))
    if outside:
        return page.decision(
            "stop", _("OUTSIDE SPECIFICATION"), _("Outside: %(tests)s.", tests=", ".join(outside)) + " " + told
        )
    if missing or unknown or open_ or not needed:
        left = ", ".join([*missing, *unknown, *dict.fromkeys(open_)])
        return page.decision("ask", _("NOT COMPLETE"), told + (" " + _("Left: %(what)s.", what=left) if left else ""))
    return page.decision("ok", _("CONFORMS"), told)
