"""Pictures and papers of a subject: kept encrypted, with consent, shown while it stands, before and after side by side (R48, R54)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import IO, ClassVar

from sqlmodel import col

from traceability import stripping
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import Actor
from traceability.services import Answer, glass, performs, persons, subjects
from traceability.services.attachments import MOST_BYTES, keep_bytes
from traceability.services.outcomes import in_time, of_subject
from traceability.store import Store, Tx, View, identities, new_id
from traceability.store.keys import Pair, Ring
from traceability.store.tables import Image, Subject
from traceability.store.tables.images import ImageKind
from traceability.store.tables.subjects import ConsentKind, Laterality

COLUMN = "secret"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the folder, encrypted for its row; its key goes into that row, and is nowhere else."""

    row_id: str
    sha256: str
    given_sha256: str
    sealed_sha256: str
    size: int
    media_type: str
    key_id: str
    secret: str
    prepared: ClassVar[bool] = True
    """Nobody types it: it is made before the act begins."""

    @property
    def digest(self) -> str:
        """What an act is told by that was told it: the same file sent again, however it was encrypted."""
        return sha256(f"{self.given_sha256} {self.sha256}".encode()).hexdigest()


def keep(store: Store, actor: Actor, subject_id: str, stream: IO[bytes]) -> Kept:
    """Keep a picture or a paper without what it says of who made it, DICOM as it came, before the act that links it. Where the
    subject is not in sight or did not consent, nothing is kept; where the act is refused, bytes are left that nobody can read.
    Raises Refused, and NotFound.
    """
    with store.read(actor) as view:
        consented(view, view.need(Subject, subject_id).id)
    pair = store.keys.identities.current()
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused("body_too_large", most=MOST_BYTES)
    clean, row_id = stripping.stripped(data), new_id()
    locked, secret = identities.lock(row_id, clean.data)
    return Kept(
        row_id, sha256(clean.data).hexdigest(), sha256(data).hexdigest(), keep_bytes(store, locked), len(clean.data),
        clean.media_type, pair.id, sealed(pair, row_id, secret),
    )  # fmt: skip


def sealed(pair: Pair, row_id: str, secret: str) -> str:
    return identities.encrypt(pair, COLUMN, row_id, secret)


def opened(ring: Ring, row: Image) -> str:
    """The key of a file. Raise Refused `identity_erased`, and `identity_unreadable` where the key over it is not here."""
    if row.secret is None:
        raise Refused("identity_erased")
    return identities.decrypt(ring, COLUMN, row.id, row.secret, row.key_id)


def consented(view: View, subject_id: str) -> None:
    """Refuse where no consent to images stands now, and of who was erased: a picture of somebody says who they are."""
    if not subjects.is_named(view, persons.stands(view, subject_id)):
        raise Refused("identity_erased")
    if subjects.consent_stands(view, subject_id, ConsentKind.IMAGES, view.at) is None:
        raise Refused("images_not_consented")


@performs("image.attach")
def attach(
    tx: Tx,
    subject_id: str,
    kind: ImageKind,
    file: Kept,
    *,
    laterality: Laterality | None = None,
    taken_on: date | None = None,
    course_id: str | None = None,
) -> Answer:
    """Link a picture or a paper that was kept before the act began (R54)."""
    subject = tx.need(Subject, subject_id)
    persons.alone(tx, subject.id)  # whoever is erased at this moment is erased with it, or it is refused
    consented(tx, subject.id)
    in_time(tx, taken_on)
    of_subject(tx, subject, course_id, laterality)
    row = tx.add(
        Image(
            id=file.row_id, subject_id=subject.id, course_id=course_id, kind=kind, laterality=laterality, taken_on=taken_on,
            media_type=file.media_type, size=file.size, sha256=file.sha256, given_sha256=file.given_sha256,
            sealed_sha256=file.sealed_sha256, key_id=file.key_id, secret=file.secret, person_id=tx.actor.person_id, attached_at=tx.at,
        )
    )  # fmt: skip
    return {"id": row.id, "subject_id": subject.id, "sha256": file.sha256}


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """The first and the last that was taken of one knee in one way."""

    kind: ImageKind
    laterality: Laterality
    before: Image
    after: Image


@dataclass(frozen=True, slots=True)
class Album:
    """`shown` False: no consent to images stands, or not any more; then the digests are told, and no picture.

    `named`: this reader has looked at who it is, and is handed out what says so.
    """

    shown: bool
    named: bool
    images: Sequence[Image]
    pairs: Sequence[BeforeAfter]


def album(view: View, subject_id: str) -> Album:
    """Everything of a person, the newest first. Raises `NotFound`."""
    subject = view.need(Subject, subject_id)
    found = view.all(
        Image, col(Image.subject_id).in_(persons.of(view, subject.id)), order=col(Image.attached_at).desc()
    )
    stands = subjects.consent_stands(view, subject.id, ConsentKind.IMAGES, view.at) is not None
    stands = stands and subjects.is_named(view, persons.stands(view, subject.id))
    by: dict[tuple[ImageKind, Laterality], list[Image]] = defaultdict(list)
    for one in found:
        if one.taken_on and one.laterality and one.media_type in stripping.DRAWN:  # of no side it may be either knee
            by[one.kind, one.laterality].append(one)
    pairs = []
    for (kind, side), those in sorted(by.items(), key=lambda item: [str(part) for part in item[0]]):
        first, last = (pick(those, key=lambda one: one.taken_on or date.min) for pick in (min, max))
        if first.taken_on != last.taken_on:
            pairs.append(BeforeAfter(kind, side, first, last))
    return Album(stands, _looked(view, subject.id), found, pairs)


@dataclass(frozen=True, slots=True)
class File:
    data: bytes
    media_type: str
    ending: str
    drawn: bool
    """A browser may show it in a page; else it is saved."""


def file(store: Store, actor: Actor, image_id: str) -> File:
    """What was kept, for who sees the subject and while the consent stands; what names the patient for who has looked at who it is.

    Raises `NotFound`, Refused.
    """
    with store.read(actor) as view:
        found = view.need(Image, image_id)
        consented(view, found.subject_id)
        if found.media_type in stripping.NAMING:
            glass.may_look(view, persons.stands(view, found.subject_id))
            if not _looked(view, found.subject_id):
                raise Refused("identity_not_looked_at")
    try:
        locked = (store.documents / found.sealed_sha256).read_bytes()
    except FileNotFoundError:
        raise NotFound("image") from None
    data = identities.unlock(found.id, locked, opened(store.keys.identities, found))
    return File(data, found.media_type, stripping.MEDIA[found.media_type], found.media_type in stripping.DRAWN)


def _looked(view: View, subject_id: str) -> bool:
    return any(glass.looked(view, view.actor.person_id, one) for one in persons.of(view, subject_id))
