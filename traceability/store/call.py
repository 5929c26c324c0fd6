"""What goes through the door and what comes back: how an act is asked for, and what was kept of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from traceability.domain.people import Signing


def new_id() -> str:
    """32 hexadecimal digits that sort by time of making, to a quarter of a microsecond (UUID version 7; RFC 9562, 6.2, method 3)."""
    ms, rest = divmod(time.time_ns(), 1_000_000)
    return f"{ms:012x}7{rest * 4096 // 1_000_000:03x}{secrets.token_hex(8)}"


def utcnow() -> datetime:
    return datetime.now(UTC)


class Source(StrEnum):
    """How the system knows when it happened (MODEL.md, decision 4)."""

    LIVE = "live"
    DEVICE = "device"
    LATE = "late"
    TRANSCRIBED = "transcribed"


@dataclass(frozen=True, slots=True)
class Call:
    """How an act is asked for: its id (the idempotency key), its time and source, a reason, and who signs."""

    act_id: str = field(default_factory=new_id)
    occurred_at: datetime | None = None
    source: Source = Source.LIVE
    reason: str | None = None
    signing: tuple[Signing, ...] = ()
    demonstration: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """An act that was kept: its entry, and what it says of itself. `repeated`: it had been done before."""

    act_id: str
    ledger: str
    number: int
    answer: Mapping[str, Any]
    repeated: bool = False

    @property
    def id(self) -> str:
        return str(self.answer["id"])
