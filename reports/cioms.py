"""A suspect adverse reaction report: the fields 1 to 26 of the CIOMS I form, by their numbers, in a layout of our own.

Patients' initials and birth dates are asked by the form and stand in no record here: the pseudonym does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reportlab.platypus import Flowable

from reports import page, sections, terms
from reports.legible import legible
from reports.page import Cell, Mark
from reports.sections import Checkpoint, Section
from reports.words import DASH, Words
from traceability.domain.records import CiomsRecord, GraverPart, SuspectPart

ALL = ("death", "hospitalisation", "disability", "life_threatening", "congenital", "other")
"""8 to 12 of the form, in its order; congenital anomalies and other reasons came with ICH E2A."""


def draw(
    record: CiomsRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. A character that cannot be drawn stands as its code point: a clock waits for this."""
    record, spelled = legible(record)
    _ = Words(language, record.head.zone)
    frame = sections.sheet(
        _,
        record.head,
        _("Suspect adverse reaction report (CIOMS I)"),
        f"{record.event}, {record.pseudonym}",
        digest=digest,
        checkpoint=checkpoint,
        status_url=status_url,
    )
    body = [
        _reaction(_, record),
        _drugs(_, record),
        _beside(_, record),
        _maker(_, record),
        _words(_, record),
        _onward(_, record),
        sections.signatures(_, record.signatures),
        sections.proof(_, digest, checkpoint, renderer),
    ]
    said = _(
        "This typeface does not have every character that was typed. Such a character stands as its Unicode number, such as"
        " [U+1F622]; the record inside this file has it as it was typed."
    )
    answer = [_answer(_, record), *_counts(_, record), *([page.note(said)] if spelled else [])]
    return page.draw(frame, [*answer, *sections.numbered(body)])


def _answer(_: Words, record: CiomsRecord) -> Flowable:
    kind = _("follow-up %(n)s", n=record.telling - 1) if record.telling > 1 else _("initial report")
    counts = record.graver or record
    told = ", ".join(part for part in (counts.term or counts.description or _("(erased)"), kind) if part)
    if record.serious is None:
        return page.decision("ask", _("SERIOUSNESS NOT REPORTED"), told)
    return page.decision("stop", _("SERIOUS"), told) if record.serious else page.decision("ok", _("NOT SERIOUS"), told)


def _counts(_: Words, record: CiomsRecord) -> list[Flowable]:
    """Told again as less: what stands against that, before anything of the milder words."""
    if (graver := record.graver) is None:
        return []
    said = _(
        "Telling %(last)s says less, and no physician has signed a word on it. Telling %(n)s of %(moment)s counts: only a report of"
        " what that one says answers what is owed.",
        last=record.telling, n=graver.telling, moment=_.moment(graver.told_at),
    )  # fmt: skip
    return [page.text(said)]


def _both(_: Words, record: CiomsRecord, now: str, before: str) -> str:
    """What was told last, and on a line of its own what counts instead."""
    if record.graver is None or before == now:
        return now
    return now + "\n" + _("telling %(n)s: %(said)s", n=record.graver.telling, said=before)


def _said(graver: GraverPart, record: CiomsRecord) -> list[str]:
    """Its words, where they are not those of the last telling."""
    both = ((graver.description, record.description), (graver.narrative, record.narrative))
    return [before for before, now in both if before and before != now]


def _because(_: Words, record: CiomsRecord, one: str) -> Cell:
    if one in record.criteria:
        return Mark("ok", _("yes"))
    if record.graver and one in record.graver.criteria:
        return Mark("ok", _("yes, by telling %(n)s", n=record.graver.telling))
    return _("not told")


def _grade(_: Words, grade: int | None) -> str:
    return _("not reported") if grade is None else _.number(grade)


def _reaction(_: Words, record: CiomsRecord) -> Section:
    counts = record.graver or record
    onset = (
        _.moment(record.onset_at) if record.onset_at else _.day(record.onset_on) if record.onset_on else _("unknown")
    )
    rows: list[tuple[str, Cell]] = [
        (_("1 Patient"), record.pseudonym),
        (_("1a Country"), _("not reported")),
        (_("2 Born"), _("not in this record")),
        (_("2a Age"), _("unknown") if record.age_y is None else _("%(n)s years", n=record.age_y)),
        (_("3 Sex"), terms.sex(_, record.sex)),
        (_("4–6 Onset"), onset),
        (_("Ended"), _.day(record.ended_on) if record.ended_on else _("unknown")),
        (
            _("Outcome"),
            _both(_, record, terms.event_outcome(_, record.outcome), terms.event_outcome(_, counts.outcome)),
        ),
        (_("CTCAE term"), _both(_, record, _.told(record.term), _.told(counts.term))),
        (_("CTCAE grade"), _both(_, record, _grade(_, record.grade), _grade(_, counts.grade))),
    ]
    ticked = [(terms.serious_because(_, one), _because(_, record, one)) for one in ALL]
    narrative = [page.text(part) for part in (record.description, record.narrative) if part]
    if record.graver and (more := _said(record.graver, record)):
        narrative.append(page.text(_("telling %(n)s: %(said)s", n=record.graver.telling, said="\n".join(more))))
    return _("Reaction"), [
        page.pairs(rows),
        page.note(_("7 + 13 What happened, with tests and findings")),
        *(narrative or [page.text(_("(erased)"))]),
        page.note(_("8–12 Serious because")),
        page.table([_("Reason"), _("Answer")], ticked, [5, 3]),
    ]


def _drugs(_: Words, record: CiomsRecord) -> Section:
    told = _given(_, record.suspects) if record.suspects else page.note(_("Nothing was given that is on record."))
    later = [page.note(_("Given after it began, not suspected")), _given(_, record.later)] if record.later else []
    more: list[tuple[str, Cell]] = [
        (_("17 Indication"), _.told(record.indication)),
        (_("19 Duration"), _duration(_, record)),
        (_("20 Dechallenge"), terms.challenge(_, record.dechallenge)),
        (_("21 Rechallenge"), terms.challenge(_, record.rechallenge)),
    ]
    return _("Suspect product"), [told, *later, page.pairs(more)]


def _given(_: Words, given: Sequence[SuspectPart]) -> Flowable:
    head = [_("14 Product"), _("Batch (lot)"), _("Serial"), _("15 Dose"), _("16 Route"), _("18 Given")]
    rows = [
        (
            _.told(one.product),
            _.told(one.lot),
            one.serial,
            _.millilitres(one.given_ul),
            _route(_, one),
            _("%(moment)s, after it began", moment=_.moment(one.given_at))
            if one.after_onset
            else _.moment(one.given_at),
        )
        for one in given
    ]
    return page.table(head, rows, [3.2, 2.6, 2.6, 1.8, 3.2, 3.4])


def _route(_: Words, one: SuspectPart) -> str:
    return _("%(side)s, into the joint", side=terms.knee(_, one.joint, one.laterality))


def _duration(_: Words, record: CiomsRecord) -> str:
    """From the first to the last that may have done it."""
    if not record.suspects:
        return _("not reported")
    at = [one.given_at for one in record.suspects]
    days = (max(at) - min(at)).days
    return _("%(n)s days", n=_.number(days)) if days else _("one day")


def _beside(_: Words, record: CiomsRecord) -> Section:
    rows: list[tuple[str, Cell]] = [
        (_("22 Given with it"), _listed(_, record.concomitant)),
        (_("23 History"), _.told(record.history)),
    ]
    return _("Other drugs and history"), [page.pairs(rows, columns=1)]


def _listed(_: Words, told: Iterable[str]) -> str:
    return "\n".join(told) or _("not reported")


def _maker(_: Words, record: CiomsRecord) -> Section:
    """24 and 25: who makes it, what the maker calls the report, when it knew, from where it comes, first or later."""
    to_maker = [one for one in record.onward if one.to == "maker"]
    rows: list[tuple[str, Cell]] = [
        (_("24a Maker"), _listed(_, record.makers)),
        (_("24b Number"), _listed(_, [one.number for one in to_maker if one.number])),
        (_("24c Maker knew"), _.day(min(one.on for one in to_maker)) if to_maker else _("not reported")),
        (
            _("24d Source"),
            "\n".join(part for part in (terms.report_origin(_, record.origin), record.source) if part)
            or _("not reported"),
        ),
        (_("25 This report"), _.day(record.head.as_of)),
        (_("25a Kind"), _("follow-up %(n)s", n=record.telling - 1) if record.telling > 1 else _("initial report")),
        (_("House knew"), _.moment(record.known_at)),
        (_("Told last"), _.moment(record.told_at)),
    ]
    return _("Manufacturer and report"), [page.pairs(rows)]


def _words(_: Words, record: CiomsRecord) -> Section:
    title = _("Remarks (26): how it is judged")
    if not record.words:
        return title, [page.note(_("Nobody has judged it: until then it counts as related and unexpected."))]
    rows = [
        (
            _("%(name)s for the maker, copied", name=_.told(one.by)) if one.copied else _.told(one.by),
            terms.causality(_, one.causality),
            terms.expectedness(_, one.expectedness) + (f", {one.reference}" if one.reference else ""),
            _.number(one.telling),
            _.moment(one.at),
        )
        for one in record.words
    ]
    head = [_("By"), _("Of the product"), _("Expectedness"), _("Telling"), _("When")]
    return title, [page.table(head, rows, [3.4, 2.5, 4.2, 2.2, 3.3])]


def _onward(_: Words, record: CiomsRecord) -> Section:
    flow: list[Flowable] = []
    if record.owed:
        due = [
            (
                terms.expedited(_, one.kind),
                _.day(one.due_on),
                _.day(one.reported_on) if one.reported_on else Mark("ask", _("not yet")),
            )
            for one in record.owed
        ]
        flow.append(page.table([_("Owed to the authority"), _("Due"), _("Reported")], due, [7, 3, 4]))
    if record.onward:
        told = [
            (
                terms.reported_to(_, one.to) + (f", {one.receiver}" if one.receiver else ""),
                _.day(one.on),
                one.number or DASH,
                _("%(n)s, whole", n=one.telling) if one.complete else _.number(one.telling),
            )
            for one in record.onward
        ]
        flow.append(page.table([_("Reported to"), _("When"), _("Their number"), _("Telling")], told, [6, 3, 4, 2]))
    return _("Reported onward"), flow or [page.note(_("It was reported to nobody yet."))]
