"""A backup of the embedded database: a consistent copy, documents and keys, replayed before it counts (RELIABILITY.md 2.7).

PostgreSQL is backed up by its own tools (pgBackRest, pg_dump); that it verifies afterwards is asked the same way.
"""

from __future__ import annotations

import sqlite3
import tarfile
import tempfile
from pathlib import Path

from traceability.store.door import Store
from traceability.store.engines import connect
from traceability.store.verify import Report, verify


def backup(store: Store, instance: Path, target: Path) -> Report:
    """Copy, replay the copy, pack it. Raises ValueError on PostgreSQL and where the target is there already."""
    if not store.engines.sqlite:
        raise ValueError(
            "This database is PostgreSQL: back it up with pgBackRest or pg_dump, then run flask verify on the copy."
        )
    if target.exists():
        raise ValueError(f"{target} is there already.")
    with tempfile.TemporaryDirectory(prefix="backup-", dir=target.parent) as folder:
        copy = Path(folder) / "traceability.sqlite"
        live = sqlite3.connect(str(store.engines.writer.url.database))
        with sqlite3.connect(copy) as there:
            live.backup(there, pages=2048)
        live.close()
        there.close()
        engines = connect(f"sqlite:///{copy}")
        with engines.reader.connect() as connection:
            report = verify(connection, documents=store.documents)
        engines.dispose()
        packed = Path(folder) / "packed.tar.gz"
        with tarfile.open(packed, "w:gz") as tar:
            tar.add(copy, "traceability.sqlite")
            for name in ("documents", "keys"):
                if (instance / name).exists():
                    tar.add(instance / name, name)
        packed.chmod(0o600)
        packed.rename(target)
    return report
