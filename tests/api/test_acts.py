"""Acts by HTTP: once under one id, refused with every reason, and asked for again after a lost answer."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import Ask, signature
from tests.clinic import Clinic, logger_csv
from traceability.store import Store


def entries(store: Store) -> int:
    with store.engines.reader.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM entry").scalar_one()


def test_the_same_key_twice_is_one_act(ask: Ask, clinic: Clinic, store: Store) -> None:
    asking, key = ask("maharani"), str(uuid4())
    told = {"site_id": clinic.ids["site"], "kind": "bench", "name": "Bench 2", "code": "B-02"}
    before = entries(store)
    first, second = (
        asking.post("/places/open", told, key=key),
        asking.post("/places/open", told, key=key.replace("-", "")),
    )
    assert (first.status_code, first.json["repeated"]) == (201, False)
    assert (second.status_code, second.json["repeated"]) == (200, True)
    assert second.json | {"repeated": False} == first.json
    assert entries(store) == before + 1
    assert first.json["act_id"] == key.replace("-", "")
    assert first.json["answer"]["id"] in {place["id"] for place in asking.get("/places").json["items"]}


def test_null_is_as_if_nothing_had_been_said(ask: Ask, clinic: Clinic) -> None:
    told = {
        "organisation_id": clinic.ids["maker"],
        "kind": "donor",
        "code": "D-77",
        "parent_ids": None,
        "description": None,
    }
    made = ask("wijaya").post("/materials/record", told)
    assert made.status_code == 201, made.json


def test_the_same_key_for_something_else_is_a_conflict_and_does_nothing(ask: Ask, clinic: Clinic, store: Store) -> None:
    asking, key = ask("maharani"), str(uuid4())
    told = {"site_id": clinic.ids["site"], "kind": "bench", "name": "Bench 2", "code": "B-02"}
    asking.post("/places/open", told, key=key)
    before = entries(store)
    other = asking.post("/places/open", told | {"code": "B-03"}, key=key)
    assert (other.status_code, other.json["code"]) == (409, "act_id_reused")
    theirs = ask("wijaya").post("/places/open", told, key=key)
    assert (theirs.status_code, theirs.json["code"]) == (409, "act_id_reused")
    assert entries(store) == before


@pytest.mark.parametrize(
    "key, code",
    [("", "act_id_missing"), ("1", "act_id_malformed"), ("z" * 32, "act_id_malformed"), ("é", "act_id_malformed")],
)
def test_an_act_needs_a_key(ask: Ask, clinic: Clinic, store: Store, key: str, code: str) -> None:
    told = {"site_id": clinic.ids["site"], "kind": "bench", "name": "Bench 2", "code": "B-02"}
    before = entries(store)
    made = ask("maharani").post("/places/open", told, key=key or " ")
    assert (made.status_code, made.json["code"]) == (400, code)
    assert entries(store) == before


def test_a_refusal_has_every_finding_and_its_entry_and_is_told_again(ask: Ask, clinic: Clinic) -> None:
    lot, key = clinic.in_stock(), str(uuid4())
    asking = ask("maharani")
    clinic.reviewed(lot)
    dossier = asking.get(f"/lots/{lot}/dossier").json
    assert dossier["ready"] is False
    assert len(dossier["vial_ids"]) == 5
    told = {
        "vial_ids": dossier["vial_ids"],
        "dossier_digest": dossier["digest"], "signatures": [signature("maharani", "released")],
    }  # fmt: skip
    refused = asking.post(f"/lots/{lot}/release", told, key=key)
    assert (refused.status_code, refused.json["code"]) == (409, "release_refused")
    assert refused.content_type == "application/problem+json"
    codes = {finding["code"] for finding in refused.json["findings"]}
    assert codes == {"certificate_attached", "results_complete", "results_conform", "results_reviewed"}
    assert all(finding["message"] and finding["severity"] in ("stop", "ask") for finding in refused.json["findings"])
    assert asking.post(f"/lots/{lot}/release", told, key=key).json == refused.json
    became = asking.get(f"/acts/{key}").json
    assert (became["outcome"], became["number"], became["answer"]) == ("refused", refused.json["entry"], None)
    assert became["refusal"] == refused.json
    kept = asking.get("/entries", about=lot, limit=1).json["items"][0]
    assert (kept["number"], kept["outcome"], kept["refusal"]["code"]) == (
        refused.json["entry"],
        "refused",
        "release_refused",
    )


def test_a_lot_is_released_by_program(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.tested(clinic.in_stock())
    asking = ask("maharani")
    attached = asking.send(
        f"/lots/{lot}/attach", file=(BytesIO(b"%PDF-1.7 certificate"), "coa.pdf"), kind="certificate_of_analysis"
    )
    assert attached.status_code == 201
    clinic.reviewed(lot)
    dossier = asking.get(f"/lots/{lot}/dossier").json
    assert dossier["ready"] is True
    told = {
        "vial_ids": dossier["vial_ids"],
        "dossier_digest": dossier["digest"], "signatures": [signature("maharani", "released")],
    }  # fmt: skip
    assert asking.post(f"/lots/{lot}/release", told).status_code == 201
    assert clinic.scan("H3K001") == ("use", [])
    one = asking.get(f"/lots/{lot}").json
    assert (one["released"], one["releases"][0]["lot_id"]) == (5, lot)
    assert {result["test"]: result["conforms"] for result in one["results"]} == {"Sterility": True, "Endotoxin": True}
    signed = asking.get("/entries", about=lot, limit=1).json["items"][0]["signatures"]
    assert [(one["name"], one["meaning"]) for one in signed] == [("R. Maharani", "released")]


def test_what_became_of_an_act_is_told_to_who_asked_for_it_alone(ask: Ask, clinic: Clinic) -> None:
    told, key = {"site_id": clinic.ids["site"], "kind": "bench", "name": "Bench 2", "code": "B-02"}, str(uuid4())
    asking = ask("maharani")
    assert asking.get(f"/acts/{key}").status_code == 404
    done = asking.post("/places/open", told, key=key).json
    became = asking.get(f"/acts/{key}").json
    assert (became["outcome"], became["answer"], became["refusal"]) == ("done", done["answer"], None)
    assert ask("lestari").get(f"/acts/{key}").json["code"] == "not_found"


def test_who_may_not_is_told_so_and_it_stands_in_the_ledger(ask: Ask, clinic: Clinic, store: Store) -> None:
    before = entries(store)
    told = {"site_id": clinic.ids["site"], "kind": "bench", "name": "Bench 2", "code": "B-02"}
    made = ask("putri").post("/places/open", told)
    assert (made.status_code, made.json["code"]) == (403, "not_permitted")
    assert entries(store) == before + 1


@pytest.mark.parametrize(
    "signatures, code",
    [
        ([], "signature_missing"),
        ([signature("maharani", "decided", "not her password")], "signature_not_accepted"),
        ([signature("lestari", "decided")], "signature_not_yours"),
    ],
)
def test_a_signature_is_hers_and_fresh(ask: Ask, clinic: Clinic, signatures: list, code: str) -> None:
    told = {"low_mc": -25000, "high_mc": -15000, "longest_s": 3600, "reason": "mapped", "signatures": signatures}
    made = ask("maharani").post(f"/places/{clinic.ids['bare_freezer']}/assume", told)
    assert (made.status_code, made.json["code"]) == (409, code)


def test_a_foreign_target_is_not_found(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.lot()
    clinic.shipped(lot)
    told = {
        "certified_on": "2026-04-01",
        "statement": "x",
        "signatures": [signature("other", "decided")],
        "reason": "x",
    }
    made = ask("other").post(f"/lots/{lot}/decline", {name: told[name] for name in ("signatures", "reason")})
    assert (made.status_code, made.json["code"]) == (404, "not_found")


def test_the_loggers_file_comes_once(ask: Ask, clinic: Clinic, store: Store) -> None:
    lot = clinic.lot()
    box = clinic.arrived(clinic.shipped(lot))
    clinic.counted(box)
    clinic.put_away(box)
    data = logger_csv(clinic.consignment(box).shipped_at, 6.5, 15, -21.0, {20: -9.0})
    asking, key = ask("handayani"), str(uuid4())
    first = asking.send(f"/consignments/{box}/attach_log", key=key, file=(BytesIO(data), "C:\\logs\\logger.csv"))
    assert first.status_code == 201
    again = asking.send(f"/consignments/{box}/attach_log", key=key, file=(BytesIO(data), "logger.csv"))
    assert (again.status_code, again.json["answer"]) == (200, first.json["answer"])
    twice = asking.send(f"/consignments/{box}/attach_log", file=(BytesIO(data), "logger.csv"))
    assert twice.json["code"] == "logger_imported_already"
    (kept,) = asking.get(f"/consignments/{box}").json["files"]
    assert kept["readings"] == 26
    assert (store.documents / kept["sha256"]).read_bytes() == data
    unread = asking.send(f"/consignments/{box}/attach_log", file=(BytesIO(b"no readings here"), "logger.csv"))
    assert unread.status_code == 422
    assert unread.json["code"].startswith("logger_")


def test_a_program_is_asked_for_the_clock_and_the_unit_that_a_file_leaves_open(ask: Ask, clinic: Clinic) -> None:
    box = clinic.arrived(clinic.shipped(clinic.lot()))
    clinic.counted(box)
    clinic.put_away(box)
    times = [clinic.consignment(box).shipped_at.replace(microsecond=0) + timedelta(minutes=15 * n) for n in range(20)]
    rows = [
        f"{t + timedelta(minutes=7):%Y-%m-%dT%H:%M:%SZ},{t:%Y-%m-%dT%H:%M:%SZ},-4.{n % 5}" for n, t in enumerate(times)
    ]
    data = "\n".join(["Server time,Device time,Temperature", *rows, ""]).encode()

    def sent(**answers: str) -> Any:
        return ask("handayani").send(f"/consignments/{box}/attach_log", file=(BytesIO(data), "logger.csv"), **answers)

    first = sent()
    assert (first.status_code, first.json["code"]) == (422, "logger_several_clocks")
    assert first.json["question"] == {"field": "clock", "choices": ["Server time", "Device time"]}
    second = sent(clock="Device time")
    assert (second.status_code, second.json["code"]) == (422, "logger_unit_unknown")
    assert second.json["question"] == {"field": "unit", "choices": ["C", "F"]}
    third = sent(clock="Device time", unit="F")
    assert third.json["code"] == "logger_unconfirmed"
    assert (third.json["understanding"]["unit"], third.json["understanding"]["max_mc"]) == ("F", -20_000)


@pytest.mark.parametrize(
    "form, status, code",
    [
        ({"file": (b"<html>", "page.pdf")}, 422, "file_refused"),
        ({"file": (b"", "empty.pdf")}, 422, "file_refused"),
        ({"other": (b"%PDF-1", "a.pdf")}, 422, "input_malformed"),
        ({"file": (b"%PDF-1", "a.pdf"), "more": (b"%PDF-1", "b.pdf")}, 422, "input_malformed"),
        ({"file": (b"%PDF-1", "a.pdf"), "kind": "passport"}, 422, "input_malformed"),
        ({"file": (b"%PDF-1", "a.pdf"), "lot_id": "0" * 32}, 422, "input_malformed"),
        ({"file": (b"%PDF-1", "a\x01.pdf")}, 422, "input_malformed"),
        ({"kind": "other"}, 415, "media_type_unsupported"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(
    ask: Ask, clinic: Clinic, store: Store, form: dict, status: int, code: str
) -> None:
    lot = clinic.lot(certified=False)
    parts = {name: (BytesIO(one[0]), one[1]) if isinstance(one, tuple) else one for name, one in form.items()}
    made = ask("wijaya").send(f"/lots/{lot}/attach", **parts)
    assert (made.status_code, made.json["code"]) == (status, code)
    assert not list(store.documents.glob("*")), "nothing is kept of it"


def test_a_file_too_large_is_refused_while_it_is_read(ask: Ask, clinic: Clinic, store: Store, monkeypatch) -> None:
    from traceability.services import attachments

    monkeypatch.setattr(attachments, "MOST_BYTES", 100_000)
    lot = clinic.lot(certified=False)
    made = ask("wijaya").send(f"/lots/{lot}/attach", file=(BytesIO(b"%PDF-" + b"x" * 200_000), "a.pdf"))
    assert (made.status_code, made.json["code"]) == (413, "body_too_large")
    assert not list(store.documents.iterdir())
