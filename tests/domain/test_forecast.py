"""Whether the stock lasts: each vial once, the first to expire first, and none on a day on which it may not be used."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from traceability.domain.forecast import Needed, Stocked, allotted, forecast
from traceability.domain.planned import Timing, standing

DAY = date(2026, 4, 1)


def vial(n: int, lasts_d: int, *, ul: int = 3000, **kept: str) -> Stocked:
    until = DAY + timedelta(days=lasts_d)
    return Stocked(f"v{n}", until, ul, lambda day: day <= until, **kept)


def dose(n: int, day: int, *, course: str = "c", ul: int = 3000) -> Needed:
    return Needed(f"d{n}", course, DAY + timedelta(days=day), ul)


def short(stock: list[Stocked], needed: list[Needed]) -> dict[int, int]:
    return {(one.day - DAY).days: one.missing for one in forecast(stock, needed, 3000) if one.missing}


def test_a_vial_that_expires_before_the_day_does_not_count_and_on_its_last_day_it_does() -> None:
    assert short([vial(1, 7)], [dose(1, 7)]) == {}
    assert short([vial(1, 6)], [dose(1, 7)]) == {7: 1}


def test_the_first_to_expire_goes_first_so_that_the_later_one_lasts_for_the_later_dose() -> None:
    assert short([vial(1, 30), vial(2, 3)], [dose(1, 0), dose(2, 14)]) == {}


def test_what_is_kept_for_one_dose_or_released_for_one_patient_is_there_for_nobody_else() -> None:
    assert short([vial(1, 30, dose_id="d9")], [dose(1, 0)]) == {0: 1}
    assert short([vial(1, 30, dose_id="d1")], [dose(1, 0)]) == {}
    assert short([vial(1, 30, course_id="other")], [dose(1, 0)]) == {0: 1}
    mixed = [vial(1, 3), vial(2, 30, course_id="c")]
    assert short(mixed, [dose(1, 0), dose(2, 2, course="other")]) == {}  # the patient's own goes to the patient


def test_a_dose_of_two_vials_takes_two_and_says_how_many_lack() -> None:
    (day,) = forecast([vial(1, 30)], [dose(1, 0, ul=6000)], 3000)
    assert (day.needed, day.short, day.missing, day.short_ids) == (2, 1, 1, ("d1",))


@given(
    st.lists(st.integers(0, 6), max_size=5),
    st.lists(st.integers(0, 6), min_size=1, max_size=5),
)
def test_no_other_way_of_giving_them_out_serves_more_doses(lasts: list[int], days: list[int]) -> None:
    found = forecast([vial(n, d) for n, d in enumerate(lasts)], [dose(n, d) for n, d in enumerate(days)], 3000)
    served = len(days) - sum(one.missing for one in found)
    assert served == max(
        sum(1 for n, pick in enumerate(way) if pick is not None and lasts[pick] >= days[n])
        for way in product([None, *range(len(lasts))], repeat=len(days))
        if max(Counter(pick for pick in way if pick is not None).values(), default=0) <= 1
    )
    stock = sorted((vial(n, d) for n, d in enumerate(lasts)), key=lambda one: one.expires)
    made = allotted(stock, [dose(n, d) for n, d in enumerate(days)])
    assert len({one.vial_id for vials in made.values() for one in vials}) == len(made) == served


def test_what_is_kept_for_a_dose_is_all_that_it_takes_or_nothing() -> None:
    stock = [vial(1, 3), vial(2, 30), vial(3, 30)]
    made = allotted(stock, [dose(1, 0, ul=6000), dose(2, 7, ul=6000), dose(3, 14)])
    assert {name: [one.vial_id for one in vials] for name, vials in made.items()} == {
        "d1": ["v1", "v2"], "d3": ["v3"],
    }  # fmt: skip


def test_early_and_late_are_told_from_in_time_to_the_day() -> None:
    def told(today: int, done: int | None = None) -> Timing:
        on = None if done is None else DAY + timedelta(days=done)
        return standing(DAY, 2, DAY + timedelta(days=today), done=done is not None, done_on=on)

    assert [told(day) for day in (-3, -2, 0, 2, 3)] == ["ahead", "open", "today", "open", "late"]
    assert [told(9, day) for day in (-3, -2, 2, 3)] == ["done_early", "done", "done", "done_late"]
    assert standing(DAY, 2, DAY, done=True, done_on=None) is Timing.DONE
