"""Training gates roles: what a house asks of a role, who may act in it today, and who is told before it ends (R55b)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col

from tests.clinic import Clinic
from traceability.domain import training as rules
from traceability.domain.errors import Refused
from traceability.domain.papers import CredentialFact
from traceability.domain.people import SYSTEM, Actor, Meaning, Role
from traceability.services import due, handing, organisations, people, stocktakes, stops, trainings, vials, worklist
from traceability.services.audit import entry
from traceability.store import Done
from traceability.store.tables import Alarm
from traceability.store.tables.alarms import AlarmKind
from traceability.store.tables.quality import ScopeKind
from traceability.store.verify import verify

TODAY = date(2026, 4, 14)


def trained(clinic: Clinic, who: Actor, *, until: date | None, by: Actor | None = None, topic: str = "SOP-12") -> Done:
    return clinic.do(
        trainings.record, by or clinic.QUALITY, who.person_id, topic, today(clinic) - timedelta(days=1), until
    )


def asked_for(clinic: Clinic, role: Role, topic: str = "SOP-12") -> Done:
    signed = (clinic.sign("maharani", Meaning.DECIDED),)
    return clinic.do(trainings.ask_for, clinic.QUALITY, role, topic, signed=signed, reason="the plan of this year")


def today(clinic: Clinic) -> date:
    return clinic.clock.now.date()


def in_d(clinic: Clinic, days: int) -> date:
    return today(clinic) + timedelta(days=days)


def counts(clinic: Clinic) -> Done:
    """What a storekeeper may do, and asks the door for: begin a count of a freezer, and leave it."""
    done = clinic.do(stocktakes.begin, clinic.STOREKEEPER, clinic.ids["freezer"])
    return clinic.do(stocktakes.drop, clinic.STOREKEEPER, done.id, reason="called away")


def missing(work: Any) -> list[tuple[Any, Any, Any]]:
    with pytest.raises(Refused) as refused:
        work()
    assert refused.value.code == "not_trained"
    return [(one.holds, one.values["topic"], one.values.get("until")) for one in refused.value.findings]


def test_a_role_that_asks_for_training_is_closed_until_it_is_there_and_again_when_it_is_over(released: Clinic) -> None:
    clinic = released
    counts(clinic)  # a house asks for nothing until it says so
    need = asked_for(clinic, Role.STOREKEEPER, "sop-12")
    asked_for(clinic, Role.STOREKEEPER, "GDP")
    assert missing(lambda: counts(clinic)) == [(False, "GDP", None), (False, "SOP-12", None)]
    first = trained(clinic, clinic.STOREKEEPER, until=in_d(clinic, 1))
    undated = trained(clinic, clinic.STOREKEEPER, until=None, topic="GDP")
    assert missing(lambda: counts(clinic)) == [(None, "GDP", None)]  # how long it counts nobody knows
    trained(clinic, clinic.STOREKEEPER, until=in_d(clinic, 300), topic="GDP", by=clinic.ADMINISTRATOR)
    last = in_d(clinic, 1)
    clinic.clock.tick(days=1)
    counts(clinic)  # the last day counts
    clinic.clock.tick(days=1)
    assert missing(lambda: counts(clinic)) == [(False, "SOP-12", last)]
    again = trained(clinic, clinic.STOREKEEPER, until=in_d(clinic, 30))
    counts(clinic)
    for one in (first, again):
        clinic.do(
            trainings.void,
            clinic.QUALITY,
            one.id,
            reason="signed for another",
            signed=(clinic.sign("maharani", Meaning.DECIDED),),
        )
    assert [one[1] for one in missing(lambda: counts(clinic))] == ["SOP-12"]
    clinic.do(
        trainings.ask_no_more,
        clinic.QUALITY,
        need.id,
        reason="one plan",
        signed=(clinic.sign("maharani", Meaning.DECIDED),),
    )
    counts(clinic)
    assert undated.id


def test_a_role_without_its_training_reaches_no_site_and_another_role_that_permits_the_act_goes_first(
    released: Clinic,
) -> None:
    """Storekeeper of every site, pharmacist of another: without the storekeeper's training only what is there."""
    clinic = released
    site = clinic.do(organisations.open_site, SYSTEM, clinic.ids["hospital"], "Abepura", "Asia/Jayapura").id
    clinic.do(
        people.give,
        clinic.ADMINISTRATOR,
        clinic.STOREKEEPER.person_id,
        Role.PHARMACIST,
        clinic.ids["hospital"],
        site_id=site,
    )
    counts(clinic)
    asked_for(clinic, Role.STOREKEEPER)
    lent = {"signed": (clinic.sign("handayani", Meaning.DELEGATED),), "until": clinic.clock.now + timedelta(days=2)}
    with pytest.raises(Refused, match="role_not_yours"):
        clinic.do(
            handing.hand_over, clinic.STOREKEEPER, clinic.ANALYST.person_id, Role.STOREKEEPER, purpose="leave", **lent
        )
    with pytest.raises(Refused, match="not_permitted"):
        counts(clinic)  # a pharmacist of the other site, and no storekeeper of this one
    trained(clinic, clinic.STOREKEEPER, until=in_d(clinic, 30))
    counts(clinic)


def test_what_happened_is_kept_of_whoever_tells_it_with_what_is_not_known_of_their_training_beside_it(
    released: Clinic,
) -> None:
    clinic = released
    asked_for(clinic, Role.PHARMACIST)
    done = clinic.do(
        stops.hold, clinic.PHARMACIST, "A door stood open", ScopeKind.LOT, [clinic.ids["lot"]], reason="seen just now"
    )
    with clinic.store.read(clinic.QUALITY) as view:
        (found,) = entry(view, clinic.ids["hospital"], done.number).entry.body["findings"]
    assert (found["code"], found["holds"], found["values"]["topic"]) == ("trained", False, "SOP-12")
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []
    asked_for(clinic, Role.STOREKEEPER)
    kept = clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K002").id, reason="not in its box")
    assert kept.answer["serial"] == "H3K002"
    assert missing(lambda: counts(clinic)) == [(False, "SOP-12", None)]


def test_who_signs_is_trained_for_what_they_say_by_it(released: Clinic) -> None:
    """QA asks it of its own role only once it has it; a colleague without it signs nothing that permits."""
    clinic = released
    assert missing(lambda: asked_for(clinic, Role.QUALITY)) == [(False, "SOP-12", None)]
    with pytest.raises(Refused, match="training_of_oneself"):
        trained(clinic, clinic.QUALITY, until=in_d(clinic, 30))
    trained(clinic, clinic.QUALITY, until=in_d(clinic, 30), by=clinic.ADMINISTRATOR)
    asked_for(clinic, Role.QUALITY)
    hold = clinic.do(
        stops.hold, clinic.QUALITY2, "A door stood open", ScopeKind.LOT, [clinic.ids["lot"]], reason="seen just now"
    )
    signed = (clinic.sign("lestari", Meaning.DECIDED),)
    assert missing(lambda: clinic.do(stops.lift, clinic.QUALITY2, hold.id, reason="shut", signed=signed))
    trained(clinic, clinic.QUALITY2, until=in_d(clinic, 30), by=clinic.QUALITY)
    clinic.do(stops.lift, clinic.QUALITY2, hold.id, reason="shut", signed=signed)


def test_an_end_is_told_90_30_and_7_days_ahead_and_no_more_once_a_newer_one_is_there(founded: Clinic) -> None:
    clinic = founded
    trained(clinic, clinic.STOREKEEPER, until=in_d(clinic, 95))
    due.report(clinic.store)
    assert alarms(clinic) == []  # nobody asks for it
    asked_for(clinic, Role.STOREKEEPER)
    told = []
    for days in (5, 60, 24, 7):
        clinic.clock.tick(days=days)
        due.report(clinic.store)
        told.append([one.step for one in alarms(clinic)])
    assert told == [[90], [30], [7], [0]]
    assert alarms(clinic)[0].name == "SOP-12, S. Handayani"
    with clinic.store.read(clinic.QUALITY) as view:
        (line,) = [one for one in worklist.waiting(view, frozenset({Role.QUALITY})) if one.code == "training"]
    assert (line.values["standing"], line.values["person"]) == ("over", "S. Handayani")
    trained(clinic, clinic.STOREKEEPER, until=in_d(clinic, 365))
    due.report(clinic.store)
    assert alarms(clinic) == []


def alarms(clinic: Clinic) -> list[Alarm]:
    with clinic.store.read(SYSTEM) as view:
        return view.all(Alarm, Alarm.kind == AlarmKind.TRAINING_ENDS, col(Alarm.cleared_at).is_(None))


def test_one_record_that_covers_the_day_is_enough_whatever_lies_beside_it() -> None:
    old = CredentialFact("1", "SOP-12", date(2024, 1, 1), date(2025, 1, 1))
    undated = CredentialFact("2", "SOP-12", date(2026, 1, 1), None)
    now = CredentialFact("3", "SOP-12", date(2026, 1, 1), TODAY)

    def holds(*records: CredentialFact) -> bool | None:
        return rules.finding("SOP-12", Role.NURSE, "E. Rahayu", records, TODAY).holds

    assert [holds(), holds(old), holds(old, undated), holds(old, undated, now)] == [False, False, None, True]
