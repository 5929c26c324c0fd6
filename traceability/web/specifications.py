"""The specification of a product: every test, version by version, and what is in force today."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from traceability.asking import actor, store
from traceability.services import organisations
from traceability.services.specifications import of_product
from traceability.web import blueprint


@blueprint.get("/products/<product_id>/specifications")
def specifications(product_id: str) -> ResponseReturnValue:
    with store().read(actor()) as view:
        found = of_product(view, product_id)
        mine = found.product.organisation_id in organisations.stood_for(view)
    return render_template("lots/specifications.html", found=found, mine=mine)
