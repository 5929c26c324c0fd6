"""Days of the logs beside the ledger that are over: their digests are entered, by whichever server comes first."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta
from hashlib import sha256

from traceability.domain.errors import Refused
from traceability.domain.people import INSTALLATION, SYSTEM
from traceability.services import Answer, Performer, performs
from traceability.store import Call, Store, Tx
from traceability.store.scanned import SCANS, VIEWINGS, Log

SEALED_AFTER = timedelta(hours=1)
"""So long after its last minute a day is sealed: what was on its way then is in the table."""
LOG = logging.getLogger(__name__)


@performs("scan_log.seal")
def seal(tx: Tx, day: date) -> Answer:
    """How many verdicts were given on a day that is over (UTC), and the digest of all of them."""
    return _sealed(tx, SCANS, day)


@performs("viewing_log.seal")
def seal_viewings(tx: Tx, day: date) -> Answer:
    """How much inspectors looked at on a day that is over (UTC), and the digest of all of it."""
    return _sealed(tx, VIEWINGS, day)


def _sealed(tx: Tx, log: Log, day: date) -> Answer:
    if day >= (tx.at - SEALED_AFTER).date():
        raise Refused("day_not_over", day=day)
    return {"day": day, **log.of_day(tx.connection, day)}


def seal_days(store: Store) -> bool:
    """Seal every day that is over and is not sealed yet; whichever server does it first. False: it has to be tried again."""
    made = [_seal_days(store, log, perform) for log, perform in ((SCANS, seal), (VIEWINGS, seal_viewings))]
    return all(made)


def _seal_days(store: Store, log: Log, perform: Performer[[date]]) -> bool:
    try:
        with store.read(SYSTEM) as view:
            rows = view.rows(_SEALED, {"ledger": INSTALLATION, "act": log.seals})
            day = date.fromisoformat(json.loads(rows[0][0])["answer"]["day"]) if rows else None
        while True:
            with store.read(SYSTEM) as view:
                day = log.next_day(view.connection, day)
            if day is None or day >= (store.clock() - SEALED_AFTER).date():
                return True
            perform(store, SYSTEM, Call(act_id=sha256(f"{log.name} of {day}".encode()).hexdigest()[:32]), day)
    except Exception:
        LOG.exception("the %s could not be sealed yet", log.name)
        return False


_SEALED = (
    "SELECT body FROM entry WHERE ledger = :ledger AND act = :act AND refused IS NULL ORDER BY number DESC LIMIT 1"
)
