"""The scan log day by day: its digest, as it was taken for the ledger and as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import col

from traceability.domain.plain import canonical, plain
from traceability.store.tables import Scan

SEALS = "scan_log.seal"
"""The act whose entry carries a day's digest."""
TABLE = Scan.__table__  # type: ignore[attr-defined]


def of_day(connection: Connection, day: date, through: int | None = None) -> dict[str, Any]:
    """How many verdicts were given on a day (UTC), the number of the last, and a digest over all of them.

    `through`: only up to that number, as it was when the digest was taken; a server that could not write for hours
    may have added its own since.
    """
    begin = datetime.combine(day, time(), UTC)
    query = select(TABLE).where(col(Scan.at) >= begin, col(Scan.at) < begin + timedelta(days=1)).order_by(col(Scan.id))
    if through is not None:
        query = query.where(col(Scan.id) <= through)
    count, last, told = 0, 0, sha256()
    for row in connection.execution_options(yield_per=1000).execute(query):
        told.update(canonical(plain(list(row))).encode() + b"\n")
        count, last = count + 1, row.id
    return {"scans": count, "through": last, "digest": told.hexdigest()}


def next_day(connection: Connection, after: date | None) -> date | None:
    """The first day after this one on which anything was scanned."""
    query = select(TABLE.c.at).order_by(TABLE.c.at).limit(1)
    if after is not None:
        query = query.where(col(Scan.at) >= datetime.combine(after + timedelta(days=1), time(), UTC))
    found: datetime | None = connection.execute(query).scalar()
    return found.astimezone(UTC).date() if found else None


def differing(connection: Connection, sealed: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The days whose rows are not those that were sealed; `sealed`: day → what the entry says of it."""
    for day, was in sealed.items():
        now = of_day(connection, date.fromisoformat(day), was["through"])
        if (now["scans"], now["digest"]) != (was["scans"], was["digest"]):
            yield f"scan log of {day}: its rows are not those that the ledger sealed ({now['scans']} of {was['scans']})"
