"""The certificate of analysis as a record: every test asked of a lot, its result, and every result that was tried."""

from __future__ import annotations

from sqlmodel import col

from traceability.domain.papers import FileKind
from traceability.domain.records import AnalysisRecord, RecordKind, Signed, SourceFile, TestLine, TriedLine
from traceability.services.records import parts
from traceability.services.results import Judged, judged
from traceability.store import View
from traceability.store.tables import Attachment, Lot

SHOWN = (FileKind.CERTIFICATE_OF_ANALYSIS, FileKind.RESULTS)


def build(view: View, lot_id: str, number: str, version: int) -> AnalysisRecord:
    lot = view.need(Lot, lot_id)
    asked = judged(view, lot)
    concluded = {
        each.conclusion.id: one.test for one in asked for each in one.tried if each.conclusion is not None
    }  # fmt: skip
    files = view.all(Attachment, Attachment.lot_id == lot.id, col(Attachment.kind).in_(SHOWN))
    return AnalysisRecord(
        head=parts.head(view, RecordKind.ANALYSIS, number, version, demonstration=lot.demonstration),
        product=parts.product(view, lot),
        lot=parts.lot_part(view, lot),
        maker=parts.maker(view, lot),
        certified=parts.certified(view, lot),
        tests=lines(view, lot, asked),
        tried=_tried(view, lot, asked),
        files=tuple(SourceFile(name=one.name or "", kind=one.kind, sha256=one.sha256) for one in files),
        changes=parts.changes(view, lot),
        reviews=reviews(view, lot, asked),
        signatures=parts.signatures(view, {lot.id: "", **concluded}),
    )


def lines(view: View, lot: Lot, asked: list[Judged] | None = None) -> tuple[TestLine, ...]:
    """Each test asked of the lot with the result that stands."""
    asked = judged(view, lot) if asked is None else asked
    standing = [one.stands.row for one in asked if one.stands]
    names = parts.people(view, [who for one in standing for who in (one.analyst_id, one.reviewer_id)])
    made = []
    for one in asked:
        spec, stands = one.specification, one.stands
        row = stands.row if stands else None
        made.append(
            TestLine(
                test=spec.test, method=spec.method or None, version=spec.version, unit=spec.unit, low=spec.low,
                high=spec.high, expected=spec.expected, mandatory=one.mandatory, value=row.value if row else None,
                conforms=stands.fact.conforms if stands else None, tested_on=row.tested_on if row else None,
                analyst=names.get(row.analyst_id) if row else None, reviewer=names.get(row.reviewer_id) if row else None,
                reviewed_at=row.reviewed_at if row else None, demonstration=(row or spec).demonstration,
            )
        )  # fmt: skip
    return tuple(made)


def _tried(view: View, lot: Lot, asked: list[Judged]) -> tuple[TriedLine, ...]:
    rows = [(one, each) for one in asked if one.repeated for each in one.tried]
    names = parts.people(view, [who for _, each in rows for who in (each.row.analyst_id, each.row.reviewer_id)])
    files = {one.id: one.name or one.sha256 for one in view.all(Attachment, Attachment.lot_id == lot.id)}
    why = parts.reasons(view, [each.conclusion.act_id for _, each in rows if each.conclusion])
    return tuple(
        TriedLine(
            test=one.test, value=each.row.value, unit=each.specification.unit, version=each.specification.version,
            conforms=each.fact.conforms, tested_on=each.row.tested_on, analyst=names.get(each.row.analyst_id) or "",
            reviewer=names.get(each.row.reviewer_id), stands=one.stands is not None and one.stands.row.id == each.row.id,
            case=each.fact.case, case_closed=each.fact.closed, answered=each.fact.answered,
            outcome=str(each.fact.outcome) if each.fact.outcome else None,
            reason=why.get(each.conclusion.act_id) if each.conclusion else None,
            evidence=files.get(each.conclusion.attachment_id or "") if each.conclusion else None,
            demonstration=each.row.demonstration,
        )
        for one, each in rows
    )  # fmt: skip


def reviews(view: View, lot: Lot, asked: list[Judged] | None = None) -> tuple[Signed, ...]:
    """The signatures under the reviewed results, each with the tests it stands for: one may be over several."""
    asked = judged(view, lot) if asked is None else asked
    acts: dict[str, dict[str, None]] = {}
    for one in asked:
        for each in one.tried:
            if each.row.reviewed_at is not None:  # nothing else ever changes a result: its act is its review
                acts.setdefault(each.row.act_id, {})[one.test] = None
    return parts.signatures_of(view, {act_id: ", ".join(tests) for act_id, tests in acts.items()})
