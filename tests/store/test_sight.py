"""No one sees or touches what is not theirs: every act and every table, asked by somebody of another organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.clinic import HASHED, JAKARTA, PASSWORD, Clinic, logger_csv
from tests.store import asking
from tests.stories.case import cases
from tests.stories.test_results import GOOD
from traceability.domain.acts import ACTS
from traceability.domain.casework import ActionKind
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import SYSTEM, Actor, Meaning, Role, Signing
from traceability.services import (
    PERFORMERS,
    actions,
    coldchain,
    contacts,
    devices,
    lists,
    notices,
    people,
    progress,
    recalls,
    result_import,
    sensors,
    shifts,
    stops,
    vials,
)
from traceability.store import Call, passwords, sight
from traceability.store.tables import GUARDED
from traceability.store.tables.alarms import Channel
from traceability.store.tables.quality import ScopeKind

OURS = {
    "case.close", "excursion.close", "excursion.dispose", "product.add_band", "sensor.assign", "sensor.calibrate",
    "sensor.import_log", "sensor.read", "sensor.unassign", "credential.record", "credential.suspend", "credential.lift", "product.register", "product.revise", "specification.issue",
    "material.record", "consignment.arrive", "consignment.attach_log", "consignment.check_in", "consignment.close",
    "consignment.count", "consignment.turn_away", "consignment.give_up", "grant.end", "grant.give", "hold.lift", "label.print", "label.reprint", "label.spoil",
    "organisation.confirm_clock", "lot.certify", "lot.decline", "lot.release", "lot.transcribe", "person.confirm", "person.enrol", "person.reset_password", "place.assume",
    "place.move_all", "place.open", "place.read", "recall.withdraw", "release.void", "result.enter", "result.review", "lot.review_results", "site.open",
    "lot.restate_expiry", "lot.transcribe_expiry", "lot.release_named", "organisation.set_release_signatures", "result.conclude", "result.import_file",
    "recall.extend", "recall.notify", "recall.see", "recall.acknowledge", "recall.retrieve", "recall.document", "recall.contact",
    "recall.check", "recall.close", "lot.reconcile", "vial.destroy", "vial.sample", "vial.retain", "vial.send_back",
    "case.assign", "case.dispose", "case.extend_to", "case.grade", "case.investigate", "case.plan_action", "case.postpone", "case.reopen",
    "case.attach", "case.reply", "case.review", "grant.take_back", "shift.end", "action.check", "action.drop", "action.finish", "action.postpone",
    "place.set_alarm", "place.take_preset", "place.drop_alarm", "contact.choose", "contact.end", "device.revoke", "vial.add_alias", "vial.discard", "vial.move", "vial.put_away", "vial.report_broken", "vial.report_found", "vial.report_lost",
}  # fmt: skip
"""Acts on a thing that somebody has: another organisation's is not found, or not theirs."""


@pytest.fixture
def stranger(released: Clinic) -> Actor:
    """Every role there is, at the other hospital, with a colleague for the second signature."""
    for role in set(Role) - {Role.SYSTEM}:
        released.do(people.give, SYSTEM, released.ELSEWHERE.person_id, role, released.ids["other"])
    colleague = released.do(people.enrol, SYSTEM, released.ids["other"], "other2", "C. Olleague", HASHED).id
    for role in set(Role) - {Role.SYSTEM}:
        released.do(people.give, SYSTEM, colleague, role, released.ids["other"])
    with released.store.engines.reader.connect() as connection:
        actor = passwords.actor_of(connection, released.ELSEWHERE.person_id)
    assert actor is not None
    return actor


@pytest.fixture
def known(released: Clinic) -> dict[str, Any]:
    """One thing of ours for every name that an act may ask for."""
    clinic, vial = released, released.vial("H3K001")
    hold = clinic.do(stops.hold, clinic.QUALITY, "x", ScopeKind.VIAL, (vial.id,), reason="x").id
    recall = clinic.do(
        stops.recall,
        clinic.QUALITY,
        "x",
        1,
        True,
        ScopeKind.VIAL,
        (vial.id,),
        reason="x",
        signed=(clinic.sign("maharani", Meaning.RECALLED),),
    ).id
    sensor = clinic.do(sensors.register, clinic.STOREKEEPER, "S-1", "Asia/Jakarta", 300, live=True).id
    clinic.do(sensors.assign, clinic.STOREKEEPER, sensor, clinic.ids["read_freezer"])
    clinic.do(vials.move, clinic.PHARMACIST, vial.id, clinic.ids["read_freezer"])
    clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["read_freezer"], -9_000, -9_000, -9_000)
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K005").id, reason="gone")

    case = next(one for one in cases(clinic) if one.kind == "loss")
    due = clinic.clock.now.date() + timedelta(days=9)
    told = (case.id, ActionKind.CORRECTIVE, "x", clinic.QUALITY.person_id, due)
    action = clinic.do(actions.plan, clinic.QUALITY, *told).answer["action_id"]
    now, told = clinic.clock.now, (clinic.QUALITY.person_id, Role.QUALITY)
    shift = clinic.do(shifts.plan, clinic.QUALITY, *told, now, now + timedelta(days=1), "+62 1").id
    contact = clinic.do(contacts.add, clinic.QUALITY, Channel.EMAIL, "a@b.example").id
    device = clinic.do(devices.enrol, clinic.ADMINISTRATOR, "gateway", "h" * 64).id

    def one(table: str) -> str:
        with clinic.store.engines.reader.connect() as connection:
            return str(connection.execute(text(f"SELECT id FROM {table} ORDER BY id LIMIT 1")).scalar_one())

    return {
        "vial_id": vial.id, "vial_ids": [vial.id], "lot_id": clinic.ids["lot"], "consignment_id": clinic.ids["box"],
        "place_id": clinic.ids["freezer"], "release_id": clinic.ids["release"], "hold_id": hold, "recall_id": recall,
        "case_id": case.id, "result_id": one("result"), "result_ids": [one("result")], "grant_id": one("grants"), "site_id": clinic.ids["site"],
        "organisation_id": clinic.ids["hospital"], "person_id": clinic.PHARMACIST.person_id, "code": clinic.code(vial),
        "specification_id": clinic.ids["spec_sterility"], "credential_id": clinic.ids["gmp"], "product_id": clinic.ids["product"],
        "product_version_id": clinic.ids["version"], "gtin": "09521234543220", "attachment_id": one("attachment"), "now_mc": 1, "low_mc": 1, "high_mc": 1,
        "sensor_id": sensor, "excursion_id": one("excursion"), "until": clinic.clock.now + timedelta(days=1), "readings": [(clinic.clock.now, -20_000)],
        "threshold_mc": 30_000, "username": "stranger", "dossier_digest": "0" * 64, "layout": "vial_16x30",
        "contact_id": contact, "device_id": device, "rule_id": "0" * 32, "figures_digest": "0" * 64, "action_id": action, "owner_id": clinic.PHARMACIST.person_id,
        "target_ids": [], "shift_id": shift, "lot_ids": [clinic.ids["lot"]],
    }  # fmt: skip


def ask(clinic: Clinic, name: str, who: Actor, told: dict[str, Any]) -> Any:
    signed = tuple(
        Signing(username, PASSWORD, meaning)
        for username, meaning in zip(("other", "other2"), ACTS[name].signatures, strict=False)
    )
    return PERFORMERS[name](clinic.store, who, Call(reason="x", signing=signed), **told)


def rows(clinic: Clinic) -> dict[str, int]:
    with clinic.store.engines.reader.connect() as connection:
        return {name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one() for name in GUARDED}


def stamps(clinic: Clinic) -> set[str]:
    with clinic.store.engines.reader.connect() as connection:
        return {
            stamp
            for name in GUARDED
            for stamp in connection.execute(text(f'SELECT DISTINCT act_id FROM "{name}"')).scalars()
        }


def test_what_is_ours_is_not_found_by_others_in_any_act(
    released: Clinic, stranger: Actor, known: dict[str, Any]
) -> None:
    before, stamped = rows(released), stamps(released)
    answered = {}
    for name in sorted(OURS):
        told = asking.given(name, known, released.clock.now)
        if name == "result.import_file":
            told = {"lot_id": known["lot_id"], "file": result_import.read("lab.csv", GOOD)}
        if name in ("consignment.attach_log", "sensor.import_log"):
            data = logger_csv(released.clock.now - timedelta(hours=9), 1, 5, -20, {})
            key = f"{name.partition('.')[0]}_id"
            told = {key: known[key], "log": sensors.read_log("x.csv", data, JAKARTA)}
        assert told is not None, name
        if name == "label.print":  # of a lot or of a box
            told.pop("consignment_id")
        with pytest.raises(Refused) as no:
            ask(released, name, stranger, told)
        answered[name] = no.value.code
    assert set(answered.values()) <= {"not_found", "not_yours"}, answered
    assert rows(released) == before
    assert stamps(released) == stamped


def test_the_two_lists_name_every_act_that_asks_for_a_thing(released: Clinic) -> None:
    """Acts of the spine; a new one is put on one of the lists, or asks for nothing that anybody has."""
    asks = {
        name
        for name in PERFORMERS
        if any(p.name.endswith(("_id", "_ids")) and p.default is p.empty for p in asking.parameters(name))
    }
    spine = {
        "shift",
        "action",
        "case",
        "credential",
        "excursion",
        "sensor",
        "material",
        "product",
        "specification",
        "consignment",
        "grant",
        "hold",
        "label",
        "lot",
        "person",
        "place",
        "recall",
        "release",
        "result",
        "site",
        "vial",
    }
    without = {
        "hold.place",
        "recall.start",
        "recall.rehearse",
        "consignment.transfer",
        "material.report_result",
        "shift.plan",
        "grant.hand_over",
        "lot.announce",
        "lot.attach",
        "label.scan_back",
        "consignment.ship",
    }
    later = {"vial.issue_in_emergency", "vial.reserve", "vial.unreserve", "vial.thaw", "vial.issue", "vial.take_back"}
    assert {name for name in asks if name.partition(".")[0] in spine} - OURS - without - later == set()
    assert set(PERFORMERS) >= OURS


@pytest.mark.parametrize("name", [name for name in GUARDED if name not in sight.OPEN_TO_ALL])
def test_no_row_of_ours_is_in_sight_of_others(released: Clinic, name: str) -> None:
    row_type = GUARDED[name]
    with released.store.read(released.ELSEWHERE) as view:
        seen = view.all(row_type)
        all_of_them = view.known(row_type)
        mine = {"grants": 3, "place": 1, "assumed_band": 1}.get(
            name, 0
        )  # their own grants; a maker's places are told to all
        if name in ("material", "ancestry"):
            assert len(seen) == len(all_of_them)  # what it is made of is told to whoever signs in
        else:
            assert len(seen) <= mine, name
        for row in all_of_them:
            if row not in seen:
                with pytest.raises(NotFound):
                    view.need(row_type, row.id)


def test_a_thing_that_is_not_there_and_one_that_is_not_theirs_are_told_alike(released: Clinic) -> None:
    told = []
    for vial_id in (released.vial("H3K001").id, "f" * 32):
        with pytest.raises(Refused) as no:
            released.do(vials.report_broken, released.ELSEWHERE, vial_id, reason="x")
        told.append((no.value.code, {key: value for key, value in no.value.values.items() if key != "entry"}))
    assert told[0] == told[1] == ("not_found", {"noun": "vial"})


def test_the_consignee_sees_the_lot_and_the_maker_what_became_of_it(released: Clinic) -> None:
    vial = released.vial("H3K001")
    for who in (released.MAKER_QA, released.PHARMACIST):
        with released.store.read(who) as view:
            assert view.need(type(vial), vial.id)
    with released.store.read(released.ELSEWHERE) as view:
        assert view.find(type(vial), vial.id) is None


def test_a_mock_recall_is_known_where_its_vials_are_and_a_real_one_everywhere(released: Clinic) -> None:
    """Houses without a vial of it do not learn that another one rehearses, nor what for."""
    signed = (released.sign("wijaya", Meaning.DECIDED),)
    told = ("Rehearsed", 2, ScopeKind.LOT, [released.ids["lot"]])
    mock = released.do(recalls.rehearse, released.MAKER_QA, *told, signed=signed).id
    signed = (released.sign("wijaya", Meaning.RECALLED),)
    told = ("Recalled", 2, False, ScopeKind.LOT, [released.ids["lot"]])
    real = released.do(stops.recall, released.MAKER_QA, *told, reason="x", signed=signed).id
    for who, seen in (
        (released.MAKER_QA, {mock, real}),
        (released.QUALITY, {mock, real}),
        (released.ELSEWHERE, {real}),
    ):
        with released.store.read(who) as view:
            assert {one.id for one in stops.recalls(view)} == seen
            assert {str(one["id"]) for one in lists.recalls(view, limit=9, after=None)} == seen
    with released.store.read(released.ELSEWHERE) as view, pytest.raises(NotFound):
        progress.standing(view, mock)
    with pytest.raises(Refused, match="not_found"):
        released.do(notices.see, released.ELSEWHERE, mock)


def test_who_holds_no_grant_sees_nothing_at_all(released: Clinic) -> None:
    nobody = Actor("f" * 32, "Nobody", released.ids["hospital"], ())
    with released.store.read(nobody) as view:
        assert [name for name, row_type in GUARDED.items() if view.all(row_type)] == []


def test_an_ended_grant_shows_nothing_from_that_moment(released: Clinic) -> None:
    from dataclasses import replace

    now = released.clock.now
    ended = replace(released.QUALITY, grants=tuple(replace(grant, until=now) for grant in released.QUALITY.grants))
    with released.store.read(ended) as view:
        assert view.all(GUARDED["lot"]) == []


def test_an_inspector_of_one_lot_sees_that_lot(released: Clinic) -> None:
    from dataclasses import replace

    other = released.lot("UC26-H4", 2)
    (grant,) = released.QUALITY.grants
    inspector = Actor(
        "e" * 32, "I. Nspector", "d" * 32, (replace(grant, role=Role.INSPECTOR, lot_id=released.ids["lot"]),)
    )
    with released.store.read(inspector) as view:
        assert [row.id for row in view.all(GUARDED["lot"])] == [released.ids["lot"]]
        assert {row.lot_id for row in view.all(GUARDED["vial"])} == {released.ids["lot"]}  # type: ignore[attr-defined]
        assert view.all(GUARDED["grants"]) == []
        # where it lay at who granted it, and the box: not the maker's freezer, and no shelf that it never lay on
        box = released.consignment(released.ids["box"]).place_id
        assert {row.id for row in view.all(GUARDED["place"])} == {released.ids["quarantine"], box}
    assert other


LOOKS_PAST = {
    "lots.expiries", "lots.stopped", "records.parts.released_vials", "records.whereabouts.whereabouts", "stops.scopes",
    "stops.recall_of", "progress.recall_of", "progress.standing", "covering.every", "covering.covers", "covering.concerned", "covering.whole_lots", "verdicts.facts", "verdicts.judge", "verdicts.scan",
    # one's own papers, and who signed
    "credentials.routes_open", "credentials.none_open", "access.due_at",
    # open to all who sign in
    "organisations.site_of", "organisations.zone_of", "people.person", "products.credentials", "credentials.of_holder",
    "specifications.current_specifications", "specifications.of_product", "specifications.specifications",
}  # fmt: skip
"""Reads that answer about what one may not see: rules must know it, a recall stops everybody, any code gets a verdict.
Whoever shows their answer has asked for the thing itself before (tests/test_routes.py)."""


def test_reads_that_look_past_what_one_may_see_are_named(
    released: Clinic, stranger: Actor, known: dict[str, Any]
) -> None:
    """Every read of the services that takes an id, asked for ours by somebody of another organisation."""
    import inspect
    from enum import EnumType
    from importlib import import_module
    from pkgutil import walk_packages
    from typing import get_type_hints

    from traceability import services

    told, asked = set(), 0
    for info in walk_packages(services.__path__, "traceability.services."):
        module = import_module(info.name)
        for name, read in inspect.getmembers(module, inspect.isfunction):
            parameters = list(inspect.signature(read).parameters.values())
            if read.__module__ != info.name or name.startswith("_") or not parameters or parameters[0].name != "view":
                continue
            hints = get_type_hints(read)
            needs = [p.name for p in parameters[1:] if p.default is p.empty]
            given = {p.name: known[p.name] for p in parameters[1:] if p.name in known} | {"raw": known["code"]}
            given |= {one: next(iter(hints[one])) for one in needs if isinstance(hints[one], EnumType)}
            given = {one: given[one] for one in (p.name for p in parameters[1:]) if one in given}
            if not set(needs) <= set(given) or not any(one == "raw" or one.endswith(("_id", "_ids")) for one in given):
                continue
            asked += 1
            with released.store.read(stranger) as view:
                try:
                    found = read(view, **given)
                except Refused:
                    continue
            if any(part for part in found if not isinstance(part, bool)) if isinstance(found, tuple) else found:
                told.add(f"{info.name.removeprefix('traceability.services.')}.{name}")
    assert asked > 20
    assert told <= LOOKS_PAST
