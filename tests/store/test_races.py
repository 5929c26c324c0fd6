"""Many at once: exactly one wins, the others are refused; numbers stay dense; organisations do not wait for each other."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Meaning
from traceability.domain.states import Custody
from traceability.services import consignments, labels, late, moves, organisations, releases, stays, stops, vials
from traceability.store import Call, Tx, new_id
from traceability.store.tables import Entry, Hold, LabelPrint, Release, ReleasedVial, Stay
from traceability.store.tables.organisations import PlaceKind
from traceability.store.tables.quality import ScopeKind
from traceability.store.verify import verify

ENTRY: Any = Entry.__table__  # type: ignore[attr-defined]


def at_once(n: int, asked: Callable[[int], Any]) -> list[Any]:
    """All of them start together; each gives its answer or what was raised."""
    start, found = threading.Barrier(n), [None] * n

    def run(i: int) -> None:
        start.wait()
        try:
            found[i] = asked(i)
        except Exception as error:
            found[i] = error  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return found


def told(found: list[Any]) -> Counter[str]:
    """How many were done, and how many were refused with which code; anything else stands out by its type."""
    return Counter(
        "done"
        if not isinstance(one, Exception)
        else one.code
        if isinstance(one, Refused)
        else f"{type(one).__name__}: {one}"
        for one in found
    )


def clean(clinic: Clinic) -> bool:
    with clinic.store.engines.reader.connect() as connection:
        assert verify(connection).problems == []
    return True


def numbers(clinic: Clinic) -> dict[str, list[int]]:
    with clinic.store.engines.reader.connect() as connection:
        found: dict[str, list[int]] = {}
        for ledger, number in connection.execute(
            select(ENTRY.c.ledger, ENTRY.c.number).order_by(ENTRY.c.ledger, ENTRY.c.number)
        ):
            found.setdefault(ledger, []).append(number)
        return found


@pytest.mark.parametrize("n", [2, 8, 32])
def test_one_vial_is_put_away_once(arrived: Clinic, n: int) -> None:
    arrived.counted(arrived.ids["box"])
    vial, shelf = arrived.vial("H3K001").id, arrived.ids["quarantine"]
    found = told(at_once(n, lambda _: vials.put_away(arrived.store, arrived.STOREKEEPER, Call(), vial, shelf)))
    assert found.pop("done") == 1
    assert set(found) <= {"wrong_state", "changed_meanwhile", "before_last_move"}
    with arrived.store.read(SYSTEM) as view:
        lain = view.known(Stay, Stay.vial_id == vial)
    assert len(lain) == 3  # the maker's freezer, the box, the shelf
    assert len([stay for stay in lain if stay.until is None]) == 1
    assert clean(arrived)


def test_one_vial_is_counted_once(arrived: Clinic) -> None:
    code, box = arrived.code(arrived.vial("H3K001")), arrived.ids["box"]
    found = told(at_once(16, lambda _: consignments.count(arrived.store, arrived.STOREKEEPER, Call(), box, code)))
    assert found == {"done": 1, "counted_already": 15}
    assert clean(arrived)


def test_an_extra_vial_is_counted_once(certified: Clinic) -> None:
    box = certified.arrived(certified.shipped(certified.ids["lot"], serials=("H3K001",)))
    code = certified.code(certified.vial("H3K002"))
    found = told(at_once(16, lambda _: consignments.count(certified.store, certified.STOREKEEPER, Call(), box, code)))
    assert found == {"done": 1, "counted_already": 15}
    assert clean(certified)


def test_boxes_that_leave_at_once_have_a_number_each(certified: Clinic) -> None:
    """Boxes of five makers whose codes end in the same twelve digits."""
    boxes = [f"010{maker}000000000015" for maker in ("001", "131", "261", "391", "421")]
    ids = [vial.id for vial in certified.vials(certified.ids["lot"])]

    def ship(i: int) -> Any:
        sites = (certified.ids["maker_site"], certified.ids["site"])
        return consignments.ship(certified.store, certified.MAKER_QA, Call(), boxes[i], *sites, [ids[i]])

    found = at_once(5, ship)
    assert told(found) == {"done": 5}
    assert sorted(one.answer["number"] for one in found) == ["C-1", "C-2", "C-3", "C-4", "C-5"]
    assert clean(certified)


@pytest.mark.parametrize("n", [2, 16])
def test_the_same_vials_are_released_once(ready: Clinic, n: int) -> None:
    lot = ready.ids["lot"]
    ready.reviewed(lot)
    dossier = ready.dossier(lot)
    chosen = [vial.id for vial in dossier.vials]

    def ask(i: int) -> Any:
        who, name = (ready.QUALITY, "maharani") if i % 2 else (ready.QUALITY2, "lestari")
        call = Call(signing=(ready.sign(name, Meaning.RELEASED),))
        return releases.release(ready.store, who, call, lot, chosen, dossier.digest)

    found = told(at_once(n, ask))
    assert found.pop("done") == 1
    assert set(found) == {"release_refused"}
    with ready.store.read(SYSTEM) as view:
        assert len(view.all(Release)) == 1
        assert len(view.all(ReleasedVial)) == len(chosen)
    assert clean(ready)


def test_one_label_is_printed_once_and_reprinted_as_often_as_asked(certified: Clinic) -> None:
    lot = certified.ids["lot"]
    found = told(at_once(8, lambda _: labels.print_(certified.store, certified.MAKER_QA, Call(), "vial_16x30", lot)))
    assert found == {"labels_printed_already": 8}
    vial = certified.vial("H3K001").id
    asked = at_once(
        8, lambda _: labels.reprint(certified.store, certified.MAKER_QA, Call(reason="x"), [vial], "vial_16x30")
    )
    found = told(asked)
    done = found["done"]
    # somebody always comes through; whoever was overtaken four times in a row is told, and nothing is printed twice
    assert done >= 1
    assert found["changed_meanwhile"] + sum(isinstance(one, IntegrityError) for one in asked) == 8 - done
    with certified.store.read(SYSTEM) as view:
        versions = sorted(one.version for one in view.all(LabelPrint, LabelPrint.vial_id == vial))
    assert versions == list(range(1, done + 2))
    assert clean(certified)


def test_the_same_request_sent_sixteen_times_is_one_act(in_stock: Clinic) -> None:
    call, vial = Call(reason="dropped"), in_stock.vial("H3K001").id
    found = at_once(16, lambda _: vials.report_broken(in_stock.store, in_stock.STOREKEEPER, call, vial))
    assert told(found) == {"done": 16}
    assert {one.number for one in found} == {found[0].number}
    assert [one.repeated for one in found].count(False) == 1
    assert in_stock.vial("H3K001").state is Custody.DISCARDED
    assert clean(in_stock)


def test_the_same_refusal_asked_sixteen_times_is_one_entry(clinic: Clinic) -> None:
    call = Call()
    found = at_once(
        16,
        lambda _: organisations.open_place(
            clinic.store, clinic.QUALITY, call, clinic.ids["site"], PlaceKind.ROOM, "x", "F-01"
        ),
    )
    assert told(found) == {"already_there": 16}
    assert {one.values["entry"] for one in found} == {found[0].values["entry"]}
    with clinic.store.engines.reader.connect() as connection:
        assert connection.execute(select(ENTRY.c.act_id).where(ENTRY.c.act_id == call.act_id)).scalars().all() == [
            call.act_id
        ]


def test_one_id_with_two_inputs_at_once_is_one_act_and_one_conflict(clinic: Clinic) -> None:
    for _ in range(6):
        act_id = new_id()
        found = at_once(
            2, lambda i: organisations.open_place(clinic.store, clinic.QUALITY, Call(act_id=act_id), clinic.ids["site"], PlaceKind.ROOM, "x", f"{act_id[-8:]}-{i}")  # noqa: B023
        )  # fmt: skip
        assert told(found) == {"done": 1, "act_id_reused": 1}
    assert clean(clinic)


def test_sixteen_threads_of_three_organisations_leave_dense_numbers_and_no_fork(clinic: Clinic) -> None:
    """Done and refused, mixed; each organisation its own ledger from one up, each leaf where its number says."""
    before = {name: len(found) for name, found in numbers(clinic).items()}
    freezer = {
        name: clinic.ids[key]
        for name, key in (("QUALITY", "freezer"), ("MAKER_QA", "maker_freezer"), ("ELSEWHERE", "other_freezer"))
        if key in clinic.ids
    }
    freezer["ELSEWHERE"] = clinic.do(
        organisations.open_place, clinic.ELSEWHERE, clinic.ids["other_site"], PlaceKind.FREEZER, "F", "F-9"
    ).id
    people = ("QUALITY", "MAKER_QA", "ELSEWHERE", "QUALITY")

    def work(i: int) -> list[str]:
        who = people[i % 4]
        told = []
        for n in range(6):
            place = freezer[who] if n % 3 else "f" * 32
            try:
                stops.hold(
                    clinic.store,
                    getattr(clinic, who),
                    Call(reason="x"),
                    "t",
                    ScopeKind.PLACE,
                    (place,),
                    since=clinic.clock.now,
                )
                told.append("done")
            except Refused as refused:
                told.append(refused.code)
        return told

    found = at_once(16, work)
    assert [one for one in found if isinstance(one, Exception)] == []
    assert Counter(code for one in found for code in one) == {"done": 64, "not_found": 32}
    after = numbers(clinic)
    assert all(found == list(range(1, len(found) + 1)) for found in after.values())
    grown = {
        name: len(after[name]) - before.get(name, 0) for name in (clinic.ids[o] for o in ("hospital", "maker", "other"))
    }
    assert grown == {clinic.ids["hospital"]: 48, clinic.ids["maker"]: 24, clinic.ids["other"]: 25}
    with clinic.store.read(SYSTEM) as view:
        said = sorted(int(row.number.removeprefix("H-")) for row in view.all(Hold))
    assert said == list(range(1, 65))
    assert clean(clinic)


def test_the_ledger_says_what_came_first(clinic: Clinic) -> None:
    """The order of numbers is the order in which each act saw the others: a hold's number grows with its entry's."""
    at_once(
        12,
        lambda _: stops.hold(
            clinic.store,
            clinic.QUALITY,
            Call(reason="x"),
            "t",
            ScopeKind.PLACE,
            (clinic.ids["bench"],),
            since=clinic.clock.now,
        ),
    )
    with clinic.store.engines.reader.connect() as connection:
        bodies = (
            connection.execute(select(ENTRY.c.body).where(ENTRY.c.act == "hold.place").order_by(ENTRY.c.number))
            .scalars()
            .all()
        )
    said = [int(json.loads(body)["answer"]["number"].removeprefix("H-")) for body in bodies]
    assert said == list(range(1, 13))


@pytest.mark.parametrize("engine", ["postgresql"])
def test_an_organisation_does_not_wait_for_anothers_ledger(clinic: Clinic) -> None:
    """While the hospital's ledger is locked, the maker writes; the hospital waits."""
    with clinic.store.engines.writer.connect() as holder, holder.begin():
        holder.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended('trace.ledger:' || :l, 0))"),
            {"l": clinic.ids["hospital"]},
        )
        done = organisations.open_place(
            clinic.store, clinic.MAKER_QA, Call(), clinic.ids["maker_site"], PlaceKind.ROOM, "x", "X-1"
        )
        assert done.number
        waiting = threading.Thread(
            target=lambda: organisations.open_place(
                clinic.store, clinic.QUALITY, Call(), clinic.ids["site"], PlaceKind.ROOM, "x", "X-2"
            )
        )
        waiting.start()
        waiting.join(timeout=0.5)
        assert waiting.is_alive()
    waiting.join(timeout=10)
    assert not waiting.is_alive()


def test_a_hold_and_its_lifting_and_two_liftings(released: Clinic) -> None:
    vial = released.vial("H3K001").id
    standing = stops.hold(released.store, released.QUALITY, Call(reason="x"), "t", ScopeKind.VIAL, (vial,)).id

    def lift(i: int) -> Any:
        who, name = (released.QUALITY, "maharani") if i % 2 else (released.QUALITY2, "lestari")
        return stops.lift(
            released.store, who, Call(reason="x", signing=(released.sign(name, Meaning.DECIDED),)), standing
        )

    found = told(at_once(12, lift))
    assert found.pop("done") == 1
    assert set(found) <= {"already_ended", "changed_meanwhile"}
    assert clean(released)


def test_a_vial_is_broken_lost_and_moved_at_once_and_ends_in_one_way(in_stock: Clinic) -> None:
    vial, store = in_stock.vial("H3K001").id, in_stock.store
    asked = (
        lambda: vials.report_broken(store, in_stock.STOREKEEPER, Call(reason="x"), vial),
        lambda: vials.report_lost(store, in_stock.PHARMACIST, Call(reason="x"), vial),
        lambda: vials.move(store, in_stock.QUALITY, Call(), vial, in_stock.ids["freezer"]),
        lambda: vials.discard(store, in_stock.QUALITY2, Call(reason="x"), vial),
    )
    found = at_once(12, lambda i: asked[i % 4]())
    assert [one for one in found if isinstance(one, Exception) and not isinstance(one, Refused)] == []
    with in_stock.store.read(SYSTEM) as view:
        lain = sorted(view.known(Stay, Stay.vial_id == vial), key=lambda stay: (stay.since, stay.until is None))
    assert len([stay for stay in lain if stay.until is None]) == (in_stock.vial("H3K001").state is Custody.IN_STOCK)
    assert in_stock.vial("H3K001").state in (Custody.DISCARDED, Custody.LOST)
    assert clean(in_stock)


@pytest.mark.parametrize("everything", [False, True])
def test_a_vial_that_was_discarded_while_somebody_recorded_its_move_lies_nowhere(
    in_stock: Clinic, monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    vial, store, put = in_stock.vial("H3K001").id, in_stock.store, stays.place_all
    overtaken: list[threading.Thread] = []

    def slowly(tx: Tx, *told: Any, **more: Any) -> list[str]:
        if not overtaken:
            discarding = threading.Thread(target=vials.discard, args=(store, in_stock.QUALITY2, Call(reason="x"), vial))
            overtaken.append(discarding)
            discarding.start()
            discarding.join(2)  # SQLite has one writer: there the discard waits for its turn
        return put(tx, *told, **more)

    monkeypatch.setattr(late, "place_all", slowly)
    if everything:
        code = in_stock.code(in_stock.vial("H3K002"))
        places = in_stock.ids["quarantine"], in_stock.ids["freezer"]
        moves.move_all(store, in_stock.QUALITY, Call(reason="x"), *places, [code])
    else:
        vials.move(store, in_stock.QUALITY, Call(), vial, in_stock.ids["freezer"])
    overtaken[0].join()
    assert in_stock.vial("H3K001").state is Custody.DISCARDED
    with store.read(SYSTEM) as view:
        assert [stay for stay in view.known(Stay, Stay.vial_id == vial) if stay.until is None] == []
    assert clean(in_stock)
