"""Pictures and papers of a subject by program: one kept without what it says of itself, all of them, and the bytes of one."""

from __future__ import annotations

from typing import Any

from flask import Response

from schemas.images import AlbumOut, ImageIn
from traceability import asking
from traceability.api import asked, blueprint
from traceability.api.acts import act
from traceability.api.lists import ONE
from traceability.api.lots import enumerated, uploading
from traceability.asking import Done, actor, picture, store
from traceability.services import images

MORE = {name: {"type": "string"} for name in ("subject_id", "laterality", "taken_on", "course_id")}


@act("image.attach", **uploading(enumerated("kind", images.ImageKind), MORE))
def attach_image() -> Done:
    """A JPEG, PNG, PDF or DICOM file of at most 50 MiB. Its name is not kept, nor what it says of maker, place, time and person;
    DICOM is kept as it came."""
    file, told = asked.upload(), asked.form(ImageIn)
    act_id = asked.act_id()
    kept = images.keep(store(), actor(), told["subject_id"], file.stream)
    return asking.ask("image.attach", None, asking.schema("image.attach")().load(_sent(told)) | {"file": kept}, act_id)


def _sent(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if name == "taken_on" else value for name, value in told.items()}


@blueprint.route("/subjects/<record:subject_id>/images", tags=["images"], endpoint="subject_images")
@blueprint.refuses(*ONE)
@blueprint.response(200, AlbumOut)
def subject_images(subject_id: str) -> dict[str, Any]:
    """What is kept of a subject, the newest first."""
    with store().read(actor()) as view:
        found = images.album(view, subject_id)
    return {"shown": found.shown, "items": found.images}


@blueprint.route("/images/<record:image_id>/file", tags=["images"], endpoint="image_file")
@blueprint.refuses(*ONE, 409)
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="application/octet-stream")
def image_file(image_id: str) -> Response:
    """Its bytes, while a consent to images stands; else `images_not_consented`. DICOM names the patient: for who opened the
    identity within the last half hour, else `identity_not_looked_at`."""
    return picture(image_id, inline=False)
