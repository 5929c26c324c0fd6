"""Scores as their sources give them, and adjudication between sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.instruments import INSTRUMENTS
from traceability.domain.scoring import part_of
from traceability.domain.weighing import Counts, counts_of
from traceability.services import Answer, dates, joints, performs, persons, sites
from traceability.services.joints import Joint, Place
from traceability.services.products import number
from traceability.store import Tx, View
from traceability.store.tables import Adjudication, Course, Score, Subject
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import Laterality


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
    unit: str | None = None,
) -> Answer:
    """One value from one source, `told_by` (R50). What the source does not give stays empty: not reported, never a default."""
    subject = tx.need(Subject, subject_id)
    row = scored(
        tx, subject, instrument, raw, time_point, told_by, laterality=laterality, course_id=course_id,
        instrument_version=instrument_version, subscale=subscale, low=low, high=high, observed_on=observed_on, reader=reader,
        unit=unit,
    )  # fmt: skip
    tx.add(row)
    return {"id": row.id, "subject_id": subject.id}


def scored(
    view: View,
    subject: Subject,
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
    unit: str | None = None,
    today: date | None = None,
) -> Score:
    """The row of a value, not written yet. Refuses what its instrument, its range, its day or its course contradicts.

    `today`: where it is furthest at the house, from who asks for many at once.
    """
    known = INSTRUMENTS.get(instrument)
    if known is None:
        raise Refused("instrument_unknown", instrument=instrument)
    if (unit or None) is None and known.units:
        raise Refused("unit_missing", instrument=known.name, units=", ".join(known.units))
    if unit and unit not in known.units:
        raise Refused("unit_unknown", instrument=known.name, units=", ".join(known.units) or "–")
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
    in_time(view, observed_on, today)
    of_subject(view, subject, course_id, laterality)
    return Score(
        subject_id=subject.id, course_id=course_id, laterality=laterality, instrument=instrument,
        instrument_version=instrument_version, subscale=part_of(known.name, subscale or ""), raw=f"{value:f}",
        low=_plain(told[0]), high=_plain(told[1]), time_point=time_point, observed_on=observed_on, source=told_by, reader=reader,
        unit=unit or None,
    )  # fmt: skip


@performs("score.adjudicate")
def adjudicate(tx: Tx, score_ids: Sequence[str], chosen_id: str) -> Answer:
    """Sources differ: one value is taken to be right, signed, with its reason; the others stay beside it. What was read here is
    decided by somebody who read none of it (R51).
    """
    scores, chosen = comparable(tx, score_ids, chosen_id)
    if any(one.reader_id in {signer.actor.person_id for signer in tx.signers} for one in scores):
        raise Refused("adjudicator_read")
    return taken(tx, scores, chosen)


def comparable(tx: Tx, score_ids: Sequence[str], chosen_id: str) -> tuple[list[Score], Score]:
    """At least two values of one thing, and the one among them that is taken to be right; else Refused."""
    scores = [tx.need(Score, score_id) for score_id in dict.fromkeys(score_ids)]
    chosen = tx.need(Score, chosen_id)
    persons.alone(tx, chosen.subject_id)
    tx.still(*{one.id: one for one in [*scores, chosen]}.values())
    if any(one.void_at for one in [*scores, chosen]):
        raise Refused("told_by_mistake")
    known, of = persons.stood_for(tx), joints.of_person(tx, chosen.subject_id)
    same = {(known.get(one.subject_id, one.subject_id), *cell(one, of)) for one in [*scores, chosen]}
    if len(same) != 1 or len(scores) < 2 or chosen.id not in {one.id for one in scores}:
        raise Refused("scores_not_comparable")
    return scores, chosen


def taken(tx: Tx, scores: Sequence[Score], chosen: Score) -> Answer:
    tx.covers = {"scores": [one.raw for one in scores], "chosen": chosen.raw}
    row = Adjudication(
        subject_id=chosen.subject_id, score_ids=[one.id for one in scores], chosen_id=chosen.id, adjudicated_at=tx.at
    )
    tx.add(row)
    return {"id": row.id, "subject_id": chosen.subject_id}


def in_time(view: View, observed_on: date | None, today: date | None = None) -> None:
    """A day of somebody's life up to today, where it is furthest at the house."""
    if observed_on is None:
        return
    today = today or sites.latest_day(view)
    if observed_on > today:
        raise Refused("occurred_in_future", occurred=observed_on, now=view.at)
    dates.within("observed_on", observed_on, today - dates.LIFE, today)


def of_subject(view: View, subject: Subject, course_id: str | None, laterality: Laterality | None = None) -> None:
    """Raise Refused where what was typed contradicts itself: the course is another patient's, or of the other knee."""
    if course_id is None:
        return
    course = view.need(Course, course_id)
    if not persons.same(view, course.subject_id, subject.id):
        raise Refused("dose_of_other_subject")
    if laterality not in (None, course.laterality):
        raise Refused("course_of_other_knee")


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


# -------------------------------------------------------------------------------------------------------------- reads


def scores(view: View, subject_id: str) -> list[Score]:
    return view.all(
        Score,
        col(Score.subject_id).in_(persons.of(view, subject_id)),
        order=(Score.instrument, Score.time_point, Score.id),
    )


def cell(one: Score, of: Sequence[Joint]) -> tuple[str, str | None, TimePoint, Place]:
    """What a value is one of, beside whose it is: values with the same are of one thing at one moment. `of`: that person's joints."""
    return one.instrument, one.subscale, one.time_point, joints.place(one, of)


def beside(view: View, one: Score) -> list[Score]:
    """This value and all that stand with it in its cell."""
    of = joints.of_person(view, one.subject_id)
    return [each for each in scores(view, one.subject_id) if each.void_at is None and cell(each, of) == cell(one, of)]


def counts(view: View, subject_id: str) -> Mapping[str, Counts]:
    """Of every value of this person that was not told by mistake, whether it counts."""
    of, taken = joints.of_person(view, subject_id), chosen(view, subject_id)
    cells: dict[tuple[str, str | None, TimePoint, Place], list[Score]] = defaultdict(list)
    for one in scores(view, subject_id):
        if one.void_at is None:
            cells[cell(one, of)].append(one)
    return {
        one.id: how for told in cells.values() for one, how in zip(told, counts_of(told[0].instrument, told, taken), strict=True)
    }  # fmt: skip


def adjudications(view: View, subject_id: str) -> list[Adjudication]:
    return view.all(Adjudication, col(Adjudication.subject_id).in_(persons.of(view, subject_id)))


def chosen(view: View, subject_id: str | None = None) -> dict[str, str]:
    """Which value of several is taken to be right, by each that was weighed: the last word on it, if that stands.

    A word that a later one took the place of stays replaced, also where the later one does not stand any more.
    """
    of = [col(Adjudication.subject_id).in_(persons.of(view, subject_id))] if subject_id else []
    made: dict[str, str] = {}
    for one in view.all(Adjudication, *of, order=(Adjudication.adjudicated_at, Adjudication.id)):
        for weighed in one.score_ids:
            made.pop(weighed, None)
        if one.superseded_at is None:
            made |= dict.fromkeys(one.score_ids, one.chosen_id)
    return made


def score(view: View, score_id: str) -> Score:
    return view.need(Score, score_id)


def of_subjects(view: View, subject_ids: Sequence[str]) -> list[Score]:
    return view.all(Score, col(Score.subject_id).in_(subject_ids))
