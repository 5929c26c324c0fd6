"""Ways round a stop that an inspection found: each of them asks or refuses now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import reading, refusal
from tests.stories.test_endings import sent, sscc
from tests.stories.test_recall import recall
from tests.stories.test_recall_course import retrieve, standing
from traceability.domain.casework import CaseDecision, CaseKind, Reactivity
from traceability.domain.errors import Refused
from traceability.domain.papers import Suspended
from traceability.domain.people import SYSTEM, Meaning, Role
from traceability.services import (
    cases,
    closing,
    credentials,
    handing,
    materials,
    organisations,
    people,
    releases,
    results,
    stops,
    transfers,
    vials,
)
from traceability.services.organisations import OrganisationKind
from traceability.store import passwords
from traceability.store.tables import Credential
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.quality import ScopeKind


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
    decided = (released.sign("wijaya2", Meaning.DECIDED),)
    no = refusal(lambda: released.do(stops.lift, released.MAKER_QA2, hold.id, signed=decided, reason="sound"))
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
    with ready.store.read(ready.MAKER_QA) as view:
        (told,) = credentials.facts(view, [paper()])
    assert told.suspensions == (Suspended(made, made), Suspended(made + timedelta(days=9)))
    covered = [told.covers(made + timedelta(days=n)) for n in (0, 1, 8, 9, 30)]
    assert covered == [False, True, True, False, False]  # what was made between the two was made under it


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


def asks_for_two(clinic: Clinic) -> None:
    signed = (clinic.sign("maharani", Meaning.DECIDED), clinic.sign("putri", Meaning.VERIFIED))
    told = {"reason": "SOP", "signed": signed}
    clinic.do(organisations.set_release_signatures, clinic.QUALITY, clinic.ids["hospital"], 2, **told)


def signed_by_two(clinic: Clinic, second: str) -> str:
    """Why a release is refused that this person approves."""
    lot = clinic.ids["lot"]
    clinic.reviewed(lot)
    dossier = clinic.dossier(lot)
    two = (clinic.sign("maharani", Meaning.RELEASED), clinic.sign(second, Meaning.APPROVED))
    chosen = [one.id for one in dossier.vials]
    return refusal(lambda: clinic.do(releases.release, clinic.QUALITY, lot, chosen, dossier.digest, signed=two)).code


def test_who_entered_a_result_does_not_approve_the_release_either(in_stock: Clinic) -> None:
    clinic, day = in_stock, in_stock.clock.now - timedelta(days=1)
    clinic.do(people.give, SYSTEM, clinic.QUALITY2.person_id, Role.ANALYST, clinic.ids["hospital"])
    for test, value in (("spec_sterility", "no growth"), ("spec_endotoxin", "0.1")):
        entered = clinic.do(results.enter, clinic.QUALITY2, clinic.ids["lot"], clinic.ids[test], value, day).id
        clinic.do(results.review, clinic.QUALITY, entered, signed=(clinic.sign("maharani", Meaning.REVIEWED),))
    clinic.certificate(clinic.ids["lot"])
    asks_for_two(clinic)
    assert signed_by_two(clinic, "lestari") == "release_refused"
    lent = (clinic.PHARMACIST.person_id, Role.QUALITY, clinic.clock.now + timedelta(days=1), "leave")
    clinic.do(handing.hand_over, clinic.QUALITY2, *lent, signed=(clinic.sign("lestari", Meaning.DELEGATED),))
    assert signed_by_two(clinic, "putri") == "release_refused", "nor does who stands in for them"


def test_who_stands_in_for_the_first_signer_is_not_a_second(ready: Clinic) -> None:
    asks_for_two(ready)
    until = ready.clock.now + timedelta(days=1)
    lent = (ready.PHARMACIST.person_id, Role.QUALITY, until, "leave")
    ready.do(handing.hand_over, ready.QUALITY, *lent, signed=(ready.sign("maharani", Meaning.DELEGATED),))
    assert signed_by_two(ready, "putri") == "signature_one_voice"


def test_a_vial_that_is_lost_again_after_it_was_retrieved_is_missing(released: Clinic) -> None:
    lost = (vials.report_lost, released.STOREKEEPER, released.vial("H3K001").id)
    released.do(*lost, reason="gone")
    started = recall(released, ScopeKind.LOT, released.ids["lot"])
    retrieve(released, started, "H3K001")
    released.clock.tick(hours=1)
    released.do(*lost, reason="gone again")
    assert "H3K001" in {one["serial"] for one in standing(released, started).unaccounted}


def test_what_comes_back_from_another_house_is_released_anew_and_what_that_one_rejected_stays_so(
    released: Clinic,
) -> None:
    clinic, there = released, elsewhere(released)
    clinic.clock.tick(minutes=1)
    box = sent(clinic, "other_site", "H3K001", "H3K002").id
    there.arrived(box)
    there.counted(box)
    there.put_away(box)
    there.logged(box)
    clinic.clock.tick(days=1)
    code = clinic.code(clinic.vial("H3K001"))
    both = [clinic.vial(one).id for one in ("H3K001", "H3K002")]
    way = (sscc(91), clinic.ids["other_site"], clinic.ids["site"], both)
    back = clinic.do(transfers.transfer, there.PHARMACIST, *way).id
    case = clinic.do(cases.open_by_hand, there.QUALITY, CaseKind.DEVIATION, "Seal broken", code=code).id
    signed = (there.sign("maharani", Meaning.DECIDED),)
    clinic.do(closing.dispose, there.QUALITY, case, CaseDecision.REJECT, reason="tampered with", signed=signed)
    clinic.arrived(back)
    clinic.counted(back)
    clinic.put_away(back)
    clinic.logged(back)
    assert clinic.scan("H3K001") == ("do_not_use", ["rejected", "not_released"])
    assert clinic.scan("H3K002") == ("ask_qa", ["not_released"])
    assert set(both) <= set(reading(clinic, lambda view: releases.releasable(view, clinic.ids["lot"]), clinic.QUALITY))


def test_who_entered_a_result_outside_its_limits_neither_decides_nor_closes_its_case(in_stock: Clinic) -> None:
    clinic, lot = in_stock, in_stock.ids["lot"]
    clinic.do(people.give, SYSTEM, clinic.ANALYST.person_id, Role.QUALITY, clinic.ids["hospital"])
    day = clinic.clock.now - timedelta(days=1)
    clinic.do(results.enter, clinic.ANALYST, lot, clinic.ids["spec_endotoxin"], "0.9", day)
    (case,) = reading(clinic, cases.open_cases, clinic.QUALITY)
    signed = (clinic.sign("wulandari", Meaning.DECIDED),)
    told = {"signed": signed, "reason": "it was mine"}
    decide = (closing.dispose, clinic.ANALYST, case.id, CaseDecision.USE)
    assert refusal(lambda: clinic.do(*decide, **told)).code == "own_work"
    assert refusal(lambda: clinic.do(closing.close, clinic.ANALYST, case.id, **told)).code == "own_work"
