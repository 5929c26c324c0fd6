"""Whether the vials in stock last for the doses that are planned, and which are kept for them: first to expire first, each once (R40)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Stocked:
    """A vial that may be used today. `lasts`: whether it still may on a later day; kept for a dose or a course, it is for no other."""

    vial_id: str
    expires: date
    volume_ul: int
    lasts: Callable[[date], bool]
    dose_id: str | None = None
    course_id: str | None = None


@dataclass(frozen=True, slots=True)
class Needed:
    """A dose that is planned: on its day, or today where it is late."""

    dose_id: str
    course_id: str
    day: date
    volume_ul: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day with planned doses: how many, how many vials that takes, how many doses lack some, and how many vials lack."""

    day: date
    doses: int
    needed: int
    short: int
    missing: int
    short_ids: tuple[str, ...] = ()


def forecast(stock: Sequence[Stocked], needed: Sequence[Needed], usual_ul: int) -> list[Day]:
    """Each dose in the order of its day takes what is kept for it, then what only its course may have, then the first to expire.

    `usual_ul`: what a vial holds, to count the vials that lack. A dose that is short takes what there is: it is not given by
    halves, and what is left serves no other dose either, so that nobody counts on it twice.
    """
    left = sorted(stock, key=lambda one: (one.expires, one.vial_id))
    days: dict[date, list[tuple[str, int, int]]] = {}
    for dose in sorted(needed, key=lambda one: (one.day, one.dose_id)):
        open_ul, taken = dose.volume_ul, 0
        mine = [one for one in left if _may_have(one, dose)]
        for vial in sorted(mine, key=lambda one: (one.dose_id is None, one.course_id is None)):
            if open_ul <= 0:
                break
            left.remove(vial)
            open_ul, taken = open_ul - vial.volume_ul, taken + 1
        lacks = -(-max(open_ul, 0) // usual_ul)
        days.setdefault(dose.day, []).append((dose.dose_id, taken + lacks, lacks))
    return [
        Day(
            day, len(found), sum(takes for _, takes, _ in found), sum(lacks > 0 for *_, lacks in found),
            sum(lacks for *_, lacks in found), tuple(dose for dose, _, lacks in found if lacks),
        )
        for day, found in sorted(days.items())
    ]  # fmt: skip


def allotted(stock: Sequence[Stocked], needed: Sequence[Needed]) -> dict[str, tuple[Stocked, ...]]:
    """For each dose, in the order of their days, the first of `stock` that last until its day, as many as its volume takes.

    `stock` comes in the order in which it is given out, the first to expire first. A dose that is left short takes none of it, and
    is not named: nobody counts on half a dose.
    """
    left, made = list(stock), dict[str, tuple[Stocked, ...]]()
    for dose in sorted(needed, key=lambda one: (one.day, one.dose_id)):
        open_ul, taken = dose.volume_ul, list[Stocked]()
        for vial in left:
            if open_ul <= 0:
                break
            if _may_have(vial, dose):
                taken.append(vial)
                open_ul -= vial.volume_ul
        if open_ul <= 0:
            made[dose.dose_id] = tuple(taken)
            gone = {one.vial_id for one in taken}
            left = [one for one in left if one.vial_id not in gone]
    return made


def _may_have(vial: Stocked, dose: Needed) -> bool:
    kept = vial.dose_id in (None, dose.dose_id) and vial.course_id in (None, dose.course_id)
    return kept and vial.lasts(dose.day)
