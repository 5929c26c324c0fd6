"""The study data of a house as its reader may use it: whose consent stands, each person once, what counts (R48, R50–R53).

Who withdrew the consent to the use of data, or never gave it, is left out and counted; so is every pseudonym of a person who
withdrew at one of them. No identity is opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import col

from traceability.domain.weighing import Counts, counts_of
from traceability.services import evaluated, eventbook, exposures, joints, outcomes, sites
from traceability.services.exposures import Knee
from traceability.services.joints import Joint, Place
from traceability.store import View
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    AdverseEvent,
    Consent,
    Course,
    Dose,
    EventAssessment,
    Lot,
    Product,
    ProductVersion,
    ProtocolVersion,
    Score,
    Site,
    Subject,
    Vial,
)
from traceability.store.tables.subjects import ConsentKind, Laterality


@dataclass(frozen=True, slots=True)
class Injection:
    """One vial of one injection."""

    given: Administration
    part: AdministrationVial
    serial: str
    lot: str
    product: str
    k: int | None
    course_id: str | None
    site: Site | None

    @property
    def at(self) -> datetime:
        """By the clock of where it was given."""
        return self.given.given_at.astimezone(sites.zone(self.site))


@dataclass(frozen=True, slots=True)
class Told:
    """A score, of which course and knee it is (`joints.place`), and whether it counts."""

    score: Score
    place: Place
    counts: Counts
    adjudicated: bool


@dataclass(frozen=True, slots=True)
class Person:
    """One person: every subject that stands for them at a house, the first one first. `number`: the pseudonym of that.

    `whose`: under which of these each pseudonym of theirs is read; `courses`: all of theirs, in the order in which they were planned.
    """

    number: str
    whose: Mapping[str, str]
    subjects: tuple[Subject, ...]
    courses: tuple[Course, ...]
    injections: tuple[Injection, ...]
    scores: tuple[Told, ...]
    events: tuple[AdverseEvent, ...]
    consented: date | None
    protocol: str | None
    site: Site | None
    """Where the first injection was given, else where they are treated."""

    @property
    def zone(self) -> ZoneInfo:
        return sites.zone(self.site)

    @property
    def first_on(self) -> date | None:
        """The day of the first injection, where it was given: day 1."""
        return self.injections[0].at.date() if self.injections else None

    def nth(self, course_id: str | None) -> int | None:
        """Courses are numbered within a person, from 1."""
        return next((n for n, one in enumerate(self.courses, 1) if one.id == course_id), None)

    def begins_with(self, course_id: str | None) -> bool:
        """Whether no course of that knee was given before: what was seen before a later one was seen after an injection."""
        given = {one.course_id for one in self.injections}
        before: set[Laterality] = set()
        for one in self.courses:
            if one.id == course_id:
                return one.laterality not in before
            before |= {one.laterality} if one.id in given else set()
        return True


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
    subjects = evaluated.read_under(view)
    whose = {one: subject.id for one, subject in subjects.items()}
    scores = [one for one in view.all(Score, Score.counts()) if one.subject_id in subjects]
    known = joints.joints(view, whose)
    knees = exposures.knees(view, subjects, known)
    had_by, events = _events(view, whose)
    told_of = {whose[one.subject_id] for one in scores} | set(had_by.values())
    people, left_out = _usable(view, subjects, told_of | {one.subject.id for one in knees})
    taken = {one.id for mine in people for one in mine}
    injections = _injections(view, [knee for knee in knees if knee.subject.id in taken])
    told = _told(view, [one for one in scores if whose[one.subject_id] in taken], whose, known)
    theirs = sorted(one for one, standing in whose.items() if standing in taken)
    protocols = _protocols(view, theirs, whose)
    treated = sites.of_persons(view, theirs)
    signed: dict[str, date] = {}
    therapy = Consent.kind == ConsentKind.THERAPY
    for consent in view.all(Consent, therapy, col(Consent.subject_id).in_(theirs), order=Consent.signed_at):
        signed.setdefault(whose[consent.subject_id], sites.day(treated[consent.subject_id], consent.signed_at))
    made = []
    for mine in people:
        ids = {one.id for one in mine}
        first = mine[0]
        given = sorted(
            (i for one in ids for i in injections[one]), key=lambda i: (i.given.given_at, i.given.id, i.serial)
        )
        made.append(
            Person(
                first.pseudonym, {one: subject.pseudonym for one, subject in subjects.items() if subject.id in ids}, mine,
                tuple(sorted((j.course for one in ids for j in known.get(one, ()) if j.course), key=lambda one: (one.planned_on, one.id))),
                tuple(given),
                tuple(one for one in told if whose[one.score.subject_id] in ids),
                tuple(sorted((one for one in events if had_by[one.id] in ids), key=lambda one: one.id)),
                min((signed[one] for one in ids if one in signed), default=None),
                next((protocols[one.id] for one in mine if one.id in protocols), None),
                given[0].site if given else treated[first.id],
            )
        )  # fmt: skip
    judged: dict[str, list[EventAssessment]] = defaultdict(list)
    asked = {one.first_id or one.id for person in made for one in person.events}
    for word in view.all(EventAssessment, col(EventAssessment.event_id).in_(asked), order=EventAssessment.id):
        judged[word.event_id].append(word)
    return Study(
        tuple(sorted(made, key=lambda one: one.number)), judged, left_out,
        any(one.demonstration for subject in made for one in subject.subjects),
    )  # fmt: skip


def counted(view: View) -> dict[str, int]:
    """`Study.counted` of the same study, which is not made for it."""
    subjects = evaluated.read_under(view)
    whose = {one: subject.id for one, subject in subjects.items()}
    given = view.counted(Administration, Administration.subject_id, Administration.counts())
    scores = view.counted(Score, Score.subject_id, Score.counts())
    had_by, events = _events(view, whose)
    told_of = {whose[one] for one in (*given, *scores) if one in whose} | set(had_by.values())
    people, left_out = _usable(view, subjects, told_of)
    taken = {one.id for mine in people for one in mine}
    return {
        "persons": len(people), "injections": sum(count for one, count in given.items() if whose.get(one) in taken),
        "scores": sum(count for one, count in scores.items() if whose.get(one) in taken),
        "events": sum(had_by[one.id] in taken for one in events), "left_out": left_out,
    }  # fmt: skip


def _events(view: View, whose: Mapping[str, str]) -> tuple[Mapping[str, str], Sequence[AdverseEvent]]:
    """What was asked about harm as it was told last, and by its id under whom it is read."""
    told = [last for _, last in eventbook.current(view.all(AdverseEvent))]
    had_by = {one: whose[subject] for one, subject in eventbook.whose(view, told).items() if subject in whose}
    return had_by, [one for one in told if one.id in had_by]


def _usable(view: View, subjects: Mapping[str, Subject], active: set[str]) -> tuple[Sequence[tuple[Subject, ...]], int]:
    """The subjects of each person, of these with something on record, whose consent stands; and how many are left out."""
    same = evaluated.same_person(view, subjects)
    taken = active & evaluated.usable(view, subjects, same)
    by_person: dict[str, list[Subject]] = defaultdict(list)
    for subject_id in sorted(taken):
        by_person[same.get(subject_id, subject_id)].append(subjects[subject_id])
    return [tuple(mine) for mine in by_person.values()], len(active - taken)


def _protocols(view: View, subject_ids: Sequence[str], whose: Mapping[str, str]) -> Mapping[str, str]:
    """The name of the protocol of each one's first course, by the subject under whom it is read."""
    courses = view.all(Course, col(Course.subject_id).in_(subject_ids), order=(Course.planned_on, Course.id))
    used = {one.protocol_version_id for one in courses}
    names = {one.id: one.name for one in view.all(ProtocolVersion, col(ProtocolVersion.id).in_(used))}
    made: dict[str, str] = {}
    for one in courses:
        if one.protocol_version_id in names:
            made.setdefault(whose[one.subject_id], names[one.protocol_version_id])
    return made


def _injections(view: View, knees: Sequence[Knee]) -> Mapping[str, list[Injection]]:
    given = {one.id: (one, knee) for knee in knees for one in knee.given}
    parts = view.all(AdministrationVial, col(AdministrationVial.administration_id).in_(list(given)))
    vials = {
        one.id: one.serial for one in view.known(Vial, col(Vial.id).in_({one.vial_id for one in parts if one.vial_id}))
    }
    lots = {one.id: one for one in view.known(Lot, col(Lot.id).in_({one.lot_id for one in parts if one.lot_id}))}
    made_as = {one.product_version_id for one in lots.values()}
    versions = {one.id: one.product_id for one in view.known(ProductVersion, col(ProductVersion.id).in_(made_as))}
    products = {one.id: one.name for one in view.known(Product, col(Product.id).in_(set(versions.values())))}
    doses = {one.dose_id for one, _knee in given.values() if one.dose_id}
    planned = {one.id: one.k for one in view.known(Dose, col(Dose.id).in_(doses))}
    made: dict[str, list[Injection]] = defaultdict(list)
    for part in parts:
        one, knee = given[part.administration_id]
        lot = lots.get(part.lot_id or "")
        made[knee.subject.id].append(
            Injection(
                one, part, vials.get(part.vial_id or "", part.code), lot.number if lot else "",
                products[versions[lot.product_version_id]] if lot else "", planned.get(one.dose_id or ""),
                knee.course.id if knee.course else None, knee.site,
            )
        )  # fmt: skip
    return made


def _told(
    view: View, scores: Sequence[Score], whose: Mapping[str, str], known: Mapping[str, Sequence[Joint]]
) -> list[Told]:
    chosen = outcomes.chosen(view)
    cells: dict[tuple[str, ...], list[Score]] = defaultdict(list)
    places: dict[str, Place] = {}
    for one in scores:
        of, person = one.subscale or one.unit or "", whose[one.subject_id]
        joint, side = places[one.id] = joints.place(one, known.get(person, ()))
        cells[person, str(one.time_point), one.instrument, of, str(side or ""), joint or ""].append(one)
    made = []
    for key in sorted(cells):
        here = cells[key]
        right = [chosen.get(one.id) == one.id for one in here]
        counts = counts_of(here[0].instrument, here, chosen)
        if joints.is_open(places[here[0].id], known.get(key[0], ())):
            counts = [Counts.UNDECIDED] * len(here)
        made += [
            Told(one, places[one.id], *how) for one, how in zip(here, zip(counts, right, strict=True), strict=True)
        ]
    return made
