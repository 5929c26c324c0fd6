"""A message that was not taken, and a bound on how long anybody may take over it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Undelivered(Exception):
    """Why, in the words of who did not take it. `away`: it was the server and not this message."""

    def __init__(self, why: str, *, away: bool = False) -> None:
        super().__init__(why)
        self.away = away


@contextmanager
def within(seconds: float, connection: Callable[[], socket.socket | None]) -> Iterator[None]:
    """The whole exchange ends after so long, also with who answers a byte at a time: a socket's own timeout begins anew with each."""

    def cut() -> None:
        if (there := connection()) is not None:
            with suppress(OSError):
                there.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
