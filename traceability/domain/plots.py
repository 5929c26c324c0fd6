"""What a drawing of temperatures shows, as one frozen record: page, JSON, CSV and paper draw the same one.

However few points are drawn, none of its extremes is lost. No clock, no database, no words.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from traceability.domain.coldchain import Limits, Reading, at_second

Times = Sequence[int]
Values = Sequence[int]


# ── what is drawn ──


@dataclass(frozen=True, slots=True)
class Bucket:
    """Readings as one point: from the first to the last of them, the least and the most. A single reading is all four."""

    since: datetime
    until: datetime
    n: int
    low_mc: int
    high_mc: int

    def with_(self, other: Bucket) -> Bucket:
        return Bucket(
            min(self.since, other.since), max(self.until, other.until), self.n + other.n,
            min(self.low_mc, other.low_mc), max(self.high_mc, other.high_mc),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trace:
    """One sensor by itself. `counts`: it was calibrated at some moment of what is drawn, so what it says is known."""

    sensor: str
    counts: bool
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class Out:
    """Out of limits, from the first reading out to the first one back in (None: no end was seen); `number`: its excursion."""

    since: datetime
    until: datetime | None
    peak_mc: int
    number: str | None = None
    place: str = ""


class MarkKind(StrEnum):
    CAME = "came"
    LEFT = "left"
    EXCURSION = "excursion"
    ALARM = "alarm"
    DECIDED = "decided"
    THAW = "thaw"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: so many vials came or left, an excursion began, somebody decided. `about`: its number or place."""

    at: datetime
    kind: MarkKind
    about: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Unknown:
    """A time of which nobody knows the temperature, and why."""

    since: datetime
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Band:
    """A time of which the worst case was assumed, signed by QA."""

    since: datetime
    until: datetime
    low_mc: int
    high_mc: int


class Judged(StrEnum):
    OUT = "out"
    UNKNOWN = "unknown"
    ASSUMED = "assumed"
    IN_LIMITS = "in_limits"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table beside the drawing: least and most of a time (None: nothing was read), and the worst said of it."""

    since: datetime
    until: datetime
    n: int
    low_mc: int | None
    high_mc: int | None
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """`bucket_s` 0: every reading is there. `worst`: of several sensors the least and the most; `traces`: each by itself."""

    since: datetime
    until: datetime
    zone: str
    bucket_s: int
    limits: Limits | None
    worst: tuple[Bucket, ...]
    traces: tuple[Trace, ...]
    by_hand: tuple[Reading, ...]
    outs: tuple[Out, ...]
    marks: tuple[Mark, ...]
    unknown: tuple[Unknown, ...]
    assumed: tuple[Band, ...]
    rows: tuple[Row, ...]

    @property
    def low_mc(self) -> int | None:
        """The least that was read."""
        return min((row.low_mc for row in self.rows if row.low_mc is not None), default=None)

    @property
    def high_mc(self) -> int | None:
        return max((row.high_mc for row in self.rows if row.high_mc is not None), default=None)

    def lines(self, buckets: Sequence[Bucket]) -> list[list[Bucket]]:
        """Points that belong together: no line is drawn over a time that nobody knows, or that was assumed."""
        breaks = [(one.since, one.until) for one in self.unknown if one.reason != "calibration_none"]
        breaks += [(one.since, one.until) for one in self.assumed]
        made: list[list[Bucket]] = []
        for one in buckets:
            last = made[-1][-1] if made else None
            if last is None or any(since < one.since and last.until < until for since, until in breaks):
                made.append([])
            made[-1].append(one)
        return made

    @property
    def unknown_s(self) -> int:
        return sum(int((one.until - one.since).total_seconds()) for one in self.unknown)


# ── few points for many readings ──


@dataclass(frozen=True, slots=True)
class Piece:
    """Readings that lie together (a day of one sensor): their extremes, and themselves where they were opened."""

    since: int
    until: int
    n: int
    low_mc: int
    high_mc: int
    readings: tuple[Times, Values] | None = None


def crosses(piece: Piece, edges: Sequence[int]) -> bool:
    """Whether an edge cuts it, so that its extremes alone do not say on which side they lie."""
    after = bisect_right(edges, piece.since)
    return after < len(edges) and edges[after] < piece.until


def gathered(pieces: Iterable[Piece], edges: Sequence[int]) -> list[Bucket | None]:
    """One bucket for each time between two edges; None where nothing was read. Rising edges; what lies outside is left out.

    A piece that was not opened and is cut by an edge counts on both sides of it: never better than it was.
    """
    made: list[Bucket | None] = [None] * max(len(edges) - 1, 0)

    def tell(at: int, since: int, until: int, n: int, low_mc: int, high_mc: int) -> None:
        one, had = Bucket(at_second(since), at_second(until), n, low_mc, high_mc), made[at]
        made[at] = one if had is None else had.with_(one)

    for piece in pieces:
        first = max(bisect_right(edges, piece.since) - 1, 0)
        if piece.readings is None or not crosses(piece, edges):
            last = bisect_left(edges, piece.until) - 1
            for at in range(first, min(last, len(made) - 1) + 1):
                if edges[at] < piece.until and piece.since < edges[at + 1]:
                    begins, ends = max(piece.since, edges[at]), min(piece.until, edges[at + 1])
                    tell(at, begins, ends, piece.n, piece.low_mc, piece.high_mc)
            continue
        times, values = piece.readings
        for at in range(first, len(made)):
            begins, ends = bisect_left(times, edges[at]), bisect_left(times, edges[at + 1])
            if begins < ends:
                inside = values[begins:ends]
                tell(at, times[begins], times[ends - 1], ends - begins, min(inside), max(inside))
            if ends == len(times):
                break
    return made


def every(pieces: Iterable[Piece], since: int, until: int) -> list[Bucket]:
    """Each reading as a point of its own; of what gives no readings, its extremes."""
    made = []
    for piece in pieces:
        if piece.readings is None:
            made += [one for one in gathered([piece], [since, until]) if one]
            continue
        for at, value in zip(*piece.readings, strict=True):
            if since <= at < until:
                moment = at_second(at)
                made.append(Bucket(moment, moment, 1, value, value))
    return made


def downsample(times: Times, values: Values, most: int) -> list[Bucket]:
    """At most so many points, in which the least and the most of every time between them are kept; few readings stay as they are."""
    if not times or most < 1:
        return []
    piece = Piece(times[0], times[-1] + 1, len(times), min(values), max(values), (times, values))
    if len(times) <= most:
        return every([piece], times[0], times[-1] + 1)
    step = -(-(piece.until - piece.since) // most)
    edges = [*range(piece.since, piece.until, step), piece.until]
    return [one for one in gathered([piece], edges) if one]


def worst_of(several: Sequence[Sequence[Bucket | None]]) -> list[Bucket | None]:
    """Of several sensors over the same edges the least of the least and the most of the most (R21)."""
    made: list[Bucket | None] = []
    for together in zip(*several, strict=True):
        worst: Bucket | None = None
        for one in together:
            worst = one if worst is None else worst if one is None else worst.with_(one)
        made.append(worst)
    return made


def rows(
    edges: Sequence[datetime],
    read: Sequence[Bucket | None],
    by_hand: Sequence[Reading],
    limits: Limits | None,
    outs: Sequence[Out],
    unknown: Sequence[Unknown],
    assumed: Sequence[Band],
) -> tuple[Row, ...]:
    """The table beside the drawing. A reading by hand speaks for all the time since the one before it."""
    made: list[Row] = []
    for at, bucket in enumerate(read):
        since, until = edges[at], edges[at + 1]
        hand = [one for one in by_hand if one.since < until and since <= one.at]
        lows = [one.low_mc for one in hand] + ([bucket.low_mc] if bucket else [])
        highs = [one.high_mc for one in hand] + ([bucket.high_mc] if bucket else [])
        told = Judged.READ if limits is None else Judged.IN_LIMITS
        if any(one.since < until and (one.until is None or since < one.until) for one in outs):
            told = Judged.OUT
        elif any(one.since < until and since < one.until for one in unknown):
            told = Judged.UNKNOWN
        elif any(one.since < until and since < one.until for one in assumed):
            told = Judged.ASSUMED
        elif not lows:
            told = Judged.UNKNOWN
        n = (bucket.n if bucket else 0) + len(hand)
        one = Row(since, until, n, min(lows, default=None), max(highs, default=None), told)
        if made and not lows and made[-1].low_mc is None and made[-1].judged is told:
            one = replace(one, since=made.pop().since)  # a long time without anything is one line
        made.append(one)
    return tuple(made)


# ── when nobody watched ──


@dataclass(frozen=True, slots=True)
class Watching:
    """A calibrated sensor in a place for a time, and the spans in which it told of it: each of those that hang counts (R21)."""

    since: datetime
    until: datetime
    told: tuple[tuple[datetime, datetime], ...]


def unwatched(
    since: datetime, until: datetime, sensors: Sequence[Watching], by_hand: Sequence[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    """The spans of [since, until) that were watched neither by hand nor by every sensor that hung there (R25)."""
    turns: list[tuple[datetime, int, int, int]] = [(since, 0, 0, 0), (until, 0, 0, 0)]
    for one in sensors:
        turns += [(one.since, 1, 0, 0), (one.until, -1, 0, 0)]
        for first, last in one.told:
            begins, ends = max(first, one.since), min(last, one.until)
            if begins < ends:
                turns += [(begins, 0, 1, 0), (ends, 0, -1, 0)]
    for first, last in by_hand:
        turns += [(first, 0, 0, 1), (last, 0, 0, -1)] if first < last else []
    turns.sort(key=lambda turn: turn[0])
    made: list[tuple[datetime, datetime]] = []
    hang = tell = hand = 0
    for at, turn in enumerate(turns):
        hang, tell, hand = hang + turn[1], tell + turn[2], hand + turn[3]
        begins, ends = max(turn[0], since), min(turns[at + 1][0], until) if at + 1 < len(turns) else until
        if begins < ends and not hand and (not hang or tell < hang):
            if made and made[-1][1] == begins:
                begins = made.pop()[0]
            made.append((begins, ends))
    return made
