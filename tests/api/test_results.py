"""A laboratory's file by program: refused with what was understood, entered with its digest; the dossier with its evidence."""

from __future__ import annotations

from io import BytesIO
from uuid import uuid4

import pytest

from tests.api.conftest import Ask, signature
from tests.clinic import Clinic
from tests.stories.test_results import GOOD, count, csv, enter
from tests.worlds import in_stock, world, worlds
from traceability.store import Store

__all__ = ["in_stock", "world", "worlds"]


@pytest.fixture
def clinic(in_stock: Clinic) -> Clinic:
    """One lot, counted, logged and put away, a day ago."""
    in_stock.clock.tick(days=1)
    return in_stock


@pytest.fixture
def store(clinic: Clinic) -> Store:
    return clinic.store


def test_a_file_is_confirmed_by_the_digest_of_what_was_understood(ask: Ask, clinic: Clinic) -> None:
    lot, asking = clinic.ids["lot"], ask("wulandari")

    def send(data: bytes, key: str = "", **told: str):
        return asking.send(f"/results/{lot}/import_file", key=key or None, file=(BytesIO(data), "lab.csv"), **told)

    bad = send(csv("Endotoxin;0,05;EU/mL;2026-04-01;"))
    assert (bad.status_code, bad.json["code"]) == (409, "results_refused")
    assert [(one["line"], one["code"]) for one in bad.json["errors"]] == [(2, "number_unreadable")]
    shown = send(GOOD)
    assert (shown.status_code, shown.json["code"]) == (409, "results_unconfirmed")
    assert [one["test"] for one in shown.json["understanding"]["lines"]] == ["Endotoxin", "Sterility"]
    assert count(clinic) == (0, 0)
    key = str(uuid4())
    done = send(GOOD, key, confirmed=shown.json["digest"])
    assert (done.status_code, done.json["answer"]["results"]) == (201, 2)
    tested = {one["test"]: one for one in asking.get(f"/lots/{lot}").json["results"]}
    assert (tested["Endotoxin"]["value"], tested["Endotoxin"]["conforms"]) == ("< 0.05", True)


def test_the_dossier_names_the_rows_each_rule_rests_on(ask: Ask, clinic: Clinic) -> None:
    lot, asking = clinic.certificate(clinic.tested(clinic.ids["lot"])), ask("maharani")
    clinic.reviewed(lot)
    told = asking.get(f"/lots/{lot}/dossier").json
    rests_on = {one["code"]: one["evidence"] for one in told["findings"]}
    assert {one["name"] for one in rests_on["results_conform"]} == {"Endotoxin: 0.06", "Sterility: no growth"}
    assert rests_on["gmp_valid"][0]["name"] == "PWS.01.04.1.3.333.09.21-0082"
    assert all(one["entry"] for one in rests_on["certificate_attached"])
    assert rests_on["gmp_valid"][0]["entry"] is None  # it stands in the maker's ledger, not in ours
    assert (told["ready"], told["accepted"]) == (True, [])
    course = clinic.course()
    assert asking.get(f"/lots/{lot}/dossier", course_id=course).json["digest"] != told["digest"]


def test_a_release_says_by_how_much_its_lot_is_newer_and_every_result_that_was_tried(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.certificate(clinic.tested(clinic.ids["lot"]))
    clinic.release(lot)
    enter(clinic, lot, "endotoxin", "0.40")
    told = ask("maharani").get(f"/lots/{lot}").json
    assert told["releases"][0]["newer_entries"] == 1
    (endotoxin,) = (one for one in told["results"] if one["test"] == "Endotoxin")
    assert [(one["value"], one["conforms"], one["case_closed"]) for one in endotoxin["tried"]] == [
        ("0.06", True, None), ("0.40", False, False),
    ]  # fmt: skip
    assert (endotoxin["value"], endotoxin["conforms"]) == ("0.40", False)


def test_the_specification_by_program(ask: Ask, clinic: Clinic) -> None:
    told = ask("maharani").get(f"/products/{clinic.ids['product']}/specifications").json
    assert [(one["test"], one["in_force"]) for one in told["versions"][0]["specifications"]] == [
        ("Endotoxin", True), ("Sterility", True),
    ]  # fmt: skip


def test_where_two_sign_a_release_both_are_asked_for(ask: Ask, clinic: Clinic) -> None:
    lot, asking = clinic.certificate(clinic.tested(clinic.ids["lot"])), ask("maharani")
    clinic.reviewed(lot)
    told = {
        "signers": 2,
        "reason": "SOP 7",
        "signatures": [signature("maharani", "decided"), signature("putri", "verified")],
    }
    assert asking.post(f"/organisations/{clinic.ids['hospital']}/set_release_signatures", told).status_code == 201
    dossier = asking.get(f"/lots/{lot}/dossier").json
    told = {"vial_ids": dossier["vial_ids"], "dossier_digest": dossier["digest"]}
    one = asking.post(f"/lots/{lot}/release", told | {"signatures": [signature("maharani", "released")]})
    assert (one.status_code, one.json["code"]) == (409, "signature_missing")
    both = [signature("maharani", "released"), signature("lestari", "approved")]
    assert asking.post(f"/lots/{lot}/release", told | {"signatures": both}).status_code == 201
