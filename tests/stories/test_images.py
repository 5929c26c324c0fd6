"""Radiographs and papers of a patient: kept with consent and without what the file said, not shown once that is withdrawn (R48, R54)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import RIGHT, at_once_before_either_ends, clean, count, reading, refusal, rows, today, withdraw
from tests.stories.test_identity import erased
from tests.stripping.test_stripping import CANARY, dicom_of, jpeg_of, png_of
from traceability.domain.errors import NotFound
from traceability.domain.people import Actor, Meaning
from traceability.services import consents, courses, images, rekeying, subjects
from traceability.store import identities, new_id
from traceability.store.tables import Image
from traceability.store.tables.images import ImageKind
from traceability.store.tables.subjects import ConsentKind
from traceability.stripping import png

AP = ImageKind.RADIOGRAPH_AP


def keep(clinic: Clinic, data: bytes, who: Actor | None = None, **told: Any) -> str:
    who = who or clinic.PHYSICIAN
    kept = images.keep(clinic.store, who, clinic.ids["subject"], BytesIO(data))
    given = {"kind": AP, "laterality": RIGHT, "taken_on": today(clinic), **told}
    return clinic.do(images.attach, who, clinic.ids["subject"], file=kept, **given).id


def folder(clinic: Clinic) -> set[str]:
    return {one.name for one in clinic.store.documents.iterdir()} if clinic.store.documents.is_dir() else set()


def test_without_a_consent_to_images_nothing_is_kept_and_a_withdrawn_one_hides_what_is(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    before = folder(clinic)
    assert refusal(lambda: keep(clinic, jpeg_of())).code == "images_not_consented"
    assert folder(clinic) == before
    consent = clinic.consent(clinic.ids["subject"], ConsentKind.IMAGES)
    given = jpeg_of()
    one = keep(clinic, given)
    (row,) = reading(clinic, lambda view: images.album(view, clinic.ids["subject"]), clinic.PHYSICIAN).images
    assert row.given_sha256 == sha256(given).hexdigest()
    found = images.file(clinic.store, clinic.PHYSICIAN, one)
    assert sha256(found.data).hexdigest() == row.sha256
    assert CANARY not in found.data
    assert found.drawn

    clinic.clock.tick(minutes=1)
    withdraw(clinic, consent)
    assert refusal(lambda: images.file(clinic.store, clinic.PHYSICIAN, one)).code == "images_not_consented"
    assert refusal(lambda: keep(clinic, png_of())).code == "images_not_consented"
    hidden = reading(clinic, lambda view: images.album(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    assert (hidden.shown, [each.sha256 for each in hidden.images]) == (False, [row.sha256])
    clean(clinic)


def test_before_and_after_of_one_knee_taken_in_one_way_stand_side_by_side(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    clinic.consent(clinic.ids["subject"], ConsentKind.IMAGES)
    first = keep(clinic, jpeg_of())
    keep(clinic, png_of(), kind=ImageKind.RADIOGRAPH_SKYLINE)
    keep(clinic, jpeg_of(), kind=ImageKind.PHOTOGRAPH, laterality=None)
    clinic.clock.tick(days=30)
    keep(clinic, jpeg_of("L"), kind=ImageKind.PHOTOGRAPH, laterality=None)
    keep(clinic, jpeg_of("L"))
    clinic.clock.tick(days=150)
    last = keep(clinic, png_of())
    (pair,) = reading(clinic, lambda view: images.album(view, clinic.ids["subject"]), clinic.PHYSICIAN).pairs
    assert (pair.kind, pair.before.id, pair.after.id) == (AP, first, last)


def test_only_who_sees_the_patient_sees_the_picture(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    clinic.consent(clinic.ids["subject"], ConsentKind.IMAGES)
    one = keep(clinic, jpeg_of())
    there = elsewhere(clinic)
    tried: tuple[Callable[[], object], ...] = (
        lambda: images.file(clinic.store, there.PHYSICIAN, one),
        lambda: images.file(clinic.store, clinic.STOREKEEPER, one),
        lambda: images.file(clinic.store, clinic.MAKER_QA, one),
        lambda: keep(clinic, jpeg_of(), there.PHYSICIAN),
    )
    for each in tried:
        assert isinstance(refusal(each), NotFound)
    assert count(clinic, "image") == 1


def lies(clinic: Clinic, image_id: str) -> bytes:
    """The bytes on the disk."""
    (row,) = rows(clinic, "SELECT sealed_sha256 FROM image WHERE id = :id", id=image_id)
    return (clinic.store.documents / row.sealed_sha256).read_bytes()


def test_a_dicom_file_is_kept_as_it_came_for_who_has_opened_the_identity_and_unreadable_on_the_disk(
    founded: Clinic,
) -> None:
    clinic = founded
    clinic.course()
    clinic.consent(clinic.ids["subject"], ConsentKind.IMAGES)
    one = keep(clinic, dicom_of(), kind=ImageKind.MRI, who=clinic.WITNESS)
    assert CANARY not in lies(clinic, one)
    assert refusal(lambda: images.file(clinic.store, clinic.PHYSICIAN, one)).code == "identity_not_looked_at"
    clinic.do(subjects.open_identity, clinic.PHYSICIAN, clinic.ids["subject"])
    found = images.file(clinic.store, clinic.PHYSICIAN, one)
    assert (found.data, found.media_type, found.drawn) == (dicom_of(), "application/dicom", False)
    assert reading(clinic, lambda view: images.album(view, clinic.ids["subject"]), clinic.PHYSICIAN).named
    assert refusal(lambda: images.file(clinic.store, clinic.WITNESS, one)).code == "identity_not_looked_at"
    clinic.clock.tick(minutes=31)
    assert refusal(lambda: images.file(clinic.store, clinic.PHYSICIAN, one)).code == "identity_not_looked_at"
    clean(clinic)


def test_the_pictures_of_who_was_erased_and_of_a_refused_act_are_bytes_that_nobody_reads(founded: Clinic) -> None:
    clinic = founded
    course = clinic.course()
    clinic.consent(clinic.ids["subject"], ConsentKind.IMAGES)
    one = keep(clinic, jpeg_of())
    before = folder(clinic)
    tomorrow = today(clinic) + timedelta(days=2)
    assert refusal(lambda: keep(clinic, png_of(), taken_on=tomorrow)).code == "occurred_in_future"
    (left,) = folder(clinic) - before
    assert png.MAGIC not in (clinic.store.documents / left).read_bytes()
    ring = clinic.store.keys.identities
    row = of_row(clinic, one)
    locked, secret = lies(clinic, one), images.opened(ring, row)
    assert identities.unlock(one, locked, secret) == images.file(clinic.store, clinic.PHYSICIAN, one).data
    for row_id, data in ((new_id(), locked), (one, locked[:-1]), (one, b"")):
        assert refusal(lambda row_id=row_id, data=data: identities.unlock(row_id, data, secret)).code == (
            "identity_unreadable"
        )

    old = ring.current().id
    ring.renew()
    assert list(rekeying.bring(clinic.store))[-1] == 2
    assert rekeying.standing(clinic.store)[old] == 0
    assert of_row(clinic, one).key_id == ring.current().id
    assert images.opened(ring, of_row(clinic, one)) == secret

    clinic.do(courses.end, clinic.PHYSICIAN, course, reason="moved away")
    erased(clinic, clinic.ids["subject"])
    assert of_row(clinic, one).secret is None
    assert refusal(lambda: images.file(clinic.store, clinic.PHYSICIAN, one)).code == "identity_erased"
    assert refusal(lambda: images.opened(ring, of_row(clinic, one))).code == "identity_erased"
    assert rekeying.standing(clinic.store) == {}
    clean(clinic)


@pytest.mark.parametrize("what", ["picture", "paper"])
def test_who_is_erased_at_the_moment_of_a_picture_or_a_paper_leaves_neither_a_key_nor_a_name(
    founded: Clinic, what: str
) -> None:
    clinic = founded
    subject = clinic.ids["subject"] = clinic.subject()
    clinic.consent(subject, ConsentKind.IMAGES)
    kept = images.keep(clinic.store, clinic.PHYSICIAN, subject, BytesIO(jpeg_of()))
    signed = (clinic.sign("santosa", Meaning.RECORDED), clinic.sign("rahayu", Meaning.WITNESSED))
    husband = {"representative": "Canary", "relation": "husband", "signed": signed}

    def tell() -> object:
        if what == "picture":
            return clinic.do(images.attach, clinic.PHYSICIAN, subject, AP, kept)
        paper = (subject, ConsentKind.DATA, "v2 (id)", clinic.clock.now)
        return clinic.do(consents.record, clinic.PHYSICIAN, *paper, **husband)

    _, refused = at_once_before_either_ends(clinic, 2, lambda n: tell() if n else erased(clinic, subject))
    assert {no.code for no in refused} <= {"identity_erased"}
    assert rows(clinic, "SELECT id FROM image WHERE secret IS NOT NULL") == []
    assert rows(clinic, "SELECT id FROM consent WHERE representative IS NOT NULL") == []
    assert refusal(tell).code == "identity_erased"
    clean(clinic)


def of_row(clinic: Clinic, image_id: str) -> Image:
    return reading(clinic, lambda view: view.need(Image, image_id), clinic.PHYSICIAN)
