"""Break-glass (R47): who treats nobody sees who one subject is, for a reason, before a second person, for half an hour.

Who treats looks without it, and every look is an entry (`subject.open_identity`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlmodel import col

from traceability.domain.acts import ACTS
from traceability.domain.casework import REVIEW
from traceability.domain.errors import Refused
from traceability.domain.people import DECIDES
from traceability.services import Answer, performs
from traceability.services.cases import numbered
from traceability.store import Tx, View
from traceability.store.tables import Opening, Subject
from traceability.store.tables.row import Utc

LASTS = timedelta(minutes=30)


@performs("subject.break_glass")
def break_glass(tx: Tx, subject_id: str) -> Answer:
    """For half an hour this one person may look who this one subject is. QA reviews it within a day; neither of the two does."""
    subject = tx.need(Subject, subject_id)
    if (open_ := standing(tx, subject.id)) is not None:
        raise Refused("glass_broken_already", number=open_.number, until=open_.until)
    row = tx.add(
        Opening(
            number=numbered(tx, Opening, "B"), organisation_id=subject.organisation_id, subject_id=subject.id,
            person_id=tx.actor.person_id, witness_id=tx.signers[1].actor.person_id, since=tx.at, until=tx.at + LASTS,
            review_due_at=tx.at + REVIEW,
        )
    )  # fmt: skip
    tx.covers = {"subject": subject.id, "until": row.until}
    tx.mention(subject.id)
    return {"id": row.id, "number": row.number, "subject_id": subject.id, "until": row.until}


@performs("opening.review")
def review(tx: Tx, opening_id: str, justified: bool, review: str) -> Answer:
    """Somebody of QA looked at why, and at what was looked at; signed by neither of the two who broke the glass."""
    row = tx.need(Opening, opening_id)
    if row.reviewed_at is not None:
        raise Refused("already_ended", noun="review")
    if tx.mine(DECIDES) & both(tx, row):
        raise Refused("own_work", noun="opening")
    tx.covers = {"access": row.number, "justified": justified}
    tx.change(row, reviewed_at=tx.at, reviewed_by=tx.actor.person_id, justified=justified, review=review.strip())
    tx.mention(row.subject_id)
    return {"id": row.id, "number": row.number, "subject_id": row.subject_id, "late": tx.at > row.review_due_at}


# -------------------------------------------------------------------------------------------------------------- reads


def both(view: View, row: Opening) -> frozenset[str]:
    """Whose word it was: the one who looked, the one who was there, and whom they stood in for."""
    return view.voices(row.person_id, row.since) | view.voices(row.witness_id, row.since)


def may_look(view: View, subject_id: str) -> None:
    """Who treats here needs no glass broken. Raise Refused `glass_whole` for who treats nobody, and broke none for this subject."""
    if not ACTS["subject.look_up"].roles & view.actor.roles(view.at) and standing(view, subject_id) is None:
        raise Refused("glass_whole")


def looked(view: View, person_id: str, subject_id: str) -> bool:
    """Whether this person looked at who this subject is, within the last half hour."""
    return bool(view.rows(_LOOKED, {"subject": subject_id, "person": person_id, "since": view.at - LASTS}))


def standing(view: View, subject_id: str) -> Opening | None:
    """By which this reader may look who this subject is at this moment."""
    found = view.all(
        Opening, Opening.subject_id == subject_id, Opening.person_id == view.actor.person_id,
        col(Opening.until) > view.at,
    )  # fmt: skip
    return found[-1] if found else None


def accesses(view: View, subject_id: str) -> list[Opening]:
    """Every time the glass was broken for this subject, newest first."""
    return view.all(Opening, Opening.subject_id == subject_id, order=col(Opening.id).desc())


def looks(view: View, access: Opening) -> list[datetime]:
    """When who broke the glass looked, while it was broken: what a review goes by."""
    rows = view.rows(_LOOKS, {"person": access.person_id, "subject": access.subject_id})
    times = (one if isinstance(one, datetime) else datetime.fromisoformat(one) for (one,) in rows)
    return [at for at in times if access.since <= at < access.until]


_LOOKS = (
    "SELECT e.recorded_at FROM entry e JOIN mention m ON m.act_id = e.act_id WHERE m.about_id = :subject"
    " AND e.act = 'subject.open_identity' AND e.refused IS NULL AND e.person_id = :person ORDER BY e.recorded_at"
)
_LOOKED = text(
    "SELECT 1 FROM entry e JOIN mention m ON m.act_id = e.act_id WHERE m.about_id = :subject AND e.person_id = :person"
    " AND e.act = 'subject.open_identity' AND e.refused IS NULL AND e.recorded_at >= :since LIMIT 1"
).bindparams(bindparam("since", type_=Utc))
