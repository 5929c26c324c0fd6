"""Ways round a stop that an inspection found: each of them asks or refuses now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.case import reading, refusal
from traceability.domain.casework import CaseKind, Reactivity
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning, Role
from traceability.services import cases, credentials, handing, materials, organisations, people, stops
from traceability.services.organisations import OrganisationKind
from traceability.store import passwords
from traceability.store.tables import Credential
from traceability.store.tables.products import CredentialKind


def test_an_open_deviation_of_the_lot_is_told_before_it_is_released(ready: Clinic) -> None:
    lot = ready.ids["lot"]
    ready.do(cases.open_by_hand, ready.QUALITY, CaseKind.DEVIATION, "Filling line leaked", lot_id=lot)
    with pytest.raises(Refused) as no:
        ready.release(lot)
    (told,) = [one for one in no.value.findings if one.code == "excursions_decided"]
    assert told.values["excursions"] == ("K-1",)


def test_a_hold_for_a_donors_result_stands_until_its_case_is_decided(released: Clinic) -> None:
    signed = (released.sign("wijaya", Meaning.RECORDED),)
    given = (released.ids["donor"], "Anti-HCV", Reactivity.REACTIVE, released.clock.now.date())
    released.do(materials.report_result, released.MAKER_QA, *given, signed=signed)
    (hold,) = reading(released, stops.open_holds, released.MAKER_QA)
    decided = (released.sign("wijaya", Meaning.DECIDED),)
    no = refusal(lambda: released.do(stops.lift, released.MAKER_QA, hold.id, signed=decided, reason="sound"))
    assert no.code == "hold_undecided"
    assert "held" in released.scan("H3K001")[1]


def test_a_second_suspension_forgets_none_before_it(ready: Clinic) -> None:
    def paper() -> Credential:
        with ready.store.read(ready.MAKER_QA) as view:
            return view.all(Credential, Credential.kind == CredentialKind.GMP)[0]

    gmp = paper()
    made = gmp.valid_from + timedelta(days=1)
    ready.do(credentials.suspend, ready.MAKER_QA, gmp.id, made, reason="inspection")
    ready.do(
        credentials.lift, ready.MAKER_QA, gmp.id, made, signed=(ready.sign("wijaya", Meaning.DECIDED),), reason="x"
    )
    ready.do(credentials.suspend, ready.MAKER_QA, gmp.id, made + timedelta(days=9), reason="again")
    gmp = paper()
    assert (gmp.suspended_from, gmp.suspended_until) == (made, None)


def test_a_role_is_handed_to_one_person_at_a_time_and_to_nobody_who_sets_passwords(released: Clinic) -> None:
    def handed(person_id: str) -> None:
        until = released.clock.now + timedelta(days=1)
        signed = (released.sign("maharani", Meaning.DELEGATED),)
        released.do(handing.hand_over, released.QUALITY, person_id, Role.QUALITY, until, "leave", signed=signed)

    handed(released.PHARMACIST.person_id)
    assert refusal(lambda: handed(released.STOREKEEPER.person_id)).code == "role_handed_already"


def test_an_inspector_of_one_lot_does_not_read_another_houses_cases_of_it(released: Clinic) -> None:
    lot = released.ids["lot"]
    told = {"description": "her knee", "complainant": "ward 4", "lot_id": lot}
    case = released.do(cases.open_by_hand, released.QUALITY, CaseKind.COMPLAINT, "Label smeared", **told).id
    authority = released.do(organisations.register, SYSTEM, "BPOM", OrganisationKind.AUTHORITY).id
    who = released.do(people.enrol, SYSTEM, authority, "inspector", "P. Inspector", "x").id
    until = released.clock.now + timedelta(days=9)
    released.do(people.give, SYSTEM, who, Role.INSPECTOR, released.ids["maker"], lot_id=lot, until=until)
    with released.store.engines.reader.connect() as connection:
        guest = passwords.actor_of(connection, who)
    assert guest is not None
    assert case not in {one.id for one in reading(released, cases.open_cases, guest)}
    released.do(people.give, SYSTEM, who, Role.INSPECTOR, released.ids["hospital"], lot_id=lot, until=until)
    with released.store.engines.reader.connect() as connection:
        guest = passwords.actor_of(connection, who)
    assert guest is not None
    assert case in {one.id for one in reading(released, cases.open_cases, guest)}
