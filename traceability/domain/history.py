"""The thermal history of a vial over its stays: what its places measured while it was there, and what nobody knows (R21, R25).
Half-open intervals, whole seconds. How a place was watched is handed in; no clock, no database, no verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from traceability.domain.coldchain import LONGEST_INTERVAL_S, Excursion, Limits, Span

COLDEST_MC, HOTTEST_MC = -(10**9), 10**9
"""Beyond whatever there is."""
WATCHED = timedelta(seconds=LONGEST_INTERVAL_S)
"""Less long than two readings may lie apart, a vial was nowhere watched."""

# ── how a place was watched ──


@dataclass(frozen=True, slots=True)
class Hung:
    """A calibrated sensor in a place for a time, and when it watched there without a gap: from first to last reading of each run.

    `reach`: it was there before its first and after its last reading, and no silence shorter than this is a gap.
    """

    since: datetime
    until: datetime | None
    watched: tuple[Span, ...]
    reach: timedelta = timedelta()

    def there(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)

    def reaches(self, at: datetime, since: datetime) -> datetime:
        """Up to when it watched without a gap from then on; the moment itself where it did not.

        Where it begins to be asked, its first reading may still be to come. Between two runs of it lies a gap.
        """
        early = self.reach if at in (since, self.since) else timedelta()
        ends = (last + self.reach for first, last in self.watched if first - early <= at < last + self.reach)
        reached = max(ends, default=at)
        return reached if self.until is None else max(at, min(reached, self.until))


def cleared(since: datetime, until: datetime | None, hung: Sequence[Hung], by_hand: Sequence[Span]) -> Cleared:
    """How far a place was watched without a gap from `since` on: by hand, or by every sensor that hung there.

    Of several sensors the worst counts, so all of them have to be known. What ended before `since` speaks up to its end.
    """
    reached, reach = since, timedelta()
    while until is None or reached < until:
        further, behind = _further(reached, since, hung, by_hand)
        if further <= reached:
            break
        reached, reach = further, behind
    starts = [first for first, _ in by_hand] + [first for one in hung for first, _ in one.watched]
    # also where it began after the vial had left: the hole is the same
    again = any(reached < first for first in starts)
    if reached > since:
        whole = until is not None and reached >= until
        return Cleared(reached if whole else max(since, reached - reach), again)
    before = [last for _, last in by_hand if last <= since]
    lasts = [max((last for _, last in one.watched if last <= since), default=None) for one in hung if one.there(since)]
    if lasts and None not in lasts:
        before.append(min(last for last in lasts if last is not None))
    return Cleared(max(before, default=None), again)


@dataclass(frozen=True, slots=True)
class Cleared:
    """`again`: it was watched anew later, so of the time between nobody will know any more."""

    through: datetime | None
    again: bool


def _further(
    at: datetime, since: datetime, hung: Sequence[Hung], by_hand: Sequence[Span]
) -> tuple[datetime, timedelta]:
    """The next moment up to which it is known, and how much of that lies behind the last reading."""
    read = max((last for first, last in by_hand if first <= at < last), default=at)
    there = [one for one in hung if one.there(at)]
    if read > at or not there:
        return read, timedelta()
    comes = min((one.since for one in hung if one.since > at), default=None)  # from then on one more has to be known
    reached = min(one.reaches(at, since) for one in there)
    behind = max(one.reach for one in there)
    return (comes, timedelta()) if comes is not None and comes < reached else (reached, behind)


# ── what a vial went through ──


@dataclass(frozen=True, slots=True)
class Assumed:
    """A place without sensor: the worst-case band that QA signed, and for how long it may be assumed.

    `out` and `handled` as of a place that was watched: what was measured there later of this time counts beside the band.
    """

    low_mc: int
    high_mc: int
    longest_s: int
    out: Sequence[Excursion] = ()
    handled: bool = False


@dataclass(frozen=True, slots=True)
class Monitored:
    """A place that was watched: up to a moment without a gap, and picked from until that is too long ago.

    `out`: when it measured what this vial does not bear. `fired`: those of them that its alarm rules make an excursion.
    `blind`: why nothing that it measured counts. `handled`: vials are taken out there to be worked with, and warm up.
    """

    cleared: Cleared
    longest_age_s: int
    out: Sequence[Excursion] = ()
    fired: Sequence[Excursion] = ()
    blind: str = "reading_none"
    handled: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    place_id: str
    since: datetime
    until: datetime | None
    monitoring: Assumed | Monitored | None


@dataclass(frozen=True, slots=True)
class History:
    """`known` is True, or None: unknown since a moment, for these reasons. Unknown never passes."""

    known: Literal[True] | None
    unknown_since: datetime | None
    reasons: tuple[str, ...]
    out_of_storage_s: int
    warm_s: int = 0
    """Of what is kept frozen: the longest time, without a break, in which it lay where it is above 0 °C, outside of storage."""
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """Of the time out of storage, what may lie beyond a threshold, and what did (R20)."""

    direction: str
    threshold_mc: int
    allowed_s: int
    used_s: int = 0

    def limits(self) -> Limits:
        """What lies outside of these lies beyond the threshold."""
        if self.direction == "above":
            return Limits(COLDEST_MC, self.threshold_mc)
        return Limits(self.threshold_mc, HOTTEST_MC)

    @property
    def spent(self) -> bool:
        return self.used_s > self.allowed_s


def history(stays: Sequence[Stay], excursions: Sequence[Excursion], limits: Limits, at: datetime) -> History:
    """What the vial went through up to `at`; a stay that ended later counts as open (R21, R25).

    Reasons: `stay_none`, `stay_unmonitored`, `assumed_stay_too_long`, `reading_none`, `reading_too_old`, `reading_gap`,
    `reading_out`, `calibration_none`. Time out of storage joins the stays whose assumed band leaves the limits, what was
    measured out of them, and the excursions of the places where the vial was then; no second counts twice.
    """
    past = sorted((stay for stay in stays if stay.since <= at), key=lambda stay: stay.since)
    doubts = [doubt for stay, earlier in assuming(past, at) if (doubt := _doubt(stay, at, earlier))]
    doubts += [("stay_none", moment) for moment in _nowhere(past, at)]
    out: list[Span] = []
    warm: list[Span] = []
    for stay in past:
        end = _end(stay.until, at)
        here = [one for one in excursions if one.place_id in (None, stay.place_id)]
        measured: Sequence[Excursion] = ()
        handled = False
        if stay.monitoring is not None:
            measured, handled = stay.monitoring.out, stay.monitoring.handled
        match stay.monitoring:
            case Assumed(low_mc, high_mc) if limits.side(low_mc) or limits.side(high_mc):
                out.append((stay.since, end))
                if limits.high_mc <= 0 < high_mc:
                    warm.append((stay.since, end))
                if limits.freezes and low_mc < 0 and stay.since < end:
                    doubts.append(("reading_out", stay.since))
            case Monitored(fired=fired):
                doubts += [("reading_out", since) for since in _unjudged(fired, here, stay.since, end, open_=end == at)]
        if limits.high_mc <= 0:
            # on a bench it thaws; in a freezer QA decides of it, unless the rules there have made no excursion of it
            thaws = [one for one in measured if one.peak_mc > 0 and (handled or not _told(one, here))]
            warm += [_within(one, stay.since, end) for one in thaws]
        worse = [one for one in here if limits.side(one.peak_mc)]
        out += [_within(one, stay.since, end) for one in (*measured, *worse)]
    doubts.sort(key=lambda doubt: doubt[1])
    return History(
        known=None if doubts else True,
        unknown_since=doubts[0][1] if doubts else None,
        reasons=tuple(dict.fromkeys(code for code, _ in doubts)),
        out_of_storage_s=_union_s(out),
        warm_s=max(map(_union_s, _runs(warm)), default=0),
    )


def assuming(past: Sequence[Stay], at: datetime) -> Iterator[tuple[Stay, timedelta]]:
    """Each stay with how long its place was assumed of this vial already, since anything last watched it.

    Carried to where it lies, there and back between two places that nobody watches, or for a moment to one that is
    watched, it is no better known.
    """
    assumed: dict[str, timedelta] = {}
    for stay in past:
        if isinstance(stay.monitoring, Monitored):
            through = stay.monitoring.cleared.through or stay.since
            if min(through, _end(stay.until, at)) - stay.since >= WATCHED:
                assumed.clear()
        yield stay, assumed.get(stay.place_id, timedelta())
        if isinstance(stay.monitoring, Assumed):
            lasted = _end(stay.until, at) - stay.since
            assumed[stay.place_id] = assumed.get(stay.place_id, timedelta()) + lasted


def _doubt(stay: Stay, at: datetime, earlier: timedelta) -> tuple[str, datetime] | None:
    """Why, and since when, the temperature of this stay is not known; None where it is."""
    end = _end(stay.until, at)
    still_there = stay.until is None or stay.until > at
    if stay.since >= end and not still_there:
        return None
    match stay.monitoring:
        case Assumed(longest_s=longest_s):
            limit = stay.since + max(timedelta(), timedelta(seconds=longest_s) - earlier)
            return ("assumed_stay_too_long", limit) if end > limit else None
        case Monitored(cleared=Cleared(through=None), blind=blind):
            return blind, stay.since
        case Monitored(cleared=Cleared(through=datetime() as through, again=True)):
            return ("reading_gap", max(stay.since, through)) if through < end else None
        case Monitored(cleared=Cleared(through=datetime() as through), longest_age_s=age_s):
            # A place may be picked from until its next reading is due: so too for a vial that was picked from it.
            needed = min(end, at - timedelta(seconds=age_s))
            return ("reading_too_old", max(stay.since, through)) if through < needed else None
    return "stay_unmonitored", stay.since


def _told(one: Excursion, excursions: Sequence[Excursion]) -> bool:
    """Whether an excursion tells of it."""
    same = [told for told in excursions if told.direction == one.direction]
    return any(
        (one.until is None or told.since < one.until) and (told.until is None or one.since < told.until)
        for told in same
    )


def _unjudged(
    measured: Sequence[Excursion], judged: Sequence[Excursion], since: datetime, end: datetime, *, open_: bool
) -> Iterator[datetime]:
    """The moments from which it was measured out of limits in this time, where no excursion tells of it."""
    for one in measured:
        first, last = max(one.since, since), _end(one.until, end)
        met = first < last or (open_ and first == last == end) or first == one.since == since
        if met and not any(told.since <= last and (told.until or end) >= first for told in judged):
            yield first


def _nowhere(past: Sequence[Stay], at: datetime) -> Iterator[datetime]:
    """The moments from which the vial lay in no place; without any stay, the moment asked about."""
    if not past:
        yield at
        return
    reached = past[0].since
    for stay in past:
        if stay.since > reached:
            yield reached
        reached = max(reached, _end(stay.until, at))
    if reached < at:
        yield reached


def _within(one: Excursion, since: datetime, end: datetime) -> Span:
    return max(since, one.since), _end(one.until, end)


def _end(until: datetime | None, at: datetime) -> datetime:
    return at if until is None else min(until, at)


def _runs(spans: Iterable[Span]) -> list[list[Span]]:
    """Spans that touch, together."""
    made: list[list[Span]] = []
    for since, until in sorted(spans):
        if made and since <= max(end for _, end in made[-1]):
            made[-1].append((since, until))
        else:
            made.append([(since, until)])
    return made


def _union_s(spans: Iterable[Span]) -> int:
    total, reached = timedelta(), None
    for since, until in sorted(spans):
        begin = since if reached is None else max(since, reached)
        if until > begin:
            total += until - begin
            reached = until
    return -(-total // timedelta(seconds=1))  # rounded up
