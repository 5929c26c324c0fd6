"""What a lot tells: figures of the literature come out again, and who counts where is as the rules say (R46, R52, R53)."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from math import atan, comb, isclose, pi, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import lots_tell
from traceability.domain.comparing import By, Comparison, Exposure, Treated, compare
from traceability.domain.distributions import beta_cdf, t_beyond, t_limit
from traceability.domain.exact import holm, interval, mid_p
from traceability.domain.funnels import INNER, Knee, funnel
from traceability.domain.survival import kaplan_meier


def rounded(values: tuple[float, float], digits: int) -> tuple[float, float]:
    return round(values[0], digits), round(values[1], digits)


# ─────────────────────────────────────────────────────────────────────────────────────── against what is published


def test_none_of_five_leaves_half_of_them_possible() -> None:
    assert rounded(interval(0, 5), 3) == (0.0, 0.522)
    assert rounded(interval(0, 50), 3) == (0.0, 0.071)
    assert rounded(interval(10, 10), 3) == (0.692, 1.0)


def test_exact_intervals_are_those_of_the_tables() -> None:
    """Agresti and Coull 1998: 5 of 10; Newcombe 1998, his method 5: 81 of 263, 15 of 148, 1 of 29."""
    assert rounded(interval(5, 10), 3) == (0.187, 0.813)
    assert rounded(interval(81, 263), 4) == (0.2527, 0.3676)
    assert rounded(interval(15, 148), 4) == (0.0578, 0.1617)
    assert rounded(interval(1, 29), 4) == (0.0009, 0.1776)


def test_the_lady_who_tastes_tea() -> None:
    """Fisher's tea, Agresti 2002: three of four right, one-sided mid-p 0.129; all four: half of one in seventy."""
    assert isclose(mid_p(3, 4, 1, 4), 2 * (1 + 16 / 2) / 70)
    assert isclose(mid_p(4, 4, 0, 4), 2 * (1 / 2) / 70)
    assert mid_p(2, 4, 2, 4) == 1.0
    assert round(mid_p(3, 4, 1, 4) / 2, 3) == 0.129


def test_holm_is_as_holm_wrote_it() -> None:
    assert [round(p, 4) for p in holm([0.01, 0.04, 0.03, 0.005])] == [0.03, 0.06, 0.06, 0.02]
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


SIX_MP = [(6, True)] * 3 + [(7, True), (10, True), (13, True), (16, True), (22, True), (23, True)]
SIX_MP += [(day, False) for day in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)]


def test_remission_under_6_mercaptopurine_is_as_in_every_textbook() -> None:
    """Freireich 1963, 21 patients; survivor function and log-log limits as tabled by the common packages."""
    told = [
        (one.day, one.watched, one.events, *(round(share, 4) for share in (one.free, one.low or 0, one.high or 0)))
        for one in kaplan_meier(SIX_MP)
    ]
    assert told == [
        (6, 21, 3, 0.8571, 0.6197, 0.9516),
        (7, 17, 1, 0.8067, 0.5631, 0.9228),
        (10, 15, 1, 0.7529, 0.5032, 0.8894),
        (13, 12, 1, 0.6902, 0.4316, 0.8491),
        (16, 11, 1, 0.6275, 0.3675, 0.8049),
        (22, 7, 1, 0.5378, 0.2678, 0.7468),
        (23, 6, 1, 0.4482, 0.1881, 0.6801),
    ]


def test_where_nobody_is_left_free_no_interval_is_told() -> None:
    assert [(one.free, one.low) for one in kaplan_meier([(3, True), (5, True)])][-1] == (0.0, None)
    assert kaplan_meier([(3, False)]) == []


def test_the_t_is_that_of_the_tables() -> None:
    for df, beyond, limit in ((1, 0.05, 12.706), (10, 0.05, 2.228), (30, 0.01, 2.750), (100, 0.002, 3.174)):
        assert round(t_limit(beyond, df), 3) == limit
        assert isclose(t_beyond(t_limit(beyond, df), df), beyond, rel_tol=1e-9)
    assert isclose(t_beyond(1.7, 1), 1 - 2 * atan(1.7) / pi, rel_tol=1e-12)
    assert isclose(t_beyond(1.7, 2), 1 - 1.7 / sqrt(2 + 1.7**2), rel_tol=1e-12)


@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))), st.integers(1, 99))
def test_the_beta_is_the_binomial_added_up_in_whole_numbers(of: tuple[int, int], percent: int) -> None:
    k, n = of
    p = Fraction(percent, 100)
    added = sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))
    assert isclose(beta_cdf(percent / 100, k, n - k + 1), float(added), rel_tol=1e-9, abs_tol=1e-15)


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_turns_with_it(of: tuple[int, int]) -> None:
    k, n = of
    low, high = interval(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert rounded(interval(n - k, n), 9) == rounded((1 - high, 1 - low), 9)


# ─────────────────────────────────────────────────────────────────────────────────────── scores, the funnel


def lots(sizes: dict[str, int], seed: int = 1, **worse: float) -> list[Knee]:
    dice = Random(seed)
    made = []
    for lot, n in sizes.items():
        for at in range(n):
            before = dice.gauss(60, 15)
            made.append(Knee(f"{lot}-{at}", lot, before, 0.5 * before + dice.gauss(worse.get(lot, 0), 12)))
    return made


def test_analysis_of_covariance_worked_by_hand() -> None:
    """Two lots of five whose scores lie on y = x / 2 and y = x / 2 + 10, one person of each two points off it."""
    off = (2, -2, 0, 0, 0)
    knees = [Knee(f"A{at}", "A", 10 * at, 5 * at + off[at]) for at in range(5)]
    knees += [Knee(f"B{at}", "B", 10 * at + 20, 5 * at + 20 + off[at]) for at in range(5)]
    told = funnel(knees)
    # within: Sxx = 2 × 1000; Sxy = 2 × (500 + Σ(x − 20)·off) = 2 × (500 − 40 + 20) = 960
    assert isclose(told.slope, 0.48)
    left = 2 * sum((5 * at + off[at] - 10 - 0.48 * (10 * at - 20)) ** 2 for at in range(5))
    assert told.df == 7
    assert isclose(told.sd, sqrt(left / 7))
    a, b = told.groups
    assert isclose(b.value or 0, 20 - 0.48 * 20)
    assert isclose(a.value or 0, -(b.value or 0))
    error = told.sd * sqrt(1 / 5 + 1 / 5 + 20**2 / 2000)
    assert isclose(b.p or 0, t_beyond(10.4 / error, 7))
    assert isclose(b.p_holm or 0, 2 * (b.p or 0))


def test_a_lot_that_is_worse_is_found_beyond_the_limits_and_the_others_within() -> None:
    told = funnel(lots({f"L{at:02}": 10 for at in range(12)}, L07=20))
    found = {one.group for one in told.groups if one.p_holm is not None and one.p_holm < 0.05}
    assert found == {"L07"}
    (worse,) = (one for one in told.groups if one.group == "L07")
    assert worse.value is not None
    assert worse.value > told.limit(10, 0.998) > told.limit(10, INNER)


def test_two_knees_of_one_person_are_one() -> None:
    knees = lots({"A": 8, "B": 8})
    both = [*knees, *(Knee(one.person, one.group, one.before, one.after) for one in knees)]
    assert funnel(both) == funnel(knees)


def test_four_are_told_and_not_compared() -> None:
    told = {one.group: one for one in funnel(lots({"A": 4, "B": 9, "C": 9})).groups}
    assert (told["A"].n, told["A"].value, told["A"].p, told["A"].p_holm) == (4, None, None, None)
    assert told["B"].rest == 13
    assert told["B"].p is not None


def test_scores_that_do_not_differ_judge_nobody() -> None:
    told = funnel(Knee(f"{lot}{at}", lot, 50, 30) for lot in "AB" for at in range(6))
    assert not told.judged
    assert [one.p for one in told.groups] == [None, None]
    assert funnel([]).groups == ()


# ─────────────────────────────────────────────────────────────────────────────────────── who counts where


def treated(person: str, *had: str | None, course: str = "", **told: object) -> Treated:
    groups = {By.LOT: frozenset(had)} | dict.fromkeys((By.PLACE, By.INJECTOR, By.MONTH), frozenset(["one"]))
    return Treated(person, course or person, groups, **told)


def by_lot(courses: list[Treated], exposure: Exposure = Exposure.SINGLE) -> Comparison:
    return compare(courses, By.LOT, exposure, "month_6", ("month_6",))


def events(told: Comparison) -> dict[str, tuple[int, int, int]]:
    return {one.group: (one.share.count, one.share.n, one.left_out) for one in told.events}


def test_a_course_of_two_lots_counts_for_none_and_in_the_sensitivity_for_each() -> None:
    courses = [treated("p1", "A", event=False), treated("p2", "A", "B", event=True), treated("p3", "B", event=False)]
    assert events(by_lot(courses)) == {"A": (0, 1, 0), "B": (0, 1, 0)}
    assert by_lot(courses).several == 1
    assert events(by_lot(courses, Exposure.ANY)) == {"A": (1, 2, 0), "B": (1, 2, 0)}


def test_a_vial_of_an_unknown_lot_makes_the_course_count_for_none() -> None:
    told = by_lot([treated("p1", "A", None, event=False), treated("p2", None, event=True)])
    assert told.groups == ()
    assert (told.several, told.unknown) == (1, 1)


def test_not_asked_leaves_the_denominator_and_is_told() -> None:
    courses = [treated("p1", "A", event=False), treated("p2", "A", event=True), treated("p3", "A")]
    assert events(by_lot(courses)) == {"A": (1, 2, 1)}


def test_a_person_with_two_knees_counts_once_and_responds_with_both() -> None:
    told = by_lot([
        treated("p1", "A", course="right", responses={"month_6": True}, event=False),
        treated("p1", "A", course="left", responses={"month_6": False}, event=True),
        treated("p2", "A", course="right", responses={"month_6": True}),
        treated("p2", "A", course="left"),
    ])  # fmt: skip
    (one,) = told.responses
    assert (one.share.count, one.share.n) == (1, 2)
    assert events(told) == {"A": (1, 1, 1)}
    assert (told.persons, told.groups[0].courses) == (2, 4)


def test_who_had_something_of_a_lot_is_not_in_its_rest() -> None:
    """One knee of A alone, the other of A and B: for B nobody to compare with."""
    courses = [treated("both", "A", course="r", event=True), treated("both", "A", "B", course="l", event=True)]
    courses += [treated(f"b{at}", "B", event=False) for at in range(6)]
    of_b = next(one for one in by_lot(courses).events if one.group == "B")
    assert (of_b.rest.n, of_b.p) == (0, None)


def test_five_are_compared_and_four_are_counted() -> None:
    courses = [treated(f"{lot}{at}", lot, event=lot == "A") for lot, n in (("A", 5), ("B", 4), ("C", 9)) for at in range(n)]  # fmt: skip
    told = {one.group: one for one in by_lot(courses).events}
    assert told["B"].share.interval is None
    assert told["B"].p is None
    assert told["A"].p is not None
    assert told["A"].p_holm is not None
    assert told["A"].p_holm == 2 * told["A"].p
    assert by_lot(courses).standing_out == ("A", "C")


def test_missing_is_no_response_once_the_visit_is_due_and_not_before() -> None:
    due = frozenset(["month_6"])
    told = by_lot([
        treated("p1", "A", responses={"month_6": True}, due=due),
        treated("p2", "A", due=due),
        treated("p3", "A"),
    ])  # fmt: skip
    (visit,) = told.visits
    assert (visit.complete.count, visit.complete.n) == (1, 1)
    assert (visit.as_failure.count, visit.as_failure.n) == (1, 2)


def test_a_due_knee_without_a_value_fails_whatever_became_of_the_other_one() -> None:
    due = frozenset(["month_6"])
    right = [treated(f"p{n}", "A", course=f"r{n}", responses={"month_6": True}, due=due) for n in range(10)]
    left = [treated(f"p{n}", "A", course=f"l{n}", due=due) for n in range(10)]
    (visit,) = by_lot(right + left).visits
    assert (visit.complete.count, visit.complete.n) == (10, 10)
    assert (visit.as_failure.count, visit.as_failure.n) == (0, 10)


def test_the_curve_takes_a_persons_first_event_and_leaves_out_who_was_not_asked() -> None:
    told = by_lot([
        treated("p1", "A", course="r", event=True, watched_d=30),
        treated("p1", "A", course="l", event=True, watched_d=9),
        treated("p2", "A", event=False, watched_d=20),
        treated("p3", "A"),
    ])  # fmt: skip
    assert told.watched == 2
    assert [(one.day, one.watched, one.events, one.free) for one in told.first_events] == [(9, 2, 1, 0.5)]


@pytest.mark.parametrize("exposure", list(Exposure))
@given(data=st.data())
def test_whatever_was_given_nobody_is_lost_or_counted_twice(exposure: Exposure, data: st.DataObject) -> None:
    draw = st.lists(
        st.tuples(st.sampled_from("pqrs"), st.frozensets(st.sampled_from(["A", "B", None]), min_size=1),
                  st.sampled_from([None, True, False])), max_size=30)  # fmt: skip
    courses = [
        treated(who, *lots, course=str(at), event=event) for at, (who, lots, event) in enumerate(data.draw(draw))
    ]
    told = by_lot(courses, exposure)
    for group, one in zip(told.groups, told.events, strict=True):
        assert group.persons == one.share.n + one.left_out
        assert one.share.n + one.rest.n <= 4


def test_the_method_that_is_shown_finds_a_worse_lot_and_seldom_names_one_of_many_alike() -> None:
    """A small run of what `./run bench --part lots` measures over 10,000 sets."""
    worse = lots_tell.scores(partial(lots_tell.even, worse=lots_tell.WORSE), 60, seed=1)
    assert worse.worse / worse.sets >= 0.9
    assert lots_tell.scores(lots_tell.uneven, 100, seed=1).others <= 11
    assert lots_tell.shares(0.1, 100, seed=1).others <= 11
