"""The scan log, beside the ledger: who asked what about which vial, and what the answer was. No code is kept.

Whoever scans does not wait for it: rows are gathered and written together by a thread of their own, two seconds after
the first or at five hundred, and at exit. The digest of each day goes into the ledger (MODEL.md, verdict), so that
`flask verify` names a day in which anything was changed.
"""

from __future__ import annotations

import atexit
import json
import logging
import threading
import time
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary, ref

from sqlalchemy import insert

from traceability.domain.errors import Refused
from traceability.domain.people import INSTALLATION, SYSTEM, Actor
from traceability.services import Answer, performs
from traceability.services.verdicts import Scanned
from traceability.store import Call, Store, Tx, scanned
from traceability.store.tables import Scan as Row

MOST, AFTER_S, KEPT_BACK = 500, 2.0, 10_000
_INSERT = insert(Row.__table__)  # type: ignore[attr-defined]
SEALED_AFTER = timedelta(hours=1)
"""So long after its last minute a day is sealed: what was on its way then is in the table."""
LOG = logging.getLogger(__name__)


@performs("scan_log.seal")
def seal(tx: Tx, day: date) -> Answer:
    """How many verdicts were given on a day that is over (UTC), and the digest of all of them."""
    if day >= (tx.at - SEALED_AFTER).date():
        raise Refused("day_not_over", day=day)
    return {"day": day, **scanned.of_day(tx.connection, day)}


def seal_days(store: Store) -> bool:
    """Seal every day that is over and is not sealed yet; whichever server does it first. False: it has to be tried again."""
    try:
        with store.read(SYSTEM) as view:
            rows = view.rows(_SEALED, {"ledger": INSTALLATION, "act": scanned.SEALS})
            day = date.fromisoformat(json.loads(rows[0][0])["answer"]["day"]) if rows else None
        while True:
            with store.read(SYSTEM) as view:
                day = scanned.next_day(view.connection, day)
            if day is None or day >= (store.clock() - SEALED_AFTER).date():
                return True
            seal(store, SYSTEM, Call(act_id=sha256(f"scan log of {day}".encode()).hexdigest()[:32]), day)
    except Exception:
        LOG.exception("the scan log could not be sealed yet")
        return False


_SEALED = (
    "SELECT body FROM entry WHERE ledger = :ledger AND act = :act AND refused IS NULL ORDER BY number DESC LIMIT 1"
)


class ScanLog:
    """Rows on their way. One write at a time; what comes meanwhile goes with the next."""

    def __init__(self, store: Store) -> None:
        self._store = ref(store)
        self._waiting: list[dict[str, Any]] = []
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._writer: threading.Thread | None = None
        self._closed = False
        self._sealed_on: date | None = None

    def add(self, row: dict[str, Any]) -> None:
        with self._changed:
            self._waiting.append(row)
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="scan log", daemon=True)
                self._writer.start()
            if len(self._waiting) in (1, MOST):
                self._changed.notify()

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                self._changed.wait_for(lambda: len(self._waiting) >= MOST or self._closed, AFTER_S)
                if self._closed or self._store() is None:
                    return
            if not self.flush():
                time.sleep(AFTER_S)  # it failed: not again at once
            else:
                self.seal()

    def seal(self) -> None:
        """Seal what is over, once for each day that comes to its end; where that fails, again with the next scans."""
        if (store := self._store()) is None:
            return
        over = (store.clock() - SEALED_AFTER).date()
        if self._sealed_on != over:
            self._sealed_on = over if seal_days(store) else None

    def flush(self) -> int:
        """Write what is waiting, now; how many rows that were. Where it fails they wait for the next time."""
        with self._writing:
            with self._changed:
                rows, self._waiting = self._waiting, []
            store = self._store()
            if not rows or store is None:
                return 0
            try:
                with store.beside() as connection:
                    connection.execute(_INSERT, rows)
            except Exception:
                LOG.exception("%s scans could not be logged yet", len(rows))
                with self._changed:
                    self._waiting = (rows + self._waiting)[:KEPT_BACK]
                return 0
            return len(rows)

    def close(self) -> None:
        """The store closes: nothing is written after this."""
        self.flush()
        with self._changed:
            self._closed = True
            self._changed.notify()


_LOGS: WeakKeyDictionary[Store, ScanLog] = WeakKeyDictionary()
_MAKING = threading.Lock()


def log_of(store: Store) -> ScanLog:
    made = _LOGS.get(store)
    if made is None:
        with _MAKING:
            made = _LOGS.get(store)
            if made is None:
                made = _LOGS[store] = ScanLog(store)
                store.closing.append(made.close)
    return made


def log(store: Store, actor: Actor, scanned: Scanned) -> None:
    """Note one verdict; it is in the table some two seconds later."""
    codes = ",".join([finding.code for finding in scanned.findings])
    log_of(store).add(
        {
            "at": store.clock(), "person_id": actor.person_id, "vial_id": scanned.vial_id,
            "purpose": str(scanned.purpose), "verdict": str(scanned.verdict), "findings": codes[:400],
        }
    )  # fmt: skip


def flush() -> None:
    for made in list(_LOGS.values()):
        made.flush()


atexit.register(flush)
