"""What patients sign, by program: the forms by version and language, and a new one with its file."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.clinic import ConsentFormOut
from schemas.fields import Day, Flag, Words
from traceability import asking
from traceability.api import asked, blueprint
from traceability.api.acts import act
from traceability.api.lots import enumerated, uploading
from traceability.asking import Done, actor, store
from traceability.services import attachments, consents
from traceability.services.consents import ConsentKind
from traceability.services.contacts import LANGUAGES

TEXT = {"type": "string"}


class DraftIn(asked.In):
    kind = fields.Enum(ConsentKind, by_value=True, required=True)
    version = Words(most=32, required=True, metadata={"description": "Without its language: v3."})
    language = fields.String(validate=validate.OneOf(LANGUAGES), required=True)
    valid_from = Day(required=True)
    renew = Flag(required=True)
    name = Words(most=200)


@act(
    "consent_form.draft",
    **uploading(
        enumerated("kind", ConsentKind), {"version": TEXT}, enumerated("language", LANGUAGES),
        {"valid_from": {"type": "string", "format": "date"}}, enumerated("renew", ("yes", "no")),
    ),
)  # fmt: skip
def draft_form() -> Done:
    """A PDF of at most 50 MiB. QA issues it by `consent_form.issue`; until then it counts for nothing."""
    file, told = asked.upload(), asked.form(DraftIn)
    act_id, name = asked.act_id(), asked.name_of(file)
    kept = attachments.keep(store(), file.stream)
    told |= {"sha256": kept.sha256, "name": name, "media_type": kept.media_type, "size": kept.size}
    return asking.ask("consent_form.draft", None, told, act_id)


@blueprint.route("/consent_forms", tags=["consent_forms"], endpoint="consent_forms")
@blueprint.refuses(401, 403)
@blueprint.response(200, ConsentFormOut(many=True))
def all_forms() -> list[dict[str, Any]]:
    """Every form of one's own house, drafts too; `in_force`: it is the one to sign today in its language."""
    with store().read(actor()) as view:
        now = consents.to_sign(view)
        return [
            one.model_dump() | {"name": one.name, "sha256": file.sha256, "in_force": one.name in now[one.kind]}
            for one, file in consents.forms(view)
        ]
