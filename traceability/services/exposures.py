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
from traceability.services.joints import Joint, joints
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
    """One course as it was given: its injections into its knee, or those of a knee without a course on record."""

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


def knees(
    view: View, subjects: Mapping[str, Subject], known: Mapping[str, Sequence[Joint]] | None = None
) -> list[Knee]:
    """Every knee that was injected (`joints`), by its first injection.

    `subjects`: each with the one under which it is read; who was enrolled twice is one. `known`: the joints of each, where they were
    asked for already.
    """
    known = known if known is not None else joints(view, {one: subject.id for one, subject in subjects.items()})
    standing = {subject.id: subject for subject in subjects.values()}
    had = [(person, one) for person, theirs in known.items() for one in theirs if one.given]
    at = sites.of_injections(
        view, [one.given[0] for _, one in had], {one.given[0].id: one.course for _, one in had if one.course}
    )
    made = [
        Knee(one.id, standing[person], one.laterality, one.course, one.given, at[one.given[0].id])
        for person, one in had
    ]
    return sorted(made, key=lambda knee: (knee.first_at, knee.given[0].id))


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
