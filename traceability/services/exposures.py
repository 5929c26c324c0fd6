"""Who was injected with what: courses as they were given, and the lots, places, injectors and months that each counts for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from traceability.domain.comparing import By
from traceability.services import sites
from traceability.store import View
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    Course,
    Lot,
    Person,
    Place,
    Site,
    Stay,
    Subject,
)
from traceability.store.tables.subjects import Laterality


@dataclass(frozen=True, slots=True)
class Knee:
    """One course as it was given: its injections, or those of a knee without a course on record."""

    id: str
    subject: Subject
    laterality: Laterality
    course: Course | None
    given: tuple[Administration, ...]
    site: Site | None

    @property
    def first_at(self) -> datetime:
        return self.given[0].given_at

    @property
    def zone(self) -> ZoneInfo:
        return sites.zone(self.site)

    @property
    def first_on(self) -> date:
        """Where it was given."""
        return self.first_at.astimezone(self.zone).date()


def course_of(given: Administration, of_its_knee: Sequence[Course]) -> str | None:
    """The course it was told with; else the one course of that knee, where there is one."""
    return given.course_id or (of_its_knee[0].id if len(of_its_knee) == 1 else None)


def knees(view: View, subjects: Mapping[str, Subject]) -> list[Knee]:
    """Every injection in its course (`course_of`), else with the others of its knee that have none.

    `subjects`: each with the one under which it is read; who was enrolled twice is one.
    """
    courses = {one.id: one for one in view.all(Course)}
    of_side: dict[tuple[str, Laterality], list[Course]] = defaultdict(list)
    for course in courses.values():
        if course.subject_id in subjects:
            of_side[subjects[course.subject_id].id, course.laterality].append(course)
    given: dict[str, list[Administration]] = defaultdict(list)
    for one in view.all(Administration, Administration.counts(), order=(Administration.given_at, Administration.id)):
        if one.subject_id not in subjects:
            continue
        whose = subjects[one.subject_id].id
        known = course_of(one, of_side[whose, one.laterality])
        given[known or f"{whose}-{one.laterality}"].append(one)
    firsts = {knee: told[0] for knee, told in given.items()}
    at = sites.of_injections(
        view, list(firsts.values()), {first.id: courses[knee] for knee, first in firsts.items() if knee in courses}
    )
    return [
        Knee(
            knee, subjects[told[0].subject_id], told[0].laterality, courses.get(knee), tuple(told), at[told[0].id]
        )
        for knee, told in given.items()
    ]  # fmt: skip


def groups(view: View, knees: Sequence[Knee]) -> tuple[dict[str, dict[By, frozenset[str | None]]], dict[str, str]]:
    """Lots, places, injectors and the month of each course. A label that names another lot is that lot too."""
    vials: dict[str, list[AdministrationVial]] = defaultdict(list)
    for vial in view.all(AdministrationVial):
        vials[vial.administration_id].append(vial)
    stays = _stays(view)
    made: dict[str, dict[By, frozenset[str | None]]] = {}
    for knee in knees:
        drawn = [(one, vial) for one in knee.given for vial in vials[one.id]]
        lots = {vial.lot_id for _, vial in drawn} | {vial.label_lot_id for _, vial in drawn if vial.label_lot_id}
        made[knee.id] = {
            By.LOT: frozenset(lots) or frozenset([None]),
            By.PLACE: frozenset(_lay(stays, one, vial) for one, vial in drawn) or frozenset([None]),
            By.INJECTOR: frozenset(one.injector_id for one in knee.given),
            By.MONTH: frozenset([f"{knee.first_on:%Y-%m}"]),
        }
    sites = {one.id: one.name for one in view.all(Site)}
    names = {one.id: one.number for one in view.all(Lot)} | {one.id: one.name for one in view.all(Person)}
    names |= {one.id: f"{one.code}, {sites.get(one.site_id, '')}" for one in view.all(Place)}
    return made, names


def _stays(view: View) -> dict[str, list[Stay]]:
    made: dict[str, list[Stay]] = defaultdict(list)
    given = select(AdministrationVial.vial_id).where(col(AdministrationVial.vial_id).is_not(None))
    for stay in view.all(Stay, col(Stay.vial_id).in_(given), order=(Stay.vial_id, Stay.since)):
        made[stay.vial_id].append(stay)
    return made


def _lay(stays: Mapping[str, Sequence[Stay]], given: Administration, vial: AdministrationVial) -> str | None:
    """Where the vial lay last before it was given: the room that it was issued to."""
    before = [one for one in stays.get(vial.vial_id or "", ()) if one.since <= given.given_at]
    return before[-1].place_id if before else None
