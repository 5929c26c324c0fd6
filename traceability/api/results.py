"""A laboratory's file of results by program, and the specification of a product."""

from __future__ import annotations

from typing import Any

from schemas.fields import Words
from schemas.outputs import SpecificationsOut
from traceability import asking
from traceability.api import asked, blueprint
from traceability.api.acts import act
from traceability.api.lists import ONE
from traceability.api.lots import uploading
from traceability.asking import Done, actor, store
from traceability.domain.errors import Refused
from traceability.services import attachments, result_import
from traceability.services.specifications import of_product
from traceability.words import sentence

CONFIRMED = {"confirmed": {"type": "string", "description": "`digest` of the understanding that was shown."}}


class ResultsIn(asked.In):
    confirmed = Words(most=64, least=64, load_default="")


@act("result.import_file", given="lot_id", **uploading(CONFIRMED))
def import_file(lot_id: str) -> Done:
    """A CSV or JSON of test results, for one lot: all of its lines, or none.

    Sent without `confirmed` it is refused with its `understanding` and the `digest` of that; sent again with the digest it is
    entered. Lines that cannot be read are named in `errors`.
    """
    file, told = asked.upload(), asked.form(ResultsIn)
    act_id, name = asked.act_id(), asked.name_of(file)
    data = file.stream.read(result_import.MOST_BYTES + 1)
    read = result_import.read(name, data)
    with store().read(actor()) as view:
        found = result_import.understood(view, lot_id, read)
    if found.refused:
        wrong = [one | {"message": sentence(one["code"], one["values"])} for one in result_import.errors(found)]
        raise Refused(
            "results_refused",
            count=len(wrong),
            errors=[{k: one[k] for k in ("line", "code", "message")} for one in wrong],
        )
    if told["confirmed"] != found.digest:
        raise Refused("results_unconfirmed", digest=found.digest, understanding=result_import.understanding(found))
    attachments.keep_bytes(store(), data)
    return asking.ask("result.import_file", None, {"lot_id": lot_id, "file": read}, act_id)


@blueprint.route("/products/<record:product_id>/specifications", tags=["products"])
@blueprint.refuses(*ONE)
@blueprint.response(200, SpecificationsOut)
def specifications(product_id: str) -> dict[str, Any]:
    """What a lot of a product must pass: every version of every test, and which are in force today."""
    with store().read(actor()) as view:
        found = of_product(view, product_id)
    return {
        "product_id": product_id, "day": found.today,
        "versions": [
            {
                "product_version_id": one.version.id, "version": one.version.version,
                "specifications": [
                    spec.model_dump() | {"in_force": one.today.get(spec.test) is not None and one.today[spec.test].id == spec.id}
                    for spec in one.tests
                ],
            }
            for one in found.versions
        ],
    }  # fmt: skip
