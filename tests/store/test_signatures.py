"""Signatures are made inside the door, from fresh credentials, over what is signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.clinic import HASHED, PASSWORD, Clinic
from tests.conftest import Serving
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Actor, Meaning, Role, Signing
from traceability.services import consignments, lots, organisations, people, sessions, stops
from traceability.store import Call, passwords
from traceability.store.tables import AssumedBand, Signature
from traceability.store.tables.organisations import OrganisationKind, PlaceKind
from traceability.store.tables.quality import ScopeKind

TOLD = {"carrier": "KJ Cold", "seal": "S-4471", "seal_whole": True, "condition": "dry ice left"}
R, W = Meaning.RECEIVED, Meaning.WITNESSED
Command = Callable[..., tuple[int, str]]


def arrive(clinic: Clinic, *signed: Signing, who: str = "STOREKEEPER") -> Any:
    return clinic.do(consignments.arrive, getattr(clinic, who), clinic.ids["box"], signed=signed, **TOLD)


def signatures(clinic: Clinic) -> list[Signature]:
    with clinic.store.read(SYSTEM) as view:
        return view.all(Signature, Signature.noun_id == clinic.ids["box"])


@pytest.fixture
def shipped(certified: Clinic) -> Clinic:
    certified.ids["box"] = certified.shipped(certified.ids["lot"])
    return certified


def refused(clinic: Clinic, code: str, *signed: Signing, who: str = "STOREKEEPER") -> Refused:
    with pytest.raises(Refused) as no:
        arrive(clinic, *signed, who=who)
    assert no.value.code == code
    assert signatures(clinic) == []
    assert clinic.consignment(clinic.ids["box"]).state == "expected"
    return no.value


def test_two_people_sign_what_they_did_each_with_a_meaning(shipped: Clinic) -> None:
    arrive(shipped, shipped.sign("handayani", R), shipped.sign("putri", W))
    first, second = sorted(signatures(shipped), key=lambda one: one.meaning)
    assert (first.name, first.role, first.meaning) == ("S. Handayani", "storekeeper", "received")
    assert (second.name, second.role, second.meaning) == ("N. Putri", "pharmacist", "witnessed")
    assert first.digest == second.digest
    assert first.signed_at == shipped.clock.now


def test_the_order_of_signing_does_not_matter_the_meanings_do(shipped: Clinic) -> None:
    arrive(shipped, shipped.sign("putri", W), shipped.sign("handayani", R))
    assert {(one.name, one.meaning) for one in signatures(shipped)} == {
        ("S. Handayani", "received"),
        ("N. Putri", "witnessed"),
    }


@pytest.mark.parametrize(
    "meanings", [(), (R,), (W,), (R, R), (W, W), (R, Meaning.DECIDED), (R, W, W), (R, W, Meaning.DECIDED)], ids=str
)
def test_a_signature_missing_or_of_another_meaning(shipped: Clinic, meanings: tuple[Meaning, ...]) -> None:
    signed = [
        shipped.sign(name, meaning) for name, meaning in zip(("handayani", "putri", "maharani"), meanings, strict=False)
    ]
    no = refused(shipped, "signature_missing", *signed)
    assert no.values["meanings"] == ["received", "witnessed"]


@pytest.mark.parametrize(
    "password", ["", "wrong horse battery", PASSWORD.upper(), PASSWORD + " ", PASSWORD + "\0", "x" * 100_000]
)
def test_a_wrong_password_signs_nothing(shipped: Clinic, password: str) -> None:
    refused(shipped, "signature_not_accepted", shipped.sign("handayani", R, password), shipped.sign("putri", W))
    refused(shipped, "signature_not_accepted", shipped.sign("handayani", R), shipped.sign("putri", W, password))


def test_an_unknown_name_is_told_as_a_wrong_password_is(shipped: Clinic) -> None:
    no = refused(shipped, "signature_not_accepted", shipped.sign("handayani", R), shipped.sign("nobody", W))
    assert set(no.values) == {"meaning", "entry"}


def test_one_person_is_not_two(shipped: Clinic) -> None:
    refused(shipped, "signature_same_person", shipped.sign("handayani", R), shipped.sign("handayani", W))
    refused(shipped, "signature_same_person", shipped.sign("handayani", R), shipped.sign("HANDAYANI", W))


def test_the_first_signature_is_of_whoever_acts(shipped: Clinic) -> None:
    refused(shipped, "signature_not_yours", shipped.sign("putri", R), shipped.sign("handayani", W))


def test_somebody_of_another_organisation_is_no_witness(shipped: Clinic) -> None:
    refused(shipped, "signature_not_accepted", shipped.sign("handayani", R), shipped.sign("other", W))
    refused(shipped, "signature_not_accepted", shipped.sign("handayani", R), shipped.sign("wijaya", W))


def test_who_holds_no_role_any_more_is_no_witness(shipped: Clinic) -> None:
    with shipped.store.read(SYSTEM) as view:
        (grant,) = people.grants(view, shipped.PHARMACIST.person_id)
    shipped.do(people.end, shipped.ADMINISTRATOR, grant.id, reason="left")
    refused(shipped, "signature_not_accepted", shipped.sign("handayani", R), shipped.sign("putri", W))


def test_a_role_that_ends_while_the_act_waits_for_its_turn_signs_nothing(
    shipped: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passwords are checked before the lock; roles are asked at the moment of the act."""
    with shipped.store.read(SYSTEM) as view:
        (grant,) = people.grants(view, shipped.PHARMACIST.person_id)
    real = passwords.signers

    def slow(*args: Any) -> Any:
        found = real(*args)
        monkeypatch.setattr(passwords, "signers", real)
        shipped.do(people.end, shipped.ADMINISTRATOR, grant.id, reason="left")
        return found

    monkeypatch.setattr(passwords, "signers", slow)
    refused(shipped, "signature_not_accepted", shipped.sign("handayani", R), shipped.sign("putri", W))


def test_a_password_that_an_administrator_set_signs_nothing_until_a_third_has_confirmed_its_owner(
    shipped: Clinic,
) -> None:
    """Who sets it knows it, could change it, and sign as that person (R57)."""
    person = shipped.PHARMACIST
    shipped.do(people.reset_password, shipped.ADMINISTRATOR, person.person_id, HASHED, reason="forgotten")
    refused(shipped, "signature_not_accepted", shipped.sign("handayani", R), shipped.sign("putri", W))
    signed = (shipped.sign("maharani", Meaning.DECIDED),)
    with pytest.raises(Refused, match="password_not_chosen"):
        shipped.do(people.confirm, shipped.QUALITY, person.person_id, signed=signed)
    shipped.do(people.change_password, person, HASHED)
    refused(shipped, "signature_not_accepted", shipped.sign("handayani", R), shipped.sign("putri", W))
    with pytest.raises(Refused, match="not_permitted"):
        shipped.do(
            people.confirm, shipped.ADMINISTRATOR, person.person_id, signed=(shipped.sign("admin", Meaning.DECIDED),)
        )
    shipped.do(people.confirm, shipped.QUALITY, person.person_id, signed=signed)
    arrive(shipped, shipped.sign("handayani", R), shipped.sign("putri", W))
    with pytest.raises(Refused, match="nothing_to_confirm"):
        shipped.do(people.confirm, shipped.QUALITY, person.person_id, signed=signed)


def test_who_set_a_password_does_not_confirm_it_whatever_roles_they_hold(shipped: Clinic) -> None:
    clinic, person = shipped, shipped.PHARMACIST
    clinic.do(people.give, SYSTEM, clinic.QUALITY.person_id, Role.ADMINISTRATOR, clinic.ids["hospital"])
    clinic.do(people.reset_password, clinic.QUALITY, person.person_id, HASHED, reason="forgotten")
    clinic.do(people.change_password, person, HASHED)
    with pytest.raises(Refused, match="confirmed_by_another"):
        clinic.do(people.confirm, clinic.QUALITY, person.person_id, signed=(clinic.sign("maharani", Meaning.DECIDED),))
    signed = (clinic.sign("lestari", Meaning.DECIDED),)
    assert clinic.do(people.confirm, clinic.QUALITY2, person.person_id, signed=signed).answer["id"] == person.person_id


def test_where_nobody_could_confirm_the_owners_own_choice_opens_the_account(clinic: Clinic) -> None:
    """A house with one administrator and no QA yet: who set it stands in the ledger, and nobody waits for ever."""
    house = organisations.register(clinic.store, SYSTEM, Call(), "New house", OrganisationKind.HOSPITAL).id
    first = people.enrol(clinic.store, SYSTEM, Call(), house, "first", "A. First", HASHED).id
    people.give(clinic.store, SYSTEM, Call(), first, Role.ADMINISTRATOR, house)
    admin = signed_in_as(clinic, "first")
    nurse = clinic.do(people.enrol, admin, house, "nurse", "B. Nurse", HASHED).id
    clinic.do(people.give, admin, nurse, Role.QUALITY, house)  # the first of QA is named by the administrator
    assert clinic.do(people.change_password, signed_in_as(clinic, "nurse"), HASHED).answer["waits"] is False
    second = clinic.do(people.enrol, admin, house, "second", "C. Second", HASHED).id
    clinic.do(people.give, admin, second, Role.STOREKEEPER, house)
    assert clinic.do(people.change_password, signed_in_as(clinic, "second"), HASHED).answer["waits"] is True
    with pytest.raises(Refused, match="not_permitted"):  # and the next one by QA
        clinic.do(people.give, admin, second, Role.QUALITY, house)


@pytest.mark.parametrize("ends", [False, True])
def test_an_administrator_who_shuts_all_of_qa_out_does_not_become_qa(shipped: Clinic, ends: bool) -> None:
    """With every password reset, or every role of theirs ended, nobody of QA could say who it is: the account stays shut."""
    clinic, admin, house = shipped, shipped.ADMINISTRATOR, shipped.ids["hospital"]
    for who in (clinic.QUALITY, clinic.QUALITY2):
        clinic.do(stops.hold, who, "x", ScopeKind.LOT, (clinic.ids["lot"],), reason="at work here")
    for who in (clinic.QUALITY, clinic.QUALITY2):
        with clinic.store.read(admin) as view:
            (grant,) = people.grants(view, who.person_id)
        if ends and who is clinic.QUALITY2:
            clinic.do(people.end, admin, grant.id, reason="left")
        clinic.do(people.reset_password, admin, who.person_id, HASHED, reason="forgotten")
    assert clinic.do(people.change_password, clinic.QUALITY, HASHED).answer["waits"] is True
    with pytest.raises(Refused, match=r"nothing|not_permitted|confirmed"):
        clinic.do(people.confirm, admin, clinic.QUALITY.person_id, signed=(clinic.sign("admin", Meaning.DECIDED),))
    with pytest.raises(Refused, match="not_permitted"):
        clinic.do(people.give, admin, clinic.WITNESS.person_id, Role.QUALITY, house)


@pytest.fixture
def command(clinic: Clinic, serving: Serving) -> Command:
    """`command("user", "reset", "putri", typed=...)`: its exit code and what it prints."""

    def command(*told: str, typed: str = "") -> tuple[int, str]:
        done = serving(clinic.store, SECURE=False).test_cli_runner().invoke(args=list(told), input=typed)
        return done.exit_code, done.output

    return command


def test_who_is_all_of_qa_and_at_work_is_not_taken_over_by_who_resets_their_password(
    clinic: Clinic, command: Command
) -> None:
    """Nobody in the house can say who chose it, so nobody is that person until the installation has set a password."""
    house = organisations.register(clinic.store, SYSTEM, Call(), "Third house", OrganisationKind.HOSPITAL).id
    for name, role in (("first", Role.ADMINISTRATOR), ("only", Role.QUALITY)):
        person = people.enrol(clinic.store, SYSTEM, Call(), house, name, name, HASHED).id
        people.give(clinic.store, SYSTEM, Call(), person, role, house)
    admin, quality = signed_in_as(clinic, "first"), signed_in_as(clinic, "only")
    site = clinic.do(organisations.open_site, admin, house, "Klaten", "Asia/Jakarta").id
    place = clinic.do(organisations.open_place, quality, site, PlaceKind.BENCH, "B", "B").id

    def signs() -> Any:
        call = Call(reason="x", signing=(clinic.sign("only", Meaning.DECIDED),))
        return organisations.assume(clinic.store, quality, call, place, 1, 2, 3600)

    signs()  # at work
    clinic.do(people.reset_password, admin, quality.person_id, HASHED, reason="forgotten")
    assert clinic.do(people.change_password, quality, HASHED).answer["waits"] is True
    with pytest.raises(Refused, match="signature_not_accepted"):
        signs()
    clinic.clock.tick(minutes=5)
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    assert command("user", "reset", "nobody.here", "--reason", "x", typed=typed)[0] == 1
    assert command("user", "reset", "Only", typed=typed)[0] == 2  # owes a reason
    code, told = command("user", "reset", "Only", "--reason", "the only one of QA", typed=typed)
    assert (code, PASSWORD in told) == (0, False), told
    with pytest.raises(Refused, match="signature_not_accepted"):
        signs()  # not before they chose their own
    assert clinic.do(people.change_password, quality, HASHED).answer["waits"] is False
    signs()
    clinic.clock.tick(minutes=5)
    clinic.do(people.reset_password, admin, quality.person_id, HASHED, reason="once more")
    assert clinic.do(people.change_password, quality, HASHED).answer["waits"] is True
    with clinic.store.read(SYSTEM) as view:
        lent = people.lent_by(view, quality.person_id)
    assert lent is not None
    assert lent.person_id == admin.person_id


def test_in_one_ledger_who_set_a_password_last_goes_by_number_not_by_the_clock(clinic: Clinic) -> None:
    """A clock that ran ahead for the first reset makes it no later than the second."""
    clinic.clock.tick(hours=3)
    clinic.do(people.reset_password, clinic.ADMINISTRATOR, clinic.PHARMACIST.person_id, HASHED, reason="forgotten")
    clinic.clock.tick(hours=-3)
    clinic.do(organisations.confirm_clock, clinic.QUALITY, clinic.ids["hospital"], reason="it ran ahead")
    clinic.do(people.give, SYSTEM, clinic.QUALITY.person_id, Role.ADMINISTRATOR, clinic.ids["hospital"])
    clinic.do(people.reset_password, clinic.QUALITY, clinic.PHARMACIST.person_id, HASHED, reason="again")
    with clinic.store.read(SYSTEM) as view:
        lent = people.lent_by(view, clinic.PHARMACIST.person_id)
    assert lent is not None
    assert lent.person_id == clinic.QUALITY.person_id


def test_who_is_named_by_the_installation_is_told_with_who_decides_there(clinic: Clinic, command: Command) -> None:
    code, told = command("user", "grant", "Rahayu", "quality", "--reason", "x")
    assert code == 0
    assert {name for name in ("maharani", "lestari", "rahayu", "putri", "wijaya") if f"({name})" in told} == {
        "maharani", "lestari", "rahayu",
    }  # fmt: skip


def test_where_qa_has_left_the_next_is_named_by_who_runs_the_installation(shipped: Clinic) -> None:
    clinic, nurse, house = shipped, shipped.WITNESS.person_id, shipped.ids["hospital"]
    with clinic.store.read(clinic.ADMINISTRATOR) as view:
        for who in (clinic.QUALITY, clinic.QUALITY2):
            (grant,) = people.grants(view, who.person_id)
            clinic.do(people.end, clinic.ADMINISTRATOR, grant.id, reason="left")
    with pytest.raises(Refused, match="nobody_decides_here"):
        clinic.do(people.give, clinic.ADMINISTRATOR, nurse, Role.QUALITY, house)
    assert people.give(clinic.store, SYSTEM, Call(reason="none left"), nurse, Role.QUALITY, house)
    clinic.do(people.reset_password, clinic.ADMINISTRATOR, clinic.PHARMACIST.person_id, HASHED, reason="forgotten")
    clinic.do(people.change_password, clinic.PHARMACIST, HASHED)
    signed = (clinic.sign("rahayu", Meaning.DECIDED),)
    assert clinic.do(people.confirm, clinic.WITNESS, clinic.PHARMACIST.person_id, signed=signed)


def signed_in_as(clinic: Clinic, username: str) -> Actor:
    with clinic.store.engines.reader.connect() as connection:
        found = passwords.identify(connection, username, PASSWORD)
    assert found is not None
    return found


def test_nobody_gives_a_role_to_themselves_and_qa_is_chosen_by_qa(shipped: Clinic) -> None:
    clinic, house = shipped, shipped.ids["hospital"]
    admin, nurse = clinic.ADMINISTRATOR, clinic.WITNESS.person_id
    for who, role in ((admin, Role.QUALITY), (admin, Role.PHYSICIAN), (clinic.QUALITY, Role.QUALITY)):
        with pytest.raises(Refused, match="grant_to_oneself"):
            clinic.do(people.give, who, who.person_id, role, house)
    with pytest.raises(Refused, match="not_permitted"):
        clinic.do(people.give, admin, nurse, Role.QUALITY, house)
    with pytest.raises(Refused, match="not_permitted"):
        clinic.do(people.give, clinic.QUALITY, nurse, Role.PHARMACIST, house)
    assert clinic.do(people.give, clinic.QUALITY, nurse, Role.QUALITY, house)
    assert clinic.do(people.give, admin, nurse, Role.STOREKEEPER, house)
    for person in (admin.person_id,):
        with pytest.raises(Refused, match="reset_of_oneself"):
            clinic.do(people.reset_password, admin, person, HASHED, reason="forgotten")


def test_an_act_that_asks_for_no_signature_takes_none(clinic: Clinic) -> None:
    with pytest.raises(Refused, match="signature_not_asked"):
        clinic.do(stops.hold, clinic.QUALITY, "x", ScopeKind.PLACE, (clinic.ids["bench"],), reason="x", since=clinic.clock.now,
                  signed=(clinic.sign("maharani", Meaning.DECIDED),))  # fmt: skip


def test_who_may_not_act_learns_nothing_about_passwords(shipped: Clinic) -> None:
    refused(
        shipped,
        "not_permitted",
        shipped.sign("maharani", R, "wrong horse battery"),
        shipped.sign("putri", W),
        who="QUALITY",
    )


def test_what_is_signed_is_what_was_done(clinic: Clinic) -> None:
    """Two acts that differ in one value have two digests; the entry carries all that went into them."""
    found = []
    for longest in (3600, 3601):
        clinic.do(
            organisations.assume,
            clinic.QUALITY,
            clinic.ids["bench"],
            1,
            2,
            longest,
            reason="x",
            signed=(clinic.sign("maharani", Meaning.DECIDED),),
        )
    with clinic.store.read(SYSTEM) as view:
        bands = view.all(AssumedBand, AssumedBand.place_id == clinic.ids["bench"])
        for band in bands:
            found += [one.digest for one in view.all(Signature, Signature.act_id == band.act_id)]
    assert len(set(found)) == len(found) == 3


def test_the_statement_that_is_certified_is_under_the_signature(clinic: Clinic) -> None:
    from datetime import date

    digests = []
    for number in ("UC26-S1", "UC26-S2"):
        lot = clinic.lot(number, 1, certified=False)
        clinic.do(
            lots.certify,
            clinic.MAKER_QA,
            lot,
            date(2026, 4, 1),
            "Conforms.",
            signed=(clinic.sign("wijaya", Meaning.CERTIFIED),),
        )
        with clinic.store.read(SYSTEM) as view:
            digests += [one.digest for one in view.all(Signature, Signature.noun_id == lot)]
    assert len(set(digests)) == 2


def test_argon2_takes_its_time_for_nobody_as_for_somebody() -> None:
    """Not measured in milliseconds: the same number of hashes is computed."""
    asked = []
    real = passwords.HASHER

    class Watched:
        def verify(self, hashed: str, password: str) -> bool:
            asked.append(hashed)
            return bool(real.verify(hashed, password))

    passwords.HASHER, kept = Watched(), real  # type: ignore[assignment]
    try:
        assert passwords.known(None, "whatever it is") is False
        assert passwords.known(HASHED, "whatever it is") is False
        assert passwords.known(HASHED, PASSWORD) is True
    finally:
        passwords.HASHER = kept
    assert asked == [passwords.NOBODY, HASHED, HASHED]


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 257])
def test_a_password_is_neither_short_nor_endless(password: str) -> None:
    with pytest.raises(Refused, match="password_length"):
        passwords.hash_password(password)


def test_a_grant_of_tomorrow_signs_nothing_today(shipped: Clinic) -> None:
    person = shipped.do(people.enrol, SYSTEM, shipped.ids["hospital"], "newcomer", "N. Comer", HASHED).id
    tomorrow = shipped.clock.now + timedelta(days=1)
    shipped.do(people.give, SYSTEM, person, Role.NURSE, shipped.ids["hospital"], since=tomorrow)
    refused(shipped, "signature_not_accepted", shipped.sign("handayani", R), shipped.sign("newcomer", W))
    shipped.clock.now = tomorrow
    arrive(shipped, shipped.sign("handayani", R), shipped.sign("newcomer", W))


def test_the_call_that_was_signed_keeps_no_password(shipped: Clinic) -> None:
    from sqlalchemy import text

    call = Call(signing=(shipped.sign("handayani", R), shipped.sign("putri", W)))
    consignments.arrive(shipped.store, shipped.STOREKEEPER, call, shipped.ids["box"], **TOLD)  # type: ignore[arg-type]
    with shipped.store.engines.reader.connect() as connection:
        bodies = connection.execute(text("SELECT body FROM entry")).scalars().all()
    assert not any(PASSWORD in body for body in bodies)


def test_a_stolen_session_does_not_guess_a_colleagues_password_by_signing(shipped: Clinic) -> None:
    """Somebody sits at the storekeeper's session and guesses, signature by signature, what the pharmacist's password is."""
    from sqlalchemy import text

    mine = shipped.sign("handayani", R)
    for n in range(10):
        refused(shipped, "signature_not_accepted", mine, shipped.sign("putri", W, f"guess number {n}"))
    waits = refused(shipped, "too_many_tries", mine, shipped.sign("putri", W, "guess number 10"))
    assert 0 < waits.values["wait_s"] <= 300
    refused(shipped, "too_many_tries", mine, shipped.sign("putri", W))  # nor is a right guess told from a wrong one
    with shipped.store.engines.reader.connect() as connection:
        told = connection.execute(text("SELECT refused FROM entry ORDER BY recorded_at, number")).scalars().all()
    assert told.count("too_many_tries") == 2

    # The pharmacist at another desk signs all the while, and here too when the five minutes are over.
    sessions.sign_in(shipped.store, "putri", PASSWORD, "cookie")
    shipped.do(
        stops.recall, shipped.QUALITY, "x", 1, True, ScopeKind.LOT, (shipped.ids["lot"],), reason="x",
        signed=(shipped.sign("maharani", Meaning.RECALLED),),
    )  # fmt: skip
    shipped.clock.tick(minutes=5)
    arrive(shipped, mine, shipped.sign("putri", W))


def test_who_signs_rightly_is_never_told_to_wait(shipped: Clinic) -> None:
    """Nine mistakes, then the right one: counting begins anew."""
    mine = shipped.sign("handayani", R)
    for _ in range(2):
        for n in range(9):
            refused(
                shipped,
                "signature_not_accepted",
                shipped.sign("handayani", R, f"typed wrong {n}"),
                mine_second(shipped),
            )
        refused(shipped, "signature_same_person", mine, shipped.sign("handayani", W))
    arrive(shipped, mine, mine_second(shipped))


def mine_second(clinic: Clinic) -> Signing:
    return clinic.sign("putri", W)
