"""One person who was enrolled twice in one house: two people say so, and which subject stands from then on (R47).

Nothing is deleted or keyed anew; what was signed about either and is not done yet is asked anew. Reading: `persons.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.merging import COMPARED, Alike, doubts
from traceability.domain.people import Role
from traceability.domain.records import RecordKind
from traceability.services import Answer, documents, glass, gradings, performs, persons, supply
from traceability.services.administrations import cases_of
from traceability.services.correcting import moved, note
from traceability.services.organisations import own
from traceability.services.outdated import lots_of
from traceability.services.rejudging import Came, answered, judged
from traceability.services.subjects import decrypted, is_named, same_name
from traceability.store import Store, Tx, View, identities
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    AdverseEvent,
    Course,
    Dose,
    Identity,
    Order,
    Start,
    Subject,
    SubjectMerge,
    Vial,
)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two identities, compared before the act begins: what is alike, and nothing of the people."""

    subject_id: str
    into_id: str
    told: Mapping[str, Alike]
    prepared: ClassVar[bool] = True
    """Nobody types it: it is made before the act begins."""

    @property
    def digest(self) -> str:
        """What an act is told by that was told it: the same two, whatever is found of them when it is sent again."""
        return f"{self.subject_id} {self.into_id}"


def compared(store: Store, view: View, subject_id: str, into_id: str) -> Compared:
    """Raise Refused `identity_erased`, `identity_key_missing` or `identity_unreadable`: whom nobody can read nobody can compare."""
    one, other = (_identity(store, view, each) for each in (subject_id, into_id))
    told = {each: _alike(each, one[each], other[each]) for each in COMPARED}
    return Compared(subject_id, into_id, told)


def _identity(store: Store, view: View, subject_id: str) -> dict[str, str | None]:
    found = view.all(Identity, Identity.subject_id == view.need(Subject, subject_id).id)
    if not found or found[0].name is None:
        raise Refused("identity_erased")
    store.keys.identities.current()
    return decrypted(store.keys.identities, found[0])


def _alike(field: str, one: str | None, other: str | None) -> Alike:
    if not one or not other:
        return Alike.UNKNOWN
    told = same_name if field == "name" else identities.folded
    return Alike.SAME if told(one) == told(other) else Alike.DIFFERS


@performs("subject.merge")
def merge(tx: Tx, subject_id: str, into_id: str, compared: Compared, *, certain: bool = False) -> Answer:
    """This subject is the same person as the other: from now on both are read as one, under the pseudonym of the other.

    Orders and permits of doses that were not given are asked anew, under whichever pseudonym they stood. `certain`: what was
    compared speaks against it, and it is one person all the same; then QA is one of the two.
    """
    for each in sorted({subject_id, into_id}):
        persons.alone(tx, each)
    merged, into = _one_of_ours(tx, subject_id), _one_of_ours(tx, into_id)
    if merged.id == into.id:
        raise Refused("merged_with_itself")
    read_as = persons.standing(tx)
    for one in (merged, into):
        if one.id in read_as:
            raise Refused("subject_merged", subject=one.pseudonym, stands=read_as[one.id].pseudonym)
    if (compared.subject_id, compared.into_id) != (merged.id, into.id):
        raise AssertionError("these two were not compared")
    if not (is_named(tx, merged.id) and is_named(tx, into.id)):  # erased since they were compared
        raise Refused("identity_erased")
    both = (merged.id, into.id)
    if not any(all(glass.looked(tx, signer.actor.person_id, one) for one in both) for signer in tx.signers):
        raise Refused("identities_not_looked_at")
    found = doubts(compared.told)
    if found and not certain:
        raise Refused("merge_doubtful", findings=found)
    if found and not any(Role.QUALITY in signer.actor.roles(tx.at) for signer in tx.signers):
        raise Refused("merge_takes_quality", findings=found)
    records = [*persons.of(tx, merged.id), *persons.of(tx, into.id)]
    tx.covers = {"merged": merged.pseudonym, "stands": into.pseudonym, "compared": dict(compared.told)}
    row = SubjectMerge(
        organisation_id=tx.actor.organisation_id,
        stands_id=into.id,
        merged_id=merged.id,
        since=tx.at,
        doubted=bool(found),
    )
    injections = _injections(tx, records)
    before = judged(tx, injections)
    tx.add(row)
    gradings.together(tx, records)
    tx.mention(*records)
    told = _told_anew(tx, records, injections, answered(tx, injections, before))
    return {"id": merged.id, "into_id": into.id, "subject": merged.pseudonym, "stands": into.pseudonym} | told


@performs("subject.unmerge")
def unmerge(tx: Tx, subject_id: str) -> Answer:
    """It was not the same person: each is read by itself again, as it was recorded. What is open of either is asked anew.

    An injection that was told as a dose of the other one was theirs all the same: it is no dose of that course any more.
    """
    persons.alone(tx, subject_id)
    merged = _one_of_ours(tx, subject_id)
    found = tx.known(SubjectMerge, SubjectMerge.merged_id == merged.id, col(SubjectMerge.until).is_(None))
    if not found:
        raise Refused("not_merged", subject=merged.pseudonym)
    records = persons.of(tx, merged.id)
    stood = tx.need(Subject, found[0].stands_id)
    tx.covers = {"merged": merged.pseudonym, "stands": stood.pseudonym}
    injections = _injections(tx, records)
    before = judged(tx, injections)
    tx.change(found[0], until=tx.at)
    tx.mention(*records)
    for one in injections:
        course = tx.find(Course, one.course_id)
        if course is not None and not persons.same(tx, course.subject_id, one.subject_id):
            note(tx, one, moved(tx, one, None))
            tx.change(one, dose_id=None, course_id=None)
    told = _told_anew(tx, records, injections, answered(tx, injections, before))
    return {"id": merged.id, "into_id": stood.id, "subject": merged.pseudonym, "stands": stood.pseudonym} | told


def _injections(tx: Tx, subject_ids: list[str]) -> list[Administration]:
    whose = (Administration.counts(), col(Administration.subject_id).in_(subject_ids))
    return tx.all(Administration, *whose, order=(Administration.given_at, Administration.id))


def _told_anew(
    tx: Tx, subject_ids: list[str], injections: list[Administration], came: Mapping[str, Came]
) -> dict[str, Any]:
    """What is asked anew; what stands against injections since the two are read otherwise; and documents that said it as before."""
    parts = tx.known(AdministrationVial, col(AdministrationVial.administration_id).in_([one.id for one in injections]))
    courses = tx.all(Course, col(Course.subject_id).in_(subject_ids))
    return asked_anew(tx, subject_ids) | {
        "findings": sorted({found.code for one in came.values() for found in one.findings}),
        "cases": sorted(one.case.number for one in came.values() if one.case),
        "superseded": documents.outdate(tx, {
            RecordKind.ADMINISTRATION: [one.id for one in injections], RecordKind.CARD: [one.id for one in courses],
            RecordKind.TRACE: lots_of(parts), RecordKind.OUTCOMES: [tx.actor.organisation_id],
            RecordKind.CIOMS: {one.first_id or one.id for one in tx.known(AdverseEvent, col(AdverseEvent.subject_id).in_(subject_ids))},
            RecordKind.CASE: [one.id for one in cases_of(tx, [one.id for one in injections])],
        }),
    }  # fmt: skip


def asked_anew(tx: Tx, subject_ids: list[str]) -> dict[str, Any]:
    """What was signed about these subjects and is not done counts no more; its doses and vials are named.

    A vial that waits in the freezer goes back to stock. One that thaws or was handed out has no way back: it stays with its
    dose, and is given only when that was ordered, verified and started anew.
    """
    courses = tx.all(Course, col(Course.subject_id).in_(subject_ids))
    given = {one.dose_id for one in _injections(tx, subject_ids)}
    doses = {
        one.id: one for one in tx.all(Dose, col(Dose.course_id).in_([one.id for one in courses])) if one.id not in given
    }
    orders = tx.all(Order, col(Order.dose_id).in_(doses), col(Order.superseded_at).is_(None))
    starts = tx.all(Start, col(Start.dose_id).in_(doses), col(Start.superseded_at).is_(None))
    tx.change_all(orders, superseded_at=tx.at)
    tx.change_all(starts, superseded_at=tx.at)
    serials = {one.id: one.serial for one in tx.known(Vial, col(Vial.id).in_({one.vial_id for one in starts}))}
    return {
        "orders": sorted(doses[one.dose_id].k for one in orders),
        "starts": sorted(serials[one.vial_id] for one in starts),
        **supply.back(tx, doses),
    }


def _one_of_ours(tx: Tx, subject_id: str) -> Subject:
    found = tx.need(Subject, subject_id)
    own(tx, found.organisation_id)
    return found


# -------------------------------------------------------------------------------------------------------------- reads


def merges(view: View, subject_id: str) -> list[SubjectMerge]:
    """Every merge in which this subject had a part, ended ones too, the newest first."""
    either = (col(SubjectMerge.merged_id) == subject_id) | (col(SubjectMerge.stands_id) == subject_id)
    return view.all(SubjectMerge, either, order=col(SubjectMerge.id).desc())
