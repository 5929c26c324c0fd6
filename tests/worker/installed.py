"""An installation for `flask worker` in a process of its own: the database of a test, at the time that it is in there."""

from __future__ import annotations

import os
from pathlib import Path

from traceability import create_app
from traceability.domain.people import SYSTEM
from traceability.store import Store
from traceability.store.hot import known

HOME = Path(os.environ["TRACE_TEST_INSTANCE"])
_store = Store(os.environ["TRACE_DATABASE_URL"], HOME)
with _store.read(SYSTEM) as view:
    _now = known(view.rows("SELECT max(recorded_at) FROM entry")[0][0])
_store.clock = lambda: _now
app = create_app({"STORE": _store}, instance_path=str(HOME))
