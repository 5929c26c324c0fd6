"""What was told by mistake is taken back (FHIR: entered-in-error): it stays to be read, and nothing is built on it any more.

An injection that never was, or was told twice; a score or a questionnaire. Values of one that was are corrected: `correcting.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.people import Role
from traceability.domain.records import RecordKind
from traceability.domain.states import GONE, Custody
from traceability.services import Answer, bedside, documents, performs, persons
from traceability.services.administrations import told_by
from traceability.services.cases import open_case
from traceability.services.correcting import alone_with_vials, as_told_now, own_one
from traceability.services.outdated import lots_of, stands_in, told_otherwise
from traceability.services.stays import left_at
from traceability.store import Tx
from traceability.store.tables import (
    Adjudication,
    Administration,
    AdministrationVial,
    Organisation,
    Reading,
    Score,
    ScoreForm,
    Start,
    Subject,
    Vial,
)
from traceability.store.tables.quality import CaseKind

ENDED = (GONE | {Custody.RETAINED}) - {Custody.GIVEN}
"""A vial that was this before it was told to be given is this again: nobody looks for it, and nobody uses it."""


@performs("administration.void")
def void(tx: Tx, administration_id: str) -> Answer:
    """It was told by mistake: it was not given, not to this person, or was told twice. It stays to be read, the trace too.

    A vial that no other injection has is what it was before: destroyed, discarded, drawn as a sample. One that was still to be used is
    nowhere known to be: missing, with a case in its house and in ours, until somebody finds it. Its permit is spent.
    """
    given = own_one(tx, administration_id)
    parts = tx.known(AdministrationVial, administration_id=given.id)
    subject = tx.need(Subject, given.subject_id)
    persons.alone(tx, subject.id)
    vials = tx.known(Vial, col(Vial.id).in_([part.vial_id for part in parts if part.vial_id]))
    alone_with_vials(tx, parts)
    was, stood_in = _before(tx, given), stands_in(tx, given)
    tx.change(given, void_at=tx.at)
    missing: list[Vial] = []
    for vial in vials:
        if others := bedside.given_besides(tx, vial, given.id):
            left_at(tx, vial, given.given_at, others[0].given_at)
        elif vial.state is Custody.GIVEN:
            back = was.get(vial.id, Custody.LOST)
            tx.move(vial, back if back in ENDED else Custody.LOST)
            missing += [] if back in ENDED else [vial]
    permits = (col(Start.vial_id).in_([one.id for one in vials]), Start.dose_id == given.dose_id)
    tx.change_all(tx.known(Start, *permits, col(Start.superseded_at).is_(None)), superseded_at=tx.at)
    case = None
    if missing:
        case = open_case(
            tx, CaseKind.LOSS, f"{subject.pseudonym}, {_serials(missing)}: injection told by mistake"[:240],
            lot_id=missing[0].lot_id, vial_id=missing[0].id, injections=[given.id],
        )  # fmt: skip
    for house in sorted({one.organisation_id for one in missing} - {tx.actor.organisation_id}):
        theirs = [one for one in missing if one.organisation_id == house]
        ours = tx.need(Organisation, tx.actor.organisation_id).name
        open_case(
            tx, CaseKind.LOSS, f"{_serials(theirs)}: told to be given at {ours}, by mistake"[:240], lot_id=theirs[0].lot_id,
            vial_id=theirs[0].id, organisation_id=house,
        )  # fmt: skip
    tx.covers = {"subject": subject.id, "given_at": given.given_at, "codes": [part.code for part in parts]}
    tx.mention(subject.id, *(vial.id for vial in vials))
    return {
        "id": given.id, "subject_id": subject.id, "missing": [one.serial for one in missing],
        "superseded": told_otherwise(tx, given, parts, stood_in), **({"case": case.number} if case else {}),
    }  # fmt: skip


@performs("score.void")
def void_score(tx: Tx, score_id: str) -> Answer:
    """It was told by mistake: it counts nowhere, and no adjudication that weighed it stands.

    One that a questionnaire was scored to goes with the whole of it: an answer was wrong, and nobody can say which scores it left.
    """
    one = tx.need(Score, score_id)
    as_told_now(tx)
    if one.void_at is not None:
        raise Refused("told_by_mistake")
    if one.reader_id and one.reader_id != tx.actor.person_id:
        raise Refused("grade_of_another")
    persons.alone(tx, one.subject_id)
    scores = tx.known(Score, Score.form_id == one.form_id, Score.counts()) if one.form_id else [one]
    ids, people = {each.id for each in scores}, persons.of(tx, one.subject_id)
    stands = (col(Adjudication.subject_id).in_(people), col(Adjudication.superseded_at).is_(None))
    weighed = [each for each in tx.known(Adjudication, *stands) if ids & set(each.score_ids)]
    if weighed and Role.PHYSICIAN not in tx.actor.roles(tx.at):  # a physician's signed word does not stand any more
        raise Refused("not_permitted", act=tx.act.name, roles=[Role.PHYSICIAN])
    tx.change_all(scores, void_at=tx.at)
    tx.change_all(weighed, superseded_at=tx.at)
    if one.form_id:
        tx.change(tx.need(ScoreForm, one.form_id), void_at=tx.at)
    if one.reading_id:
        tx.change(tx.need(Reading, one.reading_id), void_at=tx.at)
    had = tx.known(Administration, col(Administration.subject_id).in_(people))
    vials = tx.known(AdministrationVial, col(AdministrationVial.administration_id).in_([each.id for each in had]))
    tx.covers = {"scores": [(each.instrument, each.subscale, each.raw) for each in scores]}
    tx.mention(one.subject_id)
    return {
        "id": one.id, "subject_id": one.subject_id, "scores": len(scores), "choices": len(weighed),
        "superseded": documents.outdate(
            tx, {RecordKind.TRACE: lots_of(vials), RecordKind.OUTCOMES: [tx.actor.organisation_id]}
        ),
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- steps


def _before(tx: Tx, given: Administration) -> dict[str, Custody]:
    """In which custody the act that told of it found its vials; one that was given already is not among them."""
    ((body,),) = tx.rows("SELECT body FROM entry WHERE act_id = :told", {"told": told_by(tx, given).act_id})
    made: dict[str, Custody] = {}
    for change in json.loads(body)["changes"]:
        if change["table"] == "vial" and "state" in change.get("set", {}):
            made.setdefault(change["id"], Custody(change["set"]["state"][0]))
    return made


def _serials(vials: Iterable[Vial]) -> str:
    return ", ".join(one.serial for one in vials)
