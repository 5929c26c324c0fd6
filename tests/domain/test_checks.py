"""Rules and the verdict made of them, without any database."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceability.domain import checks, papers, releasing, rules
from traceability.domain.checks import AT_HAND, Purpose, ReleaseFact, RouteFact, StopFact, VialFacts
from traceability.domain.history import History
from traceability.domain.papers import CredentialFact, Suspended
from traceability.domain.rules import Finding, Rule, Severity, Verdict
from traceability.domain.states import GONE, Custody, LotState

AT = datetime(2026, 4, 14, 3, 0, tzinfo=UTC)
KNOWN, UNKNOWN = History(True, None, (), 0), History(None, AT, ("reading_none",), 0)
GOOD = VialFacts(
    at=AT, purpose=Purpose.STOCK, asker_id="us", holder_id="us", state=Custody.IN_STOCK, serial="K1", lot_number="L1",
    lot_state=LotState.CERTIFIED, usable_until=AT + timedelta(days=1), expires=date(2026, 4, 14), superseded=(),
    release=ReleaseFact("RC-1", "full", None, False), holds=(), recalls=(), history=KNOWN, thawed_at=None, thaw_s=5400,
    in_use_s=3600, budget_s=14_400, label_waits=False,
    route=RouteFact("service", "", (CredentialFact("1", "D-1", date(2026, 1, 1), date(2026, 4, 14)),), date(2026, 4, 14)),
)  # fmt: skip


def codes(**changed: Any) -> list[str]:
    return [one.code for one in checks.use(replace(GOOD, **changed))]


def test_nothing_found_is_use() -> None:
    assert checks.use(GOOD) == ()
    assert rules.verdict(()) is Verdict.USE


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("holds", [True, False, None])
def test_a_rule_that_could_not_be_asked_asks_and_never_passes(severity: Severity, holds: bool | None) -> None:
    found = Rule("x", severity, lambda _: (holds, {})).find(None)
    verdict = rules.verdict((found,))
    if holds is True:
        assert verdict is Verdict.USE
    elif holds is None:
        assert (found.severity, verdict) == (Severity.ASK, Verdict.ASK_QA)
    else:
        assert verdict is (Verdict.DO_NOT_USE if severity is Severity.STOP else Verdict.ASK_QA)


@given(st.lists(st.tuples(st.sampled_from(Severity), st.sampled_from([True, False, None])), max_size=8))
def test_the_worst_finding_decides_and_comes_first(told: list[tuple[Severity, bool | None]]) -> None:
    asked = [Rule(str(n), severity, lambda _, holds=holds: (holds, {})) for n, (severity, holds) in enumerate(told)]
    found = rules.run(asked, None)
    assert len(found) == len(told)
    unmet = rules.unmet(found)
    assert found[: len(unmet)] == unmet
    stops = [one for one in unmet if one.severity is Severity.STOP]
    assert list(unmet[: len(stops)]) == stops
    worst = Verdict.DO_NOT_USE if stops else Verdict.ASK_QA if unmet else Verdict.USE
    assert rules.verdict(found) is worst


def test_a_finding_reads_back_from_the_ledger() -> None:
    for found in rules.run(checks.USE, replace(GOOD, thawed_at=AT - timedelta(hours=2))):
        again = Finding.of(found.plain())
        assert (again.code, again.holds, again.severity) == (found.code, found.holds, found.severity)
        assert again.plain() == found.plain()


@pytest.mark.parametrize("state", Custody)
@pytest.mark.parametrize("purpose", Purpose)
def test_every_custody_has_an_answer_for_every_purpose(state: Custody, purpose: Purpose) -> None:
    found = codes(state=state, purpose=purpose, thawed_at=AT)
    if state is Custody.GIVEN:
        assert found == ["given"]
    elif state in GONE:
        assert found == ["gone"]
    else:
        assert found == ([] if state in AT_HAND[purpose] else ["not_at_hand"])


def test_the_last_moment_of_every_clock_still_holds() -> None:
    tick = timedelta(microseconds=1)
    assert codes(at=GOOD.usable_until - tick) == []  # type: ignore[operator]
    assert codes(at=GOOD.usable_until) == ["expired"]
    assert codes(thawed_at=AT - timedelta(seconds=3600)) == []
    assert codes(thawed_at=AT - timedelta(seconds=3600) - tick) == ["thaw_spent"]
    assert codes(history=replace(KNOWN, out_of_storage_s=14_400)) == []
    assert codes(history=replace(KNOWN, out_of_storage_s=14_401)) == ["budget_spent"]
    until = AT + timedelta(hours=1)
    ending = ReleaseFact("RC-1", "conditional", until, False)
    assert codes(release=ending, at=until - tick) == []
    assert codes(release=ending, at=until) == ["release_ended"]


def test_the_shorter_of_two_thaw_limits_counts_and_none_is_unknown() -> None:
    thawed = AT - timedelta(seconds=4000)
    assert codes(thawed_at=thawed, thaw_s=5400, in_use_s=None) == []
    assert codes(thawed_at=thawed, thaw_s=None, in_use_s=3600) == ["thaw_spent"]
    (found,) = checks.use(replace(GOOD, thawed_at=thawed, thaw_s=None, in_use_s=None))
    assert (found.code, found.holds, found.severity) == ("thaw_spent", None, Severity.ASK)


def test_what_is_not_known_is_never_said_to_hold() -> None:
    for changed, code in (
        ({"usable_until": None}, "expired"), ({"history": UNKNOWN}, "temperature_unknown"), ({"label_waits": None}, "label_not_scanned_back"),
    ):  # fmt: skip
        (found,) = checks.use(replace(GOOD, **changed))
        assert (found.code, found.holds, found.severity) == (code, None, Severity.ASK)


def test_a_recall_is_a_stop_and_a_hold_asks_each_by_name() -> None:
    stop = StopFact("R-1", "particles")
    (recalled,) = checks.use(replace(GOOD, recalls=(stop,)))
    (held,) = checks.use(replace(GOOD, holds=(stop, StopFact("H-2", "door"))))
    assert (recalled.severity, [*map(str, recalled.values["recalls"])]) == (Severity.STOP, ["R-1: particles"])
    assert (held.severity, [*map(str, held.values["holds"])]) == (Severity.ASK, ["R-1: particles", "H-2: door"])
    assert (recalled.plain()["values"], held.plain()["values"]) == ({"recalls": ["R-1"]}, {"holds": ["R-1", "H-2"]})


def test_codes_are_told_once_and_are_stable_words() -> None:
    told = [rule.code for rule in (*checks.USE, *releasing.RELEASE)]
    assert len(set(told)) == len(told)
    assert all(code.replace("_", "").isalpha() and code.islower() for code in told)


def test_no_rule_returns_a_constant() -> None:
    """Each rule of a verdict answers differently for at least two vials of this small world."""
    from traceability.domain.gs1 import read

    label = read("(01)09521234543213(17)270930(10)L2(21)K1", date(2026, 4, 14))
    old = read("(01)09521234543213(17)260301(10)L1(21)K1", date(2026, 4, 14))
    world = [
        GOOD, replace(GOOD, state=Custody.GIVEN), replace(GOOD, state=Custody.DESTROYED), replace(GOOD, state=Custody.LOST),
        replace(GOOD, recalls=(StopFact("R", ""),)), replace(GOOD, holds=(StopFact("H", ""),)), replace(GOOD, at=AT + timedelta(days=2)),
        replace(GOOD, lot_state=LotState.DECLINED), replace(GOOD, lot_state=LotState.ANNOUNCED), replace(GOOD, scanned=label),
        replace(GOOD, scanned=old, superseded=(date(2026, 3, 1),)), replace(GOOD, thawed_at=AT - timedelta(days=1)),
        replace(GOOD, history=replace(KNOWN, out_of_storage_s=99_999)), replace(GOOD, release=None),
        replace(GOOD, release=ReleaseFact("RC", "full", None, True)), replace(GOOD, release=ReleaseFact("RC", "named_patient", None, False)),
        replace(GOOD, release=ReleaseFact("RC", "named_patient", None, False, (), theirs=False)),
        replace(GOOD, history=UNKNOWN), replace(GOOD, label_waits=True), replace(GOOD, holder_id="them"),
        replace(GOOD, rejected=("EX-1",)), replace(GOOD, shortened=checks.ShortenedFact("EX-1", AT.date(), AT)),
        replace(GOOD, clock_behind=AT), replace(GOOD, refrozen_at=AT), replace(GOOD, state=Custody.ISSUED, purpose=Purpose.BEDSIDE), replace(GOOD, purpose=Purpose.ISSUE, route=None),
        replace(GOOD, release=ReleaseFact("RC", "full", None, False, ("gmp_ended",))),
    ]  # fmt: skip
    for rule in checks.USE:
        assert {rule.ask(vial)[0] for vial in world} - {True}, rule.code
        assert rule.ask(GOOD)[0] is True, rule.code


DAY = date(2026, 3, 9)


@pytest.mark.parametrize(
    ("told", "covers"),
    [
        ((DAY, DAY, None), True), ((DAY + timedelta(days=1), date.max, None), False), ((date.min, DAY - timedelta(days=1), None), False),
        ((None, DAY, None), None), ((DAY, None, None), None), ((None, None, None), None), ((None, None, DAY), False),
        ((date.min, date.max, DAY), False), ((date.min, date.max, DAY + timedelta(days=1)), True),
    ],
)  # fmt: skip
def test_a_paper_covers_a_day_inside_its_dates_and_unknown_dates_are_unknown(
    told: tuple[Any, ...], covers: bool | None
) -> None:
    valid_from, valid_until, suspended = told
    suspensions = () if suspended is None else (Suspended(suspended),)
    assert CredentialFact("id", "no", valid_from, valid_until, suspensions).covers(DAY) is covers


def test_one_paper_that_covers_is_enough_and_none_at_all_is_not() -> None:
    good, open_ended, gone = (
        CredentialFact(n, n, *told)
        for n, told in (("a", (DAY, DAY)), ("b", (None, None)), ("c", (DAY, DAY, (Suspended(DAY),))))
    )
    assert papers.covered((gone, open_ended, good), DAY)[0] is True
    assert papers.covered((gone, open_ended), DAY)[0] is None
    assert papers.covered((gone,), DAY)[0] is False
    assert papers.covered((), DAY)[0] is False


def test_the_facts_name_every_clock_and_unit() -> None:
    """Nothing in them is a float, and every duration says its unit."""
    assert {f.name for f in fields(VialFacts) if f.type in ("int", "int | None")} == {"thaw_s", "in_use_s", "budget_s"}


def label(*dates: str) -> Any:
    from traceability.domain.gs1 import read

    return read(f"(01)09521234543213{''.join(dates)}(10)L1(21)K1", date(2026, 4, 14))


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        (("(17)260414",), []),
        (("(7003)2604141000",), []),
        (("(17)260414", "(7003)2604141000"), []),
        (("(7003)2604131000",), ["label_contradicts"]),
        (("(17)260414", "(7003)2604131000"), ["label_contradicts"]),
        (("(7003)2603011000",), ["label_superseded"]),
        (("(17)260414", "(7003)2603011000"), ["label_superseded"]),
    ],
)
def test_a_minute_on_the_label_is_of_a_day_that_the_record_knows(dates: tuple[str, ...], found: list[str]) -> None:
    assert codes(scanned=label(*dates), superseded=(date(2026, 3, 1),)) == found


def test_the_earlier_of_the_date_on_record_and_the_minute_on_the_label_wins() -> None:
    tick = timedelta(microseconds=1)
    assert codes(label_until=AT + tick) == []
    assert codes(label_until=AT) == ["expired"]
    assert codes(label_until=AT + timedelta(days=9), at=GOOD.usable_until) == ["expired"]
    (found,) = checks.use(replace(GOOD, label_until=AT, usable_until=None))
    assert (found.holds, found.severity) == (False, Severity.STOP)  # an unknown date is no later one


PAPER = CredentialFact("1", "P-1", date(2026, 1, 1), date(2026, 12, 31))
KEPT = releasing.SinceRelease(
    made_on=date(2026, 3, 9),
    gmp=(PAPER,),
    licences=(PAPER,),
    failed=(),
    expired_then=date(2026, 9, 30),
    expires=date(2026, 9, 30),
    earliest=None,
    files=0,
)
SUSPENDED, UNDATED = replace(PAPER, suspensions=(Suspended(date(2026, 3, 9)),)), replace(PAPER, valid_until=None)


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, ()),
        ({"failed": ("Sterility",)}, ("result_failed",)),
        ({"gmp": (SUSPENDED,)}, ("gmp_ended",)),
        ({"gmp": (SUSPENDED, PAPER)}, ()),
        ({"gmp": (replace(PAPER, suspensions=(Suspended(date(2026, 3, 10)),)),)}, ()),
        ({"gmp": (UNDATED,)}, ("gmp_ended",)),
        ({"licences": ()}, ("licence_ended",)),
        ({"expires": date(2026, 9, 29)}, ("expiry_shortened",)),
        ({"expires": date(2026, 10, 1)}, ()),
        ({"expires": None}, ("expiry_shortened",)),
        ({"files": 1}, ("journey_judged_anew",)),
        ({"files": 1, "gmp": ()}, ("gmp_ended", "journey_judged_anew")),
        ({"cases": ("K-1",)}, ("outside_reopened",)),
        ({"excursions": ("EX-1",)}, ("excursion_found",)),
        ({"named": ("K-2",)}, ("case_undecided",)),
    ],
)
def test_what_is_material_ends_a_release(changed: dict[str, Any], found: tuple[str, ...]) -> None:
    assert releasing.changes(replace(KEPT, **changed)) == found


@pytest.mark.parametrize("purpose", Purpose)
def test_the_hospitals_own_paper_is_asked_for_when_a_vial_is_issued_and_given(purpose: Purpose) -> None:
    state = Custody.ISSUED if purpose is Purpose.BEDSIDE else Custody.IN_STOCK
    for route, found in (
        (GOOD.route, []), (None, ["route_closed"]), (replace(GOOD.route, day=date(2026, 4, 15)), ["route_closed"]),  # type: ignore[type-var]
    ):  # fmt: skip
        assert codes(state=state, purpose=purpose, route=route, thawed_at=AT) == (
            [] if purpose is Purpose.STOCK else found
        )
