"""What a lot of a product must pass: tests by version, each in force from a day on (R32)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import col

from traceability.domain.errors import Refused
from traceability.domain.specifications import in_force
from traceability.services import Answer, dates, organisations, performs
from traceability.services.organisations import stands_for
from traceability.services.products import number
from traceability.store import Tx, View
from traceability.store.tables import Product, ProductVersion, Result, Specification


@performs("specification.issue")
def issue(
    tx: Tx,
    product_version_id: str,
    test: str,
    *,
    method: str = "",
    unit: str = "",
    low: str | None = None,
    high: str | None = None,
    expected: str | None = None,
    mandatory: bool = True,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Answer:
    """What one test must show (R32): limits as decimal numbers, or an expected word. Signed; versions are kept.

    In force from `valid_from` (today, where nobody says) until a later version begins, or through `valid_until`. Beginning
    earlier than today it would judge anew what was tested or made: refused, where there is a result of the test.
    """
    version_of = tx.need(ProductVersion, product_version_id)
    stands_for(tx, tx.need(Product, version_of.product_id).organisation_id)
    if (low is None and high is None) == (expected is None):
        raise Refused("specification_unclear")
    low_d, high_d = (number(limit) if limit is not None else None for limit in (low, high))
    if low_d is not None and high_d is not None and low_d > high_d:
        raise Refused("band_impossible")
    tx.alone(f"specifications of {version_of.id}")
    earlier = [one for one in specifications(tx, version_of.id) if one.test == test]
    today = organisations.today(tx)
    begins = valid_from or today
    if valid_from is not None:
        dates.within("valid_from", valid_from, today - dates.LONGEST, today + dates.LONGEST)
    if valid_until is not None:
        dates.within("valid_until", valid_until, begins, today + dates.LONGEST)
    if earlier and (begins < earlier[-1].valid_from or (begins < today and _tested(tx, earlier))):
        raise Refused("specification_backdated", test=test, version=earlier[-1].version)
    row = Specification(
        product_version_id=version_of.id, test=test, version=1 + len(earlier), method=method, unit=unit,
        low=low, high=high, expected=expected, mandatory=mandatory, valid_from=begins, valid_until=valid_until,
        issued_at=tx.at,
    )  # fmt: skip
    return {"id": tx.add(row).id, "version": row.version, "product_id": version_of.product_id}


def _tested(tx: Tx, versions: list[Specification]) -> bool:
    return bool(tx.known(Result, col(Result.specification_id).in_([one.id for one in versions])))


# -------------------------------------------------------------------------------------------------------------- reads


def specifications(view: View, product_version_id: str) -> list[Specification]:
    return view.all(
        Specification,
        Specification.product_version_id == product_version_id,
        order=(Specification.test, Specification.version),
    )


def current_specifications(view: View, product_version_id: str) -> dict[str, Specification]:
    """The version of each test that is in force today."""
    today = organisations.today(view)
    return in_force(specifications(view, product_version_id), today)


@dataclass(frozen=True, slots=True)
class Specified:
    """One version of a product with every version of its tests, and those in force today by test."""

    version: ProductVersion
    tests: tuple[Specification, ...]
    today: Mapping[str, Specification]


@dataclass(frozen=True, slots=True)
class Whole:
    """A product with what its lots must pass, the newest version of the product first."""

    product: Product
    today: date
    versions: tuple[Specified, ...]


def of_product(view: View, product_id: str) -> Whole:
    product = view.need(Product, product_id)
    today = organisations.today(view)
    newest_first = (ProductVersion.product_id == product.id,)
    versions = view.all(ProductVersion, *newest_first, order=col(ProductVersion.version).desc())
    tests = {one.id: specifications(view, one.id) for one in versions}
    return Whole(
        product, today, tuple(Specified(one, tuple(tests[one.id]), in_force(tests[one.id], today)) for one in versions)
    )
