"""Radiographs read by two who do not see each other's grade, and what they agree on when they differ (R51)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.instruments import INSTRUMENTS
from traceability.services import Answer, people, performs, persons
from traceability.services.outcomes import comparable, in_time, of_subject, taken
from traceability.store import Tx, View
from traceability.store.tables import Reading, Score, Subject
from traceability.store.tables.outcomes import Projection, TimePoint
from traceability.store.tables.subjects import Laterality

READERS = 2
KL = INSTRUMENTS["KL"]
SOURCE = "radiograph"
STANDS = col(Reading.void_at).is_(None)
Film = tuple[Laterality, TimePoint, Projection, date]
"""One radiograph of a person: of which knee, at which time, from where, and of which day."""


@performs("score.read")
def read(
    tx: Tx,
    subject_id: str,
    laterality: Laterality,
    time_point: TimePoint,
    projection: Projection,
    taken_on: date,
    kl_grade: int,
    *,
    course_id: str | None = None,
) -> Answer:
    """What the reader sees on a radiograph, before anybody tells them what another saw (R51).

    The first grade is kept from everybody. With the second reader's both become scores, each under its reader.
    """
    subject = tx.need(Subject, subject_id)
    if KL.low is None or KL.high is None or not KL.low <= kl_grade <= KL.high:
        raise Refused("score_out_of_range", low=str(KL.low), high=str(KL.high))
    in_time(tx, taken_on)
    of_subject(tx, subject, course_id, laterality)
    film: Film = (laterality, time_point, projection, taken_on)
    persons.alone(tx, subject.id)
    people_ids = persons.of(tx, subject.id)
    read = [one for one in tx.known(Reading, col(Reading.subject_id).in_(people_ids)) if _film(one) == film]
    if any(one.reader_id == tx.actor.person_id for one in read):  # also who took it back: they may know the other grade
        raise Refused("read_already")
    mine = tx.add(
        Reading(
            subject_id=subject.id, course_id=course_id, laterality=laterality, time_point=time_point, projection=projection,
            taken_on=taken_on, grade=kl_grade, reader_id=tx.actor.person_id, read_at=tx.at,
        )
    )  # fmt: skip
    found = [*(one for one in read if one.void_at is None), mine]
    _graded(tx, found)
    return {"id": mine.id, "subject_id": subject.id, "readers": len(_readers(found))}


def together(tx: Tx, subject_ids: Sequence[str]) -> None:
    """These are one person from now on: a film that two have read, each under another pseudonym, was read by two."""
    by: dict[Film, list[Reading]] = defaultdict(list)
    for one in tx.known(Reading, col(Reading.subject_id).in_(subject_ids), STANDS):
        by[_film(one)].append(one)
    for found in by.values():
        _graded(tx, found)


def _graded(tx: Tx, found: Sequence[Reading]) -> None:
    """What was read of one film becomes scores as soon as two people have read it, whichever pseudonym each read it under."""
    if len(_readers(found)) < READERS:
        return
    names = people.names(tx, [one.reader_id for one in found])
    graded = tx.known(Score, col(Score.reading_id).in_([one.id for one in found]), Score.counts())
    scored = {one.reading_id for one in graded}
    for one in found:
        if one.id in scored or one.grade is None:  # it stands: the other one read again; or its grade was erased
            continue
        tx.add(
            Score(
                subject_id=one.subject_id, course_id=one.course_id, laterality=one.laterality, instrument=KL.name, raw=str(one.grade),
                low=str(KL.low), high=str(KL.high), time_point=one.time_point, observed_on=one.taken_on, source=SOURCE,
                reader=names.get(one.reader_id, "")[:80], reader_id=one.reader_id, projection=one.projection,
                reading_id=one.id,
            )
        )  # fmt: skip


def _readers(found: Sequence[Reading]) -> set[str]:
    return {one.reader_id for one in found}


@performs("score.agree")
def agree(tx: Tx, score_ids: Sequence[str], chosen_id: str) -> Answer:
    """Readers who differ looked again together: both sign the grade that they take to be right; what each read stays."""
    scores, chosen = comparable(tx, score_ids, chosen_id)
    readers = {one.reader_id for one in scores if one.reader_id}
    if len(readers) < READERS or not {signer.actor.person_id for signer in tx.signers} <= readers:
        raise Refused("agreed_by_others")
    return taken(tx, scores, chosen)


def _film(one: Reading) -> Film:
    return (one.laterality, one.time_point, one.projection, one.taken_on)


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class Waiting:
    """A radiograph that one has read and a second has not; what was read is told to nobody."""

    laterality: Laterality
    time_point: TimePoint
    projection: Projection
    taken_on: date
    course_id: str | None
    reader: str
    mine: bool


def waiting(view: View, subject_id: str) -> list[Waiting]:
    by: dict[Film, list[Reading]] = defaultdict(list)
    for row in view.all(Reading, col(Reading.subject_id).in_(persons.of(view, subject_id)), STANDS, order=Reading.id):
        by[_film(row)].append(row)
    alone = [found[0] for found in by.values() if len(_readers(found)) < READERS]
    names = people.names(view, [one.reader_id for one in alone])
    return [
        Waiting(
            one.laterality, one.time_point, one.projection, one.taken_on, one.course_id, names.get(one.reader_id, ""),
            one.reader_id == view.actor.person_id,
        ) for one in alone
    ]  # fmt: skip
