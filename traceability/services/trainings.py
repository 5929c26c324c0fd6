"""Who was trained in what and until when; what training a role asks for in a house (R55b). The door asks it of every act."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import col

from traceability.domain import papers, training
from traceability.domain.errors import Refused
from traceability.domain.papers import CredentialFact, Standing
from traceability.domain.people import Role
from traceability.domain.rules import Finding
from traceability.services import Answer, dates, organisations, performs
from traceability.services.cases import colleague
from traceability.services.organisations import own
from traceability.store import Tx, View
from traceability.store.tables import Attachment, DeviceKey, GrantRow, Person, Training, TrainingNeed

TOPIC = re.compile(r"[A-Z0-9](?:[A-Z0-9 ._/-]{0,38}[A-Z0-9])?")


@performs("training.record")
def record(
    tx: Tx,
    person_id: str,
    topic: str,
    held_on: date,
    valid_until: date | None = None,
    *,
    attachment_id: str | None = None,
) -> Answer:
    """Somebody was trained in a topic. Recorded by somebody else; without an end it does not open a role that asks for it."""
    person = colleague(tx, person_id)
    if person.id == tx.actor.person_id:
        raise Refused("training_of_oneself")
    if tx.known(DeviceKey, person_id=person.id):
        raise Refused("a_device", name=person.name)
    today = organisations.today(tx)
    dates.within("held_on", held_on, today - dates.LIFE, today)
    if valid_until is not None:
        dates.within("valid_until", valid_until, held_on, held_on + dates.LIFE)
    evidence = tx.need(Attachment, attachment_id) if attachment_id else None
    if evidence is not None:
        own(tx, evidence.organisation_id)
    row = tx.add(
        Training(
            organisation_id=tx.actor.organisation_id, person_id=person.id, topic=_topic(topic), held_on=held_on,
            valid_until=valid_until, attachment_id=evidence.id if evidence else None, recorded_by=tx.actor.person_id,
            recorded_at=tx.at,
        )
    )  # fmt: skip
    tx.mention(person.id)
    return {"id": row.id, "person_id": person.id, "topic": row.topic}


@performs("training.void")
def void(tx: Tx, training_id: str) -> Answer:
    """It was recorded by mistake, or turned out not to count: from now on it opens nothing. Signed, with the reason."""
    row = tx.need(Training, training_id)
    if row.organisation_id != tx.actor.organisation_id:
        raise Refused("not_yours", noun="training")
    if row.void_at is not None:
        raise Refused("already_ended", noun="training")
    tx.covers = {"person": row.person_id, "topic": row.topic, "held_on": row.held_on, "valid_until": row.valid_until}
    tx.change(row, void_at=tx.at)
    tx.mention(row.person_id)
    return {"id": row.id, "person_id": row.person_id}


@performs("training_need.set")
def ask_for(tx: Tx, role: Role, topic: str) -> Answer:
    """From now on nobody performs an act in this role who is not known to be trained in the topic. Facts do not wait for it.

    Whoever signs it for a role of their own is trained themselves: else nobody might be left to take it back.
    """
    topic = _topic(topic)
    if role not in training.NEEDS:
        raise Refused("role_reserved", role=role)
    tx.alone(f"training asked by {tx.actor.organisation_id}")
    if any(one.role is role and one.topic == topic for one in _standing(tx)):
        raise Refused("already_there", noun="training_need", key=topic)
    if role in tx.actor.roles(tx.at):
        records = _records(tx, [tx.actor.person_id])[tx.actor.person_id].get(topic, ())
        found = training.finding(topic, role, tx.actor.name, records, organisations.today(tx))
        if found.holds is not True:
            raise Refused("not_trained", findings=(found,), person=tx.actor.name, roles=[role])
    tx.covers = {"role": role, "topic": topic}
    row = tx.add(TrainingNeed(organisation_id=tx.actor.organisation_id, role=role, topic=topic, since=tx.at))
    return {"id": row.id, "role": str(role), "topic": topic}


@performs("training_need.end")
def ask_no_more(tx: Tx, training_need_id: str) -> Answer:
    """The role is open without this training again."""
    row = tx.need(TrainingNeed, training_need_id)
    if row.organisation_id != tx.actor.organisation_id:
        raise Refused("not_yours", noun="training_need")
    if row.ended_at is not None:
        raise Refused("already_ended", noun="training_need")
    tx.covers = {"role": row.role, "topic": row.topic}
    tx.change(row, ended_at=tx.at)
    return {"id": row.id}


def _topic(told: str) -> str:
    """A code of the house, as its training plan has it: SOP-12. Letters are large, so that one topic is written one way."""
    topic = " ".join(told.upper().split())
    if not TOPIC.fullmatch(topic):
        raise Refused("topic_malformed")
    return topic


def _standing(view: View) -> list[TrainingNeed]:
    mine = TrainingNeed.organisation_id == view.actor.organisation_id
    return view.known(TrainingNeed, mine, col(TrainingNeed.ended_at).is_(None))


def _records(view: View, people: Iterable[str]) -> dict[str, dict[str, tuple[CredentialFact, ...]]]:
    """By person and topic, what counts: nothing that was taken back."""
    made: dict[str, dict[str, tuple[CredentialFact, ...]]] = defaultdict(dict)
    mine = Training.organisation_id == view.actor.organisation_id
    for one in view.known(Training, mine, col(Training.person_id).in_(list(people)), col(Training.void_at).is_(None)):
        of = made[one.person_id]
        of[one.topic] = (*of.get(one.topic, ()), CredentialFact(one.id, one.topic, one.held_on, one.valid_until))
    return made


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class Held:
    """A record as it stands today. `standing` None: it was taken back. `days`: until it ends; `follows`: a later one is on file."""

    row: Training
    standing: Standing | None
    days: int | None
    follows: bool


def of_person(view: View, person_id: str) -> list[Held]:
    """Every training of somebody in sight, the newest of each topic first."""
    rows = view.all(Training, Training.person_id == person_id, order=(Training.topic, col(Training.held_on).desc()))
    return _held(rows, organisations.today(view))


def standing_of(view: View, rows: list[Training]) -> list[Held]:
    return _held(rows, organisations.today(view))


def needs(view: View) -> list[TrainingNeed]:
    """What the reader's house asks for now, by role."""
    return sorted(_standing(view), key=lambda one: (one.role, one.topic))


def missing(view: View, person: Person, grants: Iterable[GrantRow]) -> dict[Role, tuple[Finding, ...]]:
    """By role that somebody of the house holds now: what is missing or out of date for it. Such a role performs no act."""
    wanted = {(one.role, one.topic) for one in _standing(view)}
    if person.organisation_id != view.actor.organisation_id or not wanted:
        return {}
    held = {one.role for one in grants if one.holds(view.at)}
    found = _records(view, [person.id])[person.id]
    return dict(
        training.lacking(person.name, {one for one in wanted if one[0] in held}, found, organisations.today(view))
    )


@dataclass(frozen=True, slots=True)
class Pressing:
    """Somebody of the house and a topic that a role of theirs asks for: nothing counts today, or it ends within 90 days."""

    person: Person
    topic: str
    roles: tuple[Role, ...]
    standing: Standing | None
    until: date | None
    days: int | None

    @property
    def stops(self) -> bool:
        """No act is performed in these roles today."""
        return self.days is None or self.days < 0


def pressing(view: View) -> list[Pressing]:
    """What stops somebody today, then what will: of everybody of the house who holds a role that asks for training."""
    wanted: dict[Role, set[str]] = defaultdict(set)
    for need in _standing(view):
        wanted[need.role].add(need.topic)
    if not wanted:
        return []
    house, today = view.actor.organisation_id, organisations.today(view)
    holds: dict[tuple[str, str], set[Role]] = defaultdict(set)
    for one in view.known(GrantRow, GrantRow.organisation_id == house, col(GrantRow.role).in_(list(wanted))):
        if one.holds(view.at):
            for topic in wanted[one.role]:
                holds[one.person_id, topic].add(one.role)
    people = {one.id: one for one in view.known(Person, col(Person.id).in_([one for one, _ in holds]))}
    records = _records(view, people)
    made = []
    for (person_id, topic), roles in holds.items():
        found = records[person_id].get(topic, ())
        best = max(found, key=lambda one: one.valid_until or date.min, default=None)
        told = papers.standing(best, today) if best else None
        if told is not Standing.VALID:
            until = best.valid_until if best else None
            days = (until - today).days if until else None
            made.append(Pressing(people[person_id], topic, tuple(sorted(roles)), told, until, days))
    return sorted(made, key=lambda one: (one.days is not None, one.days or 0, one.person.name, one.topic))


def evidence(view: View, person_id: str) -> list[Attachment]:
    """The files from which trainings of somebody in sight were recorded."""
    linked = [one.attachment_id for one in view.all(Training, Training.person_id == person_id) if one.attachment_id]
    return view.all(Attachment, col(Attachment.id).in_(linked))


def _held(rows: list[Training], today: date) -> list[Held]:
    made: list[Held] = []
    for one in rows:
        fact = CredentialFact(one.id, one.topic, one.held_on, one.valid_until)
        later = any(
            other.topic == one.topic and not other.void_at and (other.valid_until or date.min) > (one.valid_until or date.min)
            for other in rows
        )  # fmt: skip
        days = (one.valid_until - today).days if one.valid_until else None
        made.append(Held(one, None if one.void_at else papers.standing(fact, today), days, later))
    return made
