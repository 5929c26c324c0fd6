"""What is made, under which limits, against which specification, and the papers that allow it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from traceability.store.tables.coldchain import Direction
from traceability.store.tables.row import Row, key, when, word


class CredentialKind(StrEnum):
    GMP = "gmp"
    LICENCE = "licence"
    DESIGNATION = "designation"
    ETHICS = "ethics"
    TRIAL = "trial"


OF_MAKING = frozenset({CredentialKind.GMP, CredentialKind.LICENCE})
"""Papers under which lots are made: without one that covers the day, nobody knows whether they may be used."""


class Credential(Row, table=True):
    """A certificate or licence. Dates that its source does not give are empty: not reported, never assumed (R15).

    `product_id`: of this product alone; empty: of whatever its scope says in words.
    """

    organisation_id: str = key("organisation.id")
    kind: CredentialKind = word(CredentialKind)
    number: str
    issuer: str
    scope: str
    valid_from: date | None = None
    valid_until: date | None = None
    attachment_id: str | None = key("attachment.id", nullable=True, index=False)
    product_id: str | None = key("product.id", nullable=True, index=False)


class Suspension(Row, table=True):
    """A paper covered nothing from a day on; through another, once that was lifted. Each stays, however many come after it."""

    __table_args__ = (CheckConstraint("until IS NULL OR until >= since"),)

    credential_id: str = key("credential.id")
    since: date
    until: date | None = None


class Product(Row, table=True):
    organisation_id: str = key("organisation.id")
    gtin: str = Field(unique=True, max_length=14)
    name: str


class ProductVersion(Row, table=True):
    """Limits and clocks of a product (R20, R28): temperatures in thousandths of °C, times in seconds, volume in µl."""

    __tablename__ = "product_version"
    __table_args__ = (
        UniqueConstraint("product_id", "version"),
        CheckConstraint("low_mc < high_mc"),
        CheckConstraint("volume_ul > 0"),
    )

    product_id: str = key("product.id")
    version: int
    strength: str = ""
    volume_ul: int
    low_mc: int
    high_mc: int
    thaw_s: int | None = None
    in_use_s: int | None = None
    budget_s: int
    freeze_sensitive: bool
    mkt_applies: bool


class BudgetBand(Row, table=True):
    """Of the time out of storage, how much may lie beyond a threshold: 4 h warmer than −15 °C, of it 30 min warmer than −5 (R20)."""

    __tablename__ = "budget_band"
    __table_args__ = (
        UniqueConstraint("product_version_id", "direction", "threshold_mc"),
        CheckConstraint("allowed_s >= 0"),
    )

    product_version_id: str = key("product_version.id", index=False)
    direction: Direction = word(Direction)
    threshold_mc: int
    allowed_s: int


class Specification(Row, table=True):
    """One test that a lot of this product version must pass (R32). Limits in `unit` as decimal text, or an expected word.

    In force from `valid_from` until the next version begins, or through `valid_until`.
    """

    __table_args__ = (
        UniqueConstraint("product_version_id", "test", "version"),
        CheckConstraint("valid_until IS NULL OR valid_until >= valid_from"),
    )

    product_version_id: str = key("product_version.id")
    test: str
    version: int
    method: str = ""
    unit: str = ""
    low: str | None = None
    high: str | None = None
    expected: str | None = None
    mandatory: bool = True
    valid_from: date
    valid_until: date | None = None
    issued_at: datetime = when()
