"""The report of a recall, or of a mock one, which says so on every page: timeline against its clocks, answers, every vial.

`SECTIONS` is the order on paper: a section more is a function more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from reportlab.platypus import Flowable

from reports import page, sections, terms
from reports.page import Cell, Mark
from reports.sections import Checkpoint, Section
from reports.words import DASH, Words
from traceability.domain.recalling import SOURCE
from traceability.domain.records import RecallRecord


def draw(
    record: RecallRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.head.zone)
    title = _("MOCK recall report") if record.mock else _("Recall report")
    said = {"number": record.number, "title": record.title or DASH}
    subject = (
        _("Mock recall %(number)s: %(title)s. An exercise: no vial was stopped by it.", **said)
        if record.mock
        else _("Recall %(number)s: %(title)s", **said)
    )
    frame = sections.sheet(_, record.head, title, subject, digest=digest, checkpoint=checkpoint, status_url=status_url)
    body = [made for make in SECTIONS if (made := make(_, record)) is not None]
    body.append(sections.proof(_, digest, checkpoint, renderer))
    return page.draw(frame, [_answer(_, record), *sections.numbered(body)])


def share(_: Words, hundredths: int | None) -> str:
    return DASH if hundredths is None else f"{_.number((Decimal(hundredths) / 100).normalize())} %"


def _answer(_: Words, record: RecallRecord) -> Flowable:
    """The answer first: how much of it is accounted for, and whether it is over."""
    told = _(
        "%(n)s of %(total)s vials accounted for, %(share)s.",
        n=_.number(record.tally["vials"] - record.tally["unaccounted"]), total=_.number(record.tally["vials"]),
        share=share(_, record.coverage_bp),
    )  # fmt: skip
    if record.closed_at:
        took = _.duration(int((record.closed_at - record.started_at).total_seconds()))
        told += " " + _("Closed %(when)s, after %(took)s.", when=_.moment(record.closed_at), took=took)
    if record.closed:
        signed = record.closed.tally
        told += " " + _(
            "Signed at closing: %(n)s of %(total)s, %(share)s.",
            n=_.number(signed["vials"] - signed["unaccounted"]), total=_.number(signed["vials"]), share=share(_, record.closed.coverage_bp),
        )  # fmt: skip
    if record.missing:
        return page.decision("stop", _("VIALS NOT FOUND"), told)
    if record.closed_at:
        return page.decision("ok", _("ALL ACCOUNTED FOR"), told)
    return page.decision("ask", _("WITHDRAWN") if record.withdrawn_at else _("STILL OPEN"), told)


def _what(_: Words, record: RecallRecord) -> Section:
    kind = _("mock recall") if record.mock else _("mandatory") if record.mandatory else _("voluntary")
    covers = "\n".join(
        f"{terms.scope(_, one.kind)}: {one.name or _('not shown')}"
        + (f", {_.moment(one.since)}" if one.since else "")
        + (f" {DASH} {_.moment(one.until)}" if one.until else "")
        for one in record.covers[:40]
    )
    if len(record.covers) > 40:
        covers += "\n" + _("and %(n)s more", n=_.number(len(record.covers) - 40))
    rows: list[tuple[str, Cell]] = [
        (_("Class"), _.number(record.grade)), (_("Kind"), kind), (_("Started"), _.moment(record.started_at)),
        (_("Closed"), _.moment(record.closed_at) if record.closed_at else _("not closed")),
    ]  # fmt: skip
    if record.withdrawn_at:
        rows += [(_("Withdrawn"), _.moment(record.withdrawn_at))]
    flow = [page.pairs(rows), page.pairs([(_("Scope"), covers), (_("Reason"), record.title or DASH)], columns=1)]
    if record.hazard:
        flow.append(page.pairs([(_("Hazard"), record.hazard)], columns=1))
    return _("What is recalled"), flow


def _timeline(_: Words, record: RecallRecord) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in record.steps:
        took = _.duration(int((one.met - record.started_at).total_seconds())) if one.met else DASH
        state = (
            Mark("warn", _("too late"))
            if one.late
            else Mark("ok", _("in time"))
            if one.met
            else Mark("ask", _("not done") if record.closed_at or record.withdrawn_at else _("running"))
        )
        source = _("default of this system") if one.source == SOURCE else one.source
        rows.append(
            (
                terms.recall_step(_, one.step),
                _.moment(one.due),
                _.moment(one.met) if one.met else DASH,
                took,
                state,
                source,
            )
        )
    head = [_("Step"), _("Due"), _("Done"), _("After"), _("State"), _("Clock by")]
    return _("Timeline against the clocks"), [page.table(head, rows, [3.2, 3.2, 3.2, 2.4, 2.4, 3.6])]


def _figures(_: Words, told: Mapping[str, int], coverage_bp: int | None) -> list[tuple[str, str]]:
    return [
        (_("In scope"), _.number(told["vials"])), (_("Scanned"), _.number(told["scanned"])),
        (_("Documented"), _.number(told["documented"])), (_("Gone, by the record"), _.number(told["recorded"])),
        (_("Not accounted for"), _.number(told["unaccounted"])), (_("Coverage"), share(_, coverage_bp)),
    ]  # fmt: skip


def _accounted(_: Words, record: RecallRecord) -> Section:
    today = _figures(_, record.tally, record.coverage_bp)
    flow: list[Flowable]
    if record.closed is None:
        flow = [page.pairs(today)]
    else:
        signed = _figures(_, record.closed.tally, record.closed.coverage_bp)
        rows = [(name, then, now) for (name, then), (_name, now) in zip(signed, today, strict=True)]
        now = _("As of %(when)s", when=_.moment(record.head.as_of))
        flow = [page.table([_("Vials"), _("Signed at closing"), now], rows, [6, 4, 6], numeric=(1, 2))]
        if record.closed.missing and record.closed.missing != record.missing:
            missing = ", ".join(record.closed.missing)
            flow.append(page.note(_("Not accounted for when it was closed: %(serials)s.", serials=missing)))
    if record.missing:
        flow.append(page.note(_("Not accounted for: %(serials)s.", serials=", ".join(record.missing))))
    flow.append(
        page.note(
            _(
                "By bucket: %(told)s.",
                told=", ".join(f"{terms.bucket(_, name)} {_.number(n)}" for name, n in record.buckets.items()),
            )
        )
    )
    flow.append(
        page.note(
            _(
                "Accounted for: scanned, vouched for in writing, or given, destroyed, sampled, wasted, sent back by the record."
            )
        )
    )
    return _("Vials accounted for"), flow


def _told(_: Words, record: RecallRecord) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in record.told:
        answered = Mark("ok", _.moment(one.acknowledged_at)) if one.acknowledged_at else Mark("ask", _("no answer"))
        effect: Cell = Mark("ask", _("not checked"))
        if one.effective is not None:
            effect = Mark("ok", _("arrived")) if one.effective else Mark("warn", _("not acted on"))
        seen = _.moment(one.seen_at) if one.seen_at else _("not seen")
        accounted = _("%(n)s of %(total)s", n=_.number(one.accounted), total=_.number(one.vials))
        rows.append(
            (one.organisation, _.moment(one.sent_at), seen, answered, accounted, *(() if record.mock else (effect,)))
        )
    head = [_("Organisation"), _("Sent"), _("Seen"), _("Answered"), _("Accounted for")]
    widths: list[float] = [4, 3.8, 3.8, 4.2, 2.2]
    if not record.mock:
        head, widths = [*head, _("Effect")], [*widths, 2.6]
    flow: list[Flowable] = [page.table(head, rows, widths)]
    flow += [page.note(f"{one.organisation}: {one.answer}") for one in record.told if one.answer]
    return _("Who was told"), flow


def _subjects(_: Words, record: RecallRecord) -> Section:
    title = _("Patients concerned")
    if not record.subjects:
        return title, [page.note(_("Nobody had any of these vials, as far as is known."))]
    rows = [
        (
            one.organisation,
            _.number(one.concerned),
            *((_.number(one.tried), _.number(one.reached)) if not record.mock else ()),
        )
        for one in record.subjects
    ]
    head = [_("Treated at"), _("Had it"), *((_("Tried"), _("Reached")) if not record.mock else ())]
    told = (
        _("In a mock recall no patient is told.")
        if record.mock
        else _("Who they are, and each try, stays with those who treat them.")
    )
    return title, [page.table(head, rows, [6, 2, 2, 2][: len(head)], numeric=range(1, len(head))), page.note(told)]


def _vials(_: Words, record: RecallRecord) -> Section:
    marks = {"scanned": "ok", "documented": "ok", "recorded": "ok", "unaccounted": "stop"}
    rows = [
        (
            one.serial, one.lot, one.holder, terms.custody(_, one.custody), Mark(marks[one.account], terms.account(_, one.account)),
            _.moment(one.retrieved_at) if one.retrieved_at else DASH, one.put_aside or DASH,
        )
        for one in sorted(record.vials, key=lambda one: (one.account != "unaccounted", one.lot, one.serial))
    ]  # fmt: skip
    head = [_("Serial"), _("Lot"), _("Held by"), _("State"), _("Accounted for"), _("When"), _("Put into")]
    return _("Every vial"), [page.table(head, rows, [2.2, 2, 3.6, 2.2, 3.8, 3.8, 2])]


def _destroyed(_: Words, record: RecallRecord) -> Section | None:
    if record.mock:
        return None
    title = _("Destroyed before a witness")
    if not record.destroyed:
        return title, [page.note(_("None on record."))]
    rows = [
        (", ".join(one.serials), terms.method(_, one.method), _.moment(one.at), ", ".join(one.signed))
        for one in record.destroyed
    ]
    return title, [page.table([_("Serials"), _("How"), _("When"), _("Signed by")], rows, [6, 3.4, 3.2, 4])]


def _open(_: Words, record: RecallRecord) -> Section | None:
    if record.closed_at or record.withdrawn_at:
        return None
    if not record.open:
        return _("Before it is closed"), [page.note(_("Nothing stands open."))]
    rows = [(Mark("ask", terms.point(_, one.code)), _named(_, one.values)) for one in record.open]
    return _("Before it is closed"), [page.table([_("Open"), _("Which")], rows, [5, 11])]


def _named(_: Words, values: object) -> str:
    told = dict(values) if isinstance(values, dict) else {}
    if "subjects" in told:
        return _.number(told["subjects"])
    if "organisations" in told:
        return ", ".join(told["organisations"])
    return f"{_.number(told.get('count', 0))}: {', '.join(told.get('serials', ()))}"


def _signatures(_: Words, record: RecallRecord) -> Section:
    return sections.signatures(_, record.signatures)


SECTIONS: tuple[Callable[[Words, RecallRecord], Section | None], ...] = (
    _what, _timeline, _accounted, _told, _subjects, _destroyed, _vials, _open, _signatures,
)  # fmt: skip
