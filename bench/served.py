"""What granian runs for the bench: the application on scratch data at the hour of its story, and the bare route beside it."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.scan import bare
from tests.clinic import Clock
from traceability import create_app
from traceability.store import Store

home = Path(os.environ["BENCH_HOME"])
url = f"sqlite:///{home}/traceability.sqlite"
store = Store(url, home, clock=Clock(datetime.fromisoformat(os.environ["BENCH_NOW"])))
traced = create_app({"STORE": store, "DATABASE_URL": url, "SECURE": False}, instance_path=str(home))
plain = bare()
gc.freeze()  # as wsgi.py does


def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    return (plain if environ["PATH_INFO"] == "/bare" else traced)(environ, start)
