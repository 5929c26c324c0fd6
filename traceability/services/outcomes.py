"""Scores as their sources give them, adjudication between sources, and harm that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.instruments import INSTRUMENTS
from traceability.services import Answer, dates, organisations, performs
from traceability.services.administrations import standing
from traceability.services.cases import open_case, take_in
from traceability.services.products import number
from traceability.store import Tx, View
from traceability.store.tables import (
    Adjudication,
    Administration,
    AdministrationVial,
    AdverseEvent,
    Case,
    Course,
    Score,
    Subject,
)
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.quality import CaseKind
from traceability.store.tables.subjects import Laterality

GRAVE = 4
"""From this grade on harm is serious (4: danger of life, 5: death), unless somebody says that it was not."""


@performs("score.record")
def record(
    tx: Tx,
    subject_id: str,
    instrument: str,
    raw: str,
    time_point: TimePoint,
    told_by: str,
    *,
    laterality: Laterality | None = None,
    course_id: str | None = None,
    instrument_version: str | None = None,
    subscale: str | None = None,
    low: str | None = None,
    high: str | None = None,
    observed_on: date | None = None,
    reader: str | None = None,
) -> Answer:
    """One value from one source, `told_by` (R50). What the source does not give stays empty: not reported, never a default."""
    subject = tx.need(Subject, subject_id)
    known = INSTRUMENTS.get(instrument)
    if known is None:
        raise Refused("instrument_unknown", instrument=instrument)
    value = number(raw.replace(",", "."))
    told = [number(limit.replace(",", ".")) if limit is not None else None for limit in (low, high)]
    least, most = (told[0] if told[0] is not None else known.low, told[1] if told[1] is not None else known.high)
    if (least is not None and value < least) or (most is not None and value > most):
        raise Refused("score_out_of_range", low=str(least), high=str(most))
    if (
        known.low is not None
        and known.high is not None
        and any(limit is not None and not known.low <= limit <= known.high for limit in told)
    ):
        raise Refused("score_out_of_range", low=str(known.low), high=str(known.high))
    if least is not None and most is not None and least >= most:
        raise Refused("band_impossible")
    if known.whole and value != value.to_integral_value():
        raise Refused("score_not_whole", instrument=known.name, low=str(known.low), high=str(known.high))
    in_time(tx, observed_on)
    of_subject(tx, subject, course_id, laterality)
    row = Score(
        subject_id=subject.id, course_id=course_id, laterality=laterality, instrument=instrument,
        instrument_version=instrument_version, subscale=subscale, raw=f"{value:f}",
        low=_plain(told[0]), high=_plain(told[1]), time_point=time_point, observed_on=observed_on, source=told_by, reader=reader,
    )  # fmt: skip
    tx.add(row)
    return {"id": row.id, "subject_id": subject.id}


@performs("score.adjudicate")
def adjudicate(tx: Tx, score_ids: Sequence[str], chosen_id: str) -> Answer:
    """Sources differ: one value is taken to be right, signed, with its reason; the others stay beside it."""
    scores = [tx.need(Score, score_id) for score_id in dict.fromkeys(score_ids)]
    chosen = tx.need(Score, chosen_id)
    if any(one.void_at for one in [*scores, chosen]):
        raise Refused("told_by_mistake")
    same = {(one.subject_id, one.instrument, one.time_point, one.laterality, one.subscale) for one in [*scores, chosen]}
    if len(same) != 1 or len(scores) < 2 or chosen.id not in {one.id for one in scores}:
        raise Refused("scores_not_comparable")
    tx.covers = {"scores": [one.raw for one in scores], "chosen": chosen.raw}
    row = Adjudication(
        subject_id=chosen.subject_id, score_ids=[one.id for one in scores], chosen_id=chosen.id, adjudicated_at=tx.at
    )
    tx.add(row)
    return {"id": row.id, "subject_id": chosen.subject_id}


@performs("event.record")
def record_event(
    tx: Tx,
    subject_id: str,
    asked: Asked,
    *,
    course_id: str | None = None,
    administration_id: str | None = None,
    description: str = "",
    grade: int | None = None,
    serious: bool | None = None,
    window: str = "",
    told_by: str = "",
) -> Answer:
    """Harm: asked and none, not asked, or yes with what happened (R53). "Not asked" is never "none".

    `serious`: None where it was not told; then the grade tells.
    """
    subject = tx.need(Subject, subject_id)
    if (asked is Asked.YES) != bool(description.strip()):
        raise Refused("description_missing" if asked is Asked.YES else "description_without_event")
    if grade is not None and not 1 <= grade <= 5:
        raise Refused("score_out_of_range", low="1", high="5")
    of_subject(tx, subject, course_id)
    if administration_id is not None:
        given = standing(tx, administration_id)
        if given.subject_id != subject.id:
            raise Refused("dose_of_other_subject")
        if course_id is not None and given.course_id not in (None, course_id):
            raise Refused("dose_of_other_course")
        of_subject(tx, subject, course_id, given.laterality)
    grave = grade is not None and grade >= GRAVE if serious is None else serious
    case = _answer_for(tx, subject, course_id, administration_id) if grave else None
    row = AdverseEvent(
        subject_id=subject.id, course_id=course_id, administration_id=administration_id, organisation_id=tx.actor.organisation_id,
        asked=asked, description=description, grade=grade, serious=serious, window=window, source=told_by, reported_at=tx.at,
        case_id=case.id if case else None,
    )  # fmt: skip
    tx.add(row)
    answer = {"id": row.id, "subject_id": subject.id}
    return answer | {"case": case.number} if case else answer


def _answer_for(tx: Tx, subject: Subject, course_id: str | None, administration_id: str | None) -> Case:
    """A serious event: somebody finds out whether a vial had a part in it (R34, R53). What happened stands with the event alone.

    The case is about the vial of the injection that is named. Where none is, every lot that was given asks.
    """
    had = _suspected(tx, subject, course_id, administration_id)
    lots = dict.fromkeys(lot for one in had for lot in (one.lot_id, one.label_lot_id) if lot)
    named = had[0] if administration_id and had else None
    case = open_case(
        tx,
        CaseKind.ADVERSE_EVENT,
        subject.pseudonym,
        lot_id=named.lot_id if named else next(iter(lots), None),
        vial_id=named.vial_id if named else None,
    )
    take_in(tx, case, lots.keys() - {case.lot_id})  # of several vials, and of a label that named another lot
    return case


def _suspected(
    tx: Tx, subject: Subject, course_id: str | None, administration_id: str | None
) -> list[AdministrationVial]:
    """The vials of the injection; else of the course, with what was told of its knee without a course; else all that the subject had.

    Latest injection first. A course of which nothing was given is not what did harm: then everything else may be.
    """
    if administration_id:
        return tx.known(AdministrationVial, administration_id=administration_id)
    given = sorted(
        tx.known(Administration, Administration.counts(), Administration.subject_id == subject.id),
        key=lambda one: one.given_at,
        reverse=True,
    )
    course = tx.need(Course, course_id) if course_id else None
    of_course = [
        one
        for one in given
        if course and (one.course_id == course.id or (one.course_id is None and one.laterality == course.laterality))
    ]
    return [vial for one in of_course or given for vial in tx.known(AdministrationVial, administration_id=one.id)]


def in_time(tx: Tx, observed_on: date | None) -> None:
    """A day of somebody's life up to today, where the house is."""
    if observed_on is None:
        return
    today = organisations.today(tx)
    if observed_on > today:
        raise Refused("occurred_in_future", occurred=observed_on, now=tx.at)
    dates.within("observed_on", observed_on, today - dates.LIFE, today)


def of_subject(tx: Tx, subject: Subject, course_id: str | None, laterality: Laterality | None = None) -> None:
    """Raise Refused where what was typed contradicts itself: the course is another patient's, or of the other knee."""
    if course_id is None:
        return
    course = tx.need(Course, course_id)
    if course.subject_id != subject.id:
        raise Refused("dose_of_other_subject")
    if laterality not in (None, course.laterality):
        raise Refused("course_of_other_knee")


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


# -------------------------------------------------------------------------------------------------------------- reads


def scores(view: View, subject_id: str) -> list[Score]:
    return view.all(Score, Score.subject_id == subject_id, order=(Score.instrument, Score.time_point, Score.id))


def adjudications(view: View, subject_id: str) -> list[Adjudication]:
    return view.all(Adjudication, Adjudication.subject_id == subject_id)


def chosen(view: View, subject_id: str | None = None) -> dict[str, str]:
    """Which value of several is taken to be right, by each that was weighed: the last word that stands."""
    of = [Adjudication.subject_id == subject_id] if subject_id else []
    told = view.all(
        Adjudication,
        col(Adjudication.superseded_at).is_(None),
        *of,
        order=(Adjudication.adjudicated_at, Adjudication.id),
    )
    return {weighed: one.chosen_id for one in told for weighed in one.score_ids}


def counting(told: Sequence[Score], chosen: Mapping[str, str]) -> Sequence[Score]:
    """Of what sources say of one moment: what was adjudicated, else all of it."""
    right = {chosen[one.id] for one in told if one.id in chosen}
    return [one for one in told if one.id in right] or told


def score(view: View, score_id: str) -> Score:
    return view.need(Score, score_id)


def events(view: View, subject_id: str) -> list[AdverseEvent]:
    return view.all(AdverseEvent, AdverseEvent.subject_id == subject_id)


def of_subjects(view: View, subject_ids: Sequence[str]) -> list[Score]:
    return view.all(Score, col(Score.subject_id).in_(subject_ids))
