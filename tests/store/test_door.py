"""The door: one act, one entry, all or nothing; the same id the same answer; refusals stand in the ledger too."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine.base import RootTransaction
from sqlalchemy.exc import OperationalError

from tests.clinic import Clinic
from traceability.domain.errors import Conflict, Refused, Unconfirmed
from traceability.domain.people import SYSTEM, Meaning
from traceability.domain.states import Custody
from traceability.services import consignments, credentials, lots, organisations, people, products, stops, vials
from traceability.store import Call, Source, new_id
from traceability.store.tables import GUARDED, Entry, Hold, Mention, Organisation, Place
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.products import CredentialKind
from traceability.store.tables.quality import ScopeKind
from traceability.store.verify import verify

ENTRY: Any = Entry.__table__  # type: ignore[attr-defined]


def entries(clinic: Clinic, act_id: str | None = None) -> list[Any]:
    query = select(ENTRY).order_by(ENTRY.c.ledger, ENTRY.c.number)
    if act_id:
        query = query.where(ENTRY.c.act_id == act_id)
    with clinic.store.engines.reader.connect() as connection:
        return list(connection.execute(query).all())


def counted(clinic: Clinic) -> dict[str, int]:
    """Rows of every table but mentions, which refusals have too."""
    with clinic.store.engines.reader.connect() as connection:
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in GUARDED}


def opening(clinic: Clinic, call: Call, code: str = "X-1", who: str = "QUALITY") -> Any:
    return organisations.open_place(
        clinic.store, getattr(clinic, who), call, clinic.ids["site"], PlaceKind.ROOM, "Store", code
    )


def refusal(asked: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as no:
        asked()
    return no.value


# ── once ──


def test_the_same_id_again_is_the_same_answer_and_nothing_more(clinic: Clinic) -> None:
    call = Call()
    first, before = opening(clinic, call), counted(clinic)
    again = opening(clinic, call)
    assert (again.answer, again.ledger, again.number) == (first.answer, first.ledger, first.number)
    assert (first.repeated, again.repeated) == (False, True)
    assert counted(clinic) == before
    assert len(entries(clinic, call.act_id)) == 1


def test_an_id_is_the_same_with_its_hyphens_and_in_capitals(clinic: Clinic) -> None:
    plain = new_id()
    written = f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}".upper()
    first = opening(clinic, Call(act_id=written))
    assert opening(clinic, Call(act_id=plain)).number == first.number


@pytest.mark.parametrize("wrong", ["", "x", "g" * 32, "a" * 31, "a" * 33, "٣" * 32, "a" * 31 + "\n"])
def test_an_id_that_is_none_is_refused(clinic: Clinic, wrong: str) -> None:
    before = entries(clinic)
    assert refusal(lambda: opening(clinic, Call(act_id=wrong))).code == "act_id_malformed"
    assert entries(clinic) == before


OTHERWISE: dict[str, Callable[[Clinic, Call], Any]] = {
    "another input": lambda clinic, call: opening(clinic, call, "X-2"),
    "another act": lambda clinic, call: clinic.do(credentials.suspend, clinic.QUALITY, clinic.ids["designation"], date(2026, 1, 1), call=call, reason="x"),
    "another time": lambda clinic, call: opening(clinic, replace(call, occurred_at=clinic.clock.now - timedelta(hours=1))),
    "another source": lambda clinic, call: opening(clinic, replace(call, source=Source.LATE)),
    "another reason": lambda clinic, call: opening(clinic, replace(call, reason="because")),
    "another signature": lambda clinic, call: opening(clinic, replace(call, signing=(clinic.sign("maharani", Meaning.DECIDED),))),
    "another person": lambda clinic, call: opening(clinic, call, who="QUALITY2"),
}  # fmt: skip


@pytest.mark.parametrize("asked", OTHERWISE.values(), ids=OTHERWISE.keys())
@pytest.mark.parametrize("first", ["done", "refused"])
def test_an_id_that_comes_back_with_anything_else_is_a_conflict(
    clinic: Clinic, asked: Callable[[Clinic, Call], Any], first: str
) -> None:
    call = Call()
    if first == "done":
        opening(clinic, call)
    else:
        assert refusal(lambda: opening(clinic, call, "F-01")).code == "already_there"
    before = entries(clinic)
    with pytest.raises(Conflict, match="act_id_reused"):
        asked(clinic, call)
    assert entries(clinic) == before


def test_a_refusal_asked_again_is_the_same_refusal(ready: Clinic) -> None:
    """Even when by now it would be done: who wants a new attempt takes a new id."""
    from traceability.services import releases

    lot, call = ready.ids["lot"], Call(signing=(ready.sign("maharani", Meaning.RELEASED),))
    standing = ready.do(stops.hold, ready.QUALITY, "x", ScopeKind.LOT, (lot,), reason="x").id
    ids = [vial.id for vial in ready.vials(lot)]

    def ask() -> Any:
        return ready.do(releases.release, ready.QUALITY, lot, ids, "0" * 64, call=call)

    first = refusal(ask)
    ready.do(stops.lift, ready.QUALITY2, standing, reason="x", signed=(ready.sign("lestari", Meaning.DECIDED),))
    again = refusal(ask)
    assert (again.code, again.values["entry"]) == (first.code, first.values["entry"])
    assert [one.plain() for one in again.findings] == [one.plain() for one in first.findings]
    assert len(first.findings) == 2
    assert len(entries(ready, call.act_id)) == 1


def test_what_became_of_an_act_is_answered_by_its_id(clinic: Clinic) -> None:
    done, no = Call(), Call()
    opening(clinic, done)
    refusal(lambda: opening(clinic, no, "F-01"))
    answered = clinic.store.answer(clinic.QUALITY, done.act_id)
    assert answered is not None
    assert answered.repeated
    assert refusal(lambda: clinic.store.answer(clinic.QUALITY, no.act_id)).code == "already_there"
    assert clinic.store.answer(clinic.QUALITY, new_id()) is None
    with pytest.raises(Conflict):
        clinic.store.answer(clinic.QUALITY2, done.act_id)


# ── all or nothing ──


def test_a_refusal_is_an_entry_under_its_own_id_and_nothing_else_is_written(clinic: Clinic) -> None:
    call, before = Call(), counted(clinic)
    no = refusal(lambda: opening(clinic, call, "F-01"))
    (entry,) = entries(clinic, call.act_id)
    assert (entry.refused, entry.act, entry.number) == ("already_there", "place.open", no.values["entry"])
    assert json.loads(entry.body).get("changes") is None
    assert counted(clinic) == before


def test_work_half_done_is_taken_back_when_it_is_refused(clinic: Clinic) -> None:
    before = counted(clinic)

    def work(tx: Any) -> dict[str, str]:
        tx.add(Organisation(name="half", kind="hospital"))
        raise Refused("already_there", noun="organisation", key="half")

    refusal(lambda: clinic.store.perform("organisation.register", SYSTEM, Call(), {}, work))
    assert counted(clinic) == before


def test_a_mistake_of_ours_is_no_refusal_and_leaves_nothing_behind(clinic: Clinic) -> None:
    before, ledger = counted(clinic), entries(clinic)

    def work(tx: Any) -> dict[str, str]:
        tx.add(Organisation(name="half", kind="hospital"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        clinic.store.perform("organisation.register", SYSTEM, Call(), {}, work)
    assert (counted(clinic), entries(clinic)) == (before, ledger)
    assert opening(clinic, Call()).id  # and the door is not stuck


def test_a_move_that_the_act_does_not_name_is_a_mistake(in_stock: Clinic) -> None:
    vial, before = in_stock.vial("H3K001"), entries(in_stock)

    def work(tx: Any) -> dict[str, str]:
        row = tx.need(type(vial), vial.id)
        tx.move(row, Custody.GIVEN)
        return {"id": row.id}

    with pytest.raises(AssertionError, match=r"vial\.move does not move a vial to given"):
        in_stock.store.perform("vial.move", in_stock.PHARMACIST, Call(), {}, work)
    assert in_stock.vial("H3K001").state is Custody.IN_STOCK
    assert entries(in_stock) == before


def test_a_thing_is_not_made_in_a_state_that_its_act_does_not_name(clinic: Clinic) -> None:
    from traceability.store.tables import Lot

    def work(tx: Any) -> dict[str, str]:
        row = Lot(
            maker_id=clinic.ids["maker"], product_version_id=clinic.ids["version"], number="X", made_on=date(2026, 1, 1),
            filled=1, route="service", state="certified",
        )  # fmt: skip
        return {"id": tx.add(row).id}

    with pytest.raises((AssertionError, Refused)):
        clinic.store.perform("lot.announce", clinic.MAKER_QA, Call(), {}, work)


def test_a_row_that_somebody_changed_meanwhile_is_not_overwritten(clinic: Clinic) -> None:
    def work(tx: Any) -> dict[str, str]:
        one, same = tx.need(Place, clinic.ids["bench"]), tx.need(Place, clinic.ids["bench"])
        tx.change(one, name="first")
        tx.change(same, name="second")
        return {"id": one.id}

    refused = refusal(lambda: clinic.store.perform("place.open", clinic.QUALITY, Call(), {}, work))
    assert refused.code == "changed_meanwhile"
    with clinic.store.read(SYSTEM) as view:
        assert view.need(Place, clinic.ids["bench"]).name == "B-01"


# ── who, why, when ──


def test_who_may_not_is_refused_and_it_is_written_down(clinic: Clinic) -> None:
    call = Call()
    no = refusal(lambda: opening(clinic, call, who="STOREKEEPER"))
    assert (no.code, no.values["roles"]) == ("not_permitted", ["administrator", "maker_qa", "quality"])
    assert entries(clinic, call.act_id)[0].refused == "not_permitted"


@pytest.mark.parametrize("reason", [None, "", "   "])
def test_a_reason_that_is_owed_is_given(clinic: Clinic, reason: str | None) -> None:
    asked = Call(reason=reason)
    no = refusal(
        lambda: credentials.suspend(clinic.store, clinic.QUALITY, asked, clinic.ids["designation"], date(2026, 1, 1))
    )
    assert no.code == "reason_missing"


def test_a_reason_is_kept_apart_and_the_ledger_has_only_its_seal(clinic: Clinic) -> None:
    call = Call(reason="the inspector of 14 March said so")
    credentials.suspend(clinic.store, clinic.QUALITY, call, clinic.ids["designation"], date(2026, 1, 1))
    (entry,) = entries(clinic, call.act_id)
    assert "inspector" not in entry.body
    assert "sealed:" in entry.body
    with clinic.store.engines.reader.connect() as connection:
        words = connection.execute(
            text("SELECT words FROM free_text WHERE act_id = :act"), {"act": call.act_id}
        ).scalar()
    assert words == call.reason


def test_nothing_occurs_in_the_future_but_clocks_differ_by_two_minutes(clinic: Clinic) -> None:
    now = clinic.clock.now
    opening(clinic, Call(occurred_at=now + timedelta(minutes=2)))
    no = refusal(lambda: opening(clinic, Call(occurred_at=now + timedelta(minutes=2, microseconds=1)), "X-2"))
    assert no.code == "occurred_in_future"


def test_an_act_has_the_time_it_happened_and_the_time_it_was_told(clinic: Clinic) -> None:
    earlier = clinic.clock.now - timedelta(days=2)
    call = Call(occurred_at=earlier, source=Source.LATE)
    opening(clinic, call)
    (entry,) = entries(clinic, call.act_id)
    assert (entry.occurred_at, entry.recorded_at) == (earlier, clinic.clock.now)
    assert json.loads(entry.body)["source"] == "late"


@pytest.mark.parametrize("ago, said, kept", [
    (timedelta(minutes=2), Source.LIVE, "live"), (timedelta(minutes=2, microseconds=1), Source.LIVE, "late"),
    (timedelta(days=2), Source.LIVE, "late"), (timedelta(days=2), Source.DEVICE, "device"),
    (timedelta(days=2), Source.TRANSCRIBED, "transcribed"), (timedelta(minutes=-1), Source.LIVE, "live"),
])  # fmt: skip
def test_what_happened_earlier_was_entered_late_unless_it_is_said_how_it_is_known(
    clinic: Clinic, ago: timedelta, said: Source, kept: str
) -> None:
    call = Call(occurred_at=clinic.clock.now - ago, source=said)
    first = opening(clinic, call)
    (entry,) = entries(clinic, call.act_id)
    assert json.loads(entry.body)["source"] == kept
    clinic.clock.tick(minutes=30)
    assert opening(clinic, call).number == first.number  # the same request is still the same act


def test_the_record_reads_the_clock_once_an_act_signed_or_not_done_or_refused(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []

    def clock() -> datetime:
        asked.append(clinic.clock.now + timedelta(seconds=len(asked)))
        return asked[-1]

    monkeypatch.setattr(clinic.store, "clock", clock)
    signed = Call(reason="x", signing=(clinic.sign("maharani", Meaning.DECIDED),))
    organisations.assume(clinic.store, clinic.QUALITY, signed, clinic.ids["bench"], 1, 2, 3)
    assert len(asked) == 2  # before it, once, for who guesses passwords
    refusal(
        lambda: organisations.assume(
            clinic.store, clinic.QUALITY, replace(signed, act_id=new_id()), clinic.ids["bench"], 2, 1, 3
        )
    )
    assert len(asked) == 4
    opening(clinic, Call())
    assert len(asked) == 5
    (entry,) = entries(clinic, signed.act_id)
    assert entry.recorded_at == entry.occurred_at == asked[1]


def test_a_grant_that_ended_meanwhile_permits_nothing_from_that_moment(clinic: Clinic) -> None:
    """The actor is who signed in an hour ago; what they may do is asked of the record."""
    who = clinic.QUALITY
    opening(clinic, Call())
    with clinic.store.read(SYSTEM) as view:
        (grant,) = people.grants(view, who.person_id)
    clinic.do(people.end, clinic.ADMINISTRATOR, grant.id, reason="left")
    assert who.roles(clinic.clock.now)  # what they carry still says so
    assert refusal(lambda: opening(clinic, Call(), "X-2")).code == "not_permitted"


def test_a_grant_begins_and_ends_to_the_microsecond(clinic: Clinic) -> None:
    from traceability.domain.people import Role

    who, now = clinic.WITNESS, clinic.clock.now
    since, until = now + timedelta(hours=1), now + timedelta(hours=2)
    clinic.do(
        people.give, clinic.QUALITY, who.person_id, Role.QUALITY, clinic.ids["hospital"], since=since, until=until
    )
    for n, (moment, may) in enumerate(
        (
            (since - timedelta(microseconds=1), False),
            (since, True),
            (until - timedelta(microseconds=1), True),
            (until, False),
        )
    ):
        clinic.clock.now = moment
        if may:
            opening(clinic, Call(), f"T-{n}", who="WITNESS")
        else:
            assert refusal(lambda: opening(clinic, Call(), f"T-{n}", who="WITNESS")).code == "not_permitted"  # noqa: B023


# ── what an administrator may not ──


def test_an_administrator_peoples_their_own_organisation_only(clinic: Clinic) -> None:
    from tests.clinic import HASHED
    from traceability.domain.people import Role

    admin = clinic.ADMINISTRATOR
    theirs = clinic.MAKER_QA.person_id
    for asked in (
        lambda: clinic.do(people.enrol, admin, clinic.ids["maker"], "mole", "A Mole", HASHED),
        lambda: clinic.do(people.give, admin, theirs, Role.MAKER_QA, clinic.ids["maker"]),
        lambda: clinic.do(people.reset_password, admin, theirs, HASHED, reason="forgotten"),
        lambda: clinic.do(organisations.open_site, admin, clinic.ids["maker"], "Annex", "Asia/Jakarta"),
        lambda: clinic.do(organisations.open_place, admin, clinic.ids["other_site"], PlaceKind.ROOM, "R", "R-1"),
    ):
        assert refusal(asked).code == "not_yours"
    assert (
        refusal(lambda: clinic.do(people.give, admin, theirs, Role.PHARMACIST, clinic.ids["hospital"])).code
        == "role_elsewhere"
    )


# ── input ──


@pytest.mark.parametrize(
    "told", ["a\0b", "half \ud800 of a pair", "\udfff"], ids=["NUL", "a high surrogate", "a low surrogate"]
)
def test_text_that_no_ledger_can_hold_is_refused_before_it_is_asked(clinic: Clinic, told: str) -> None:
    before = entries(clinic)
    assert refusal(lambda: opening(clinic, Call(), told)).code == "text_unreadable"
    assert refusal(lambda: opening(clinic, Call(reason=told))).code == "text_unreadable"
    assert entries(clinic) == before


def test_a_backslash_that_somebody_typed_is_a_backslash(clinic: Clinic) -> None:
    for n, told in enumerate(
        (r"\u0000", r"\\u0000", "C:\\u0000x", "Pułtusk ğ ≥ 😀 \u202e", "'; DROP TABLE vial; --", "{{7*7}}", "%s %(x)s")
    ):
        place = organisations.open_place(
            clinic.store, clinic.QUALITY, Call(reason=told), clinic.ids["site"], PlaceKind.ROOM, told, f"N-{n}"
        )
        with clinic.store.read(clinic.QUALITY) as view:
            assert view.need(Place, place.id).name == told
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []


def test_both_engines_refuse_what_one_of_them_would_cut_off(clinic: Clinic) -> None:
    no = refusal(lambda: opening(clinic, Call(), "X" * 21))
    assert (no.code, no.values["field"], no.values["most"]) == ("field_too_long", "code", 20)
    opening(clinic, Call(), "X" * 20)
    big = refusal(
        lambda: clinic.do(
            products.revise, clinic.MAKER_QA, clinic.ids["product"], volume_ul=2**31, low_mc=0, high_mc=1, budget_s=0,
            freeze_sensitive=False, mkt_applies=False,
        )
    )  # fmt: skip
    assert (big.code, big.values["field"]) == ("field_out_of_range", "volume_ul")


# ── an answer that was lost ──


def _lost_after(monkeypatch: pytest.MonkeyPatch, *, really: bool) -> None:
    """The next commit is, or is not, kept, and either way the line breaks before the answer comes."""
    real = RootTransaction.commit

    def commit(self: RootTransaction) -> None:
        monkeypatch.setattr(RootTransaction, "commit", real)
        if really:
            real(self)
        raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    monkeypatch.setattr(RootTransaction, "commit", commit)


def test_a_commit_whose_answer_was_lost_is_unconfirmed_and_the_truth_is_asked_by_id(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, lost = Call(), Call()
    for call, really, code in ((kept, True, "U-1"), (lost, False, "U-2")):
        with monkeypatch.context() as patched:
            _lost_after(patched, really=really)
            with pytest.raises(Unconfirmed) as unknown:
                opening(clinic, call, code)
        assert unknown.value.values["act_id"] == call.act_id
    answered = clinic.store.answer(clinic.QUALITY, kept.act_id)
    assert answered is not None
    assert clinic.store.answer(clinic.QUALITY, lost.act_id) is None
    assert opening(clinic, kept, "U-1").number == answered.number  # asked again under its own id: nothing twice
    assert opening(clinic, lost, "U-2").repeated is False
    assert len([row for row in entries(clinic) if row.act_id in (kept.act_id, lost.act_id)]) == 2


# ── the entry ──


def test_an_entry_says_who_in_which_role_what_and_from_what_to_what(in_stock: Clinic) -> None:
    call, vial = Call(), in_stock.vial("H3K001")
    vials.report_lost(in_stock.store, in_stock.STOREKEEPER, replace(call, reason="gone"), vial.id)
    (entry,) = entries(in_stock, call.act_id)
    body = json.loads(entry.body)
    assert (body["person"], body["role"], body["act"], body["schema_v"]) == (
        "S. Handayani",
        "storekeeper",
        "vial.report_lost",
        1,
    )
    (moved,) = [one for one in body["changes"] if one["table"] == "vial"]
    assert moved["set"] == {"state": ["in_stock", "lost"]}
    assert moved["after"] == vial.act_id
    assert {one["table"] for one in body["changes"]} == {"vial", "stay", "cases", "free_text"}
    with in_stock.store.engines.reader.connect() as connection:
        about = set(connection.execute(select(Mention.about_id).where(Mention.act_id == call.act_id)).scalars())  # type: ignore[call-overload]
    assert {vial.id, in_stock.ids["quarantine"]} <= about
    assert set(body["about"]) == about


def test_an_act_stands_in_the_ledger_of_whoever_did_it(released: Clinic) -> None:
    with released.store.engines.reader.connect() as connection:
        where = dict(connection.execute(select(ENTRY.c.act, ENTRY.c.ledger).distinct()).all())
    assert where["consignment.ship"] == where["lot.certify"] == released.ids["maker"]
    assert where["consignment.arrive"] == where["lot.release"] == released.ids["hospital"]
    assert where["system.migrate"] == "0" * 32


def test_what_a_demonstration_writes_says_so_in_the_row(clinic: Clinic) -> None:
    made = opening(clinic, Call(demonstration=True)).id
    with clinic.store.read(SYSTEM) as view:
        assert view.need(Place, made).demonstration is True
        assert view.need(Place, clinic.ids["bench"]).demonstration is False


def test_a_read_is_one_moment_from_beginning_to_end(clinic: Clinic) -> None:
    with clinic.store.read(clinic.QUALITY) as view:
        before = view.all(Hold)
        clinic.do(
            stops.hold, clinic.QUALITY, "x", ScopeKind.PLACE, (clinic.ids["bench"],), reason="x", since=clinic.clock.now
        )
        assert view.all(Hold) == before == []
    with clinic.store.read(clinic.QUALITY) as view:
        assert len(view.all(Hold)) == 1


def test_a_read_writes_nothing(clinic: Clinic) -> None:
    with clinic.store.read(clinic.QUALITY) as view, pytest.raises(Exception, match=r"read-?only"):
        view.connection.execute(text("UPDATE site SET name = 'x'"))


def test_who_holds_no_grant_in_the_record_does_nothing_whatever_they_carry(clinic: Clinic) -> None:
    from traceability.domain.people import Actor

    nobody = Actor("f" * 32, "Nobody", clinic.ids["hospital"], clinic.QUALITY.grants)
    for act, args in ((lots.decline, ("0" * 32,)), (consignments.close, ("0" * 32,))):
        assert refusal(lambda: clinic.do(act, nobody, *args, reason="x")).code == "not_permitted"  # noqa: B023


def test_the_hospital_writes_for_a_maker_that_never_signs_in_and_for_no_other(clinic: Clinic) -> None:
    silent = clinic.do(organisations.register, SYSTEM, "A maker abroad", "maker").id
    told = (CredentialKind.GMP, "G-2", "authority", "secretome")
    clinic.do(products.record_credential, clinic.QUALITY, silent, *told)
    assert (
        refusal(lambda: clinic.do(products.record_credential, clinic.QUALITY, clinic.ids["maker"], *told)).code
        == "not_yours"
    )


def test_what_one_act_makes_keeps_the_order_in_which_it_was_made() -> None:
    """Thousands a second, and each sorts behind the one before it: sources of a score stand as they were entered."""
    made = [new_id() for _ in range(5_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {one[12] for one in made} == {"7"}
