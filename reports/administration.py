"""The administration record: one injection as it was reported, with whatever stood against it."""

from __future__ import annotations

from reportlab.platypus import Flowable

from reports import page, sections, terms
from reports.page import Cell
from reports.sections import Checkpoint, Section
from reports.words import DASH, Words
from traceability.domain.bedside import permit_asked
from traceability.domain.records import AdministrationRecord, GivenVial
from traceability.domain.rules import Severity, unmet


def draw(
    record: AdministrationRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.head.zone)
    frame = sections.sheet(
        _,
        record.head,
        _("Administration record"),
        ", ".join((record.pseudonym, _side(_, record), *_dose(_, record))),
        digest=digest,
        checkpoint=checkpoint,
        status_url=status_url,
    )
    body = [
        _subject(_, record),
        _course(_, record),
        *(_vial(_, record, one) for one in record.vials),
        _volumes(_, record),
        _injection(_, record),
        _findings(_, record),
        _scans(_, record),
        sections.changes(_, record.changes),
        sections.signatures(_, record.signatures),
        sections.proof(_, digest, checkpoint, renderer),
    ]
    return page.draw(frame, [_answer(_, record), *sections.numbered(body)])


def _side(_: Words, record: AdministrationRecord) -> str:
    return terms.knee(_, record.joint, record.laterality)


def _dose(_: Words, record: AdministrationRecord) -> list[str]:
    if record.dose is None:
        return [_("outside a course")]
    return [_("dose %(k)s of %(n)s", k=record.dose, n=record.doses)]


def _answer(_: Words, record: AdministrationRecord) -> Flowable:
    """Given, and whether a rule stood against it: the shape says so without colour."""
    if record.void_at is not None:
        when = _.moment(record.void_at)
        told = _("It counts as told by mistake since %(when)s. Nothing is built on it.", when=when)
        return page.decision("stop", _("TOLD BY MISTAKE"), told)
    given = sum(one.given_ul for one in record.vials)
    told = ", ".join((_side(_, record), *_dose(_, record), _.millilitres(given)))
    against = unmet(record.findings)
    if not against:
        return page.decision("ok", _("GIVEN"), told)
    counted = _("%(n)s rules were not met: see the findings.", n=_.number(len(against)))
    shape = "stop" if any(one.severity is Severity.STOP for one in against) else "ask"
    return page.decision(shape, _("GIVEN, WITH FINDINGS"), f"{told}. {counted}")


def _subject(_: Words, record: AdministrationRecord) -> Section:
    consents = [
        _(
            "%(kind)s, version %(version)s, signed %(day)s",
            kind=terms.consent(_, one.kind),
            version=one.version,
            day=_.moment(one.signed_at),
        )
        + (_("; withdrawn %(day)s", day=_.moment(one.withdrawn_at)) if one.withdrawn_at else "")
        for one in record.consents
    ]
    rows: list[tuple[str, Cell]] = [
        (_("Pseudonym"), record.pseudonym),
        (_("Identity"), _.told(terms.identity(_, record.identity))),
        (_("Two identifiers"), _.told(terms.identifiers(_, record.identifiers))),
        (_("Consent"), "\n".join(consents) or _("none on record")),
    ]
    return _("Subject"), [page.pairs(rows)]


def _course(_: Words, record: AdministrationRecord) -> Section:
    compartment = f", {record.compartment}" if record.compartment else ""
    rows: list[tuple[str, Cell]] = [
        (_("Protocol"), _.told(record.protocol)),
        (_("Plan"), _plan(_, record)),
        (_("Joint and side"), _side(_, record) + compartment),
        (_("Dose"), _dose(_, record)[0]),
        (_("Planned"), _.day(record.planned_on)),
        (_("Given"), _.moment(record.given_at, seconds=True, universal=True)),
        (_("Entered"), _.moment(record.recorded_at, seconds=True, universal=True)),
        (_("How"), terms.mode(_, record.mode)),
    ]
    flow: list[Flowable] = [page.pairs(rows)]
    if record.mode != "live":
        flow.append(page.note(_("Why afterwards: %(reason)s", reason=_.told(record.late_reason))))
    return _("Course"), flow


def _plan(_: Words, record: AdministrationRecord) -> str:
    if record.doses is None or record.interval_d is None or record.window_d is None:
        return _("not reported")
    return _(
        "%(n)s × %(volume)s, every %(days)s ± %(window)s days",
        n=record.doses,
        volume=_.millilitres(record.volume_ul),
        days=record.interval_d,
        window=record.window_d,
    )


def _vial(_: Words, record: AdministrationRecord, one: GivenVial) -> Section:
    rows: list[tuple[str, Cell]] = [
        (_("Product"), one.product),
        (_("Manufacturer"), one.maker),
        (_("Batch (lot)"), one.lot),
        (_("Release"), one.release or _("not released")),
        ("GTIN", one.gtin),
        (_("Serial"), _serial(_, one)),
        (_("Expires"), _.day(one.expires)),
        (_("Thawed"), _thaw(_, record, one)),
        (_("Temperature"), _temperature(_, one)),
        (_("Inspection"), _.told(terms.inspection(_, one.inspection))),
    ]
    title = _("Vial %(serial)s", serial=one.serial)
    return title + _(" (demonstration)") if one.demonstration else title, [page.pairs(rows)]


def _serial(_: Words, one: GivenVial) -> str:
    """Of a vial that came without one what stands on its over-label: nobody reads it as a serial under the GTIN above."""
    return ", ".join([one.serial, _("own serial of the hospital"), f"(8004) {one.giai}"]) if one.giai else one.serial


def _thaw(_: Words, record: AdministrationRecord, one: GivenVial) -> str:
    if one.thawed_at is None:
        return _("not reported")
    passed = _("given after %(time)s", time=_.duration(int((record.given_at - one.thawed_at).total_seconds())))
    limit = "" if one.thaw_limit_s is None else ", " + _("limit %(limit)s", limit=_.duration(one.thaw_limit_s))
    return f"{_.moment(one.thawed_at)}, {passed}{limit}"


def _temperature(_: Words, one: GivenVial) -> str:
    known = {True: _("known throughout"), False: _("not known"), None: _("not known")}[one.temperature_known]
    used = _("%(used)s used of %(allowed)s", used=_.duration(one.out_of_storage_s), allowed=_.duration(one.budget_s))
    told = [known, used]
    if one.temperature_known is None and one.cleared_through is not None:
        told.insert(1, _("cleared through %(moment)s", moment=_.moment(one.cleared_through)))
    if one.extremes is not None:
        low, high = (_.celsius(mc) for mc in one.extremes)
        told.append(_("measured %(low)s to %(high)s", low=low, high=high))
    for after in one.disposed:
        decided = f"{after.excursion}: {terms.disposition(_, after.decision)}"
        told.append(f"{decided} {_.day(after.until)}" if after.until else decided)
    return "; ".join(told)


def _volumes(_: Words, record: AdministrationRecord) -> Section:
    rows = [
        (one.serial, *(_.millilitres(ul, 1) for ul in (one.withdrawn_ul, one.given_ul, one.discarded_ul)))
        for one in record.vials
    ]
    head = [_("Serial"), _("Withdrawn"), _("Given"), _("Discarded")]
    return _("Volumes"), [page.table(head, rows, [4, 3, 3, 3], numeric=[1, 2, 3])]


def _injection(_: Words, record: AdministrationRecord) -> Section:
    observed = _("not reported")
    if record.observed_from is not None and record.observed_until is not None:
        passed = _.duration(int((record.observed_until - record.observed_from).total_seconds()))
        observed = f"{_.span(record.observed_from, record.observed_until)}, {passed}"
        observed += f", {record.observer}" if record.observer else ""
    reaction = {None: _("not reported"), False: _("none seen"), True: _("yes")}[record.reaction]
    if record.reaction_description:
        reaction += f": {record.reaction_description}"
    rows: list[tuple[str, Cell]] = [
        (_("Guidance"), _.told(terms.technique(_, record.guidance))),
        (_("Approach"), _.told(terms.technique(_, record.approach))),
        (_("Needle"), _.told(record.needle)),
        (_("Skin"), _.told(record.skin_preparation)),
        (_("Aspirated"), _.millilitres(record.aspirated_ul)),
        (_("Other drugs"), _.told(record.concomitant)),
        (_("VAS before"), _vas(_, record.vas_before)),
        (_("VAS after"), _vas(_, record.vas_after)),
        (_("Observed"), observed),
        (_("Reaction"), reaction),
    ]
    return _("Injection and observation"), [page.pairs(rows)]


def _vas(_: Words, value: str | None) -> str:
    return _("not reported") if value is None else _.quantity(value)


def _findings(_: Words, record: AdministrationRecord) -> Section:
    title = _("Findings when it was recorded")
    asked = permit_asked(record.mode, record.given_at, record.recorded_at)
    judged = [] if record.mode == "live" else [terms.judged_afterwards(_, permit_asked=asked)]
    if not record.findings:
        met = _("Every rule was met.") if asked else _("Every other rule was met.")
        return title, [page.note(" ".join((*judged, met)))]
    rows = [
        (terms.rule(_, one.code), terms.answer(_, one), terms.evidence(_, one) or DASH)
        for one in sorted(record.findings, key=lambda one: one.holds is True)
    ]
    found = page.table([_("Rule"), _("Answer"), _("What was found")], rows, [5.2, 2.6, 6.4])
    return title, [*map(page.note, judged), found]


def _scans(_: Words, record: AdministrationRecord) -> Section:
    title = _("Scans")
    if not record.scans:
        return title, [page.note(_("None on record."))]
    rows = [
        (
            _.clock(one.at, seconds=True),
            one.code,
            terms.purpose(_, one.purpose),
            terms.verdict(_, one.verdict),
            ", ".join(terms.rule(_, code) for code in one.findings) or DASH,
        )
        for one in record.scans
    ]
    head = [_("Time"), _("Code"), _("What for"), _("Answer"), _("Rules not met")]
    return title, [page.table(head, rows, [2, 2.5, 2.8, 3.7, 5.4])]
