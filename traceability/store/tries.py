"""How often somebody may guess: ten failures in five minutes for one name by one who asks, then they wait.

Who asks is an address at the sign-in, and at a signature whoever is signed in: nobody else is locked out.
Kept in this process: a restart forgets, and every worker process counts for itself.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from math import ceil

from traceability.domain.errors import Refused

MOST, WITHIN = 10, timedelta(minutes=5)
MOST_NAMES = 20_000


class Tries:
    """A try counts before its password is checked, so that many at once are no more than many in turn."""

    def __init__(self, most: int = MOST, within: timedelta = WITHIN) -> None:
        self.most, self.within = most, within
        self._lock = threading.Lock()
        self._failed: OrderedDict[bytes, list[datetime]] = OrderedDict()

    def count(self, who: tuple[str, ...], now: datetime) -> None:
        """Count a try, or refuse it: `too_many_tries` with the seconds to wait."""
        key = _key(who)
        with self._lock:
            failed = [at for at in self._failed.pop(key, ()) if now - at < self.within]
            if len(failed) < self.most:
                failed.append(now)
                wait = None
            else:
                wait = max(1, ceil((failed[0] + self.within - now).total_seconds()))
            self._failed[key] = failed
            while len(self._failed) > MOST_NAMES:
                self._failed.popitem(last=False)
        if wait is not None:
            raise Refused("too_many_tries", wait_s=wait)

    def forgive(self, who: tuple[str, ...]) -> None:
        """The password was right."""
        with self._lock:
            self._failed.pop(_key(who), None)


def _key(who: tuple[str, ...]) -> bytes:
    """Names are not kept: a wrong one may be a password typed into the wrong field."""
    return hashlib.blake2b("\0".join(who).encode("utf-8", "replace"), digest_size=16).digest()
