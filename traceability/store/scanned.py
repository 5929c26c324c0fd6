"""The logs beside the ledger day by day, of scans and of what guests looked at: a day's digest, as it was taken for the ledger
and as it is now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, select

from traceability.domain.plain import canonical, plain
from traceability.store.tables import Scan, Viewing


@dataclass(frozen=True, slots=True)
class Log:
    """One log: its table (id, at, …), the act whose entry carries a day's digest, and what its rows are called."""

    table: Table
    seals: str
    name: str
    counted: str

    def of_day(self, connection: Connection, day: date) -> dict[str, Any]:
        """How many rows a day has (UTC), and a digest over all of them."""
        begin = datetime.combine(day, time(), UTC)
        query = select(self.table).where(self.table.c.at >= begin, self.table.c.at < begin + timedelta(days=1))
        count, told = 0, sha256()
        rows = connection.execute(query.order_by(self.table.c.id), execution_options={"yield_per": 1000})
        for row in rows:
            told.update(canonical(plain(list(row))).encode() + b"\n")
            count += 1
        return {self.counted: count, "digest": told.hexdigest()}

    def next_day(self, connection: Connection, after: date | None) -> date | None:
        """The first day after this one that has a row."""
        query = select(self.table.c.at).order_by(self.table.c.at).limit(1)
        if after is not None:
            query = query.where(self.table.c.at >= datetime.combine(after + timedelta(days=1), time(), UTC))
        found: datetime | None = connection.execute(query).scalar()
        return found.astimezone(UTC).date() if found else None

    def differing(self, connection: Connection, sealed: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
        """The days up to the last sealed one whose rows are not those that were sealed; `sealed`: day → what its entry says.

        Nothing is added to a day that is sealed, nor to one before it: not even by a server that could not write for hours.
        """
        if not sealed:
            return
        for day, was in sealed.items():
            try:
                now = self.of_day(connection, date.fromisoformat(day))
            except ValueError:
                yield f"{self.name} of {day}: the time of a row cannot be read"
                continue
            if now != {name: was[name] for name in now}:
                yield (
                    f"{self.name} of {day}: its rows are not those that the ledger sealed"
                    f" ({now[self.counted]} of {was[self.counted]})"
                )
        there, last = None, date.fromisoformat(max(sealed))
        try:
            while (there := self.next_day(connection, there)) is not None and there < last:
                if there.isoformat() not in sealed:
                    yield f"{self.name} of {there}: it has rows and was never sealed, though a later day is"
        except ValueError:
            yield f"{self.name}: the time of a row cannot be read"


SCANS = Log(Scan.__table__, "scan_log.seal", "scan log", "scans")  # type: ignore[attr-defined]
VIEWINGS = Log(Viewing.__table__, "viewing_log.seal", "viewing log", "viewings")  # type: ignore[attr-defined]
LOGS = (SCANS, VIEWINGS)
