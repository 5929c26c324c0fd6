"""Radiographs and papers of a patient: kept with consent and without what the file said, not shown once that is withdrawn (R48, R54)."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from typing import Any

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import RIGHT, clean, count, reading, refusal, today, withdraw
from tests.stripping.test_stripping import CANARY, jpeg_of, png_of
from traceability.domain.errors import NotFound
from traceability.domain.people import Actor
from traceability.services import images
from traceability.store.tables.images import ImageKind
from traceability.store.tables.subjects import ConsentKind

AP = ImageKind.RADIOGRAPH_AP


def keep(clinic: Clinic, data: bytes, who: Actor | None = None, **told: Any) -> str:
    who = who or clinic.PHYSICIAN
    kept = images.keep(clinic.store, who, clinic.ids["subject"], BytesIO(data))
    given = {"kind": AP, "laterality": RIGHT, "taken_on": today(clinic), **told}
    return clinic.do(
        images.attach, who, clinic.ids["subject"], sha256=kept.sha256, given_sha256=kept.given_sha256,
        media_type=kept.media_type, size=kept.size, **given,
    ).id  # fmt: skip


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
    kept = found.path.read_bytes()
    assert sha256(kept).hexdigest() == row.sha256
    assert CANARY not in kept
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
    clinic.clock.tick(days=30)
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
