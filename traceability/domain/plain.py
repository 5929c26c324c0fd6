"""One canonical form of values: what is hashed, signed, compared and kept in the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any


def moment(value: datetime) -> str:
    """UTC with microseconds: 2026-04-14T03:04:05.000000Z. A naive time is a mistake of ours."""
    if value.tzinfo is None:
        raise ValueError("a time without zone")
    # not strftime: it writes the year 999 with three digits, which nobody reads back
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def plain(value: Any) -> Any:
    """The value in JSON's types only. Floats are refused: nothing that is hashed may be rounded."""
    match value:
        case None | bool() | int():
            return value
        case str():
            return str(value)
        case datetime():
            return moment(value)
        case date():
            return value.isoformat()
        case bytes():
            return "sha256:" + sha256(value).hexdigest()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted(plain(item) for item in value)
    if hasattr(value, "digest"):
        return "sha256:" + value.digest
    if hasattr(value, "kept"):  # people read more of it than may be kept: words that somebody typed
        return plain(value.kept)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: Any) -> str:
    """RFC 8785 in effect: sorted keys, no spaces, no floats."""
    return json.dumps(plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Any) -> str:
    return sha256(canonical(value).encode()).hexdigest()
