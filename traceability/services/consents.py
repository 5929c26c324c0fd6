"""What patients sign: the forms by version and language, who signed which, and when it was withdrawn (R48).

Which consent stands is read in `subjects.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import col

from traceability.domain.consenting import Form, Signed, among, asks
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding
from traceability.services import Answer, dates, organisations, performs, persons, sites
from traceability.services.cases import open_case
from traceability.services.contacts import LANGUAGES
from traceability.services.subjects import consent_stands, is_named
from traceability.store import Tx, View
from traceability.store.tables import (
    Administration,
    Attachment,
    Case,
    Consent,
    ConsentForm,
    Site,
    Subject,
    SubjectMerge,
)
from traceability.store.tables.quality import CaseKind
from traceability.store.tables.subjects import ConsentKind

PDF = "application/pdf"


@performs("consent_form.draft")
def draft(
    tx: Tx, kind: ConsentKind, version: str, language: str, valid_from: date, renew: bool,
    sha256: str, name: str, media_type: str, size: int,
) -> Answer:  # fmt: skip
    """A form as a PDF that was kept before the act began. It counts for nothing until QA has issued it."""
    if language not in LANGUAGES:
        raise Refused("language_unknown", language=language)
    if media_type != PDF:
        raise Refused("file_refused", kinds=[PDF])
    today = organisations.today(tx)
    dates.within("valid_from", valid_from, today - dates.LIFE, today + dates.LONGEST)
    house = tx.actor.organisation_id
    file = tx.add(Attachment(sha256=sha256, name=name[:200], media_type=media_type, size=size, organisation_id=house))
    row = ConsentForm(
        organisation_id=house, kind=kind, version=version.strip(), language=language, valid_from=valid_from, renew=renew,
        attachment_id=file.id,
    )  # fmt: skip
    return {"id": tx.add(row).id, "sha256": sha256}


@performs("consent_form.issue")
def issue(tx: Tx, consent_form_id: str) -> Answer:
    """Signed by QA over the bytes of the form: from its day on it is the one to sign. A day that has passed says what was signed then."""
    row = tx.need(ConsentForm, consent_form_id)
    if row.issued_at is not None:
        raise Refused("consent_form_issued")
    tx.alone(f"consent forms of {row.organisation_id}")
    for one in _issued(tx, [row.organisation_id], [row.kind]):
        if one.name == row.name or (one.language, one.valid_from) == (row.language, row.valid_from):
            raise Refused("already_there", noun="consent_form", key=one.name)
    digest = tx.need(Attachment, row.attachment_id).sha256
    tx.covers = {"kind": row.kind, "version": row.version, "language": row.language, "sha256": digest, "renew": row.renew,
                 "valid_from": row.valid_from}  # fmt: skip
    tx.change(row, issued_at=tx.at)
    return {"id": row.id, "kind": row.kind, "version": row.name, "valid_from": row.valid_from, "sha256": digest}


@performs("consent.record")
def record(
    tx: Tx,
    subject_id: str,
    kind: ConsentKind,
    version: str,
    signed_at: datetime,
    *,
    representative: str = "",
    relation: str = "",
    attachment_id: str | None = None,
) -> Answer:
    """What was signed, recorded by one person and witnessed by another. `version` names the form with its language: v2 (id).

    Signed by the subject; else by who stands for them in law, and how that person stands to them. A form that was not in force
    on that day, or that nobody issued here, is kept as it was told, and asks.
    """
    subject = tx.need(Subject, subject_id)
    if signed_at > tx.at:
        raise Refused("occurred_in_future", occurred=signed_at, now=tx.at)
    dates.within("signed_at", signed_at.astimezone(UTC).date(), (tx.at - dates.LONGEST).date(), tx.at.date())
    if bool(representative.strip()) != bool(relation.strip()):
        raise Refused("representative_incomplete")
    if attachment_id is not None:
        tx.need(Attachment, attachment_id)
    persons.alone(tx, subject.id)
    if representative.strip() and not is_named(tx, persons.stands(tx, subject.id)):
        raise Refused("identity_erased")
    form = next((one for one in _issued(tx, [subject.organisation_id], [kind]) if one.name == version.strip()), None)
    tx.covers = {
        "subject": subject.id, "kind": kind, "version": version, "signed_at": signed_at,
        "sha256": tx.need(Attachment, form.attachment_id).sha256 if form else None,
    }  # fmt: skip
    row = Consent(
        subject_id=subject.id, kind=kind, version=version.strip(), signed_at=signed_at, witness_id=tx.signers[1].actor.person_id,
        attachment_id=attachment_id, representative=representative.strip() or None, relation=relation.strip() or None,
    )  # fmt: skip
    tx.add(row)
    _withdrawn_since(tx, row)
    found = [one.plain() for one in against(tx, row, tx.at, sites.of_persons(tx, [subject.id])[subject.id])]
    return {"id": row.id, "subject_id": subject.id} | ({"findings": found} if found else {})


@performs("consent.withdraw")
def withdraw(tx: Tx, consent_id: str) -> Answer:
    """From this moment on, with every earlier consent of its kind. What was given before stays in the trace.

    It may be told again as of an earlier moment: then that one counts. Told while two subjects are read as one person it is
    written on the papers of both: if they turn out to be two, nobody knows who said no, and each is asked to sign again.
    """
    # an injection that is told at this moment sees the withdrawal, or is seen here
    persons.alone(tx, tx.need(Consent, consent_id).subject_id)
    consent = tx.need(Consent, consent_id)
    if consent.withdrawn_at is not None and consent.withdrawn_at <= tx.occurred:
        raise Refused("already_ended", noun="consent")
    anybody = persons.of(tx, consent.subject_id)
    _no(tx, consent)
    for older in tx.all(Consent, col(Consent.subject_id).in_(anybody), order=Consent.signed_at):
        stood = older.withdrawn_at is None or older.withdrawn_at > tx.occurred
        if older.kind is consent.kind and stood and older.signed_at <= tx.occurred:
            _no(tx, older)
    tx.mention(*anybody)
    answer = {"id": consent.id, "subject_id": consent.subject_id}
    if consent.kind is ConsentKind.THERAPY and (case := _given_since(tx, consent.subject_id)):
        answer["case"] = case.number
    return answer


def _no(tx: Tx, paper: Consent) -> None:
    told_before = paper.last_no_at or paper.withdrawn_at
    tx.change(paper, withdrawn_at=tx.occurred, last_no_at=told_before, no_told_at=tx.at)


def _withdrawn_since(tx: Tx, paper: Consent) -> None:
    """What was withdrawn under another pseudonym after this was signed is withdrawn here too: of whoever is read as this person,
    and of whoever was when the no was told, also where they are two again.
    """
    merges = persons.ever(tx, paper.subject_id)
    others = persons.joined(merges, paper.subject_id) - {paper.subject_id}
    papers = tx.all(Consent, col(Consent.subject_id).in_(others), Consent.kind == paper.kind) if others else []
    now = persons.of(tx, paper.subject_id)
    found = [
        (no, one.no_told_at)
        for one in papers
        for no in (one.withdrawn_at, one.last_no_at)
        if no and one.no_told_at and no > paper.signed_at
        if one.subject_id in now or one.subject_id in _read_as(merges, paper.subject_id, no, one.no_told_at)
    ]
    if found:
        noes = [no for no, _ in found]
        told_at = max(told for _, told in found)
        tx.change(paper, withdrawn_at=min(noes), last_no_at=max(noes), no_told_at=told_at)


def _read_as(merges: Iterable[SubjectMerge], subject_id: str, said: datetime, told: datetime) -> set[str]:
    """Who was read as this person between a no and when somebody told it: it was told in that time, of whichever of them."""
    stood = (one for one in merges if one.since <= told and (one.until is None or one.until >= said))
    return persons.joined(stood, subject_id)


def _given_since(tx: Tx, subject_id: str) -> Case | None:
    """Told late: what was given after that moment was given without consent, and somebody has to answer for it."""
    anybody = col(Administration.subject_id).in_(persons.of(tx, subject_id))
    given = tx.known(Administration, Administration.counts(), anybody, col(Administration.given_at) > tx.occurred)
    if not given:
        return None
    times = ", ".join(f"{one.given_at:%Y-%m-%d %H:%M} UTC" for one in given)
    title = f"{tx.need(Subject, subject_id).pseudonym}: no_consent, {times}"
    return open_case(tx, CaseKind.IMPERMISSIBLE_DOSE, title[:240], injections=[one.id for one in given])


# -------------------------------------------------------------------------------------------------------------- reads


def therapy(view: View, subject_id: str, site: Site) -> None:
    """Refuse what rests on a consent to the therapy where none stands, or where the form that was signed asks; at the course's site."""
    consent = consent_stands(view, subject_id, ConsentKind.THERAPY)
    if consent is None:
        raise Refused("consent_missing", kind=ConsentKind.THERAPY)
    if found := against(view, consent, view.at, site):
        raise Refused("consent_asks", findings=found, version=consent.version)


def against(view: View, consent: Consent, at: datetime, site: Site | None) -> tuple[Finding, ...]:
    """What asks about the form that was signed, on the day which that moment is at the site of treatment."""
    house = view.need(Subject, consent.subject_id).organisation_id
    return _asks(consent, _issued(view, [house], [consent.kind]), sites.day(site, at), site)


def against_on(view: View, house: str, asked: Sequence[tuple[Consent, date, Site]]) -> list[tuple[Finding, ...]]:
    """What asks, each on a day at a site of this house, as it is known now; a query for all of them."""
    issued = _issued(view, [house], {consent.kind for consent, _, _ in asked})
    return [
        _asks(consent, [one for one in issued if one.kind is consent.kind], day, site) for consent, day, site in asked
    ]


def _asks(consent: Consent, issued: Sequence[ConsentForm], day: date, site: Site | None) -> tuple[Finding, ...]:
    """The same of what was read already: the forms of its house and kind."""
    return asks(Signed(consent.version, sites.day(site, consent.signed_at), [_plain(one) for one in issued], day))


def forms(view: View) -> list[tuple[ConsentForm, Attachment]]:
    """Every form of this house with its file, drafts too: by kind, the newest first."""
    found = view.all(ConsentForm, order=(ConsentForm.kind, col(ConsentForm.valid_from).desc(), ConsentForm.language))
    files = {one.id: one for one in view.all(Attachment, col(Attachment.id).in_([one.attachment_id for one in found]))}
    return [(one, files[one.attachment_id]) for one in found]


def form(view: View, consent_form_id: str) -> ConsentForm:
    return view.need(ConsentForm, consent_form_id)


def to_sign(view: View, subject_id: str | None = None) -> dict[ConsentKind, list[str]]:
    """The forms that are in force today, by kind: one in each language. Today at the house, else where somebody is treated."""
    today = (
        sites.day(sites.of_persons(view, [subject_id])[subject_id], view.at)
        if subject_id
        else organisations.today(view)
    )
    house = view.actor.organisation_id
    return {
        kind: [one.name for one in among(map(_plain, _issued(view, [house], [kind])), today)] for kind in ConsentKind
    }


def told(view: View, consents: Sequence[Consent]) -> list[dict[str, Any]]:
    """Consents with the form that each names, where it was issued here, and what asks about it now."""
    subjects = view.all(Subject, col(Subject.id).in_({one.subject_id for one in consents}))
    houses = {one.id: one.organisation_id for one in subjects}
    issued: dict[tuple[str, ConsentKind], list[ConsentForm]] = defaultdict(list)
    for each in _issued(view, set(houses.values()), {one.kind for one in consents}):
        issued[each.organisation_id, each.kind].append(each)
    at = sites.of_persons(view, houses)
    made = []
    for one in consents:
        known = issued[houses[one.subject_id], one.kind]
        form = next((each for each in known if each.name == one.version), None)
        where = at[one.subject_id]
        made.append({"consent": one, "form": form, "asks": _asks(one, known, sites.day(where, view.at), where)})
    return made


def _issued(view: View, houses: Iterable[str], kinds: Iterable[ConsentKind]) -> list[ConsentForm]:
    stands = col(ConsentForm.issued_at).is_not(None)
    of = (col(ConsentForm.organisation_id).in_(list(houses)), col(ConsentForm.kind).in_(list(kinds)))
    return view.known(ConsentForm, *of, stands)


def _plain(form: ConsentForm) -> Form:
    return Form(form.version, form.language, form.valid_from, form.renew)
