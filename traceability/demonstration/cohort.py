"""Sixty invented patients over twelve lots, told only where it is asked for: one injection each, asked half a year later.

One lot is slightly worse. Whether it stands out, the comparison says; that it may not is part of what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import sqrt
from statistics import NormalDist
from typing import Any

from traceability.demonstration import clinic, setting, supply
from traceability.demonstration.story import ZONE, Story
from traceability.domain.people import Meaning
from traceability.services import courses, events, outcomes, protocols, vials
from traceability.store.tables.outcomes import Asked, TimePoint
from traceability.store.tables.subjects import Laterality

LOTS = tuple(f"UC25-{letter}{n}" for n, letter in enumerate("ABCDEFGHJKLM", 1))
EACH = 5
WORSE, BY, SPREAD = 6, 15, 12
"""Which lot is worse, by how much of 100, and how scores scatter once the baseline is taken out."""
MISSED = 4
"""One in seventeen did not come, one in nineteen was not asked, one in nine had an event: the fourth of each."""
BEGINS_D = 200
"""So many days ago the first of them was treated: six months before the last visits."""


def treated(story: Story) -> None:
    """Each lot arrives, is judged and released, and given the next day, five patients a morning."""
    signed = {"quality": Meaning.DECIDED}
    story.at(-BEGINS_D, 7)
    story.ids["one dose"] = story.do(
        protocols.issue,
        "quality",
        story.ids["product"],
        "Knee, one injection of 3 mL",
        doses=1,
        sign=signed,
        **setting.NAMED,
    ).id
    for n, number in enumerate(LOTS):
        day = n - BEGINS_D
        story.at(day, 8)
        lot_id = supply.lot(story, number, EACH, day - 20, day + 365)
        supply.receive(story, lot_id, number, day)
        supply.read_freezers(story)
        supply.judge(story, lot_id, number)
        for vial in supply.in_lot(story, lot_id):
            story.do(vials.move, "storekeeper", vial.id, story.ids["freezer"])
        story.at(day + 1, 8)
        supply.read_freezers(story)
        for k in range(EACH):
            _one(story, n, k, number)


def _one(story: Story, n: int, k: int, number: str) -> None:
    key, laterality = f"cohort {n}-{k}", _side(k)
    clinic.subject(story, key, f"MRN-COHORT-{n:02d}{k}", date(story.today.year - 50 - 2 * k, 1 + n, 5 + k))
    planned = story.clock.now.astimezone(ZONE).date()
    story.ids[f"course {key}"] = story.do(
        courses.plan, "physician", story.ids[key], story.ids["one dose"], laterality, planned
    ).id
    clinic.give(story, key, 1, number, laterality=laterality, before=None, after=None)


def asked_after_half_a_year(story: Story) -> None:
    """Pain before and after six months; a few did not come, a few were not asked about harm."""
    story.at(-8, 13)
    for at in range(len(LOTS) * EACH):
        n, k = divmod(at, EACH)
        key = f"cohort {n}-{k}"
        of = {"course_id": story.ids[f"course {key}"], "laterality": _side(k)}
        before, after = scores(at, worse=n == WORSE)
        _scored(story, key, before, TimePoint.BASELINE, of)
        if at % 17 != MISSED:
            _scored(story, key, after, TimePoint.MONTH_6, of)
        asked = Asked.NOT_ASKED if at % 19 == MISSED else Asked.YES if at % 9 == MISSED else Asked.NONE
        harm = {"description": "Swelling for some days, gone by itself.", "grade": 1, "serious": False}
        story.do(
            events.record, "physician", story.ids[key], asked, course_id=story.ids[f"course {key}"],
            window="since the injection", told_by="visit", **(harm if asked is Asked.YES else {}),
        )  # fmt: skip
        story.clock.now = min(story.clock.now + timedelta(minutes=1), story.today)


def _scored(story: Story, key: str, value: int, point: TimePoint, of: Mapping[str, Any]) -> None:
    story.do(outcomes.record, "physician", story.ids[key], "VAS", str(value), point, "visit", low="0", high="100", **of)


def scores(at: int, *, worse: bool) -> tuple[int, int]:
    """Pain of patient `at` before and after, 0–100: scattered as a normal distribution is, and the same at every load."""
    before = 64 + 11 * _scatter(at, sqrt(5))
    after = before / 2 + SPREAD * _scatter(at, sqrt(2)) + (BY if worse else 0)
    return _whole(before), _whole(after)


def _scatter(at: int, step: float) -> float:
    return NormalDist().inv_cdf(0.02 + 0.96 * (at * step % 1))


def _whole(value: float) -> int:
    return min(100, max(0, round(value)))


def _side(k: int) -> Laterality:
    return Laterality.LEFT if k % 2 else Laterality.RIGHT
