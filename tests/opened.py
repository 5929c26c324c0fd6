"""A store for a test. What SQLAlchemy compiles serves every store of one engine, as in a server that runs for months."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.clinic import Clock
from traceability.store import Store


class Compiled(dict[Any, Any]):
    """Statements by their structure. SQLAlchemy's key begins with the dialect, which every engine makes anew: here its name stands for it.

    Nothing in it is of a database: bound values are not, and the dialects of one name have one driver and one server.
    """

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), compiled)


COMPILED = Compiled()


def opened(url: str, home: Path, clock: Clock) -> Store:
    """The store as the application opens it; compiling a statement takes ten times as long as running it."""
    store = Store(url, home, clock=clock)
    for engine in (store.engines.writer, store.engines.reader):
        engine.update_execution_options(compiled_cache=COMPILED)
    return store
