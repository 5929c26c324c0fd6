"""Subjects and their courses by program: who somebody is goes in once, sealed, and never comes out here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import Schema

from schemas.clinic import AlikeOut, CourseViewOut, CourseWholeOut, InjectionOut, SubjectOut, SubjectWholeOut
from schemas.fields import Code, Day, Words
from schemas.inputs import ActIn
from schemas.outputs import page_of
from traceability import asking, problems
from traceability.api import asked, blueprint
from traceability.api.acts import STATUSES, act
from traceability.api.lists import LIST, ONE, cut
from traceability.asking import Done, actor, store
from traceability.domain.course_view import CourseView
from traceability.domain.errors import NotFound
from traceability.domain.timers import Timer
from traceability.services import (
    PERFORMERS,
    administrations,
    consents,
    course_outcomes,
    courses,
    persons,
    responding,
    subjects,
    timers,
)
from traceability.services.supply import Kept

LOOK_UP = PERFORMERS["subject.look_up"].act
PERSONAL = ("name", "mrn", "born", "nik", "wristband")


class SubjectEnrolIn(ActIn):
    name = Words(required=True)
    mrn = Words(most=64, required=True, metadata={"description": "The hospital's record number."})
    born = Day(required=True)
    nik = Words(most=32, least=0, load_default="")
    wristband = Words(
        most=200, least=0, load_default="", metadata={"description": "What its code says, if it has one."}
    )


@act("subject.enrol", SubjectEnrolIn)
def enrol_subject(told: dict[str, Any]) -> Done:
    """A pseudonym for a person. Their identity is kept encrypted and apart; the ledger has a keyed digest of it."""
    sealed = subjects.seal_identity(store(), **{name: told.pop(name) for name in PERSONAL})
    return asking.ask("subject.enrol", None, {**told, "identity": sealed}, asked.act_id())


@blueprint.route("/subjects", tags=["subjects"], endpoint="subjects")
@blueprint.refuses(*LIST)
@blueprint.response(200, page_of(SubjectOut))
@blueprint.arguments(asked.PageIn, location="query")
def all_subjects(told: dict[str, Any]) -> dict[str, Any]:
    """Subjects of one's own organisation, by pseudonym, newest first."""
    limit = told["limit"]
    with store().read(actor()) as view:
        found = subjects.subjects(view, limit=limit + 1, after=asked.cursor(told.get("after")))
        return cut([subjects.plain(one) for one in found], limit, lambda one: one["id"])


class FoundIn(Schema):
    wristband = Code(required=True, metadata={"description": "What the wristband says; it is kept nowhere."})


@blueprint.route("/subjects/found", methods=["POST"], tags=["subjects"])
@blueprint.doc(
    operationId="subject.look_up", **{"x-act": {"kind": "fact", "roles": sorted(LOOK_UP.roles), "signatures": []}}
)
@blueprint.refuses(*STATUSES)
@blueprint.response(200, SubjectOut)
@blueprint.arguments(FoundIn)
def found_subject(told: dict[str, Any]) -> dict[str, Any]:
    """Whose wristband this is. By POST alone: a person's code stands in no address and no log (R9).

    For those who treat; that somebody asked, and whether anybody was found, is an entry of the ledger.
    """
    number = subjects.looked(store(), told["wristband"], "wristband")
    done = asking.ask("subject.look_up", None, {"number": number}, asking.new_id())
    if not done.answer["found"]:
        raise NotFound("subject")
    with store().read(actor()) as view:
        return subjects.plain(subjects.subject(view, done.id))


@blueprint.route("/subjects/<record:subject_id>", tags=["subjects"], endpoint="subject")
@blueprint.refuses(*ONE)
@blueprint.response(200, SubjectWholeOut)
def one_subject(subject_id: str) -> dict[str, Any]:
    """One subject: what was consented to, their courses, and what became of each knee against before."""
    with store().read(actor()) as view:
        subject = subjects.subject(view, subject_id)
        standing, *others = [subjects.subject(view, one) for one in persons.of(view, subject.id)]
        told: dict[str, Any] = {"stands": subjects.plain(standing), "merged": [subjects.plain(one) for one in others]}
        signed = consents.told(view, subjects.consents(view, subject.id))
        told["consents"] = [
            one["consent"].model_dump() | {"asks": [problems.told(each) for each in one["asks"]]} for one in signed
        ]
        told |= {"courses": courses.courses(view, subject.id)}
        told["responses"] = [_visited(one) for one in responding.of_subject(view, subject.id)]
        return subjects.plain(subject) | told


@blueprint.route("/subjects/alike", tags=["subjects"], endpoint="subjects_alike")
@blueprint.refuses(401, 403)
@blueprint.response(200, AlikeOut(many=True))
def perhaps_one() -> list[dict[str, Any]]:
    """Subjects that may be one person who was enrolled twice, by keyed digests alone. Merged ones are not named again."""
    with store().read(actor()) as view:
        return [{"subjects": [subjects.plain(one) for one in each]} for each in subjects.alike(view)]


def _visited(one: responding.Visited) -> dict[str, Any]:
    matters = [
        {"instrument": threshold.instrument, "source": threshold.source, "met": met}
        for threshold, met in one.became.matters
    ]
    return {
        "laterality": one.laterality,
        "course_id": one.course_id,
        "time_point": one.time_point,
        "responded": one.became.responded,
        "matters": matters,
    }


@blueprint.route("/courses/<record:course_id>", tags=["courses"], endpoint="course")
@blueprint.refuses(*ONE)
@blueprint.response(200, CourseWholeOut)
def one_course(course_id: str) -> dict[str, Any]:
    """One course: its doses with order, vials kept and what was given."""
    with store().read(actor()) as view:
        course, *_ = courses.course(view, course_id)
        rows = courses.doses(view, course.id)
        running = timers.of_vials(view, sorted({one.vial_id for row in rows for one in row["kept"]}))
        told = [row | {"timers": _first(running, row["kept"])} for row in rows]
        return course.model_dump() | {"doses": told}


def _first(running: Mapping[str, tuple[Timer, ...]], kept: Iterable[Kept]) -> list[Timer]:
    """The clocks of all vials of a dose, that which ends first before the others."""
    return sorted((one for vial in kept for one in running.get(vial.vial_id, ())), key=lambda one: one.until)


@blueprint.route("/courses/<record:course_id>/outcomes", tags=["courses"], endpoint="course_outcomes")
@blueprint.refuses(*ONE)
@blueprint.response(200, CourseViewOut)
def outcomes_of_course(course_id: str) -> CourseView:
    """What each instrument said of that knee over time, which values count, the doses, and what is not reported."""
    with store().read(actor()) as view:
        return course_outcomes.of_course(view, course_id)


@blueprint.route("/administrations/<record:administration_id>", tags=["courses"], endpoint="administration")
@blueprint.refuses(*ONE)
@blueprint.response(200, InjectionOut)
def one_administration(administration_id: str) -> dict[str, Any]:
    """One injection: its vials, what stood against it, the watch after it, and what of it was corrected since."""
    with store().read(actor()) as view:
        found = administrations.administration(view, administration_id)
        told = {"vials": [part for part, _ in found["parts"]], "observations": found["observations"]}
        told["corrections"] = administrations.corrections(view, administration_id)
        return found["administration"].model_dump() | told
