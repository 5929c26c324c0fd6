"""The study data of a house as its reader may use it: whose consent stands, each person once, what counts (R48, R50–R53).

Who withdrew the consent to the use of data, or never gave it, is left out and counted; so is every pseudonym of a person who
withdrew at one of them. No identity is opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability.domain.course_view import Counts, counts_of
from traceability.services import evaluated, eventbook, exposures, outcomes, persons
from traceability.services.exposures import Knee
from traceability.services.organisations import site_of, zone_of
from traceability.store import View
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    AdverseEvent,
    Consent,
    Course,
    EventAssessment,
    Lot,
    Product,
    ProductVersion,
    ProtocolVersion,
    Score,
    Subject,
    Vial,
)
from traceability.store.tables.subjects import ConsentKind


@dataclass(frozen=True, slots=True)
class Injection:
    """One vial of one injection."""

    given: Administration
    part: AdministrationVial
    serial: str
    lot: str
    product: str
    k: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A score, and whether it counts."""

    score: Score
    counts: Counts
    adjudicated: bool


@dataclass(frozen=True, slots=True)
class Person:
    """One person: every subject that stands for them at a house, the first one first. `number`: the pseudonym of that.

    `whose`: under which of these each pseudonym of theirs is read.
    """

    number: str
    whose: Mapping[str, str]
    subjects: tuple[Subject, ...]
    injections: tuple[Injection, ...]
    scores: tuple[Told, ...]
    events: tuple[AdverseEvent, ...]
    consented: date | None
    protocol: str | None
    zone: ZoneInfo
    site: str

    @property
    def first_on(self) -> date | None:
        """The day of the first injection, where it was given: day 1."""
        return self.injections[0].given.given_at.astimezone(self.zone).date() if self.injections else None


@dataclass(frozen=True, slots=True)
class Study:
    """`left_out`: subjects with something on record and no consent to its use, or whose person withdrew it."""

    persons: tuple[Person, ...]
    judged: Mapping[str, Sequence[EventAssessment]]
    left_out: int
    demonstration: bool

    @property
    def counted(self) -> dict[str, int]:
        return {
            "persons": len(self.persons), "injections": sum(len({i.given.id for i in one.injections}) for one in self.persons),
            "scores": sum(len(one.scores) for one in self.persons), "events": sum(len(one.events) for one in self.persons),
            "left_out": self.left_out,
        }  # fmt: skip


def study(view: View) -> Study:
    known = persons.standing(view)
    subjects = {one.id: known.get(one.id, one) for one in view.all(Subject)}  # who was enrolled twice is one
    whose = {one: subject.id for one, subject in subjects.items()}
    scores = [one for one in view.all(Score, Score.counts()) if one.subject_id in subjects]
    knees = exposures.knees(view, subjects)
    events = [last for _, last in eventbook.current(view.all(AdverseEvent)) if last.subject_id in subjects]
    told_of = {one.subject_id for one in scores} | {one.subject_id for one in events}
    active = {whose[one] for one in told_of} | {one.subject.id for one in knees}
    agreed = evaluated.consented(view)
    same = evaluated.same_person(view, subjects)
    refused = {same.get(one, one) for one in {whose[told] for told in _withdrawn(view) if told in whose} - agreed}
    taken = {one for one in active & agreed if same.get(one, one) not in refused}
    by_person: dict[str, list[Subject]] = defaultdict(list)
    for subject_id in sorted(taken, key=lambda one: subjects[one].id):
        by_person[same.get(subject_id, subject_id)].append(subjects[subject_id])
    injections = _injections(view, [knee for knee in knees if knee.subject.id in taken])
    told = _told(view, [one for one in scores if whose[one.subject_id] in taken], whose)
    courses: dict[str, list[Course]] = defaultdict(list)
    for course in view.all(Course, order=(Course.planned_on, Course.id)):
        courses[whose.get(course.subject_id, course.subject_id)].append(course)
    names = {one.id: one.name for one in view.all(ProtocolVersion)}
    signed: dict[str, date] = {}
    zones = {one: zone_of(view, one) for one in {subject.organisation_id for subject in subjects.values()}}
    for consent in view.all(Consent, Consent.kind == ConsentKind.THERAPY, order=Consent.signed_at):
        if consent.subject_id in subjects:
            zone = zones[subjects[consent.subject_id].organisation_id]
            signed.setdefault(whose[consent.subject_id], consent.signed_at.astimezone(zone).date())
    people = []
    for mine in by_person.values():
        ids = {one.id for one in mine}
        first = mine[0]
        planned = next((names.get(one.protocol_version_id) for each in mine for one in courses[each.id]), None)
        site = site_of(view, first.organisation_id)
        people.append(
            Person(
                first.pseudonym, {one: subject.pseudonym for one, subject in subjects.items() if subject.id in ids}, tuple(mine),
                tuple(sorted((i for one in ids for i in injections[one]), key=lambda i: (i.given.given_at, i.given.id, i.serial))),
                tuple(one for one in told if whose[one.score.subject_id] in ids),
                tuple(sorted((one for one in events if whose[one.subject_id] in ids), key=lambda one: one.id)),
                min((signed[one] for one in ids if one in signed), default=None), planned, zones[first.organisation_id],
                (site.gln or site.name) if site else "",
            )
        )  # fmt: skip
    judged: dict[str, list[EventAssessment]] = defaultdict(list)
    for word in view.all(EventAssessment, order=EventAssessment.id):
        judged[word.event_id].append(word)
    return Study(
        tuple(sorted(people, key=lambda one: one.number)), judged, len(active - taken),
        any(one.demonstration for subject in people for one in subject.subjects),
    )  # fmt: skip


def _withdrawn(view: View) -> set[str]:
    """Subjects who once agreed to the use of their data and took it back."""
    told = view.all(Consent, Consent.kind == ConsentKind.DATA, col(Consent.withdrawn_at).is_not(None))
    return {one.subject_id for one in told}


def _injections(view: View, knees: Sequence[Knee]) -> Mapping[str, list[Injection]]:
    given = {one.id: (one, knee) for knee in knees for one in knee.given}
    parts = [one for one in view.all(AdministrationVial) if one.administration_id in given]
    vials = {
        one.id: one.serial for one in view.known(Vial, col(Vial.id).in_({one.vial_id for one in parts if one.vial_id}))
    }
    lots = {one.id: one for one in view.known(Lot, col(Lot.id).in_({one.lot_id for one in parts if one.lot_id}))}
    versions = {one.id: one.product_id for one in view.known(ProductVersion)}
    products = {one.id: one.name for one in view.known(Product)}
    planned = {row.id: row.k for row in view.rows("SELECT id, k FROM dose", {})}
    made: dict[str, list[Injection]] = defaultdict(list)
    for part in parts:
        one, knee = given[part.administration_id]
        lot = lots.get(part.lot_id or "")
        made[knee.subject.id].append(
            Injection(
                one, part, vials.get(part.vial_id or "", part.code), lot.number if lot else "",
                products[versions[lot.product_version_id]] if lot else "", planned.get(one.dose_id or ""),
            )
        )  # fmt: skip
    return made


def _told(view: View, scores: Sequence[Score], whose: Mapping[str, str]) -> list[Told]:
    chosen = outcomes.chosen(view)
    cells: dict[tuple[str, str, str, str, str], list[Score]] = defaultdict(list)
    for one in scores:
        of = one.subscale or one.unit or ""
        cells[whose[one.subject_id], str(one.time_point), one.instrument, of, str(one.laterality or "")].append(one)
    made = []
    for key in sorted(cells):
        here = cells[key]
        right = [chosen.get(one.id) == one.id for one in here]
        counts = counts_of(here[0].instrument, here, right)
        made += [Told(*one) for one in zip(here, counts, right, strict=True)]
    return made
