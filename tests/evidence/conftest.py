"""The moments of a lot's way as fixtures: see `tests/worlds.py`."""

from tests.worlds import arrived, certified, founded, in_stock, ready, released, world, worlds

__all__ = ["arrived", "certified", "founded", "in_stock", "ready", "released", "world", "worlds"]
