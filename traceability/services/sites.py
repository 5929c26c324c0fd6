"""At which site something is done, and so which day it is there.

What is done to a patient is of the day of its site: a course with its doses and visits, an injection, a sheet for the bedside.
What a house does as a whole is of the house's day (`organisations.today`): its cases, papers, trainings, specifications, and
what it owes an authority. A vial ends with the day of where it lies, or of where it is to be given, whichever is over first
(`verdicts`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, text
from sqlmodel import col

from traceability.services import organisations, persons
from traceability.store import View
from traceability.store.tables import Administration, Course, Site, Subject


def zone(site: Site | None) -> ZoneInfo:
    return ZoneInfo(site.zone if site else "UTC")


def day(site: Site | None, at: datetime) -> date:
    """The day which that moment is there."""
    return at.astimezone(zone(site)).date()


def known(view: View, site_ids: Iterable[str]) -> dict[str, Site]:
    return {one.id: one for one in view.known(Site, col(Site.id).in_(sorted(set(site_ids))))}


def of_course(view: View, course: Course) -> Site:
    return view.known(Site, id=course.site_id)[0]


_LAY = text(
    "SELECT a.id, p.site_id FROM administration a JOIN administration_vial d ON d.administration_id = a.id"
    " JOIN stay s ON s.vial_id = d.vial_id AND s.since <= a.given_at JOIN place p ON p.id = s.place_id"
    " WHERE a.id IN :ids ORDER BY a.id, s.since, d.id"
).bindparams(bindparam("ids", expanding=True))


def of_injections(
    view: View, given: Sequence[Administration], courses: Mapping[str, Course] | None = None
) -> dict[str, Site | None]:
    """Of each the site of its course; without one, where its vial lay last before; else the first of its house. As many queries
    for one as for all of them.

    `courses`: by injection, from who knows them already.
    """
    if courses is None:
        of = {one.course_id for one in given if one.course_id}
        rows = {one.id: one for one in view.known(Course, col(Course.id).in_(sorted(of)))} if of else {}
        courses = {one.id: rows[one.course_id] for one in given if one.course_id in rows}
    at = {one: course.site_id for one, course in courses.items()}
    if rest := sorted(one.id for one in given if one.id not in at):
        at |= {row.id: row.site_id for row in view.connection.execute(_LAY, {"ids": rest})}  # the last one stands
    sites = known(view, at.values())
    houses = {one.organisation_id for one in given if one.id not in at}
    first = {one: organisations.site_of(view, one) for one in houses}
    return {one.id: sites[at[one.id]] if one.id in at else first[one.organisation_id] for one in given}


def of_persons(view: View, subject_ids: Iterable[str]) -> dict[str, Site | None]:
    """Where each of these is treated, if all courses of that person are at one site; else the first site of their house."""
    asked = set(subject_ids)
    stands = persons.stood_for(view)
    whose = {one: stands.get(one, one) for one in asked}
    anybody = {*asked, *whose.values(), *(one for one, other in stands.items() if other in whose.values())}
    at: dict[str, set[str]] = defaultdict(set)
    for course in view.known(Course, col(Course.subject_id).in_(sorted(anybody))):
        at[stands.get(course.subject_id, course.subject_id)].add(course.site_id)
    found = known(view, {one for mine in at.values() for one in mine})
    houses = {one.id: one.organisation_id for one in view.known(Subject, col(Subject.id).in_(sorted(asked)))}
    first = {house: organisations.site_of(view, house) for house in set(houses.values())}
    return {one: found[next(iter(at[who]))] if len(at[who]) == 1 else first[houses[one]] for one, who in whose.items()}


def of_care(view: View, subject_id: str, course_id: str | None, administration_id: str | None) -> Site | None:
    """The site of the course that is named, or of the injection; else where that person is treated."""
    if course_id and (courses := view.known(Course, id=course_id)):
        return of_course(view, courses[0])
    if administration_id and (given := view.known(Administration, id=administration_id)):
        return of_injections(view, given)[administration_id]
    return of_persons(view, [subject_id])[subject_id]


def latest_day(view: View) -> date:
    """The day it is at the site of the reader's house where it is furthest: what lies after it has happened at none of them."""
    mine = view.known(Site, organisation_id=view.actor.organisation_id)
    return max((day(one, view.at) for one in mine), default=organisations.today(view))
