"""Papers in which an injection stands, and that do not hold any more once it is told, told otherwise or taken back (R38, R45, R53).

Read before and after: what it was in, and what it is in now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col

from traceability.domain.records import RecordKind
from traceability.services import documents, persons, tellings
from traceability.services.administrations import cases_of
from traceability.services.courses import into_knee
from traceability.store import Tx, View
from traceability.store.tables import Administration, AdministrationVial, AdverseEvent


@dataclass(frozen=True, slots=True)
class Standing:
    """The courses whose card lists an injection, and the events (by their first telling) whose report does."""

    courses: frozenset[str]
    events: frozenset[str]


def stands_in(view: View, given: Administration) -> Standing:
    """Of everybody whom it was told of and who is the same person: the cards of its knee and its course, and the events."""
    courses = {one.id for one in into_knee(view, given.subject_id, given.laterality)}
    of_person = col(AdverseEvent.subject_id).in_(persons.of(view, given.subject_id))
    told = tellings.of_events(view, of_person | (col(AdverseEvent.administration_id) == given.id))
    events = {first.id for first, now in told if given.id in tellings.had(view, first, now).injections}
    return Standing(frozenset(courses | ({given.course_id} if given.course_id else set())), frozenset(events))


def lots_of(parts: Iterable[AdministrationVial]) -> set[str]:
    return {lot for part in parts for lot in (part.lot_id, part.label_lot_id) if lot}


def told(tx: Tx, given: Administration) -> list[str]:
    """One more injection: a card that leaves it out, and a report of what it may have done."""
    now = stands_in(tx, given)
    return documents.outdate(tx, {RecordKind.CARD: now.courses, RecordKind.CIOMS: now.events})


def told_otherwise(tx: Tx, given: Administration, parts: Sequence[AdministrationVial], before: Standing) -> list[str]:
    """Documents of this house that say what is not so any more; `before`: where it stood before it was told otherwise."""
    now = stands_in(tx, given)
    return documents.outdate(tx, {
        RecordKind.ADMINISTRATION: [given.id], RecordKind.TRACE: lots_of(parts), RecordKind.CARD: before.courses | now.courses,
        RecordKind.CIOMS: before.events | now.events, RecordKind.OUTCOMES: [given.organisation_id],
        RecordKind.CASE: [one.id for one in cases_of(tx, [given.id])],
    })  # fmt: skip
