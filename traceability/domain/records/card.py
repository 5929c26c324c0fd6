"""The card that a patient carries: what was injected where and when, to be shown to whoever treats them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from traceability.domain.records.head import Head


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDose:
    """One vial of one injection. `k` None: it was no dose of this course. What the record does not know is None."""

    k: int | None
    laterality: str
    given_at: datetime
    product: str | None
    lot: str | None
    serial: str
    given_ul: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRecord:
    """Of the knee of one course. Nothing on it says who carries it: name and telephone number are written by hand.

    `given`: all that went into this knee, whoever planned it; `elsewhere`: doses of this course that went into another.
    """

    head: Head
    pseudonym: str
    joint: str
    laterality: str
    products: tuple[str, ...]
    doses: int
    given: tuple[CardDose, ...]
    elsewhere: tuple[CardDose, ...]
