"""A lot that was released, and the moments of its way before: see `tests/printed.py` and `tests/worlds.py`."""

from tests.printed import clinic, lot, release
from tests.worlds import arrived, certified, founded, in_stock, ready, released, world, worlds

__all__ = [
    "arrived", "certified", "clinic", "founded", "in_stock", "lot", "ready", "release", "released", "world", "worlds",
]  # fmt: skip
