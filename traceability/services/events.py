"""Harm: asked for and told, told again with more, judged by who may, and reported onward (R53). Reads are in `tellings` and `eventbook`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from traceability.domain.errors import Conflict, NotFound, Refused
from traceability.domain.harm import (
    DEADLY,
    AssessedBy,
    Causality,
    Challenge,
    EventOutcome,
    Expectedness,
    ReportedTo,
    ReportOrigin,
    SeriousBecause,
    Sex,
    is_serious,
    that_counts,
)
from traceability.domain.records import RecordKind
from traceability.services import Answer, documents, eventbook, organisations, performs, persons, sites, tellings
from traceability.services.cases import open_case, take_in
from traceability.services.outcomes import in_time, of_subject
from traceability.store import Tx
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    AdverseEvent,
    Case,
    CaseLot,
    EventAssessment,
    EventReport,
    Site,
    Subject,
)
from traceability.store.tables.outcomes import Asked
from traceability.store.tables.quality import CaseKind

OLDEST_Y = 130


@performs("event.record")
def record(
    tx: Tx,
    subject_id: str,
    asked: Asked,
    *,
    course_id: str | None = None,
    administration_id: str | None = None,
    description: str = "",
    narrative: str | None = None,
    term: str | None = None,
    grade: int | None = None,
    serious: bool | None = None,
    criteria: Sequence[SeriousBecause] = (),
    outcome: EventOutcome | None = None,
    onset_on: date | None = None,
    onset_at: datetime | None = None,
    ended_on: date | None = None,
    dechallenge: Challenge | None = None,
    rechallenge: Challenge | None = None,
    report_origin: ReportOrigin | None = None,
    history: str | None = None,
    age_y: int | None = None,
    sex: Sex | None = None,
    window: str = "",
    told_by: str = "",
    follows_id: str | None = None,
) -> Answer:
    """Harm: asked and none, not asked, or yes with what happened (R53). "Not asked" is never "none".

    `serious`: None where it was not told; then the grade tells. `follows_id`: the telling of the same event that this one
    replaces, whole; that one stays. What nobody told stays empty: not reported, never a default.
    """
    subject = tx.need(Subject, subject_id)
    if (asked is Asked.YES) != bool(description.strip()):
        raise Refused("description_missing" if asked is Asked.YES else "description_without_event")
    if grade is not None and not 1 <= grade <= DEADLY:
        raise Refused("score_out_of_range", low="1", high="5")
    if age_y is not None and not 0 <= age_y <= OLDEST_Y:
        raise Refused("score_out_of_range", low="0", high=str(OLDEST_Y))
    of_subject(tx, subject, course_id)
    if administration_id is not None:
        given = tx.need(Administration, administration_id)
        if not persons.same(tx, given.subject_id, subject.id):
            raise Refused("dose_of_other_subject")
        if course_id is not None and given.course_id not in (None, course_id):
            raise Refused("dose_of_other_course")
        of_subject(tx, subject, course_id, given.laterality)
    because = sorted(dict.fromkeys(criteria))
    grave = is_serious(grade, serious, because, outcome)
    if serious is False and grave:
        raise Refused("serious_contradicted")
    site = sites.of_care(tx, subject.id, course_id, administration_id)
    onset_on = _onset(tx, onset_on, onset_at, ended_on, site)
    before = _told_before(tx, subject, asked, follows_id)
    case_id = before.case_id if before else None
    open_ = tx.find(Case, case_id)
    heard_at = tellings.needed(tx, before.id).aware_at if before else tx.occurred
    onset = tellings.Onset(onset_on, onset_at, heard_at, sites.zone(site))
    had = tellings.suspected(tx, subject.id, course_id, administration_id, onset).suspected if grave else ()
    if grave and open_ is not None and open_.closed_at is None:
        _also(tx, open_, had)
    case = (
        _answer_for(tx, subject, had, named=administration_id is not None)
        if grave and (open_ is None or open_.closed_at)
        else None
    )
    row = AdverseEvent(
        subject_id=subject.id, course_id=course_id, administration_id=administration_id, organisation_id=tx.actor.organisation_id,
        asked=asked, description=description, grade=grade, serious=serious, window=window, source=told_by, reported_at=tx.at,
        case_id=case.id if case else case_id, first_id=(before.first_id or before.id) if before else None,
        number=_numbered(tx) if asked is Asked.YES and before is None else None,
        version=before.version + 1 if before else 1, aware_at=tx.occurred, term=term or None, criteria=list(because), outcome=outcome,
        onset_on=onset_on, onset_at=onset_at, ended_on=ended_on, dechallenge=dechallenge, rechallenge=rechallenge,
        report_origin=report_origin,
        narrative=narrative or None, history=history or None, age_y=age_y, sex=sex,
    )  # fmt: skip
    tx.add(row)
    answer: dict[str, Any] = {"id": row.id, "subject_id": subject.id}
    if row.first_id:
        tx.mention(row.first_id)
        answer["superseded"] = documents.outdate(tx, {RecordKind.CIOMS: [row.first_id]})
    return answer | {"case": case.number} if case else answer


def _numbered(tx: Tx) -> str:
    """Events alone are counted: neither answers that tell of none, nor what is told again."""
    tx.alone("number of adverse_event")
    (row,) = tx.rows("SELECT count(*) FROM adverse_event WHERE number IS NOT NULL")
    return f"E-{row[0] + 1}"


def _onset(tx: Tx, on: date | None, at: datetime | None, ended: date | None, site: Site | None) -> date | None:
    """The day on which it began, where it was told: of the moment, if that is known, where somebody is treated."""
    if at is not None:
        if at > tx.at:
            raise Refused("occurred_in_future", occurred=at, now=tx.at)
        day = sites.day(site, at)
        if on not in (None, day):
            raise Refused("onset_contradicted")
        on = day
    in_time(tx, on)
    in_time(tx, ended)
    if on and ended and ended < on:
        raise Refused("ended_before_onset")
    return on


def _told_before(tx: Tx, subject: Subject, asked: Asked, follows_id: str | None) -> AdverseEvent | None:
    """The telling that this one replaces. Who did not read the last one is told so: nothing of it is lost unseen."""
    if follows_id is None:
        return None
    before = tx.need(AdverseEvent, follows_id)
    if not persons.same(tx, before.subject_id, subject.id):
        raise Refused("dose_of_other_subject")
    if before.asked is not Asked.YES or asked is not Asked.YES:
        raise Refused("nothing_to_follow")
    tx.alone(f"event {before.first_id or before.id}")
    if tellings.newest(tx, before).id != before.id:
        raise Conflict("told_again_meanwhile")
    return before


@performs("event.assess")
def assess(
    tx: Tx, event_id: str, causality: Causality, expectedness: Expectedness, *, reference: str | None = None
) -> Answer:
    """A physician’s signed word on the event as it stands: whether the product did it, and whether that was to be expected."""
    return _judged(tx, event_id, AssessedBy.PHYSICIAN, causality, expectedness, reference)


@performs("event.copy_assessment")
def copy_assessment(
    tx: Tx,
    event_id: str,
    causality: Causality,
    expectedness: Expectedness,
    told_by: str,
    *,
    reference: str | None = None,
) -> Answer:
    """What the maker wrote of it, copied by the house. It stands beside the physician's word; the graver counts."""
    return _judged(tx, event_id, AssessedBy.MAKER, causality, expectedness, reference, told_by)


def _judged(
    tx: Tx, event_id: str, by: AssessedBy, causality: Causality, expectedness: Expectedness, reference: str | None,
    source: str | None = None,
) -> Answer:  # fmt: skip
    event = tellings.needed(tx, event_id)
    organisations.own(tx, event.organisation_id)
    now = tellings.newest(tx, event)
    if expectedness is not Expectedness.UNKNOWN and not (reference or "").strip():
        raise Refused("reference_missing")
    tx.covers = {"event": event.number, "telling": now.version, "causality": causality, "expectedness": expectedness}
    row = EventAssessment(
        event_id=event.id, version=now.version, assessed_by=by, person_id=tx.actor.person_id, source=source, causality=causality,
        expectedness=expectedness, reference=reference or None, assessed_at=tx.at,
    )  # fmt: skip
    tx.add(row)
    tx.mention(event.id, event.subject_id)
    return {"id": row.id, "event_id": event.id}


@performs("event.report")
def report(
    tx: Tx,
    event_id: str,
    recipient: ReportedTo,
    reported_on: date,
    *,
    receiver: str | None = None,
    number: str | None = None,
    complete: bool = False,
    telling_id: str | None = None,
) -> Answer:
    """It was reported onward: to whom, on which day, under which number of theirs (R53).

    `telling_id`: what was reported. Where nobody says it, of what had been heard before that day the last telling that is as
    grave as the event counted, else the first telling: what was heard on the day itself may not have been in it.
    """
    event = tellings.needed(tx, event_id)
    organisations.own(tx, event.organisation_id)
    in_time(tx, reported_on)
    if reported_on < organisations.day_of(tx, event.aware_at):
        raise Refused("reported_before_known")
    row = EventReport(
        event_id=event.id, version=_reported(tx, event, telling_id, reported_on), recipient=recipient,
        receiver=receiver or None, number=number or None, complete=complete, reported_on=reported_on,
        person_id=tx.actor.person_id, recorded_at=tx.at,
    )  # fmt: skip
    tx.add(row)
    tx.mention(event.id, event.subject_id)
    return {"id": row.id, "event_id": event.id, "telling": row.version}


def _reported(tx: Tx, event: AdverseEvent, telling_id: str | None, on: date) -> int:
    """The version of the telling that was reported on this day."""
    told = tellings.tellings(tx, event.id)
    if telling_id is None:
        heard = [eventbook.telling(one) for one in told if organisations.day_of(tx, one.aware_at) < on]
        words = eventbook.words_of(tx.all(EventAssessment, EventAssessment.event_id == event.id))
        of_these = [one for one in words if heard and one.version <= heard[-1].version]
        return that_counts(heard, of_these).version if heard else event.version
    named = next((one for one in told if one.id == telling_id), None)
    if named is None:
        raise NotFound("adverse_event")
    if on < organisations.day_of(tx, named.aware_at):
        raise Refused("reported_before_known")
    return named.version


def _also(tx: Tx, case: Case, had: Sequence[AdministrationVial]) -> None:
    """Told again it may name other vials: their lots ask as the first ones do."""
    known = {case.lot_id, *(one.lot_id for one in tx.known(CaseLot, case_id=case.id))}
    take_in(tx, case, {lot for one in had for lot in (one.lot_id, one.label_lot_id) if lot} - known)


def _answer_for(tx: Tx, subject: Subject, had: Sequence[AdministrationVial], *, named: bool) -> Case:
    """A serious event: somebody finds out whether a vial had a part in it (R34, R53). What happened stands with the event alone.

    The case is about the vial of the injection that is named. Where none is, every lot that was given before it asks.
    """
    lots = dict.fromkeys(lot for one in had for lot in (one.lot_id, one.label_lot_id) if lot)
    vial = had[0] if named and had else None
    case = open_case(
        tx,
        CaseKind.ADVERSE_EVENT,
        subject.pseudonym,
        lot_id=vial.lot_id if vial else next(iter(lots), None),
        vial_id=vial.vial_id if vial else None,
    )
    take_in(tx, case, lots.keys() - {case.lot_id})  # of several vials, and of a label that named another lot
    return case
