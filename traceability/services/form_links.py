"""Questionnaires that a patient answers: a way in for one visit, opened once, without an account and without a name (R50).

The answers enter in the name of the system, under the link; who made the link stands in its own entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import col

from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import SYSTEM, Actor, system_for
from traceability.domain.scoring import Version
from traceability.services import Answer, performs, persons, sites, tokens
from traceability.services.outcomes import of_subject
from traceability.services.score_forms import Visit, keep, version_of
from traceability.store import Call, Done, Store, Tx, View
from traceability.store.tables import Course, FormLink, Subject
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import Laterality

LANGUAGES = ("en", "id")
LONGEST_H = 14 * 24
MOST_FORMS = 6
PATIENT = "patient"
"""The source of what a patient answered."""


@performs("form_link.issue")
def issue(
    tx: Tx,
    subject_id: str,
    forms: Sequence[str],
    time_point: TimePoint,
    valid_h: int,
    language: str,
    token_hash: str,
    *,
    laterality: Laterality | None = None,
    course_id: str | None = None,
    kiosk: bool = False,
) -> Answer:
    """A way in for one patient to these questionnaires of one visit: once, and for so many hours."""
    subject = tx.need(Subject, subject_id)
    of_subject(tx, subject, course_id, laterality)
    if laterality is None and course_id is not None:
        laterality = tx.need(Course, course_id).laterality
    if laterality is None:  # a patient with two knees would answer of either
        raise Refused("knee_missing")
    named = list(dict.fromkeys(forms))
    if not 1 <= len(named) <= MOST_FORMS:
        raise Refused("nothing_chosen")
    for one in named:
        version_named(one)
    if language not in LANGUAGES:
        raise Refused("language_unknown", language=language)
    if not 1 <= valid_h <= LONGEST_H:
        raise Refused("score_out_of_range", low="1", high=str(LONGEST_H))
    row = tx.add(
        FormLink(
            subject_id=subject.id, course_id=course_id, laterality=laterality, time_point=time_point, forms=named, language=language,
            kiosk=kiosk, hashed=token_hash, valid_until=tx.at + timedelta(hours=valid_h), person_id=tx.actor.person_id,
            issued_at=tx.at,
        )
    )  # fmt: skip
    return {"id": row.id, "subject_id": subject.id, "valid_until": row.valid_until}


@performs("form_link.end")
def end(tx: Tx, form_link_id: str) -> Answer:
    """It opens nothing any more."""
    link = tx.need(FormLink, form_link_id)
    if link.used_at is not None or link.ended_at is not None:
        raise Refused("already_ended", noun="form_link")
    tx.change(link, ended_at=tx.at)
    return {"id": link.id, "subject_id": link.subject_id}


@performs("form_link.answer")
def answer(tx: Tx, form_link_id: str, answers: Sequence[str]) -> Answer:
    """What the patient answered, all questionnaires of the link one after the other; its link is used up by it."""
    link = tx.need(FormLink, form_link_id)
    still_open(link, tx.at)
    versions = [version_named(one) for one in link.forms]
    items = sum(one.items for one in versions)
    if len(answers) != items:
        raise Refused("form_incomplete", items=items, answers=len(answers))
    if not any(one.strip() for one in answers):
        raise Refused("nothing_answered")
    course = tx.find(Course, link.course_id)
    site = sites.of_course(tx, course) if course else sites.of_persons(tx, [link.subject_id])[link.subject_id]
    visit = Visit(link.subject_id, link.time_point, link.laterality, link.course_id, sites.day(site, tx.at))
    begin = 0
    for version in versions:
        mine = answers[begin : begin + version.items]
        begin += version.items
        keep(tx, version, mine, PATIENT, visit)
    tx.change(link, used_at=tx.at)
    return {"id": link.id, "subject_id": link.subject_id}


def version_named(named: str) -> Version:
    instrument, _bar, name = named.partition("|")
    return version_of(instrument, name)


def still_open(link: FormLink, at: datetime) -> None:
    """Refuse what opens nothing any more."""
    if link.used_at is not None:
        raise Refused("link_used")
    if link.ended_at is not None or at >= link.valid_until:
        raise Refused("link_over")


def new_token(store: Store, actor: Actor, act_id: str) -> tuple[str | None, str]:
    """A token of 128 bits and its hash; no token where it was told before."""
    return tokens.new(store, actor, act_id, 16, lambda view, link_id: view.need(FormLink, link_id).hashed)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link asks, and nothing about whom."""

    link_id: str
    house: str
    versions: tuple[Version, ...]
    laterality: Laterality | None
    language: str
    kiosk: bool


def opened(store: Store, token: str, address: str) -> Asked:
    """The questionnaires behind a token. Raises `NotFound`, Refused `link_used`, `link_over`; guesses are counted by address."""
    with store.read(SYSTEM) as view:
        found = view.known(FormLink, hashed=tokens.hash_of(token))
        if not found:  # whose link is right is kept out by nobody who guesses at the same address
            store.tries.count(("form link", address), store.clock())
            raise NotFound("form_link")
        (link,) = found
        still_open(link, view.at)
        house = view.need(Subject, link.subject_id).organisation_id
    versions = tuple(version_named(one) for one in link.forms)
    return Asked(link.id, house, versions, link.laterality, link.language, link.kiosk)


def answered(store: Store, found: Asked, answers: Sequence[str], *, demonstration: bool) -> Done:
    """Through the door, once: the same answers again are the same act, others find the link used."""
    act_id = sha256(f"answer {found.link_id} {answers}".encode()).hexdigest()[:32]
    call = Call(act_id=act_id, demonstration=demonstration)
    return answer(store, system_for(found.house), call, found.link_id, list(answers))


# -------------------------------------------------------------------------------------------------------------- reads


def links(view: View, subject_id: str) -> list[FormLink]:
    """Those that still open something, the newest first."""
    return view.all(
        FormLink, col(FormLink.subject_id).in_(persons.of(view, subject_id)), col(FormLink.used_at).is_(None),
        col(FormLink.ended_at).is_(None), col(FormLink.valid_until) > view.at, order=col(FormLink.id).desc(),
    )  # fmt: skip
