"""What granian runs for the bench: the application on scratch data at the hour of its story, and the bare route beside it."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bench.scan import bare
from tests.clinic import Clock
from traceability import create_app
from traceability.store import Store

home = Path(os.environ["BENCH_HOME"])
url = f"sqlite:///{home}/traceability.sqlite"
store = Store(url, home, clock=Clock(datetime.fromisoformat(os.environ["BENCH_NOW"])))
traced = create_app({"STORE": store, "DATABASE_URL": url, "SECURE": False}, instance_path=str(home))
app = DispatcherMiddleware(bare(), {"/api": lambda environ, start: traced(_whole(environ), start)})


def _whole(environ: dict[str, object]) -> dict[str, object]:
    """The path as it was asked for: the application knows its own prefix."""
    return environ | {"PATH_INFO": f"{environ['SCRIPT_NAME']}{environ['PATH_INFO']}", "SCRIPT_NAME": ""}
