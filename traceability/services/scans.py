"""The scan log, beside the ledger: who asked what about which vial, and what the answer was. No code is kept.

Whoever scans does not wait for it: rows are gathered and written together by a thread of their own, two seconds after
the first or at five hundred, and at exit. The digest of each day goes into the ledger (MODEL.md, verdict), so that
`flask verify` names a day in which anything was changed.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary, ref

from sqlalchemy import insert

from traceability.domain.people import Actor
from traceability.services.day_logs import SEALED_AFTER, seal_days
from traceability.services.verdicts import Scanned
from traceability.store import Store
from traceability.store.tables import Scan as Row

MOST, AFTER_S, KEPT_BACK = 500, 2.0, 10_000
_INSERT = insert(Row.__table__)  # type: ignore[attr-defined]
LOG = logging.getLogger(__name__)


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
