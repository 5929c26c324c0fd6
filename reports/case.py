"""The record of a case: the answer first, then what happened, what was found out, decided and done, and who signed."""

from __future__ import annotations

from reportlab.platypus import Flowable

from reports import page, sections, terms
from reports.page import Cell, Mark
from reports.sections import Checkpoint, Section
from reports.words import DASH, Words
from traceability.domain.records import ActionPart, CaseRecord, DecidedPart, NearPart, StepPart


def draw(
    record: CaseRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.head.zone)
    subject = f"{record.case}, {terms.case(_, record.kind)}"
    frame = sections.sheet(
        _, record.head, _("Record of a case"), subject, digest=digest, checkpoint=checkpoint, status_url=status_url
    )
    body = [
        _happened(_, record),
        *([_emergency(_, record)] if record.emergency else []),
        *([_results(_, record)] if record.results else []),
        _found(_, record),
        _near(_, record),
        _decided(_, record),
        _actions(_, record),
        *([_replies(_, record)] if record.kind == "complaint" else []),
        _vials(_, record),
        _subjects(_, record),
        _steps(_, record),
        sections.signatures(_, record.signatures),
        sections.proof(_, digest, checkpoint, renderer),
    ]
    return page.draw(frame, [_answer(_, record), *sections.numbered(body)])


def _answer(_: Words, record: CaseRecord) -> Flowable:
    title = terms.title(_, record.title or _("(erased)"))
    told = f"{terms.severity(_, record.severity)}. {title}"
    if record.closed_at is not None:
        return page.decision("ok", _("CLOSED"), told)
    if record.overdue:
        return page.decision("stop", _("OVERDUE"), told)
    return page.decision("ask", _("OPEN"), told)


def _happened(_: Words, record: CaseRecord) -> Section:
    rows: list[tuple[str, Cell]] = [
        (_("Case"), record.case),
        (_("Kind"), terms.case(_, record.kind)),
        (_("How grave"), terms.severity(_, record.severity)),
        (_("Answers for it"), record.owner or _("nobody yet")),
        (_("Opened"), _.moment(record.opened_at)),
        (_("Due"), _.moment(record.due_at)),
        (_("Closed"), _.moment(record.closed_at) if record.closed_at else _("not yet")),
        (_("Time allowed"), _("%(n)s days", n=_.number(record.clock_days))),
    ]
    if record.complainant is not None or record.kind == "complaint":
        rows.append((_("Complained"), _.told(record.complainant)))
    if record.excursion is not None:
        rows.append((_("Excursion"), record.excursion))
    flow: list[Flowable] = [
        page.pairs(rows),
        page.note(_("The time rests on: %(source)s.", source=record.clock_source)),
    ]
    if record.description:
        flow.append(page.text(record.description))
    return _("What happened"), flow


def _emergency(_: Words, record: CaseRecord) -> Section:
    one = record.emergency
    assert one is not None
    rows: list[tuple[str, Cell]] = [
        (_("Vial"), one.serial),
        (_("Pseudonym"), one.pseudonym),
        (_("Pharmacist"), one.pharmacist),
        (_("Physician"), one.physician),
        (_("Handed out"), _.moment(one.issued_at)),
        (_("QA on call then"), ", ".join(one.on_call) or _("nobody")),
        (_("Review owed by"), _.moment(one.review_due_at)),
        (
            _("Reviewed"),
            f"{_.moment(one.reviewed_at)}, {one.reviewed_by}" if one.reviewed_at else Mark("ask", _("not yet")),
        ),
    ]
    flow: list[Flowable] = [page.pairs(rows), page.note(_("Why: %(reason)s", reason=_.told(one.reason)))]
    if one.against:
        told = [(terms.rule(_, each.code), terms.answer(_, each)) for each in one.against]
        flow.append(page.table([_("What stood against it"), _("Answer")], told, [8, 4]))
    else:
        flow.append(page.note(_("Nothing stood against the vial.")))
    if one.reviewed_at:
        word = _("It was right to hand it out.") if one.justified else _("It was not right to hand it out.")
        why = one.review or _("(erased)")
        flow.append(page.text(f"{word} {why}"))
    flow.append(page.note(_("It permitted nothing: at the bedside the vial was judged as before.")))
    return _("Handed out without QA"), flow


def _results(_: Words, record: CaseRecord) -> Section:
    rows = [
        (one.material, one.test, terms.reactivity(_, one.reactivity), _.day(one.tested_on), one.laboratory or DASH)
        for one in record.results
    ]
    head = [_("Material"), _("Test"), _("Outcome"), _("Tested on"), _("Laboratory")]
    return _("What the laboratory found"), [page.table(head, rows, [3, 4, 3.4, 3, 4])]


def _found(_: Words, record: CaseRecord) -> Section:
    if not record.found:
        return _("What was found out"), [page.note(_("Nobody has written anything down."))]
    rows = [
        (_.moment(one.at), one.findings or _("(erased)"), one.cause or DASH, one.by) for one in record.found
    ]  # fmt: skip
    return _("What was found out"), [page.table([_("When"), _("Found"), _("Cause"), _("By")], rows, [3, 6.4, 5, 3])]


def _near(_: Words, record: CaseRecord) -> Section:
    title = _("Other lots that are near")
    if not record.near and record.kind == "donor_result":
        return title, [page.note(_("Every lot made of it is held, those to come as well."))]
    if not record.near:
        return title, [page.note(_("No other lot shares an ancestor, a place, a box or the day of making with it."))]
    rows = [(one.lot, _grounds(_, one), _concerned(_, one), one.reason or DASH) for one in record.near]
    return title, [page.table([_("Batch (lot)"), _("Shares"), _("Concerned"), _("Why")], rows, [2.6, 6.4, 3, 5])]


def _grounds(_: Words, one: NearPart) -> str:
    told = [
        f"{terms.ground(_, ground)}: {', '.join(map(_.day, names) if ground == 'day' else names)}"
        for ground, names in one.grounds
    ]
    return "\n".join(told) or _("named by QA")


def _concerned(_: Words, one: NearPart) -> Cell:
    if one.chosen is None:
        return Mark("ask", _("not said yet"))
    return _("taken in") if one.chosen else _("not concerned")


def _decided(_: Words, record: CaseRecord) -> Section:
    title = _("What it is about, and what becomes of it")
    holds = [
        (number, _.moment(placed), _.moment(lifted) if lifted else Mark("ask", _("stands")))
        for number, placed, lifted in record.holds
    ]
    flow: list[Flowable] = []
    if record.decided:
        rows = [
            (one.name or _("nothing"), _decision(_, one), _.moment(one.at) if one.at else DASH, one.reason or DASH)
            for one in record.decided
        ]
        flow.append(page.table([_("Thing"), _("Decided"), _("When"), _("Why")], rows, [4, 3.4, 3.6, 6]))
    else:
        flow.append(page.note(_("No vial and no lot is named.")))
    if record.excursion:
        flow.append(page.note(_("Each vial was decided on with excursion %(number)s.", number=record.excursion)))
    if holds:
        flow.append(page.table([_("Hold"), _("Placed"), _("Lifted")], holds, [3, 5, 5]))
    return title, flow


def _decision(_: Words, one: DecidedPart) -> Cell:
    if one.decision is None:
        return Mark("ask", _("not yet"))
    return terms.case_decision(_, one.decision)


def _actions(_: Words, record: CaseRecord) -> Section:
    title = _("Corrective and preventive actions")
    if not record.actions:
        return title, [page.note(_("None was planned."))]
    rows = [
        (one.number, _action(_, one), f"{one.owner}, {_.day(one.due_on)}", _done(_, one), _judged(_, one))
        for one in record.actions
    ]
    head = [_("Number"), _("What"), _("Who, by when"), _("Done"), _("Did it help")]
    return title, [page.table(head, rows, [1.6, 4.4, 3, 4.2, 4.2])]


def _action(_: Words, one: ActionPart) -> str:
    title = one.title or _("(erased)")
    return f"{title} ({terms.action(_, one.kind)})"


def _done(_: Words, one: ActionPart) -> Cell:
    if one.dropped_at is not None:
        return ", ".join(filter(None, (_("dropped"), one.reason)))
    if one.done_at is None:
        return Mark("ask", _("not yet"))
    evidence = one.evidence or _("(erased)")
    return f"{_.moment(one.done_at)}, {one.done_by}: {evidence}"


def _judged(_: Words, one: ActionPart) -> Cell:
    if one.dropped_at is not None:
        return DASH
    if one.checked_at is None:
        return _("to be judged by %(day)s", day=_.day(one.check_on)) if one.check_on else Mark("ask", _("not yet"))
    word = _("it helped") if one.effective else _("it did not help")
    why = one.judgement or _("(erased)")
    return f"{word}, {_.moment(one.checked_at)}, {one.checked_by}: {why}"


def _replies(_: Words, record: CaseRecord) -> Section:
    if not record.replies:
        return _("Reply"), [page.note(_("No reply yet."))]
    rows = [(_.day(on), reply or _("(erased)"), by) for on, reply, by in record.replies]
    return _("Reply"), [page.table([_("On"), _("Reply"), _("By")], rows, [2.4, 10, 4])]


def _vials(_: Words, record: CaseRecord) -> Section:
    title = _("Where its vials were")
    rows: list[tuple[Cell, ...]] = []
    for one in record.vials:
        told = (one.lot, one.holder, terms.custody(_, one.custody), _.number(len(one.serials)))
        rows += sections.shared(one.serials, 4, told)
    if not rows:
        return title, [page.note(_("No vial is named."))]
    head = [_("Batch (lot)"), _("Held by"), _("State"), _("Vials"), _("Serial")]
    return title, [page.table(head, rows, [2.4, 4.6, 3, 1.4, 6], numeric=[3])]


def _subjects(_: Words, record: CaseRecord) -> Section:
    title = _("Who had one of them")
    flow: list[Flowable] = []
    if record.subjects:
        rows = [(name, _.moment(last), ", ".join(serials)) for name, last, serials in record.subjects]
        flow.append(page.table([_("Subject"), _("Last given"), _("Serial")], rows, [4, 5, 8]))
    flow += [
        page.note(_("%(name)s: %(n)s subjects, named there.", name=name, n=_.number(n))) for name, n in record.unnamed
    ]
    return title, flow or [page.note(_("Nobody had any of them."))]


def _steps(_: Words, record: CaseRecord) -> Section:
    title = _("Changes of the case")
    if not record.steps:
        return title, [page.note(_("None."))]
    rows = [
        (
            _.moment(one.at), terms.step(_, one.kind), _side(_, one, one.before), _side(_, one, one.after),
            ": ".join(filter(None, (one.by, one.reason))),
        )
        for one in record.steps
    ]  # fmt: skip
    return title, [
        page.table([_("When"), _("What"), _("Before"), _("After"), _("Who, why")], rows, [3.4, 3.4, 2.8, 2.8, 5])
    ]


def _side(_: Words, one: StepPart, value: str | None) -> str:
    if value is None:
        return DASH
    if one.kind == "grade":
        return terms.severity(_, value)
    return value if one.kind == "owner" else _.day(value)
