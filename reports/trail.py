"""An extract of the audit trail of a lot: every act and every refusal, before and after, and who has reviewed it."""

from __future__ import annotations

from collections.abc import Iterator

from reports import page, sections, terms
from reports.page import Cell, Mark
from reports.sections import Checkpoint, Section
from reports.words import DASH, Words
from traceability.domain.records import EntryPart, TrailRecord
from traceability.domain.scopes import Scope, Sight


def draw(
    record: TrailRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.head.zone)
    subject = _("Batch (lot) %(lot)s, its vials and its boxes, %(maker)s", lot=record.lot.number, maker=record.maker)
    frame = sections.sheet(
        _, record.head, _("Audit extract"), subject, digest=digest, checkpoint=checkpoint, status_url=status_url
    )
    body = [_scope(_, record.scope), _reviewed(_, record), _entries(_, record)]
    if record.signatures:
        body.append(sections.signatures(_, record.signatures))
    body.append(sections.proof(_, digest, checkpoint, renderer))
    return page.draw(frame, [*sections.numbered(body)])


def _scope(_: Words, scope: Scope) -> Section:
    """Whose sight the extract is of, and how much is outside it."""
    roles = ", ".join(terms.role(_, one) for one in scope.roles)
    sight = {
        Sight.WHOLE: _("all of it"),
        Sight.LOTS: _("what is about lots %(lots)s", lots=", ".join(scope.lots)),
        Sight.WITHOUT_SUBJECTS: _("all but what names a patient"),
    }[scope.sight]
    rows: list[tuple[str, Cell]] = [
        (_("Asked for by"), f"{scope.asked_by}, {roles}\n{scope.organisation}"),
        (_("Ledger of"), f"{scope.house}\n{scope.ledger}"),
        (_("Seen of it"), sight),
        (_("Entries about the lot"), _.number(scope.entries)),
        (_("Left out, outside this sight"), _.number(scope.outside)),
    ]
    if scope.since is not None:
        until = _.moment(scope.until) if scope.until else DASH
        rows.append((_("Granted"), _("%(since)s to %(until)s", since=_.moment(scope.since), until=until)))
    note = _("What other houses entered of this lot stands in their ledgers, not here.")
    return _("Whose sight this is of"), [page.pairs(rows), page.note(note)]


def _reviewed(_: Words, record: TrailRecord) -> Section:
    refused = sum(one.refused is not None for one in record.entries)
    last = record.entries[0].number if record.entries else 0
    reached = max((one.through for one in record.reviews), default=0)
    rows: list[tuple[str, Cell]] = [
        (_("Entries"), _.number(len(record.entries))), (_("Refused"), _.number(refused)),
        (_("Newest entry"), _.number(last)), (_("Reviewed to entry"), _.number(reached) if reached else _("not reviewed")),
    ]  # fmt: skip
    flow = [page.pairs(rows)]
    if not record.whole:
        flow.append(page.note(_("The newest entries only: all of them are in the evidence package of the lot.")))
    if record.reviews:
        head = [_("Reviewed by"), _("To entry"), _("At"), _("Of")]
        told = [
            (
                one.by,
                _.number(one.through),
                _.moment(one.at),
                _("the whole ledger") if one.whole_ledger else _("this lot"),
            )
            for one in record.reviews
        ]
        flow.append(page.table(head, told, [5, 2, 4, 4], numeric=[1]))
    return _("What was reviewed"), flow


def _entries(_: Words, record: TrailRecord) -> Section:
    head = [_("Entry"), _("Time"), _("Who"), _("Act"), _("Before and after")]
    rows = (_row(_, one) for one in record.entries)
    note = page.note(
        _("Acts and columns have the names of the SOP. What was erased is gone; its digest is in the ledger.")
    )
    return _("Entries, newest first"), [note, page.table(head, rows, [2, 3.2, 3.4, 3.6, 7.4], numeric=[0])]


def _row(_: Words, one: EntryPart) -> tuple[Cell, ...]:
    who = f"{one.person}\n{terms.role(_, one.role)}" if one.role else one.person
    act = "\n".join((one.act, *one.about))
    if one.refused is not None:
        return (
            _.number(one.number),
            _.moment(one.at, seconds=True),
            who,
            act,
            Mark("stop", _("Refused: %(code)s", code=one.refused)),
        )
    return _.number(one.number), _.moment(one.at, seconds=True), who, act, "\n".join(_told(_, one)) or DASH


def _told(_: Words, one: EntryPart) -> Iterator[str]:
    for name, before, after in one.changes:
        yield f"{name}: {before or DASH} → {after or DASH}" if before is not None else f"+ {name} {after}".rstrip()
    if one.more:
        yield _("and %(n)s more", n=_.number(one.more))
    if one.reason:
        yield _("Reason: %(reason)s", reason=one.reason)
    if one.signed_by:
        yield _("Signed: %(names)s", names=", ".join(one.signed_by))
