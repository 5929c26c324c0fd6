"""What a clock at the bedside shows and what the verdict refuses are one number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.clinic import Clinic
from tests.stories.case import reading
from traceability.domain.checks import Purpose, use
from traceability.domain.timers import Timer, TimerKind, of_vial, watch
from traceability.services import timers, worklist
from traceability.services.verdicts import facts


def running(clinic: Clinic, serial: str) -> dict[TimerKind, Timer]:
    vial = clinic.vial(serial).id
    return {
        one.kind: one for one in reading(clinic, lambda view: timers.of_vials(view, [vial]), clinic.PHYSICIAN)[vial]
    }


def refused(clinic: Clinic, serial: str) -> set[str]:
    return set(clinic.scan(serial, "bedside", clinic.PHYSICIAN)[1])


def test_the_thaw_clock_ends_when_the_verdict_refuses_and_not_a_second_off(released: Clinic) -> None:
    released.ready_vial(released.course(), 1, serial="H3K001")  # thawing for half an hour: an hour is allowed in use
    clock = running(released, "H3K001")[TimerKind.IN_USE]
    assert (clock.left_s(released.clock.now), clock.rule) == (30 * 60, "thaw_spent")
    released.clock.now = clock.until
    assert (clock.over(released.clock.now), "thaw_spent" in refused(released, "H3K001")) == (True, False)
    released.clock.tick(seconds=1)
    assert "thaw_spent" in refused(released, "H3K001")
    assert running(released, "H3K001")[TimerKind.IN_USE].until == clock.until  # it stands still where it ended


def test_the_budget_is_a_clock_too_while_the_vial_lies_warm(released: Clinic) -> None:
    released.ready_vial(released.course(), 1, serial="H3K001")
    budget = running(released, "H3K001")[TimerKind.BUDGET]
    assert budget.rule == "budget_spent"
    released.clock.now = budget.until
    assert "budget_spent" not in refused(released, "H3K001")
    released.clock.tick(seconds=1)
    assert "budget_spent" in refused(released, "H3K001")


def test_where_nobody_set_a_limit_there_is_no_thaw_clock_and_the_verdict_asks(released: Clinic) -> None:
    released.ready_vial(released.course(), 1, serial="H3K001")
    vial = released.vial("H3K001").id
    (fact,) = reading(released, lambda view: facts(view, [vial], Purpose.BEDSIDE), released.PHYSICIAN)
    bare = replace(fact, thaw_s=None, in_use_s=None)
    assert {one.kind for one in of_vial(bare)} == {TimerKind.BUDGET, TimerKind.EXPIRY}
    assert {one.code for one in use(bare)} == {"thaw_spent"}
    assert of_vial(replace(fact, thawed_at=None)) == ()


def test_the_watch_ends_by_itself_as_work_that_is_due(released: Clinic) -> None:
    given_at = released.clock.now + timedelta(minutes=30)
    released.give_dose(released.course(), 1)
    assert (released.clock.now, watch(given_at, 30).until) == (given_at, given_at + timedelta(minutes=30))
    assert over(released) == [False]
    released.clock.tick(minutes=30)
    assert over(released) == [True]


def over(clinic: Clinic) -> list[bool]:
    return [one.values["over"] for one in reading(clinic, worklist.to_watch, clinic.WITNESS)]


def test_what_expires_first_ends_the_clock_before_the_thaw_does(released: Clinic) -> None:
    released.ready_vial(released.course(), 1, serial="H3K001")
    vial = released.vial("H3K001").id
    (fact,) = reading(released, lambda view: facts(view, [vial], Purpose.BEDSIDE), released.PHYSICIAN)
    soon = fact.at + timedelta(minutes=5)
    first = of_vial(replace(fact, usable_until=soon))[0]
    assert (first.kind, first.until, first.rule) == (TimerKind.EXPIRY, soon, "expired")
    assert "expired" in {one.code for one in use(replace(fact, usable_until=soon, at=soon))}
