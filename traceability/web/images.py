"""Pictures and papers of a subject: before and after side by side, all of them, and one kept without what it says of itself."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from traceability import stripping
from traceability.asking import actor, picture, store
from traceability.domain.errors import Refused
from traceability.services import courses, images, people, subjects
from traceability.web import blueprint, posting
from traceability.web.posting import Trouble
from traceability.words import act_words

ASKED = ("kind", "laterality", "taken_on", "course_id")


@blueprint.get("/subjects/<subject_id>/images")
def subject_images(subject_id: str, trouble: Trouble | None = None) -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = images.album(view, subject_id)
        page = render_template(
            "subjects/images.html", subject=subjects.subject(view, subject_id), album=found, trouble=trouble,
            names=people.names(view, [one.person_id for one in found.images]), kinds=tuple(images.ImageKind),
            plans=courses.progress(view, [subject_id])[subject_id], given=posting.form(*ASKED), section="web.subjects",
            drawn=stripping.DRAWN, naming=stripping.NAMING,
        )  # fmt: skip
    return page, trouble.status if trouble else 200


@blueprint.post("/subjects/<subject_id>/images")
def image_attach(subject_id: str) -> ResponseReturnValue:
    """What it is called is not kept: a name may stand in it."""
    posting.permitted("image.attach")
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return subject_images(subject_id, Trouble(422, {"file": _("Choose a JPEG, PNG, PDF or DICOM file.")}))
    try:
        kept = images.keep(store(), actor(), subject_id, sent.stream)
    except Refused as refused:
        if refused.code == "not_found":
            raise
        told = posting.refusal(refused)
        return subject_images(subject_id, Trouble(told.status, {"file": told.general[0]}))
    done = posting.perform("image.attach", None, {"file": kept}, subject_id=subject_id, **posting.form(*ASKED))
    if isinstance(done, Trouble):
        return subject_images(subject_id, done)
    flash(act_words("image.attach").done)
    return redirect(url_for("web.subject_images", subject_id=subject_id), 303)


@blueprint.get("/images/<image_id>/file")
def image_file(image_id: str) -> Response:
    """JPEG and PNG as a page shows them; anything else is saved."""
    return picture(image_id, inline=True)
