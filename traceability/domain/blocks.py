"""How readings are kept: one packed block a sensor and day, its count and extremes beside it.
Exact both ways; whole numbers only. Which sensor, and where the block is stored, is not known here."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Block:
    """One UTC day of one sensor: count and extremes to ask without unpacking, and the readings themselves."""

    day: date
    n: int
    low_mc: int
    high_mc: int
    packed: bytes


def blocks(times: Sequence[int], values: Sequence[int]) -> list[Block]:
    """Readings (epoch seconds, rising; thousandths of °C) by UTC day, packed; `unblock` gives them back.

    Raises ValueError where times do not rise or lengths differ.
    """
    if len(times) != len(values) or any(after <= before for before, after in pairwise(times)):
        raise ValueError("times must rise, one for each value")
    made = []
    for day, run in groupby(range(len(times)), key=lambda i: times[i] // 86_400):
        at = list(run)
        inside = [values[i] for i in at]
        packed = zlib.compress(_pack([times[i] - day * 86_400 for i in at]) + _pack(inside))
        made.append(Block(EPOCH + timedelta(days=day), len(at), min(inside), max(inside), packed))
    return made


def unblock(block: Block) -> tuple[list[int], list[int]]:
    """Times (epoch seconds) and values (thousandths of °C) of a block, exactly as they went in.

    Raises ValueError where the bytes are damaged or do not agree with the block's own count and extremes.
    """
    opened = zlib.decompressobj()
    try:
        raw = opened.decompress(block.packed, 16 * block.n + 1)
    except zlib.error as error:
        raise ValueError("the block is damaged") from error
    if not opened.eof or opened.unused_data or len(raw) != 16 * block.n:
        raise ValueError("the block is damaged")
    midnight = (block.day - EPOCH).days * 86_400
    times = [midnight + second for second in _unpack(raw[: 8 * block.n])]
    values = _unpack(raw[8 * block.n :])
    if not values or (min(values), max(values)) != (block.low_mc, block.high_mc):
        raise ValueError("the block does not agree with its own extremes")
    return times, values


def _pack(values: Sequence[int]) -> bytes:
    """Differences of whole numbers: readings change little, so these compress to a byte or two each."""
    return struct.pack(f"<{len(values)}q", *(after - before for before, after in pairwise([0, *values])))


def _unpack(packed: bytes) -> list[int]:
    values, last = [], 0
    for (difference,) in struct.iter_unpack("<q", packed):
        last += difference
        values.append(last)
    return values
