"""Which record a document is, who signed it, and what changed in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RecordKind(StrEnum):
    RELEASE = "release"
    TRACE = "trace"
    ADMINISTRATION = "administration"
    SHIPMENT = "shipment"
    PLACE = "place"
    VIAL = "vial"
    ANALYSIS = "analysis"
    CASE = "case"
    RECALL = "recall"
    MOCK_RECALL = "mock_recall"
    TRAIL = "trail"
    OUTCOMES = "outcomes"
    CIOMS = "cioms"
    CARD = "card"
    CONTINGENCY = "contingency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Which record this is, whose, and as of when; `zone` is where its times are read."""

    kind: RecordKind
    number: str
    version: int
    organisation: str
    site: str | None
    zone: str
    as_of: datetime
    demonstration: bool
    seal: SealPart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealPart:
    """With what the site seals the document of this record, and who stamps the time of that; of what is not, None."""

    name: str
    certificate_sha256: str
    stamped_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature as it was made: printed name, role, meaning, time, and the digest of what it covers (R56).

    `behalf`: for whom, where the role was handed over for a time; `delegation` is the entry of the ledger that handed it over.
    """

    meaning: str
    name: str
    role: str
    at: datetime
    covers: str
    about: str = ""
    behalf: str | None = None
    delegation: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A value that is no longer what was first entered (R38); `what` is a result, an expiry or a field; None: not reported."""

    at: datetime
    what: str
    of: str
    before: str | None
    after: str | None
    who: str
    reason: str | None
    entry: int | None
