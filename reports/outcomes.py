"""Outcomes by lot: the answer first, then scores as a funnel, responders, events, visits, time to the first event, and how."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import ceil

from reportlab.platypus import Flowable

from reports import page, sections, terms
from reports.forest import Bar, Forest
from reports.page import Cell
from reports.sections import Checkpoint, Section
from reports.words import DASH, NARROW, Words
from traceability.domain.exact import MATTERS
from traceability.domain.instruments import INSTRUMENTS
from traceability.domain.records import OutcomesRecord, SharePart

QUARTERS = (0, 2_500, 5_000, 7_500, 10_000)
STEPS = (20, 50, 100, 200, 500)


def draw(
    record: OutcomesRecord, *, language: str, digest: str, checkpoint: Checkpoint, status_url: str, renderer: str
) -> bytes:
    """PDF bytes, the same for the same input. Refuses `document_glyph_missing`."""
    _ = Words(language, record.head.zone)
    counted = {"n": _.number(record.persons), "lots": _.number(len(record.lots)), "score": _score(_, record)}
    subject = _("%(n)s persons, %(lots)s lots, %(score)s", **counted)
    frame = sections.sheet(
        _, record.head, _("Outcomes by lot"), subject, digest=digest, checkpoint=checkpoint, status_url=status_url
    )
    body = [
        _scores(_, record), _responders(_, record), _events(_, record), _visits(_, record), _curve(_, record),
        _left(_, record), _how(_, record), sections.proof(_, digest, checkpoint, renderer),
    ]  # fmt: skip
    return page.draw(frame, [_answer(_, record), *sections.numbered(body)])


def _score(_: Words, record: OutcomesRecord) -> str:
    known = INSTRUMENTS.get(record.instrument)
    return f"{known.name if known else record.instrument}, {terms.time_point(_, record.visit)}"


def _answer(_: Words, record: OutcomesRecord) -> Flowable:
    told = _("It compares lots with each other. Whether the treatment works, a series without controls cannot show.")
    if not any(one.score_p or one.response_p or one.event_p for one in record.lots):
        return page.decision("ask", _("TOO FEW TO COMPARE"), told)
    if which := [one.lot for one in record.lots if one.stands_out]:
        return page.decision("ask", _("STANDS OUT: %(which)s", which=", ".join(which)), told)
    return page.decision("ok", _("NOTHING STANDS OUT"), told)


def _share(_: Words, bp: int | None, digits: int = 0) -> str:
    if bp is None:
        return DASH
    return f"{_.number(round(Decimal(bp) / 100, digits) if digits else round(Decimal(bp) / 100))}{NARROW}%"


def _of(_: Words, one: SharePart) -> str:
    return _("%(count)s of %(n)s", count=_.number(one.count), n=_.number(one.n))


def _between(_: Words, low: int | None, high: int | None, digits: int = 0) -> str:
    if low is None or high is None:
        return _("too few")
    return _("%(low)s to %(high)s", low=_share(_, low, digits), high=_share(_, high, digits))


def _points(_: Words, tenths: int | None) -> str:
    if tenths is None:
        return DASH
    return f"{'+' if tenths > 0 else ''}{_.number(Decimal(tenths) / 10)}"


def _reach(_: Words, low: int | None, high: int | None) -> str:
    if low is None or high is None:
        return _("too few")
    return _("%(low)s to %(high)s", low=_points(_, low), high=_points(_, high))


def _p(_: Words, p: str | None) -> Cell:
    if p is None:
        return _("not compared")
    return f"< {_.number(Decimal(p[1:]))}" if p.startswith("<") else _.number(Decimal(p))


def _forest(_: Words, bars: Sequence[Bar], said: str) -> Flowable:
    return Forest(bars, 0, 10_000, [(one, _share(_, one)) for one in QUARTERS], said)


def _bar(_: Words, name: str, share: SharePart, stands_out: bool) -> Bar:
    if share.low_bp is None:
        return Bar(name, _of(_, share), instead=_("too few to compare"))
    return Bar(name, _of(_, share), share.count * 10_000 // share.n, share.low_bp, share.high_bp, stands_out=stands_out)


def _scores(_: Words, record: OutcomesRecord) -> Section:
    title = _("Scores at the same baseline")
    lots = sorted((one for one in record.lots if one.scored), key=lambda one: (-one.scored, one.lot))
    if not lots:
        return title, [page.note(_("Nobody has this score before the course and at this visit, with its range."))]
    reach = max(
        (abs(x) for one in lots for x in (one.low_tenths, one.high_tenths, one.outer_tenths) if x is not None),
        default=100,
    )
    step = next((one for one in STEPS if one * 4 >= reach), STEPS[-1])
    most = ceil(reach / step) * step
    bars = [
        Bar(one.lot, _("%(n)s persons", n=_.number(one.scored)), one.value_tenths, one.low_tenths, one.high_tenths,
            one.inner_tenths, one.outer_tenths, _("too few to compare"), one.score_out)
        for one in lots
    ]  # fmt: skip
    said = _(
        "Difference of each lot from the rest with its 95 % interval, before the limits of the funnel; the table has the figures."
    )
    rows = [
        (one.lot, _.number(one.scored), _points(_, one.value_tenths),
         _reach(_, one.low_tenths, one.high_tenths),
         _p(_, one.score_p))
        for one in record.lots if one.scored
    ]  # fmt: skip
    head = [_("Lot"), _("Persons"), _("Difference"), _("95 % interval"), _("p corrected")]
    return title, [
        Forest(bars, -most, most, [(at, _points(_, at)) for at in range(-most, most + 1, step)], said),
        page.note(
            _(
                "%(score)s, 0 to 100, 0 is best: to the right is worse. Dark grey: 95 of 100 alike lots of this size; light grey:"
                " 998 of 1,000. Squares stand out after correction.",
                score=_score(_, record),
            )
        ),
        page.table(head, rows, [4, 2, 3, 4, 3], numeric=(1, 2, 3, 4)),
    ]  # fmt: skip


def _responders(_: Words, record: OutcomesRecord) -> Section:
    bars = [_bar(_, one.lot, one.responses, one.response_out) for one in record.lots]
    rows = [
        (one.lot, _of(_, one.responses), _between(_, one.responses.low_bp, one.responses.high_bp), _of(_, one.missing_as_no),
         _.number(one.not_evaluable), _p(_, one.response_p))
        for one in record.lots
    ]  # fmt: skip
    head = [_("Lot"), _("Responders"), _("95 % interval"), _("Missing as no"), _("Not evaluable"), _("p corrected")]
    table = page.table(head, rows, [3.4, 2.8, 4.4, 2.8, 3, 3.4], numeric=(1, 2, 3, 4, 5))
    said = _("Share of responders of each lot with its exact interval; the table has the figures.")
    return _("Responders, %(visit)s", visit=terms.time_point(_, record.visit)), _told(_, bars, said, table)


def _events(_: Words, record: OutcomesRecord) -> Section:
    bars = [_bar(_, one.lot, one.events, one.event_out) for one in record.lots]
    rows = [
        (one.lot, _of(_, one.events), _between(_, one.events.low_bp, one.events.high_bp), _.number(one.not_asked), _p(_, one.event_p))
        for one in record.lots
    ]  # fmt: skip
    head = [_("Lot"), _("With an event"), _("95 % interval"), _("Not asked"), _("p corrected")]
    table = page.table(head, rows, [4, 3, 3.6, 3, 3], numeric=(1, 2, 3, 4))
    said = _("Share of persons with an event of each lot with its exact interval; the table has the figures.")
    return _("Adverse events"), _told(_, bars, said, table)


def _told(_: Words, bars: Sequence[Bar], said: str, table: Flowable) -> list[Flowable]:
    return [_forest(_, bars, said), table] if bars else [page.note(_("Nobody was treated with a known lot."))]


def _visits(_: Words, record: OutcomesRecord) -> Section:
    title = _("Responders by visit, all lots together")
    if not record.visits:
        return title, [page.note(_("No visit is due yet."))]
    rows = [
        (terms.time_point(_, one.visit), _of(_, one.complete), _between(_, one.complete.low_bp, one.complete.high_bp),
         _of(_, one.missing_as_no) if one.missing_as_no.n else DASH, _between(_, one.missing_as_no.low_bp, one.missing_as_no.high_bp))
        for one in record.visits
    ]  # fmt: skip
    head = [_("Visit"), _("Evaluable"), _("95 % interval"), _("Missing as no"), _("95 % interval")]
    return title, [page.table(head, rows, [4, 3, 3.6, 3, 3.6], numeric=(1, 2, 3, 4))]


def _curve(_: Words, record: OutcomesRecord) -> Section:
    title = _("Time to the first event, all lots together")
    if not record.first_events:
        told = _(
            "%(events)s of %(watched)s persons who were asked had an event.",
            events=_.number(record.with_event), watched=_.number(record.watched),
        )  # fmt: skip
        return title, [page.note(told)]
    rows = [
        (_.number(one.day), _.number(one.watched), _.number(one.events), _share(_, one.free_bp, 1), _between(_, one.low_bp, one.high_bp, 1))
        for one in record.first_events
    ]  # fmt: skip
    head = [_("Day"), _("Still watched"), _("First events"), _("Without an event"), _("95 % interval")]
    return title, [page.table(head, rows, [2, 3, 3, 3, 4], numeric=(1, 2, 3, 4))]


def _left(_: Words, record: OutcomesRecord) -> Section:
    rows: list[tuple[str, Cell]] = [
        (_("Mixed courses"), _("%(n)s persons", n=_.number(record.several))),
        (_("Lot not known"), _("%(n)s persons", n=_.number(record.unknown))),
        (_("No data consent"), _("%(n)s subjects", n=_.number(record.without_consent))),
        (_("Earlier harm"), _("%(n)s events", n=_.number(record.before_first))),
    ]
    return _("Who is not in these figures"), [page.pairs(rows), page.note(_("They stay in every trace and recall."))]


def _how(_: Words, record: OutcomesRecord) -> Section:
    told = [
        _(
            "Who counts: a course counts for a lot if all of it came from that lot; a person counts once in a lot, with both knees;"
            " the rest of a lot are persons who had nothing of it. Fewer than five are counted and not compared."
        ),
        _(
            "Scores: analysis of covariance by baseline, slope and spread from within the lots (spread %(sd)s of 100), t intervals.",
            sd=_.number(Decimal(record.sd_tenths) / 10),
        ),
        _(
            "Shares: exact intervals (Clopper–Pearson), mid-p exact test against the rest. A knee responds where pain on the VAS"
            " falls by %(improved)s of 100 or more (Tubach 2005); a person with every knee that can be evaluated. Not asked and not"
            " evaluable are not in the denominator. Missing as no: a due knee without a value makes it no.",
            improved=_.number(Decimal(record.improved_tenths) / 10),
        ),
        _(
            "Time: Kaplan–Meier, Greenwood, interval of log(−log S), to the day on which the first event began, where nobody told it"
            " to the day on which it was heard of, or to the last time somebody asked. Harm that began before the first injection"
            " is of no lot."
        ),
        _(
            "p corrected by Holm for the lots of each figure; a lot stands out below %(limit)s, by which fewer than 5 of 100 sets of"
            " alike lots name one.",
            limit=_.number(Decimal(str(MATTERS))),
        ),
        _(
            "Outcomes were compared %(looks)s times here, by %(looked)s people. Every look is another chance to find what is not"
            " there.",
            looks=_.number(record.looks),
            looked=_.number(record.looked),
        ),
    ]
    return _("How, and how often"), [page.text(line) for line in told]
