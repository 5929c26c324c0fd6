"""Pictures and papers of a subject: kept with consent, shown while it stands, before and after side by side (R48, R54)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256 as digest_of
from pathlib import Path
from typing import IO

from sqlmodel import col

from traceability import stripping
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import Actor
from traceability.services import Answer, performs, persons, subjects
from traceability.services.attachments import MOST_BYTES, keep_bytes
from traceability.services.outcomes import in_time, of_subject
from traceability.store import Store, Tx, View
from traceability.store.tables import Image, Subject
from traceability.store.tables.images import ImageKind
from traceability.store.tables.subjects import ConsentKind, Laterality


@dataclass(frozen=True, slots=True)
class Kept:
    sha256: str
    given_sha256: str
    size: int
    media_type: str


def keep(store: Store, actor: Actor, subject_id: str, stream: IO[bytes]) -> Kept:
    """Keep a picture or a paper without what it says of who made it, before the act that links it. Where the subject is not in
    sight or did not consent, nothing is kept. Raises Refused, and NotFound.
    """
    with store.read(actor) as view:
        consented(view, view.need(Subject, subject_id).id)
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused("body_too_large", most=MOST_BYTES)
    clean = stripping.stripped(data)
    return Kept(keep_bytes(store, clean.data), digest_of(data).hexdigest(), len(clean.data), clean.media_type)


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
    sha256: str,
    given_sha256: str,
    media_type: str,
    size: int,
    *,
    laterality: Laterality | None = None,
    taken_on: date | None = None,
    course_id: str | None = None,
) -> Answer:
    """Link a picture or a paper that was kept before the act began (R54)."""
    subject = tx.need(Subject, subject_id)
    consented(tx, subject.id)
    in_time(tx, taken_on)
    of_subject(tx, subject, course_id, laterality)
    row = tx.add(
        Image(
            subject_id=subject.id, course_id=course_id, kind=kind, laterality=laterality, taken_on=taken_on, media_type=media_type,
            size=size, sha256=sha256, given_sha256=given_sha256, person_id=tx.actor.person_id, attached_at=tx.at,
        )
    )  # fmt: skip
    return {"id": row.id, "subject_id": subject.id, "sha256": sha256}


# -------------------------------------------------------------------------------------------------------------- reads


@dataclass(frozen=True, slots=True)
class Pair:
    """The first and the last that was taken of one knee in one way."""

    kind: ImageKind
    laterality: Laterality | None
    before: Image
    after: Image


@dataclass(frozen=True, slots=True)
class Album:
    """`shown` False: no consent to images stands, or not any more; then the digests are told, and no picture."""

    shown: bool
    images: Sequence[Image]
    pairs: Sequence[Pair]


def album(view: View, subject_id: str) -> Album:
    """Everything of a person, the newest first. Raises `NotFound`."""
    subject = view.need(Subject, subject_id)
    found = view.all(
        Image, col(Image.subject_id).in_(persons.of(view, subject.id)), order=col(Image.attached_at).desc()
    )
    stands = subjects.consent_stands(view, subject.id, ConsentKind.IMAGES, view.at) is not None
    stands = stands and subjects.is_named(view, persons.stands(view, subject.id))
    by: dict[tuple[ImageKind, Laterality | None], list[Image]] = defaultdict(list)
    for one in found:
        if one.taken_on and one.media_type in stripping.DRAWN:
            by[one.kind, one.laterality].append(one)
    pairs = []
    for (kind, side), those in sorted(by.items(), key=lambda item: [str(part) for part in item[0]]):
        first, last = (pick(those, key=lambda one: one.taken_on or date.min) for pick in (min, max))
        if first.taken_on != last.taken_on:
            pairs.append(Pair(kind, side, first, last))
    return Album(stands, found, pairs)


@dataclass(frozen=True, slots=True)
class File:
    path: Path
    media_type: str
    ending: str
    drawn: bool
    """A browser may show it in a page; else it is saved."""


def file(store: Store, actor: Actor, image_id: str) -> File:
    """Where its bytes lie, for who sees the subject and while the consent stands. Raises `NotFound`, Refused."""
    with store.read(actor) as view:
        found = view.need(Image, image_id)
        consented(view, found.subject_id)
    path = store.documents / found.sha256
    if not path.is_file():
        raise NotFound("image")
    return File(path, found.media_type, stripping.MEDIA[found.media_type], found.media_type in stripping.DRAWN)
