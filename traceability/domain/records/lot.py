"""A lot as it heads most records: its product, itself, its maker's word and the files that came with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPart:
    name: str
    gtin: str
    version: int
    strength: str | None
    volume_ul: int
    low_mc: int
    high_mc: int
    budget_s: int
    thaw_s: int | None
    in_use_s: int | None
    freeze_sensitive: bool
    mkt_applies: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPart:
    """`expired_before`: the dates that a later statement replaced, oldest first."""

    number: str
    state: str
    made_on: date
    expires: date | None
    expired_before: tuple[date, ...]
    filled: int
    route: str
    route_number: str | None
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """The word given for the lot; `transcribed`: copied in by the hospital, not given by the maker here."""

    transcribed: bool
    statement: str
    on: date
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that came with the lot, by its SHA-256."""

    name: str
    kind: str
    sha256: str
