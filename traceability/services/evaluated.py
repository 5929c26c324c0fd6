"""Every course that was given, with what can be evaluated of it: scores by visit, responses, events. What comparisons rest on.

Only of subjects who consented to the use of their data; who did not, or withdrew, stays in the trace and is counted here.
A value counts where its sources agree or one was adjudicated, and where its range is reported. Two subjects with the same
national number, by its keyed digest, are one person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from traceability.domain.comparing import BASELINE, By, Treated
from traceability.domain.instruments import INSTRUMENTS, normalised
from traceability.services.organisations import zone_of
from traceability.store import View
from traceability.store.tables import (
    Adjudication,
    Administration,
    AdministrationVial,
    AdverseEvent,
    Consent,
    Course,
    Identity,
    Lot,
    Person,
    Place,
    ProtocolVersion,
    Score,
    Site,
    Stay,
    Subject,
)
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.subjects import ConsentKind, Laterality

RESPONSE = "VAS"
IMPROVED = Decimal("19.9")
"""A knee responds where pain on the VAS falls by 19.9 mm of 100 or more (Tubach 2005, knee, minimal clinically important)."""
DAYS = {TimePoint.MONTH_2: 61, TimePoint.MONTH_4: 122, TimePoint.MONTH_6: 183}
"""From the first injection to the visit. Follow-up has no day of its own: nobody is missing there."""
GRACE_D, SERIES_D = 14, 28
"""So long after its day a visit is due; a series whose protocol is not known is taken for five weekly doses (R41)."""


class Missing(StrEnum):
    """Why a score cannot be evaluated."""

    NO_BASELINE = "no_baseline"
    NO_VALUE = "no_value"
    UNDECIDED = "undecided"
    NO_RANGE = "no_range"


@dataclass(frozen=True, slots=True)
class Followed:
    """A course, whose it is, and what became of it; `why`: by visit, what keeps its score from being evaluated."""

    treated: Treated
    subject_id: str
    pseudonym: str
    laterality: Laterality
    first_at: datetime
    first_on: date
    why: Mapping[str, Missing]


@dataclass(frozen=True, slots=True)
class Sample:
    """All that this reader sees and may use. `offered`: how many courses have a baseline and that visit, by instrument."""

    followed: tuple[Followed, ...]
    without_consent: int
    names: Mapping[str, str]
    """Of lots, places and injectors, by id; a month names itself."""
    offered: Mapping[tuple[str, str], int]
    instrument: str


@dataclass(frozen=True, slots=True)
class Knee:
    """One course as it was given: its injections, or those of a knee without a course on record."""

    id: str
    subject: Subject
    laterality: Laterality
    course: Course | None
    given: tuple[Administration, ...]


def sample(view: View, instrument: str | None = None) -> Sample:
    """`instrument`: the one that is compared; without it the one of which most can be evaluated."""
    subjects = {one.id: one for one in view.all(Subject)}
    treated = {one.subject_id for one in view.all(Administration)}
    agreed = _consented(view)
    knees = [knee for knee in _knees(view, subjects) if knee.subject.id in agreed]
    values = _values(view, knees)
    offered = Counter(
        (instrument, point)
        for (_, instrument), by_visit in values.items() for point, value in by_visit.items()
        if point != BASELINE and isinstance(value, Decimal) and isinstance(by_visit.get(BASELINE), Decimal)
    )  # fmt: skip
    most = max(offered, key=lambda one: (offered[one], one[0] == RESPONSE), default=(RESPONSE, ""))[0]
    compared = instrument or most
    groups, names = _groups(view, knees)
    events, persons, doses = _events(view, knees), _persons(view, subjects), _series_d(view, knees)
    made = []
    for knee in knees:
        by_visit = values.get((knee.id, compared), {})
        responses = _responses(values.get((knee.id, RESPONSE), {}))
        asked = events.get(knee.id)
        zone = zone_of(view, knee.subject.organisation_id)
        first = knee.given[0].given_at
        person = persons.get(knee.subject.id, knee.subject.id)
        told = Treated(
            person=person, course=knee.id, groups=groups[knee.id],
            scores={point: float(value) for point, value in by_visit.items() if isinstance(value, Decimal)},
            responses=responses, due=_due(view, first, doses[knee.id]).union(responses),
            event=asked[0] if asked else None, watched_d=asked[1] if asked else None,
        )  # fmt: skip
        made.append(
            Followed(told, knee.subject.id, knee.subject.pseudonym, knee.laterality, first, _local(first, zone), _why(by_visit))
        )  # fmt: skip
    return Sample(tuple(made), len(treated - agreed), names, offered, compared)


def _consented(view: View) -> set[str]:
    """Subjects whose consent to the use of their data stands. What nobody recorded is no consent (R48)."""
    rows = view.all(Consent, Consent.kind == ConsentKind.DATA)
    return {
        one.subject_id
        for one in rows
        if one.signed_at <= view.at and (one.withdrawn_at is None or one.withdrawn_at > view.at)
    }


def _persons(view: View, subjects: Mapping[str, Subject]) -> dict[str, str]:
    """The first subject with the same national number, by subject. Digests are compared; no identity is opened."""
    first: dict[str, str] = {}
    rows = view.all(Identity, col(Identity.nik_index).is_not(None), order=Identity.subject_id)
    return {
        one.subject_id: first.setdefault(one.nik_index, one.subject_id)
        for one in rows
        if one.nik_index and one.subject_id in subjects
    }


def _knees(view: View, subjects: Mapping[str, Subject]) -> list[Knee]:
    """An injection told without its course belongs to the one course of that knee, where there is one."""
    courses = {one.id: one for one in view.all(Course)}
    of_side: dict[tuple[str, Laterality], list[Course]] = defaultdict(list)
    for course in courses.values():
        of_side[course.subject_id, course.laterality].append(course)
    given: dict[str, list[Administration]] = defaultdict(list)
    for one in view.all(Administration, order=(Administration.given_at, Administration.id)):
        same = of_side[one.subject_id, one.laterality]
        known = one.course_id or (same[0].id if len(same) == 1 else None)
        given[known or f"{one.subject_id}-{one.laterality}"].append(one)
    return [
        Knee(knee, subjects[told[0].subject_id], told[0].laterality, courses.get(knee), tuple(told))
        for knee, told in given.items()
        if told[0].subject_id in subjects
    ]


# ------------------------------------------------------------------------------------------------------ where it counts


def _groups(view: View, knees: Sequence[Knee]) -> tuple[dict[str, dict[By, frozenset[str | None]]], dict[str, str]]:
    """Lots, places, injectors and the month of each course. A label that names another lot is that lot too."""
    vials: dict[str, list[AdministrationVial]] = defaultdict(list)
    for vial in view.all(AdministrationVial):
        vials[vial.administration_id].append(vial)
    stays = _stays(view)
    made: dict[str, dict[By, frozenset[str | None]]] = {}
    for knee in knees:
        drawn = [(one, vial) for one in knee.given for vial in vials[one.id]]
        zone = zone_of(view, knee.subject.organisation_id)
        lots = {vial.lot_id for _, vial in drawn} | {vial.label_lot_id for _, vial in drawn if vial.label_lot_id}
        made[knee.id] = {
            By.LOT: frozenset(lots) or frozenset([None]),
            By.PLACE: frozenset(_lay(stays, one, vial) for one, vial in drawn) or frozenset([None]),
            By.INJECTOR: frozenset(one.injector_id for one in knee.given),
            By.MONTH: frozenset([f"{_local(knee.given[0].given_at, zone):%Y-%m}"]),
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


# ------------------------------------------------------------------------------------------------------ what became of it

Value = Decimal | Missing
Values = dict[tuple[str, str], dict[str, Value]]
"""By course and instrument, then by visit: 0–100 with 0 best, or why there is none."""


def _values(view: View, knees: Sequence[Knee]) -> Values:
    chosen: dict[str, str] = {}
    for choice in view.all(Adjudication, order=(Adjudication.adjudicated_at, Adjudication.id)):
        chosen |= dict.fromkeys(choice.score_ids, choice.chosen_id)
    by_subject: dict[str, list[Knee]] = defaultdict(list)
    for knee in knees:
        by_subject[knee.subject.id].append(knee)
    cells: dict[tuple[str, str, str], list[Score]] = defaultdict(list)
    for score in view.all(Score, col(Score.subscale).is_(None)):
        if (knee_id := _knee_of(score, by_subject[score.subject_id])) is not None:
            cells[knee_id, score.instrument, str(score.time_point)].append(score)
    made: Values = defaultdict(dict)
    for (knee_id, instrument, point), scores in cells.items():
        made[knee_id, instrument][point] = _counting(instrument, scores, chosen)
    return made


def _knee_of(score: Score, knees: Sequence[Knee]) -> str | None:
    """The course that a score names; else the one of its side; without a side, the only one there is."""
    if score.course_id is not None:
        return next((one.id for one in knees if one.id == score.course_id), None)
    found = [one for one in knees if score.laterality in (None, one.laterality)]
    return found[0].id if len(found) == 1 else None


def _counting(instrument: str, scores: Sequence[Score], chosen: Mapping[str, str]) -> Value:
    """What was adjudicated, or what every source says alike; its range from whichever of those reports one."""
    adjudicated = {chosen[one.id] for one in scores if one.id in chosen}
    counting = [one for one in scores if one.id in adjudicated] or list(scores)
    if len({one.raw for one in counting}) > 1:
        return Missing.UNDECIDED
    known = INSTRUMENTS.get(instrument)
    if known is None:
        return Missing.NO_RANGE
    scaled = {normalised(one.raw, one.low, one.high, known.best) for one in counting} - {None}
    if len(scaled) > 1:
        return Missing.UNDECIDED
    return next((one for one in scaled if one is not None), Missing.NO_RANGE)


def _responses(by_visit: Mapping[str, Value]) -> dict[str, bool]:
    before = by_visit.get(BASELINE)
    if not isinstance(before, Decimal):
        return {}
    return {
        point: before - value >= IMPROVED
        for point, value in by_visit.items()
        if point != BASELINE and isinstance(value, Decimal)
    }


def _why(by_visit: Mapping[str, Value]) -> dict[str, Missing]:
    before = by_visit.get(BASELINE, Missing.NO_BASELINE)
    told = {str(point): by_visit.get(point, Missing.NO_VALUE) for point in TimePoint if point is not TimePoint.BASELINE}
    if isinstance(before, Missing):
        return dict.fromkeys(told, before)
    return {point: value for point, value in told.items() if isinstance(value, Missing)}


def _events(view: View, knees: Sequence[Knee]) -> dict[str, tuple[bool, int]]:
    """Of every course about which somebody asked since it began: whether there was harm, and after how many days.

    Without harm, the days to the last time somebody asked. An answer that names no course is about all of the subject's.
    """
    rows: dict[str, list[AdverseEvent]] = defaultdict(list)
    for one in view.all(AdverseEvent, AdverseEvent.asked != Asked.NOT_ASKED):
        rows[one.subject_id].append(one)
    made: dict[str, tuple[bool, int]] = {}
    for knee in knees:
        ours = {one.id for one in knee.given}
        first = knee.given[0].given_at
        told = [
            one
            for one in rows[knee.subject.id]
            if one.reported_at >= first
            and one.course_id in (None, knee.id)
            and (one.administration_id is None or one.administration_id in ours)
        ]
        harm = [(one.reported_at - first).days for one in told if one.asked is Asked.YES]
        if told:
            made[knee.id] = (bool(harm), min(harm) if harm else max((one.reported_at - first).days for one in told))
    return made


def _series_d(view: View, knees: Iterable[Knee]) -> dict[str, int]:
    protocols = {one.id: one for one in view.all(ProtocolVersion)}
    made = {}
    for knee in knees:
        known = protocols.get(knee.course.protocol_version_id) if knee.course else None
        made[knee.id] = (known.doses - 1) * known.interval_d if known else SERIES_D
    return made


def _due(view: View, first: datetime, series_d: int) -> frozenset[str]:
    passed = (view.at - first).days - GRACE_D
    days = {TimePoint.AFTER_SERIES: series_d} | DAYS
    return frozenset(str(point) for point, day in days.items() if day <= passed)


def _local(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
