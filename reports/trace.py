"""The batch trace: from donor and bank to every vial, reconciled to what was filled.

`SECTIONS` is the order on paper: a section more is a function more.
"""

from __future__ import annotations

from collections.abc import Callable

from reportlab.platypus import Flowable

from reports import page, sections, terms, tracing
from reports.page import Cell, Mark
from reports.sections import Checkpoint, Section
from reports.words import DASH, Words
from traceability.domain.records import ConsignmentPart, TraceRecord


def draw(
    record: TraceRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.head.zone)
    subject = _("Batch (lot) %(lot)s, %(product)s", lot=record.lot.number, product=record.product.name)
    frame = sections.sheet(
        _,
        record.head,
        _("Batch trace"),
        subject,
        digest=digest,
        checkpoint=checkpoint,
        status_url=status_url,
    )
    body = [make(_, record) for make in SECTIONS]
    body.append(sections.proof(_, digest, checkpoint, renderer))
    return page.draw(frame, [_answer(_, record), *sections.numbered(body)])


def _answer(_: Words, record: TraceRecord) -> Flowable:
    """The answer first: is every filled vial accounted for?"""
    total, filled = sum(record.buckets.values()), record.lot.filled
    missing = record.buckets.get("missing", 0)
    told = _("%(n)s vials on record, %(filled)s filled.", n=_.number(total), filled=_.number(filled))
    if missing:
        return page.decision("stop", _("VIALS MISSING"), _("%(n)s missing.", n=_.number(missing)) + f" {told}")
    if total != filled:
        return page.decision("ask", _("DOES NOT RECONCILE"), told)
    return page.decision("ok", _("RECONCILED"), told)


def _product(_: Words, record: TraceRecord) -> Section:
    given = _.day(record.certified.on) if record.certified is not None else _("none")
    more: tuple[tuple[str, Cell], ...] = ((_("Manufacturer"), record.maker), (_("Certificate of"), given))
    return sections.product_and_lot(_, record.product, record.lot, record.certified, *more)


def _drawn(_: Words, record: TraceRecord) -> Section:
    title = _("Where it came from and where it went")
    if record.graph is None:
        return title, [page.note(_("None on record."))]
    told = _(
        "Holds and recalls that stand now, and every excursion; a number in a mark is the dose, ? one that was not planned."
    )
    return title, [*tracing.drawings(_, record.graph), page.note(told)]


def _ancestors(_: Words, record: TraceRecord) -> Section:
    title = _("Made from")
    if not record.materials:
        return title, [page.note(_("No donor, bank or reagent on record."))]
    rows = [
        (
            (f"{terms.material(_, one.kind)} {one.code}", one.description or DASH, ", ".join(one.parents) or DASH),
            one.demonstration,
        )
        for one in record.materials
    ]
    return title, sections.table(_, [_("Material"), _("Description"), _("Made from")], rows, [4, 6, 5])


def _consignments(_: Words, record: TraceRecord) -> Section:
    title = _("Consignments")
    if not record.consignments:
        return title, [page.note(_("None on record."))]
    head = [_("Number"), "SSCC", _("From, to"), _("Shipped, arrived"), _("Handed over"), _("Counted")]
    rows = [(_consignment(_, one), one.demonstration) for one in record.consignments]
    return title, sections.table(_, head, rows, [1.5, 3.9, 3.4, 3.4, 3.3, 2.6])


def _consignment(_: Words, one: ConsignmentPart) -> tuple[str, ...]:
    door = [] if one.carrier is None else [one.carrier]
    if one.seal is not None:
        whole = _("whole") if one.seal_whole else _("broken")
        door.append(_("seal %(seal)s %(whole)s", seal=one.seal, whole=whole))
    door += [part for part in (one.condition,) if part]
    door += [] if one.temperature_mc is None else [_.celsius(one.temperature_mc)]
    arrived = _.moment(one.arrived_at) if one.arrived_at else DASH
    return (
        one.number,
        one.sscc,
        f"{one.sender} → {one.receiver}",
        f"{_.moment(one.shipped_at)}\n{arrived}",
        ", ".join(door) or DASH,
        f"{terms.found(_, one.found)}; {terms.consignment(_, one.state)}",
    )


def _custody(_: Words, record: TraceRecord) -> Section:
    return _("Where its vials were"), [
        *sections.custody(_, record.custody, record.product),
        *sections.budgets(_, record.budgets),
        *sections.disposed(_, record.disposed),
    ]


def _releases(_: Words, record: TraceRecord) -> Section:
    title = _("Releases")
    if not record.releases:
        return title, [page.note(_("Not released."))]
    rows = []
    for one in record.releases:
        void = f"{_.moment(one.void_at)}{': ' + one.void_reason if one.void_reason else ''}" if one.void_at else ""
        stands = Mark("stop", void) if void else Mark("ok", _("stands"))
        rows.append((one.number, terms.release(_, one.kind), _.number(one.vials), _.moment(one.released_at), stands))
    return title, [
        page.table(
            [_("Number"), _("Kind"), _("Vials"), _("Released"), _("Voided")], rows, [2, 3, 1.6, 4, 6], numeric=[2]
        )
    ]


def _deviations(_: Words, record: TraceRecord) -> Section:
    return sections.deviations(_, record.excursions, record.stops, record.cases)


def _reconciliation(_: Words, record: TraceRecord) -> Section:
    total = sum(record.buckets.values())
    rows = [(terms.bucket(_, name), _.number(count)) for name, count in record.buckets.items()]
    differ = total - record.lot.filled
    rows += [
        (_("Sum"), _.number(total)),
        (_("Filled"), _.number(record.lot.filled)),
        (_("Difference"), _.number(differ)),
    ]
    told = _("The sum is what was filled.")
    if differ:
        told = _("The sum differs from what was filled by %(n)s.", n=_.number(differ))
    return _("Reconciliation"), [page.pairs(rows), page.note(told)]


def _vials(_: Words, record: TraceRecord) -> Section:
    head = [_("Serial"), _("Custody"), _("Place"), _("Since"), _("Release"), _("Labels")]
    rows = [
        (
            (
                one.serial + "\n" + _("own serial of the hospital") if one.internal else one.serial,
                terms.custody(_, one.custody),
                one.place or DASH,
                _.moment(one.since) if one.since else DASH,
                one.release or DASH,
                _.number(one.labels),
            ),
            one.demonstration,
        )
        for one in record.vials
    ]
    return _("Every vial"), sections.table(_, head, rows, [3.4, 3, 3.6, 3.8, 2, 1.4], numeric=[5])


def _changes(_: Words, record: TraceRecord) -> Section:
    return sections.changes(_, record.changes)


def _signatures(_: Words, record: TraceRecord) -> Section:
    return sections.signatures(_, record.signatures)


def _injections(_: Words, record: TraceRecord) -> Section:
    title = _("Injections")
    if not record.injections:
        return title, [page.note(_("None on record."))]
    head = [_("Given"), _("Subject"), _("Dose"), _("Joint and side"), _("Serial"), _("Volume"), _("How"), _("Finding")]
    rows = []
    for one in record.injections:
        against: Cell = Mark("ok", _("none"))
        if one.findings is None:
            against = Mark("none", _("not shown"))
        elif one.findings:
            against = Mark("warn", _.number(one.findings))
        who = one.pseudonym or _("one subject of %(organisation)s", organisation=one.organisation)
        dose = DASH if one.dose is None else _.number(one.dose)
        side = terms.knee(_, one.joint, one.laterality)
        told = (
            _.moment(one.at),
            who,
            dose,
            side,
            one.serial,
            _.millilitres(one.given_ul),
            terms.mode(_, one.mode),
            Mark("none", _("told by mistake")) if one.void else against,
        )
        rows.append((told, one.demonstration))
    return title, sections.table(_, head, rows, [3.0, 2.2, 1.2, 2.4, 2.2, 1.5, 2.3, 2.5])


def _outcomes(_: Words, record: TraceRecord) -> Section:
    """As their sources give them: several stand side by side, and what no source says is not reported."""
    title = _("Outcomes")
    flow: list[Flowable] = []
    if record.outcomes:
        head = [_("Subject"), _("Instrument"), _("When"), _("Value"), _("Range"), _("Date"), _("Source")]
        rows = []
        for one in record.outcomes:
            span = None if one.low is None or one.high is None else f"{_.quantity(one.low)}{DASH}{_.quantity(one.high)}"
            value = _.quantity(one.raw)
            if one.adjudicated:
                value = _("%(value)s (adjudicated)", value=value)
            day = _.day(one.on) if one.on else _("not reported")
            when = terms.time_point(_, one.time_point)
            told = (one.pseudonym, one.instrument, when, value, span or _("not reported"), day, one.source)
            rows.append((told, one.demonstration))
        flow += sections.table(_, head, rows, [1.8, 2.0, 2.0, 2.2, 1.8, 1.8, 5.6])
    for event in record.events:
        flow.append(page.note(f"{event.pseudonym}: {terms.asked(_, event.asked)} {event.description or ''}".rstrip()))
    if not flow:
        flow.append(page.note(_("None on record.")))
    flow.append(page.note(_("An uncontrolled series cannot show efficacy.")))
    return title, flow


SECTIONS: tuple[Callable[[Words, TraceRecord], Section], ...] = (
    _product,
    _reconciliation,
    _drawn,
    _ancestors,
    _consignments,
    _custody,
    _releases,
    _deviations,
    _vials,
    _injections,
    _outcomes,
    _changes,
    _signatures,
)
