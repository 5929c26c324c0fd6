"""Subjects under pseudonyms, their identity apart, and which consent of theirs stands. What they sign: `consents.py`."""

from __future__ import annotations

import secrets
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.rules import Finding, Severity
from traceability.services import Answer, credentials, dates, glass, performs, persons
from traceability.services.lots import READABLE
from traceability.store import Store, Tx, View, identities, new_id
from traceability.store.keys import Pair, Ring
from traceability.store.tables import Consent, Identity, Person, Subject, SubjectMerge
from traceability.store.tables.subjects import ConsentKind

FIELDS = ("name", "mrn", "nik", "born", "wristband")
NUMBERS = ("mrn", "nik", "wristband")
"""By which somebody is found."""
ALIKE = ("nik_index", "mrn_index", "name_born_index")
"""By which two subjects are seen to be perhaps one person."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """An identity encrypted before the act begins: nothing of the person goes through the door in the clear."""

    row_id: str
    key_id: str
    columns: dict[str, str | None]
    digest: str
    known_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For each number the digests that its row has if the person is known, under whichever key."""
    before: str | None = None
    """Under which key it stood, where it is brought under another."""
    keyed: Ring | None = None
    """Where its key is, as long as it is."""


def seal_identity(store: Store, *, name: str, mrn: str, born: date, nik: str = "", wristband: str = "") -> Sealed:
    """Encrypt who somebody is. A wristband is a GSRN (8018) or the plain record number (R8)."""
    if not name.strip() or not _says(mrn):
        raise Refused("identity_incomplete")
    if _says(wristband) and (ours := _pseudonym_on(wristband, store.clock().date())):
        raise Refused("subject_known", subject=ours)
    today = store.clock().date() + timedelta(days=1)  # somewhere it is tomorrow already
    dates.within("born", born, max(date(1900, 1, 1), today - dates.LIFE), today)
    band = _band(wristband, store.clock().date()) if _says(wristband) else mrn.strip()
    told = {"name": name.strip(), "mrn": mrn.strip(), "nik": _says(nik), "born": born.isoformat(), "wristband": band}
    row_id, ring = new_id(), store.keys.identities
    known_by = {f"{one}_index": identities.indexes(ring, one, told[one]) for one in NUMBERS if told[one]}
    columns = encrypted(ring.current(), row_id, told)
    return Sealed(
        row_id, ring.current().id, columns, store.keys.digest("|".join(told.values())), known_by=known_by, keyed=ring
    )


def encrypted(pair: Pair, row_id: str, told: Mapping[str, str | None]) -> dict[str, str | None]:
    """The columns of an identity under a pair of keys: each field by itself, and what its numbers are found by."""
    columns: dict[str, str | None] = {
        column: identities.encrypt(pair, column, row_id, value) if value else None for column, value in told.items()
    }
    for column in NUMBERS:
        value = told[column]
        columns[f"{column}_index"] = identities.index(pair, column, value) if value else None
    named = told["name"] and told["born"]
    columns["name_born_index"] = (
        identities.index(pair, "name_born", same_name(told["name"] or "") + (told["born"] or "")) if named else None
    )
    return columns


def same_name(name: str) -> str:
    """A name however it is written: without accents, and in whichever order its parts stand."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return "".join(sorted(identities.folded(part) for part in bare.replace(",", " ").split()))


@performs("subject.enrol")
def enrol(tx: Tx, identity: Sealed) -> Answer:
    """A new pseudonym for a person whom this hospital does not know yet.

    That no paper of the hospital allows to treat anybody today refuses no person: it is kept with the answer (R15).
    """
    tx.alone("enrolment")
    if identity.keyed is not None and identity.keyed.of(identity.key_id) is None:
        raise Refused("identity_unreadable")  # its key was renewed and forgotten on the way here
    for column, digests in identity.known_by.items():
        if known := tx.all(Identity, col(getattr(Identity, column)).in_(digests)):
            raise Refused("subject_known", subject=tx.need(Subject, persons.stands(tx, known[0].subject_id)).pseudonym)
    subject = tx.add(Subject(organisation_id=tx.actor.organisation_id, pseudonym=_pseudonym(tx)))
    columns: dict[str, Any] = dict(identity.columns)
    tx.add(Identity(id=identity.row_id, subject_id=subject.id, key_id=identity.key_id, **columns))
    tx.mention(subject.id)
    found = (*_alike(tx, subject, identity.columns["name_born_index"]), *credentials.none_open(tx))
    return {
        "id": subject.id,
        "pseudonym": subject.pseudonym,
        **({"findings": [one.plain() for one in found]} if found else {}),
    }


def _alike(tx: Tx, subject: Subject, index: str | None) -> list[Finding]:
    """Somebody of this name and birth date is here already: two people, or one who lost their wristband."""
    found = tx.all(Identity, Identity.name_born_index == index, Identity.subject_id != subject.id)
    others = persons.shown(tx, tx.all(Subject, col(Subject.id).in_([one.subject_id for one in found])))
    return (
        [Finding("enrolled_once", False, Severity.ASK, {"subjects": sorted(one.pseudonym for one in others)})]
        if others
        else []
    )


@performs("subject.open_identity")
def open_identity(tx: Tx, subject_id: str) -> Answer:
    """Who this is was looked at: the reading is an entry too (R55). Who treats nobody breaks the glass first."""
    subject = tx.need(Subject, subject_id)
    glass.may_look(tx, subject.id)
    tx.mention(subject.id)
    return {"id": subject.id}


@dataclass(frozen=True, slots=True)
class Looked:
    """A number that somebody looks up, by its keyed digests alone: in which columns it may stand. Or a wristband of ours."""

    columns: dict[str, tuple[str, ...]]
    digest: str
    pseudonym: str | None = None


def looked(store: Store, number: str, *columns: str) -> Looked:
    """Prepared before the act begins, like an identity: the number goes through no door in the clear."""
    said = {column: _band(number, store.clock().date()) if column == "wristband" else number for column in columns}
    ours = _pseudonym_on(number, store.clock().date()) if "wristband" in columns else None
    digest = store.keys.digest("|".join(f"{column}|{value}" for column, value in said.items()))
    if ours:  # printed here: it says the pseudonym, and no key is needed
        return Looked({}, digest, ours)
    ring = store.keys.identities
    return Looked({column: identities.indexes(ring, column, value) for column, value in said.items()}, digest)


@performs("subject.look_up")
def look_up(tx: Tx, number: Looked) -> Answer:
    """Whose number this is was asked: who asked, when, and whether somebody was found is an entry; the number is not (R8)."""
    subject = of_number(tx, number)
    if subject is None:
        return {"found": False}
    tx.mention(subject.id)
    return {"id": subject.id, "found": True}


@dataclass(frozen=True, slots=True)
class Band:
    """A wristband that was read, by its keyed digest alone: the code itself goes through no door and stays nowhere.

    One that this system printed says the pseudonym, under which the record speaks of the subject anyway.
    """

    digests: tuple[str, ...]
    pseudonym: str | None = None

    @property
    def digest(self) -> str:
        """What an act is told by that was told it."""
        return sha256("|".join((*self.digests, self.pseudonym or "")).encode()).hexdigest()


def read_band(store: Store, code: str) -> Band:
    """Raise Refused `identity_key_missing` for a band of the hospital where nobody can be found by their numbers."""
    today = store.clock().date()
    if ours := _pseudonym_on(code, today):
        return Band((), ours)
    return Band(identities.indexes(store.keys.identities, "wristband", _band(code, today)))


def of_band(view: View, band: Band) -> Subject | None:
    """The subject whose wristband was read, if it is one of ours; of somebody who was enrolled twice the one that stands."""
    if band.pseudonym:
        return _known_as(view, band.pseudonym)
    found = view.all(Identity, col(Identity.wristband_index).in_(band.digests))
    return view.find(Subject, persons.stands(view, found[0].subject_id)) if found else None


def band_of(view: View, subject_id: str) -> Band:
    """The wristband of a subject whom this server has matched before; of an erased identity none, and it matches nobody."""
    found = view.all(Identity, col(Identity.subject_id).in_(persons.of(view, subject_id)))
    return Band(tuple(one.wristband_index for one in found if one.wristband_index))


def _known_as(view: View, pseudonym: str) -> Subject | None:
    """The subject of a wristband that was printed here; of an erased identity it matches nobody, like any other."""
    for subject in view.all(Subject, Subject.pseudonym == pseudonym):
        if view.all(Identity, Identity.subject_id == subject.id, col(Identity.wristband_index).is_not(None)):
            return view.find(Subject, persons.stands(view, subject.id))
    return None


def _says(number: str) -> str:
    """The number as it is kept; a dash for "none" is none, and finds nobody."""
    return number.strip() if any(sign.isalnum() for sign in number) else ""


def _pseudonym(tx: Tx) -> str:
    """Six letters that nobody mistakes, never twice."""
    while True:
        made = "".join(secrets.choice(READABLE) for _ in range(6))
        if not tx.known(Subject, Subject.pseudonym == made):
            return made


def _band(code: str, today: date) -> str:
    """What a wristband says: the subject's GSRN where it is a GS1 code, else the plain number on it."""
    try:
        read = gs1.read(code, today)
    except Refused:
        return code.strip()
    return f"{read.gsrn}{read.value('8019') or ''}" if read.gsrn else code.strip()


def _pseudonym_on(code: str, today: date) -> str | None:
    try:
        return gs1.read(code, today).pseudonym
    except Refused:
        return None


# -------------------------------------------------------------------------------------------------------------- reads


def of_number(view: View, number: Looked) -> Subject | None:
    """The subject whose number this is, found by its keyed digest; of somebody who was enrolled twice the one that stands.

    Who asks for somebody performs `subject.look_up`.
    """
    if number.pseudonym:
        return _known_as(view, number.pseudonym)
    for column, digests in number.columns.items():
        if found := view.all(Identity, col(getattr(Identity, f"{column}_index")).in_(digests)):
            return view.find(Subject, persons.stands(view, found[0].subject_id))
    return None


def read_identity(store: Store, view: View, subject_id: str) -> dict[str, str | None]:
    """Who this is, in the clear: only after `subject.open_identity` was performed for it."""
    found = view.all(Identity, Identity.subject_id == view.need(Subject, subject_id).id)
    if not found:
        return dict.fromkeys(FIELDS)
    row = found[0]
    return decrypted(store.keys.identities, row)


def decrypted(ring: Ring, row: Identity) -> dict[str, str | None]:
    """Raise Refused `identity_unreadable` where the key of this row is not here."""
    kept = {field: getattr(row, field) for field in FIELDS}
    return {f: identities.decrypt(ring, f, row.id, value, row.key_id) if value else None for f, value in kept.items()}


def is_named(view: View, subject_id: str) -> bool:
    """Whether who this is stands anywhere: it was not erased."""
    return any(one.name is not None for one in view.all(Identity, Identity.subject_id == subject_id))


def subjects(view: View, *, limit: int = 100, after: str | None = None) -> list[Subject]:
    """Everybody once: who was enrolled twice under the pseudonym that stands."""
    where = [col(Subject.id) < after] if after else []
    merged = select(col(SubjectMerge.merged_id)).where(col(SubjectMerge.until).is_(None))
    return view.all(Subject, *where, col(Subject.id).not_in(merged), order=col(Subject.id).desc(), limit=limit)


def alike(view: View, subject_id: str | None = None) -> list[tuple[Subject, ...]]:
    """Subjects of a house that may be one person: the same number, or name and birth date, by their keyed digests alone.

    Only what stands under one pair of keys can be compared. Who was merged already is not asked about again. `subject_id`: those
    of this person alone.
    """
    mine = view.all(Identity, col(Identity.subject_id).in_(persons.of(view, subject_id))) if subject_id else None
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for column in ALIKE:
        digest = col(getattr(Identity, column))
        twice = digest.in_(
            select(digest).where(digest.is_not(None)).group_by(digest, col(Identity.key_id)).having(func.count() > 1)
            if mine is None
            else {value for one in mine if (value := getattr(one, column)) is not None}
        )
        for row in view.all(Identity, twice, order=Identity.subject_id):
            found[column, row.key_id, getattr(row, column)].append(row.subject_id)
    known = persons.stood_for(view)
    pairs = {tuple(dict.fromkeys(known.get(one, one) for one in ids)) for ids in found.values()}
    named = {one.id: one for one in view.all(Subject, col(Subject.id).in_({one for ids in pairs for one in ids}))}
    return [
        tuple(named[one] for one in ids if one in named)
        for ids in sorted(pairs)
        if len({named[one].organisation_id for one in ids if one in named}) == 1 < len(ids)
    ]


def subject(view: View, subject_id: str) -> Subject:
    return view.need(Subject, subject_id)


def called(view: View, pseudonym: str) -> Subject | None:
    found = view.all(Subject, Subject.pseudonym == pseudonym)
    return found[0] if found else None


def consent(view: View, consent_id: str) -> Consent:
    return view.need(Consent, consent_id)


def consents(view: View, subject_id: str) -> list[Consent]:
    """All that this person signed, under whichever pseudonym it stands."""
    return view.all(Consent, col(Consent.subject_id).in_(persons.of(view, subject_id)), order=Consent.signed_at)


def consent_stands(view: View, subject_id: str, kind: ConsentKind, at: datetime | None = None) -> Consent | None:
    """The newest consent of this kind that covers a moment, or now: signed after whatever withdrawal came before that moment.

    Who withdraws says no to all that they signed, also to a paper that is entered only afterwards.
    """
    return standing([one for one in consents(view, subject_id) if one.kind is kind], at or view.at)


def standing(told: Sequence[Consent], at: datetime) -> Consent | None:
    """The same of all that one subject signed of one kind, in the order in which it was signed."""
    noes = [no for one in told for no in (one.withdrawn_at, one.last_no_at) if no and no <= at]
    last = max(noes, default=None)
    left = [
        one
        for one in told
        if one.signed_at <= at
        and (one.withdrawn_at is None or at < one.withdrawn_at)
        and (last is None or one.signed_at >= last)
    ]
    return left[-1] if left else None


def witness_name(view: View, consent: Consent) -> str:
    return view.need(Person, consent.witness_id).name


def plain(subject: Subject) -> dict[str, Any]:
    return {"id": subject.id, "pseudonym": subject.pseudonym, "demonstration": subject.demonstration}
