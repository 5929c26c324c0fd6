"""What was injected, as it is read afterwards: its vials, its watch (an act of its own), and who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.people import Meaning
from traceability.domain.records import Change
from traceability.domain.rules import Finding, Severity
from traceability.domain.timers import Timer, watch
from traceability.services import Answer, performs, persons
from traceability.services.courses import of_dose, protocols_of
from traceability.services.products import number
from traceability.services.records.parts import acts, reasons
from traceability.store import Tx, View
from traceability.store.tables import (
    Administration,
    AdministrationVial,
    Case,
    CaseInjection,
    Correction,
    Hold,
    Lot,
    Observation,
    Person,
    ProtocolVersion,
    Signature,
    Subject,
    Vial,
)
from traceability.store.tables.administrations import Mode


@performs("administration.observe")
def observe(
    tx: Tx,
    administration_id: str,
    began_at: datetime,
    ended_at: datetime,
    reaction: bool,
    description: str = "",
    *,
    vas_after: str | None = None,
) -> Answer:
    """The subject was watched (R44): an act of its own, after the injection; the pain then belongs to it.

    Less than the protocol asks for, all looks together, is a finding that stays in the record.
    """
    given = standing(tx, administration_id)
    persons.alone(tx, given.subject_id)
    tx.still(given)
    if not given.given_at <= began_at < ended_at <= tx.at:
        raise Refused("interval_empty")
    if reaction and not description.strip():
        raise Refused("description_missing")
    short = _watched_short(tx, given, began_at, ended_at)
    row = Observation(
        administration_id=given.id, observer_id=tx.actor.person_id, began_at=began_at, ended_at=ended_at,
        reaction=reaction, description=description, findings=[one.plain() for one in short],
    )  # fmt: skip
    tx.add(row)
    if (told := score(vas_after)) is not None:
        if given.vas_after is not None:
            raise Refused("already_there", noun="score", key="VAS")
        tx.change(given, vas_after=told)
    tx.mention(given.subject_id)
    return {
        "id": given.id,
        "observation_id": row.id,
        "subject_id": given.subject_id,
        "findings": [one.code for one in short],
    }


def standing(view: View, administration_id: str) -> Administration:
    """One on record that was not told by mistake; nothing more is told of one that was."""
    given = view.need(Administration, administration_id)
    if given.void_at is not None:
        raise Refused("told_by_mistake")
    return given


def _watched_short(tx: Tx, given: Administration, began_at: datetime, ended_at: datetime) -> tuple[Finding, ...]:
    if given.dose_id is None:
        return ()
    _, _, protocol = of_dose(tx, given.dose_id)
    looks = tx.all(Observation, Observation.administration_id == given.id)
    watched = sum(
        (end - begin for begin, end in spans([(began_at, ended_at), *((one.began_at, one.ended_at) for one in looks)])),
        timedelta(),
    )
    planned = timedelta(minutes=protocol.observation_min)
    if watched >= planned:
        return ()
    told = {"watched_s": int(watched.total_seconds()), "planned_s": int(planned.total_seconds())}
    return (Finding("watched_short", False, Severity.ASK, told),)


def score(told: str | None) -> str | None:
    """A visual analogue score 0–10 in steps of a tenth, as it was said (R51); nothing said is not reported."""
    if told is None or not told.strip():
        return None
    value = number(told.replace(",", "."))
    if not 0 <= value <= 10:
        raise Refused("score_out_of_range", low="0", high="10")
    return f"{abs(value):f}"


# -------------------------------------------------------------------------------------------------------------- reads


def administration(view: View, administration_id: str) -> dict[str, Any]:
    """One injection with its vials, observations, subject and plan; and who answers for it where a rule did not hold."""
    one = view.need(Administration, administration_id)
    (told,) = (
        row for row in administrations(view, subject_id=one.subject_id) if row["administration"].id == administration_id
    )
    dose, course, protocol = of_dose(view, one.dose_id) if one.dose_id else (None, None, None)
    subject = view.need(Subject, one.subject_id)
    return told | {
        "subject": persons.standing(view).get(subject.id, subject), "dose": dose, "course": course, "protocol": protocol,
        "cases": (cases := cases_of(view, [one.id])),
        "lots": {lot.id: lot for lot in view.all(Lot, col(Lot.id).in_([part.lot_id for part, _ in told["parts"]]))},
        "holds": view.all(Hold, col(Hold.case_id).in_([case.id for case in cases])),
        "people": {who.id: who.name for who in view.all(Person, col(Person.id).in_([one.injector_id, one.witness_id]))},
    }  # fmt: skip


def cases_of(view: View, injections: Sequence[str]) -> list[Case]:
    """In which somebody answers for one of these: it should not have been given, was told by mistake, or had no consent."""
    told = view.known(CaseInjection, col(CaseInjection.administration_id).in_(injections))
    return view.all(Case, col(Case.id).in_([one.case_id for one in told]), order=Case.opened_at)


def corrections(view: View, administration_id: str) -> tuple[Change, ...]:
    """Values of one injection that are no longer what was told first, with who, when and why, in that order."""
    rows = view.all(
        Correction, Correction.administration_id == administration_id, order=(Correction.corrected_at, Correction.id)
    )
    ids = [one.act_id for one in rows]
    told, why = acts(view, ids), reasons(view, ids)
    return tuple(
        Change(
            at=one.corrected_at, what=one.field, of="", before=one.before, after=one.after, who=told[one.act_id].who,
            reason=why.get(one.act_id), entry=told[one.act_id].number,
        )
        for one in rows
    )  # fmt: skip


def watched(view: View) -> list[dict[str, Any]]:
    """Injections of the last day after which nobody has recorded an observation yet: the newest first."""
    since = view.at - timedelta(days=1)
    mine = col(Administration.organisation_id) == view.actor.organisation_id
    latest = col(Administration.given_at).desc()
    found = view.all(Administration, Administration.counts(), mine, Administration.given_at >= since, order=latest)
    known = persons.standing(view)
    seen = {
        row.administration_id
        for row in view.all(Observation, col(Observation.administration_id).in_([one.id for one in found]))
    }
    waiting = [one for one in found if one.id not in seen]
    subjects = {one.id: one for one in view.all(Subject, col(Subject.id).in_({one.subject_id for one in waiting}))}
    asked = protocols_of(view, {one.dose_id for one in waiting if one.dose_id})
    return [
        {
            "administration": one,
            "subject": known.get(one.subject_id) or subjects[one.subject_id],
            "timer": _watch(one, asked.get(one.dose_id or "")),
        }
        for one in waiting
    ]


def _watch(given: Administration, protocol: ProtocolVersion | None) -> Timer | None:
    """The watch that its protocol asks for, of what was told as it happened."""
    if protocol is None or given.mode is not Mode.LIVE:
        return None
    return watch(given.given_at, protocol.observation_min)


def administrations(view: View, *, subject_id: str | None = None, course_id: str | None = None) -> list[dict[str, Any]]:
    """Injections with their vials and observations, in the order in which they happened."""
    whose = [col(Administration.subject_id).in_(persons.of(view, subject_id))] if subject_id else []
    of_course = [Administration.course_id == course_id] if course_id else []
    made = []
    for one in view.all(Administration, *whose, *of_course, order=Administration.given_at):
        parts = view.all(AdministrationVial, AdministrationVial.administration_id == one.id)
        vials = {vial.id: vial for vial in view.all(Vial, col(Vial.id).in_([part.vial_id for part in parts]))}
        observed = view.all(Observation, Observation.administration_id == one.id)
        made.append(
            {
                "administration": one,
                "parts": [(part, vials.get(part.vial_id or "")) for part in parts],
                "observations": observed,
            }
        )
    return made


def told_by(view: View, given: Administration) -> Signature:
    """Who gave it, signed under the act that told of it first: what was observed or corrected since is under acts of its own."""
    (signed,) = view.known(Signature, Signature.noun_id == given.id, Signature.meaning == Meaning.GIVEN)
    return signed


def watched_short(looks: Sequence[Observation]) -> list[dict[str, Any]]:
    """What is missing of the watch: what the look that was recorded last found, which counts all before it."""
    return max(looks, key=lambda one: one.id).findings if looks else []


def spans(looks: Sequence[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Looks that touch are one: how long somebody was watched, each moment counted once."""
    made: list[tuple[datetime, datetime]] = []
    for begin, end in sorted(looks):
        if made and begin <= made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((begin, end))
    return made
