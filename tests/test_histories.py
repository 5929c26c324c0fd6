"""Random histories of a clinic: any act in any order, told late, told twice. What must hold after every one of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from tests.clinic import Clinic
from tests.stories.case import both, nobody_knows, patient
from tests.worlds import Worlds, world, worlds
from traceability.domain.casework import CaseDecision
from traceability.domain.checks import Purpose
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Actor, Meaning, Signing
from traceability.services import (
    cases,
    closing,
    consents,
    correcting,
    courses,
    doses,
    investigations,
    stops,
    subjects,
    taking_back,
    trace,
    vials,
)
from traceability.services.verdicts import facts
from traceability.store import Call, Done, Source
from traceability.store.tables.quality import ScopeKind
from traceability.store.tables.subjects import ConsentKind, Laterality
from traceability.store.verify import verify

__all__ = ["world", "worlds"]

SERIALS = tuple(f"H3K00{n}" for n in range(1, 6))
VIALS = st.sampled_from(SERIALS)
PATIENTS = st.integers(0, 1)
DOSES = st.integers(1, 3)
SIDES = st.sampled_from(list(Laterality))
LATE = st.sampled_from([0, 0, 0, 5, 90, 60 * 24, 60 * 24 * 30])
WHY = "as it was told"


@dataclass
class Asked:
    """An act as it was sent, and what came of it: the entry's number, or the code of the refusal and its entry."""

    send: Callable[[], Done]
    answer: tuple[Any, ...]


class Histories(RuleBasedStateMachine):
    """A pharmacy with five vials of one lot, two patients, and everybody who may do something to them."""

    begin: Callable[[], Clinic]
    permits = 0

    def __init__(self) -> None:
        super().__init__()
        self.clinic = type(self).begin()
        self.sent: list[Asked] = []
        self.told: list[str] = []  # serials, and codes that nobody knows, that were reported given
        self.stands: dict[
            str, tuple[set[str], str | None]
        ] = {}  # injection → serials and dose, while nobody took it back
        self.gone: set[str] = set()
        self.started: dict[str, int] = {}
        self.holds: dict[str, str] = {}  # hold → vial, while it stands
        self.recalls: dict[str, str] = {}
        self.consents: dict[int, str] = {}

    @initialize(start=st.booleans())
    def two_patients(self, start: bool) -> None:
        """Half of the histories begin at a bedside where all is as it should be."""
        clinic = self.clinic
        self.ids = {vial.serial: vial.id for vial in clinic.vials(clinic.ids["lot"])}
        self.codes = {vial.serial: clinic.code(vial) for vial in clinic.vials(clinic.ids["lot"])}
        self.people = [patient(clinic, f"MRN-{n}", nik=str(n) * 16) for n in (1, 2)]
        for n, (subject, _) in enumerate(self.people):
            with clinic.store.read(SYSTEM) as view:
                self.consents[n] = subjects.consents(view, subject)[0].id
        for _, course in self.people:
            clinic.ordered(course, 1)
        if start:
            self.as_it_should_be(SERIALS[0], 0, "start", "")

    @property
    def given(self) -> set[str]:
        """Doses that somebody gave, and that nobody said to be told by mistake."""
        return {dose for _, dose in self.stands.values() if dose}

    @property
    def in_somebody(self) -> set[str]:
        return {serial for serials, _ in self.stands.values() for serial in serials}

    # ------------------------------------------------------------------------------------------------------- sending

    def send(
        self, act: Any, who: Actor, *args: Any, fact: bool = False, signed: tuple[Signing, ...] = (), **told: Any
    ) -> Done | None:
        """Perform it. A refusal is an answer too, but not for a fact: `fact` is for what was put as a fact can be."""
        call = told.pop("call", None) or Call(reason=told.pop("reason", WHY), signing=signed)

        def send() -> Done:
            done: Done = act(self.clinic.store, who, call, *args, **told)
            return done

        try:
            done = send()
        except Refused as refused:
            if fact:
                raise AssertionError("a fact is never refused") from refused
            self.sent.append(Asked(send, (refused.code, refused.values["entry"])))
            return None
        self.sent.append(Asked(send, (done.number,)))
        return done

    def say(self, username: str, meaning: Meaning) -> tuple[Signing, ...]:
        return (self.clinic.sign(username, meaning),)

    def dose(self, who: int, k: int) -> str:
        return self.clinic.dose(self.people[who][1], k)

    # ------------------------------------------------------------------------------------------------- what is permitted

    @rule(minutes=st.sampled_from([1, 5, 15, 60, 60 * 24 * 7]))
    def time_passes(self, minutes: int) -> None:
        self.clinic.clock.tick(minutes=minutes)

    @rule(who=PATIENTS, k=DOSES)
    def order(self, who: int, k: int) -> None:
        done = self.send(
            courses.prescribe, self.clinic.PHYSICIAN, self.dose(who, k), signed=self.say("santosa", Meaning.ORDERED)
        )
        if done:
            self.send(courses.verify, self.clinic.PHARMACIST, done.id, signed=self.say("putri", Meaning.VERIFIED))

    @rule(serial=VIALS, who=PATIENTS, k=DOSES)
    def reserve(self, serial: str, who: int, k: int) -> None:
        self.send(courses.reserve, self.clinic.PHARMACIST, self.ids[serial], self.dose(who, k))

    @rule(serial=VIALS)
    def unreserve(self, serial: str) -> None:
        self.send(courses.unreserve, self.clinic.PHARMACIST, self.ids[serial])

    @rule(serial=VIALS)
    def thaw(self, serial: str) -> None:
        self.send(courses.thaw, self.clinic.PHARMACIST, self.ids[serial], self.clinic.ids["bench"])

    @rule(serial=VIALS)
    def issue(self, serial: str) -> None:
        self.send(courses.issue, self.clinic.PHARMACIST, self.ids[serial], self.clinic.ids["bench"])

    @rule(
        serial=VIALS, who=PATIENTS, then=st.sampled_from(["issue", "start", "start", "twice"]),
        between=st.sampled_from(["", "", "hold", "recall", "consent"]),
    )  # fmt: skip
    def as_it_should_be(self, serial: str, who: int, then: str, between: str) -> None:
        """The next dose of this patient, step by step; or something comes between."""
        left = [k for k in (1, 2, 3) if self.dose(who, k) not in self.given]
        if not left:
            return
        self.reserve(serial, who, left[0])
        self.thaw(serial)
        self.issue(serial)
        match between:
            case "hold":
                self.hold(serial)
            case "recall":
                self.recall(serial)
            case "consent":
                self.consent_changes(who)
        for _ in range({"issue": 0, "start": 1, "twice": 2}[then]):
            self.start(serial, who, left[0], Laterality.RIGHT)

    @rule(serial=VIALS)
    def take_back(self, serial: str) -> None:
        self.send(courses.take_back, self.clinic.PHARMACIST, self.ids[serial], self.clinic.ids["bench"])

    @rule(serial=VIALS)
    def put_away(self, serial: str) -> None:
        self.send(vials.put_away, self.clinic.PHARMACIST, self.ids[serial], self.clinic.ids["freezer"])

    @rule(serial=VIALS, who=PATIENTS, k=DOSES, side=SIDES)
    def start(self, serial: str, who: int, k: int, side: Laterality) -> None:
        band = self.clinic.band(self.people[who][0])
        done = self.send(doses.start, self.clinic.PHYSICIAN, self.dose(who, k), band, self.codes[serial], side)
        if done is None:
            return
        self.started[serial] = self.started.get(serial, 0) + 1
        type(self).permits += 1
        assert self.dose(who, k) not in self.given
        assert side is Laterality.RIGHT
        assert self.clinic.vial(serial).state == "issued"
        assert serial not in self.in_somebody
        assert serial not in {*self.holds.values(), *self.recalls.values()}
        assert who in self.consents

    # ---------------------------------------------------------------------------------------------------------- facts

    @rule(
        chosen=st.sets(VIALS, min_size=1, max_size=1) | st.sets(VIALS, min_size=1, max_size=2),
        who=PATIENTS,
        k=st.none() | DOSES,
        side=SIDES,
        late=LATE,
    )
    def give(self, chosen: set[str], who: int, k: int | None, side: Laterality, late: int) -> None:
        """In whatever state the vials are, whoever they were kept for, however late it is told."""
        now = self.clinic.clock.now
        call = Call(
            occurred_at=now - timedelta(minutes=late) if late else None, source=Source.LATE if late else Source.LIVE,
            reason=WHY, signing=both(self.clinic),
        )  # fmt: skip
        told = {"dose_id": self.dose(who, k) if k else None}
        twice = told["dose_id"] in self.given
        given = [self.codes[serial] for serial in sorted(chosen)]
        done = self.send(
            doses.give, self.clinic.PHYSICIAN, self.people[who][0], side, given, 3000, 0, call=call, fact=True, **told
        )
        assert done is not None
        if chosen & self.in_somebody:
            assert "given" in done.answer["findings"]
        assert twice is ("dose_given" in done.answer["findings"])
        self.stands[done.id] = (chosen, told["dose_id"])
        if chosen & {*self.recalls.values()}:
            assert "recalled" in done.answer["findings"] or chosen & self.gone
        self.told += sorted(chosen)

    @rule(who=PATIENTS, n=st.integers(1, 3))
    def give_what_nobody_knows(self, who: int, n: int) -> None:
        code = nobody_knows(self.clinic, f"H3X{n:03d}")
        subject = self.people[who][0]
        call = Call(reason=WHY, signing=both(self.clinic))
        told = (self.clinic.PHYSICIAN, subject, Laterality.RIGHT, [code], 3000, 0)
        done = self.send(doses.give, *told, call=call, fact=True)
        assert done is not None
        self.stands[done.id] = (set(), None)
        self.told.append(f"(21)H3X{n:03d}")

    @rule(data=st.data(), side=st.none() | SIDES, raw=st.sampled_from(["3", "4.5"]), ul=st.sampled_from([2500, 3000]))
    def is_corrected(self, data: st.DataObject, side: Laterality | None, raw: str, ul: int) -> None:
        """Refused where nothing differs; else the first word stays, and no finding goes."""
        if not self.stands:
            return
        one = data.draw(st.sampled_from(sorted(self.stands)))
        before = self.ask(f"SELECT findings FROM administration WHERE id = '{one}'")[0][0]
        told = {"laterality": side, "vas_before": raw, "given_ul": ul}
        done = self.send(correcting.correct, self.clinic.PHYSICIAN, one, signed=self.mended(), **told)
        after = self.ask(f"SELECT findings FROM administration WHERE id = '{one}'")[0][0]
        assert {why["code"] for why in json.loads(before)} <= {why["code"] for why in json.loads(after)}
        assert done is not None or before == after

    @rule(data=st.data())
    def was_told_by_mistake(self, data: st.DataObject) -> None:
        """A vial that no other injection has is missing then; one that somebody else was given as well stays given."""
        if not self.stands:
            return
        one = data.draw(st.sampled_from(sorted(self.stands)))
        done = self.send(taking_back.void, self.clinic.PHYSICIAN, one, signed=self.mended())
        assert done is not None
        serials, _ = self.stands.pop(one)
        nobody = serials - self.in_somebody
        self.gone -= nobody
        assert set(done.answer["missing"]) <= nobody
        for serial in nobody:  # what was thrown away before it was told to be given is thrown away still
            assert self.clinic.vial(serial).state == ("lost" if serial in done.answer["missing"] else "discarded")

    def mended(self) -> tuple[Signing, ...]:
        return self.clinic.sign("santosa", Meaning.RECORDED), self.clinic.sign("putri", Meaning.VERIFIED)

    @rule(serial=VIALS, befell=st.sampled_from([vials.report_broken, vials.report_lost, vials.discard]))
    def befalls(self, serial: str, befell: Any) -> None:
        self.send(befell, self.clinic.PHARMACIST, self.ids[serial], fact=True)

    @rule(serial=VIALS, where=st.sampled_from(["freezer", "bench", "bare_freezer"]), found=st.booleans())
    def is_moved_or_found(self, serial: str, where: str, found: bool) -> None:
        self.send(
            vials.report_found if found else vials.move,
            self.clinic.PHARMACIST,
            self.ids[serial],
            self.clinic.ids[where],
            fact=True,
        )

    @rule(who=PATIENTS)
    def consent_changes(self, who: int) -> None:
        if who in self.consents:
            self.send(consents.withdraw, self.clinic.PHYSICIAN, self.consents.pop(who), fact=True)
        else:
            self.consents[who] = self.clinic.consent(self.people[who][0], ConsentKind.THERAPY)

    @rule(serial=VIALS)
    def hold(self, serial: str) -> None:
        done = self.send(stops.hold, self.clinic.QUALITY, "looked odd", ScopeKind.VIAL, (self.ids[serial],), fact=True)
        assert done is not None
        self.holds[done.id] = serial

    @rule(serial=VIALS)
    def recall(self, serial: str) -> None:
        signed = self.say("maharani", Meaning.RECALLED)
        told = (self.clinic.QUALITY, "particles", 1, True, ScopeKind.VIAL, (self.ids[serial],))
        done = self.send(stops.recall, *told, signed=signed, fact=True)
        assert done is not None
        self.recalls[done.id] = serial

    @rule(data=st.data())
    def one_stop_is_lifted(self, data: st.DataObject) -> None:
        standing = [*self.holds, *self.recalls]
        if not standing:
            return
        one = data.draw(st.sampled_from(standing))
        act = stops.lift if one in self.holds else stops.withdraw
        done = self.send(act, self.clinic.QUALITY, one, signed=self.say("maharani", Meaning.DECIDED))
        assert done is not None
        (self.holds if one in self.holds else self.recalls).pop(one)

    @rule()
    def quality_answers_for_what_happened(self) -> None:
        """Every case is found out about and decided, every hold that an injection placed is lifted, and then it is closed."""
        with self.clinic.store.read(self.clinic.QUALITY) as view:
            found = cases.open_cases(view)
            placed = [one.id for one in stops.open_holds(view) if one.id not in self.holds]
        quality, signed = self.clinic.QUALITY, self.say("maharani", Meaning.DECIDED)
        for one in placed:
            assert self.send(stops.lift, quality, one, signed=signed)
        for case in found:
            assert self.send(investigations.investigate, quality, case.id, "seen", root_cause="not found")
            use = self.send(closing.dispose, quality, case.id, CaseDecision.USE, signed=signed)
            assert use or self.send(closing.dispose, quality, case.id, CaseDecision.NONE_NEEDED, signed=signed)
            assert self.send(closing.close, self.clinic.QUALITY2, case.id, signed=self.say("lestari", Meaning.DECIDED))

    # --------------------------------------------------------------------------------------------------------- again

    @rule(data=st.data())
    def something_is_sent_again(self, data: st.DataObject) -> None:
        """The same act id: the same answer, and nothing happens."""
        if not self.sent:
            return
        asked, before = data.draw(st.sampled_from(self.sent)), self.count("entry")
        try:
            done = asked.send()
            again: tuple[Any, ...] = (done.number,)
        except Refused as refused:
            again = (refused.code, refused.values["entry"])
        assert again == asked.answer
        assert self.count("entry") == before

    # ------------------------------------------------------------------------------------------------- after every step

    def count(self, table: str) -> int:
        return int(self.ask(f"SELECT count(*) FROM {table}")[0][0])

    def ask(self, query: str) -> list[Any]:
        with self.clinic.store.engines.reader.connect() as connection:
            return list(connection.execute(text(query)).all())

    @invariant()
    def whatever_was_reported_given_is_in_the_trace(self) -> None:
        with self.clinic.store.read(SYSTEM) as view:
            told = trace.of_lot(view, self.clinic.ids["lot"])
        traced = [row["serial"] for row in told["given"]]
        assert len(traced) == len(self.told)
        assert all(any(one in serial for serial in traced) for one in self.told)
        assert {one for one in self.told if one in self.ids} <= {row["serial"] for row in told["vials"] if row["given"]}
        assert sum(told["buckets"].values()) == len(SERIALS)
        assert told["buckets"]["administered"] == len(self.in_somebody)
        assert {row["administration_id"] for row in told["given"] if row["void_at"] is None} == set(self.stands)

    @invariant()
    def there_is_one_permit_for_a_vial_at_most(self) -> None:
        assert all(n == 1 for n in self.started.values())
        assert all(row[0] == 1 for row in self.ask("SELECT count(*) FROM dose_start GROUP BY vial_id"))

    @invariant()
    def one_vial_at_most_is_cleared_for_a_dose_and_waits_to_be_given(self) -> None:
        waiting = self.ask(
            "SELECT count(*) FROM dose_start s JOIN vial v ON v.id = s.vial_id AND v.state = 'issued'"
            " JOIN reservation r ON r.vial_id = s.vial_id AND r.dose_id = s.dose_id AND r.until IS NULL GROUP BY s.dose_id"
        )
        assert all(row[0] == 1 for row in waiting)

    @invariant()
    def what_was_given_stays_given_until_two_say_that_it_never_was(self) -> None:
        now = {row[0] for row in self.ask("SELECT serial FROM vial WHERE state = 'given'")}
        assert self.gone <= now
        self.gone = now
        assert now == self.in_somebody

    @invariant()
    def every_stop_that_stands_is_heard_until_each_is_lifted(self) -> None:
        if not hasattr(self, "ids"):
            return
        with self.clinic.store.read(self.clinic.PHARMACIST) as view:
            known = facts(view, [self.ids[serial] for serial in SERIALS], Purpose.ISSUE)
            names = {one.id: one.number for one in [*stops.holds(view), *stops.recalls(view)]}
        for fact in known:
            heard = {stop.number for stop in (*fact.holds, *fact.recalls)}
            mine = {names[one] for one, serial in (self.holds | self.recalls).items() if serial == fact.serial}
            assert mine <= heard
            assert len(fact.recalls) == sum(serial == fact.serial for serial in self.recalls.values())

    @invariant()
    def a_vial_lies_in_one_place_and_is_kept_for_one_dose(self) -> None:
        kept = dict(
            self.ask(
                "SELECT v.serial, v.state FROM reservation r JOIN vial v ON v.id = r.vial_id WHERE r.until IS NULL"
            )
        )
        assert set(kept.values()) <= {"reserved", "issued"}
        held = {row[0] for row in self.ask("SELECT serial FROM vial WHERE state IN ('reserved', 'issued')")}
        assert set(kept) == held
        lying = [
            row[0]
            for row in self.ask("SELECT v.state FROM stay s JOIN vial v ON v.id = s.vial_id WHERE s.until IS NULL")
        ]
        assert not {"given", "lost", "discarded"} & set(lying)

    def teardown(self) -> None:
        try:
            with self.clinic.store.engines.reader.connect() as connection:
                assert verify(connection).problems == []
        finally:
            self.clinic.store.close()


@pytest.fixture
def machine(worlds: Worlds, tmp_path_factory: pytest.TempPathFactory) -> type[Histories]:
    class Here(Histories):
        begin = staticmethod(lambda: worlds.copy("sqlite", "released", tmp_path_factory.mktemp("history"))[0])

    return Here


@pytest.mark.parametrize("examples", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_whatever_is_done_in_whatever_order_the_record_holds(machine: type[Histories], examples: int) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=30, print_blob=True, database=None,
            derandomize=examples < 100 or settings.default.derandomize, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    assert machine.permits > examples / 4  # a clinic that permits nothing keeps every promise
