"""Audit extract of a lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from traceability.domain.records.head import Head, Signed
from traceability.domain.records.lot import LotPart
from traceability.domain.scopes import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPart:
    """One entry of a ledger: who did what, and (column, before, after) of what changed; before None: the row is new."""

    number: int
    at: datetime
    act: str
    person: str
    role: str
    refused: str | None
    about: tuple[str, ...]
    changes: tuple[tuple[str, str | None, str], ...]
    more: int
    reason: str | None
    signed_by: tuple[str, ...]
    leaf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPart:
    """Somebody read the trail up to an entry."""

    by: str
    through: int
    at: datetime
    whole_ledger: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRecord:
    """Audit extract of a lot, newest first; not `whole`: there are older entries than those that are printed."""

    head: Head
    lot: LotPart
    maker: str
    ledger: str
    scope: Scope
    whole: bool
    entries: tuple[EntryPart, ...]
    reviews: tuple[ReviewPart, ...]
    signatures: tuple[Signed, ...]
    """Of the newest reviews, each over what was there to read."""
