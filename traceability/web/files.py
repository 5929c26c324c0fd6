"""A PDF or a picture of a form, kept before the act that links it; and the same file handed out as it came."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, request, send_file
from flask_babel import gettext as _

from traceability.asking import store
from traceability.domain.errors import NotFound, Refused
from traceability.services import attachments
from traceability.web.posting import Trouble, refusal

POLICY = "default-src 'none'; object-src 'self'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def attached() -> dict[str, Any] | Trouble:
    """The file of this form, byte for byte in its folder: what an act is told of it, or what is to be said at the field."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return Trouble(422, {"file": _("Choose a PDF, PNG or JPEG.")})
    try:
        kept = attachments.keep(store(), sent.stream)
    except Refused as refused:
        return Trouble(422, {"file": refusal(refused).general[0]})
    return {"sha256": kept.sha256, "size": kept.size, "media_type": kept.media_type, "name": sent.filename[:200]}


def as_it_came(files: Iterable[Any], attachment_id: str) -> Response:
    """One of these. It opens in the browser's own viewer or is saved; nothing in it may run here."""
    found = next((one for one in files if one.id == attachment_id), None)
    path = store().documents / found.sha256 if found else None
    if found is None or path is None or not path.is_file():
        raise NotFound("attachment")
    response = send_file(path, mimetype=found.media_type, download_name=found.name)
    response.headers["Content-Security-Policy"] = POLICY
    return response
