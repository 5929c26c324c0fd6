"""How readings are kept: one packed block a sensor and day, its count and extremes beside it.
Exact both ways; whole numbers only. Which sensor, and where the block is stored, is not known here."""

from __future__ import annotations

import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, islice
from operator import sub

EPOCH = date(1970, 1, 1)
DAY_S = 86_400
QUICK = 1
"""How hard to compress: harder takes longer and saves a thirtieth."""


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
    steps = list(map(sub, islice(times, 1, None), times))
    if len(times) != len(values) or min(steps, default=1) <= 0:
        raise ValueError("times must rise, one for each value")
    made, begin = [], 0
    while begin < len(times):
        day = times[begin] // DAY_S
        end = bisect_left(times, (day + 1) * DAY_S, begin)
        inside = values[begin:end]
        of_day = [times[begin] - day * DAY_S, *steps[begin : end - 1]]
        packed, different = zlib.compress(_bytes(of_day) + _bytes(inside), QUICK), set(inside)
        made.append(Block(EPOCH + timedelta(days=day), end - begin, min(different), max(different), packed))
        begin = end
    return made


def unblock(block: Block) -> tuple[list[int], list[int]]:
    """Times (epoch seconds) and values (thousandths of °C) of a block, exactly as they went in.

    Raises ValueError where the bytes are damaged or do not agree with the block's own count and extremes.
    """
    opened = zlib.decompressobj()
    try:
        raw = opened.decompress(block.packed, 8 * block.n + 1)
    except zlib.error as error:
        raise ValueError("the block is damaged") from error
    if not opened.eof or opened.unused_data or len(raw) != 8 * block.n:
        raise ValueError("the block is damaged")
    midnight = (block.day - EPOCH).days * DAY_S
    times = list(accumulate(_whole(raw[: 4 * block.n]), initial=midnight))[1:]
    values = _whole(raw[4 * block.n :])
    if not values or (min(values), max(values)) != (block.low_mc, block.high_mc):
        raise ValueError("the block does not agree with its own extremes")
    return times, values


def _bytes(numbers: Sequence[int]) -> bytes:
    """Whole numbers of four bytes each, the least byte first. Steps are mostly one number, so they compress to almost nothing."""
    made = array("i", numbers)
    if sys.byteorder == "big":
        made.byteswap()
    return made.tobytes()


def _whole(packed: bytes) -> list[int]:
    made = array("i", packed)
    if sys.byteorder == "big":
        made.byteswap()
    return made.tolist()
