"""Who a subject is, erased (R49): the pseudonym, what was given, and every link to its lots stay for ever."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.rules import Finding, Severity
from traceability.services import Answer, performs, persons, stops
from traceability.services.administrations import cases_of
from traceability.services.covering import whole_lots
from traceability.services.progress import accounts
from traceability.services.trace import exposed
from traceability.store import Tx, View
from traceability.store.tables import (
    Administration,
    AdverseEvent,
    Case,
    Consent,
    Course,
    EmergencyIssue,
    Identity,
    Image,
    Opening,
    Scope,
    Subject,
    SubjectContact,
)


@performs("subject.erase_identity")
def erase(tx: Tx, subject_id: str) -> Answer:
    """Name, numbers and birth date are gone for good, with what they were found by, under every pseudonym of this person, and
    so are who signed in their place and the keys of their pictures; keys and backups of before still hold them.

    Refused with every reason while somebody has to know who it is: a course goes on, or an open recall has not reached them.
    """
    subject = tx.need(Subject, subject_id)
    # whoever is merged at this moment is erased with them, or is merged with nobody any more
    persons.alone(tx, subject.id)
    anybody = persons.of(tx, subject.id)
    kept = [one for one in tx.all(Identity, col(Identity.subject_id).in_(anybody)) if one.name is not None]
    signed = tx.all(Consent, col(Consent.subject_id).in_(anybody), col(Consent.representative).is_not(None))
    pictures = tx.all(Image, col(Image.subject_id).in_(anybody), col(Image.secret).is_not(None))
    if not (kept or signed or pictures):
        raise Refused("already_ended", noun="identity")
    if needed := needs(tx, subject):
        raise Refused("identity_needed", findings=needed)
    for row in kept:
        tx.change(row, **dict.fromkeys(row.sealed), salt=None)
    for paper in signed:
        tx.change(paper, representative=None, relation=None, salt=None)
    for picture in pictures:
        tx.change(picture, secret=None, salt=None)
    tx.covers = {"subject": subject.id, "pseudonym": subject.pseudonym}
    tx.mention(*anybody)
    return {"id": subject.id, "pseudonym": subject.pseudonym}


def needs(view: View, subject: Subject) -> tuple[Finding, ...]:
    """Why somebody still has to know who this is."""
    anybody = persons.of(view, subject.id)
    going_on = view.known(Course, col(Course.subject_id).in_(anybody), col(Course.ended_at).is_(None))
    found = [Finding("course_goes_on", False, Severity.STOP)] if going_on else []
    if cases := _cases(view, anybody):
        found.append(Finding("subject_answered", False, Severity.STOP, {"cases": cases}))
    if any(one.reviewed_at is None for one in view.known(Opening, col(Opening.subject_id).in_(anybody))):
        found.append(Finding("opening_reviewed", False, Severity.STOP))
    grown: dict[str, str] = {}
    for scope in view.known(Scope, col(Scope.recall_id).is_not(None)):
        grown[scope.recall_id or ""] = max(grown.get(scope.recall_id or "", ""), scope.id)
    # who was reached was told of what was recalled by then: ids go by time
    reached = {
        one.recall_id
        for one in view.known(SubjectContact, col(SubjectContact.subject_id).in_(anybody))
        if one.reached and one.id > grown.get(one.recall_id, "")
    }
    open_ = [
        one for one in stops.open_recalls(view) if not one.mock and one.closed_at is None and one.id not in reached
    ]
    unreached = [
        one.number
        for one in open_
        if anybody[0] in {row["id"] for row in exposed(view, [each["id"] for each in accounts(view, one)], whole_lots(view, one.id))}
    ]  # fmt: skip
    if unreached:
        found.append(Finding("recall_reached", False, Severity.STOP, {"recalls": sorted(unreached)}))
    return tuple(found)


def _cases(view: View, subject_ids: Sequence[str]) -> list[str]:
    """Open cases in which somebody has to know who it is: harm that was told, a vial handed out in an emergency, and an injection
    that should not have been given, or was told by mistake.
    """
    told = [
        one.case_id for one in view.known(AdverseEvent, col(AdverseEvent.subject_id).in_(subject_ids)) if one.case_id
    ]
    told += [one.case_id for one in view.known(EmergencyIssue, col(EmergencyIssue.subject_id).in_(subject_ids))]
    given = view.known(Administration, col(Administration.subject_id).in_(subject_ids))
    told += [one.id for one in cases_of(view, [one.id for one in given])]
    return sorted(one.number for one in view.known(Case, col(Case.id).in_(told), col(Case.closed_at).is_(None)))
