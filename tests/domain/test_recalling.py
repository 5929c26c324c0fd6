"""When a vial of a recall is accounted for, which clocks hold, and what stands against closing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from traceability.domain.recalling import (
    DEFAULTS,
    MOCK_STEPS,
    Account,
    Clock,
    Progress,
    Retrieved,
    Step,
    account,
    clocks,
    open_points,
    timed,
)
from traceability.domain.states import GONE, Custody

SCANNED, DOCUMENTED = Retrieved.SCANNED, Retrieved.DOCUMENTED
DAY = date(2026, 4, 1)


@pytest.mark.parametrize("custody", Custody)
def test_what_is_in_stock_by_the_record_alone_is_not_accounted_for(custody: Custody) -> None:
    told = account(custody, None, None)
    assert told is (Account.RECORDED if custody in GONE else Account.UNACCOUNTED)


def test_a_vial_that_was_lost_after_it_was_scanned_is_not_accounted_for_any_more() -> None:
    assert account(Custody.IN_STOCK, SCANNED, Custody.IN_STOCK) is Account.SCANNED
    assert account(Custody.LOST, SCANNED, Custody.IN_STOCK) is Account.UNACCOUNTED
    assert account(Custody.LOST, SCANNED, Custody.LOST) is Account.SCANNED, "a mock recall found it and moved nothing"
    assert account(Custody.LOST, DOCUMENTED, Custody.LOST) is Account.UNACCOUNTED


def test_a_vial_that_is_gone_counts_as_gone_however_it_was_retrieved() -> None:
    assert account(Custody.DESTROYED, SCANNED, Custody.IN_STOCK) is Account.RECORDED
    assert account(Custody.RETAINED, DOCUMENTED, Custody.RETAINED) is Account.DOCUMENTED


def test_of_two_clocks_the_one_that_holds_later_counts_and_one_of_tomorrow_not_yet() -> None:
    first = Clock(1, Step.NOTIFY, 3600, date(2026, 1, 1), "order 1")
    second = Clock(1, Step.NOTIFY, 7200, DAY, "order 2")
    tomorrow = Clock(1, Step.NOTIFY, 60, DAY + timedelta(days=1), "order 3")
    (told,) = [one for one in clocks(1, DAY, [second, first, tomorrow], mock=False) if one.step is Step.NOTIFY]
    assert told.source == "order 2"
    corrected = Clock(1, Step.NOTIFY, 5400, DAY, "order 2, corrected")
    (told,) = [one for one in clocks(1, DAY, [second, corrected], mock=False) if one.step is Step.NOTIFY]
    assert told.source == "order 2, corrected", "of two for one day the later decision"


@pytest.mark.parametrize("class_", [1, 2, 3])
def test_a_mock_recall_has_clocks_for_what_it_does_and_the_grave_class_has_less_time(class_: int) -> None:
    told = clocks(class_, DAY, [], mock=True)
    assert {one.step for one in told} == set(MOCK_STEPS)
    assert all(one.source for one in DEFAULTS)
    longer = {one.step: one.within_s for one in clocks(min(class_ + 1, 3), DAY, [], mock=True)}
    assert all(one.within_s <= longer[one.step] for one in told)


def test_a_step_that_is_not_done_is_late_from_its_due_time_on_and_one_that_was_done_late_stays_late() -> None:
    start = datetime(2026, 4, 1, tzinfo=UTC)
    told = [{"step": "notify", "within_s": 3600, "source": "x"}]
    (waits,) = timed(start, told, {})
    assert not waits.late(start + timedelta(hours=1))
    assert waits.late(start + timedelta(hours=1, seconds=1))
    (done,) = timed(start, told, {Step.NOTIFY: start + timedelta(hours=2)})
    assert done.late(start)


def test_every_point_is_told_at_once_and_a_mock_recall_owes_only_notices_and_vials() -> None:
    told = Progress(False, ["A"], ["B"], ["K1"], ["K2"], ["B"], 3)
    assert [one.code for one in open_points(told)] == [
        "notice_unsent", "notice_unanswered", "vials_unaccounted", "destruction_owed", "subjects_untold", "effect_unchecked",
    ]  # fmt: skip
    mock = Progress(True, [], ["B"], ["K1"], ["K2"], ["B"], 3)
    assert [one.code for one in open_points(mock)] == ["notice_unanswered", "vials_unaccounted"]
    assert open_points(Progress(False, [], [], [], [], [], 0)) == ()
