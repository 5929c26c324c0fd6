"""What is made, under which limits, and the papers that allow it. Also what it is made of. Its tests: `specifications`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from traceability.domain.errors import Refused
from traceability.domain.gs1 import check_digit
from traceability.services import Answer, dates, performs
from traceability.services.organisations import stands_for
from traceability.store import Tx, View
from traceability.store.tables import (
    Ancestry,
    Attachment,
    BudgetBand,
    Credential,
    Material,
    Product,
    ProductVersion,
)
from traceability.store.tables.coldchain import Direction
from traceability.store.tables.lots import MaterialKind
from traceability.store.tables.products import OF_MAKING, CredentialKind


@performs("credential.record")
def record_credential(
    tx: Tx,
    organisation_id: str,
    kind: CredentialKind,
    number: str,
    issuer: str,
    scope: str,
    *,
    valid_from: date | None = None,
    valid_until: date | None = None,
    attachment_id: str | None = None,
    product_id: str | None = None,
) -> Answer:
    """A certificate or licence (R15). A date that its source does not give stays empty: not reported.

    `product_id`: an approval of a hospital that is of this product alone. Makers' papers are of whatever is made under them.
    """
    organisation = stands_for(tx, organisation_id)
    if valid_from and valid_until and valid_until < valid_from:
        raise Refused("interval_empty")
    dates.paper("valid_from", valid_from, tx.at.date())
    dates.paper("valid_until", valid_until, tx.at.date())
    if attachment_id is not None:
        tx.need(Attachment, attachment_id)
    if product_id is not None:
        if kind in OF_MAKING:
            raise Refused("credential_of_making", kind=kind)
        tx.need(Product, product_id)
    row = Credential(
        organisation_id=organisation.id, kind=kind, number=number, issuer=issuer, scope=scope,
        valid_from=valid_from, valid_until=valid_until, attachment_id=attachment_id, product_id=product_id,
    )  # fmt: skip
    return {"id": tx.add(row).id}


@performs("product.register")
def register(tx: Tx, organisation_id: str, gtin: str, name: str) -> Answer:
    """A product of this maker under its GTIN (14 digits with a right check digit)."""
    if len(gtin) != 14 or not gtin.isascii() or not gtin.isdigit() or check_digit(gtin[:-1]) != gtin[-1]:
        raise Refused("code_check_digit", ai="01", value=gtin)
    if tx.known(Product, Product.gtin == gtin):
        raise Refused("already_there", noun="product", key=gtin)
    maker = stands_for(tx, organisation_id)
    return {"id": tx.add(Product(organisation_id=maker.id, gtin=gtin, name=name)).id}


@performs("product.revise")
def revise(
    tx: Tx,
    product_id: str,
    *,
    volume_ul: int,
    low_mc: int,
    high_mc: int,
    budget_s: int,
    freeze_sensitive: bool,
    mkt_applies: bool,
    thaw_s: int | None = None,
    in_use_s: int | None = None,
    strength: str = "",
) -> Answer:
    """A new version of its limits and clocks (R20, R28); lots keep the version they were made under."""
    product = tx.need(Product, product_id)
    stands_for(tx, product.organisation_id)
    if low_mc >= high_mc or volume_ul <= 0 or budget_s < 0 or (thaw_s or 1) <= 0 or (in_use_s or 1) <= 0:
        raise Refused("band_impossible")
    if freeze_sensitive and low_mc < 0:
        raise Refused(
            "freeze_sensitive_below_zero", low_mc=low_mc
        )  # R23: below zero QA is asked, whatever else is allowed
    version = 1 + max((v.version for v in tx.known(ProductVersion, ProductVersion.product_id == product.id)), default=0)
    row = ProductVersion(
        product_id=product.id, version=version, strength=strength, volume_ul=volume_ul, low_mc=low_mc, high_mc=high_mc,
        thaw_s=thaw_s, in_use_s=in_use_s, budget_s=budget_s, freeze_sensitive=freeze_sensitive, mkt_applies=mkt_applies,
    )  # fmt: skip
    return {"id": tx.add(row).id, "product_id": product.id}


@performs("product.add_band")
def add_band(tx: Tx, product_version_id: str, direction: Direction, threshold_mc: int, allowed_s: int) -> Answer:
    """Of its time out of storage, how much at most beyond a threshold outside its limits (R20). Vials made before are bound too."""
    version = tx.need(ProductVersion, product_version_id)
    stands_for(tx, tx.need(Product, version.product_id).organisation_id)
    outside = threshold_mc > version.high_mc if direction is Direction.ABOVE else threshold_mc < version.low_mc
    if not outside or not 0 <= allowed_s <= version.budget_s:
        raise Refused("band_impossible")
    same = (BudgetBand.product_version_id == version.id, BudgetBand.direction == direction)
    if tx.known(BudgetBand, *same, BudgetBand.threshold_mc == threshold_mc):
        raise Refused("already_there", noun="budget_band", key=f"{threshold_mc / 1000:g} °C")
    tx.add(
        BudgetBand(product_version_id=version.id, direction=direction, threshold_mc=threshold_mc, allowed_s=allowed_s)
    )
    return {"id": version.id, "product_id": version.product_id}


@performs("material.record")
def record_material(
    tx: Tx,
    organisation_id: str,
    kind: MaterialKind,
    code: str,
    *,
    parent_ids: tuple[str, ...] = (),
    description: str = "",
) -> Answer:
    """A coded donor, bank, harvest or reagent, and what it was made from."""
    maker = stands_for(tx, organisation_id)
    if tx.known(Material, Material.organisation_id == maker.id, Material.kind == kind, Material.code == code):
        raise Refused("already_there", noun="material", key=code)
    parents = [tx.need(Material, parent_id) for parent_id in parent_ids]
    row = tx.add(Material(organisation_id=maker.id, kind=kind, code=code, description=description))
    tx.add_all([Ancestry(parent_id=parent.id, child_id=row.id) for parent in parents])
    return {"id": row.id}


LONGEST = 24


def number(told: str) -> Decimal:
    """A decimal number as people and instruments write it in this system: with a point; of 24 signs, and as many digits, at most.

    What is none is not said again: beside a score somebody types the number of a patient.
    """
    try:
        made = Decimal(told.strip())
    except InvalidOperation:
        made = Decimal("NaN")
    if "_" in told or not made.is_finite() or len(told) > LONGEST or not -LONGEST < made.adjusted() < LONGEST:
        raise Refused("number_unreadable")
    return made


def credentials(view: View, organisation_id: str) -> list[Credential]:
    """The papers of an organisation, by kind and number."""
    found = view.all(Credential, Credential.organisation_id == organisation_id)
    return sorted(found, key=lambda one: (one.kind, one.number))


def products(view: View) -> list[Product]:
    return view.all(Product, order=Product.name)
