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


def of_day(connection: Connection, day: date) -> dict[str, Any]:
    """How many verdicts were given on a day (UTC), and a digest over all of them."""
    begin = datetime.combine(day, time(), UTC)
    query = select(TABLE).where(col(Scan.at) >= begin, col(Scan.at) < begin + timedelta(days=1)).order_by(col(Scan.id))
    count, told = 0, sha256()
    for row in connection.execution_options(yield_per=1000).execute(query):
        told.update(canonical(plain(list(row))).encode() + b"\n")
        count += 1
    return {"scans": count, "digest": told.hexdigest()}


def next_day(connection: Connection, after: date | None) -> date | None:
    """The first day after this one on which anything was scanned."""
    query = select(TABLE.c.at).order_by(TABLE.c.at).limit(1)
    if after is not None:
        query = query.where(col(Scan.at) >= datetime.combine(after + timedelta(days=1), time(), UTC))
    found: datetime | None = connection.execute(query).scalar()
    return found.astimezone(UTC).date() if found else None


def differing(connection: Connection, sealed: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The days up to the last sealed one whose rows are not those that were sealed; `sealed`: day → what its entry says.

    Nothing is added to a day that is sealed, nor to one before it: not even by a server that could not write for hours.
    """
    if not sealed:
        return
    for day, was in sealed.items():
        try:
            now = of_day(connection, date.fromisoformat(day))
        except ValueError:
            yield f"scan log of {day}: the time of a row cannot be read"
            continue
        if (now["scans"], now["digest"]) != (was["scans"], was["digest"]):
            yield f"scan log of {day}: its rows are not those that the ledger sealed ({now['scans']} of {was['scans']})"
    there, last = None, date.fromisoformat(max(sealed))
    try:
        while (there := next_day(connection, there)) is not None and there < last:
            if there.isoformat() not in sealed:
                yield f"scan log of {there}: it has rows and was never sealed, though a later day is"
    except ValueError:
        yield "scan log: the time of a row cannot be read"
