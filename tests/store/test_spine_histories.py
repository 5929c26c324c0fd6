"""Random histories between the maker's freezer and the pharmacy's shelf: what must hold after every act of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.clinic import Clinic
from tests.worlds import Worlds
from traceability.domain import rules
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Actor, Meaning
from traceability.domain.states import BUCKET, GONE, Custody, reconcile
from traceability.services import coldchain, consignments, labels, lots, releases, stops, vials
from traceability.services.verdicts import facts, judge
from traceability.store import Call, Done, Source
from traceability.store.tables import Lot, Stay
from traceability.store.tables.quality import ScopeKind
from traceability.store.verify import verify

SERIALS = tuple(f"H3K00{n}" for n in range(1, 6))
ONE = st.sampled_from(SERIALS)
SOME = st.sets(ONE, min_size=1)
PLACES = st.sampled_from(("quarantine", "freezer", "read_freezer", "bare_freezer", "bench"))
AGO = st.sampled_from([0, 0, 0, 1, 30, 600])


class Spine(RuleBasedStateMachine):
    """Five vials of one lot, two boxes, everybody who may do something to them; half of what is tried is refused."""

    begin: Callable[[], Clinic]

    def __init__(self) -> None:
        super().__init__()
        self.clinic = type(self).begin()
        self.boxes: list[str] = []
        self.holds: dict[str, str] = {}  # hold → serial, while it stands
        self.gone: set[str] = set()
        self.acts: Counter[str] = Counter()

    @initialize()
    def look(self) -> None:
        self.lot = self.clinic.ids["lot"]

    def ask(self, act: Any, who: Actor, *args: Any, ago: int = 0, **told: Any) -> Done | None:
        clinic = self.clinic
        clinic.clock.tick(minutes=7)
        call = Call(
            occurred_at=clinic.clock.now - timedelta(minutes=ago) if ago else None,
            source=Source.LATE if ago else Source.LIVE,
        )
        try:
            done = clinic.do(act, who, *args, call=call, reason="as it was told", **told)
        except Refused as refused:
            self.acts[refused.code] += 1
            return None
        self.acts[act.act.name] += 1
        return done

    @rule(serials=SOME)
    def ship(self, serials: set[str]) -> None:
        body = f"0952123{len(self.boxes) + self.acts['tried'] + 1:010d}"
        self.acts["tried"] += 1
        from traceability.domain.gs1 import check_digit

        ids = [self.clinic.vial(one).id for one in sorted(serials)]
        sites = (self.clinic.ids["maker_site"], self.clinic.ids["site"])
        if done := self.ask(consignments.ship, self.clinic.MAKER_QA, body + check_digit(body), *sites, ids):
            self.boxes.append(done.id)

    def box(self, n: int) -> str:
        return self.boxes[n % len(self.boxes)] if self.boxes else "f" * 32

    @rule(n=st.integers(0, 3), ago=AGO)
    def arrive(self, n: int, ago: int) -> None:
        signed = (self.clinic.sign("handayani", Meaning.RECEIVED), self.clinic.sign("putri", Meaning.WITNESSED))
        told = {"carrier": "KJ", "seal": "S", "seal_whole": True, "condition": "cold"}
        self.ask(consignments.arrive, self.clinic.STOREKEEPER, self.box(n), ago=ago, signed=signed, **told)

    @rule(n=st.integers(0, 3), serials=SOME, broken=st.booleans())
    def count(self, n: int, serials: set[str], broken: bool) -> None:
        for one in sorted(serials):
            self.ask(
                consignments.count,
                self.clinic.STOREKEEPER,
                self.box(n),
                self.clinic.code(self.clinic.vial(one)),
                broken=broken,
            )

    @rule(n=st.integers(0, 3))
    def check_in(self, n: int) -> None:
        self.ask(consignments.check_in, self.clinic.STOREKEEPER, self.box(n))

    @rule(n=st.integers(0, 3))
    def turn_away(self, n: int) -> None:
        self.ask(consignments.turn_away, self.clinic.PHARMACIST, self.box(n))

    @rule(serials=SOME, place=PLACES, ago=AGO)
    def put_away(self, serials: set[str], place: str, ago: int) -> None:
        for one in sorted(serials):
            self.ask(vials.put_away, self.clinic.STOREKEEPER, self.clinic.vial(one).id, self.clinic.ids[place], ago=ago)

    @rule(serial=ONE, place=PLACES, ago=AGO)
    def move(self, serial: str, place: str, ago: int) -> None:
        self.ask(vials.move, self.clinic.PHARMACIST, self.clinic.vial(serial).id, self.clinic.ids[place], ago=ago)

    @rule(serial=ONE, act=st.sampled_from([vials.report_broken, vials.report_lost, vials.discard]), ago=AGO)
    def befall(self, serial: str, act: Any, ago: int) -> None:
        self.ask(act, self.clinic.PHARMACIST, self.clinic.vial(serial).id, ago=ago)

    @rule(serial=ONE, place=PLACES, ago=AGO)
    def find(self, serial: str, place: str, ago: int) -> None:
        self.ask(
            vials.report_found, self.clinic.STOREKEEPER, self.clinic.vial(serial).id, self.clinic.ids[place], ago=ago
        )

    @rule(serial=ONE)
    def hold(self, serial: str) -> None:
        if done := self.ask(stops.hold, self.clinic.MAKER_QA, "t", ScopeKind.VIAL, (self.clinic.vial(serial).id,)):
            self.holds[done.id] = serial

    @rule(n=st.integers(0, 9))
    def lift(self, n: int) -> None:
        if self.holds:
            hold = sorted(self.holds)[n % len(self.holds)]
            if self.ask(stops.lift, self.clinic.MAKER_QA, hold, signed=(self.clinic.sign("wijaya", Meaning.DECIDED),)):
                del self.holds[hold]

    @rule(low=st.integers(-30, 0), span=st.integers(0, 20))
    def read(self, low: int, span: int) -> None:
        told = (low * 1000 + span * 500, low * 1000, (low + span) * 1000)
        self.ask(coldchain.read, self.clinic.STOREKEEPER, self.clinic.ids["read_freezer"], *told)

    @rule(serials=SOME)
    def reprint(self, serials: set[str]) -> None:
        ids = [self.clinic.vial(one).id for one in sorted(serials)]
        if self.ask(labels.reprint, self.clinic.MAKER_QA, ids, "vial_16x30") and len(ids) > 2:
            self.ask(labels.scan_back, self.clinic.MAKER_QA, self.clinic.code(self.clinic.vial(min(serials))))

    # ── what holds after every one of them ──

    @invariant()
    def everything_filled_is_accounted_for(self) -> None:
        with self.clinic.store.read(SYSTEM) as view:
            counted = Counter(vial.state for vial in lots.vials(view, self.lot))
            assert sum(reconcile(dict(counted)).values()) == view.need(Lot, self.lot).filled == 5
            assert set(counted) <= set(BUCKET)

    @invariant()
    def a_vial_lies_in_one_place_at_a_time_and_in_none_when_it_is_gone(self) -> None:
        with self.clinic.store.read(SYSTEM) as view:
            for vial in lots.vials(view, self.lot):
                lain = sorted(
                    view.known(Stay, Stay.vial_id == vial.id), key=lambda stay: (stay.since, stay.until is None)
                )
                still = [stay for stay in lain if stay.until is None]
                nowhere = vial.state in GONE or vial.state is Custody.LOST
                assert len(still) == (0 if nowhere else 1), vial.serial
                for before, after in pairwise(lain):
                    assert before.until is not None
                    assert before.until <= after.since, vial.serial

    @invariant()
    def what_is_gone_stays_gone(self) -> None:
        now = {serial for serial in SERIALS if self.clinic.vial(serial).state in GONE}
        assert self.gone <= now
        self.gone = now

    @invariant()
    def a_vial_is_held_as_long_as_one_hold_stands(self) -> None:
        with self.clinic.store.read(self.clinic.MAKER_QA) as view:
            found = facts(view, [self.clinic.vial(serial).id for serial in SERIALS], Purpose.STOCK)
        for serial, fact in zip(SERIALS, found, strict=True):
            by_hand = [stop for stop in fact.holds if stop.title == "t"]
            assert len(by_hand) == list(self.holds.values()).count(serial)

    @invariant()
    def one_vial_and_many_get_the_same_answer_and_none_may_be_used(self) -> None:
        """Nothing was released: no history of these acts makes a vial usable."""
        dice = random.Random(sum(self.acts.values()))
        ids = [self.clinic.vial(serial).id for serial in dice.sample(SERIALS, dice.randint(1, 5))]
        purpose = dice.choice(list(Purpose))
        with self.clinic.store.read(self.clinic.PHARMACIST) as view:
            many = judge(view, ids, purpose)
            for one in ids:
                assert judge(view, [one], purpose) == {one: many[one]}
                assert many[one][0] is not rules.Verdict.USE
        with self.clinic.store.read(self.clinic.QUALITY) as view:
            assert rules.unmet(releases.prepare(view, self.lot, ids).findings)

    def teardown(self) -> None:
        with self.clinic.store.engines.reader.connect() as connection:
            problems = verify(connection).problems
        self.clinic.store.close()
        assert problems == []
        TOLD.update(self.acts)


TOLD: Counter[str] = Counter()


@pytest.mark.parametrize("examples", [40, pytest.param(200, marks=pytest.mark.slow)])
def test_random_histories_of_the_spine(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory, examples: int) -> None:
    Spine.begin = lambda: worlds.copy("sqlite", "certified", tmp_path_factory.mktemp("history"))[0]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Spine,
        settings=settings(
            max_examples=examples, stateful_step_count=18, derandomize=examples < 100 or settings.default.derandomize, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    # the histories were histories: many acts were done, and many refused for reasons of their own
    done = {word for word in TOLD if "." in word}
    assert {"consignment.ship", "consignment.arrive", "hold.place"} <= done
    assert len(done) > 7
    assert {"wrong_state", "not_found"} <= set(TOLD)
