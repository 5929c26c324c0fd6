"""The verdict by HTTP: for the vial in hand, for a stranger's, for what is no vial; and the log beside the ledger."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest

from tests.api.conftest import Ask, logged, signature
from tests.clinic import GTIN, Clinic, Clock
from tests.stories.test_recall import recall
from traceability.domain import gs1
from traceability.store import Store
from traceability.store.tables.quality import ScopeKind

WRISTBAND = "(8018)095212340000000013"


def scans(store: Store) -> list:
    with store.engines.reader.connect() as connection:
        query = "SELECT person_id, vial_id, purpose, verdict, findings FROM scan ORDER BY id"
        return [tuple(row) for row in connection.exec_driver_sql(query).all()]


def test_a_released_vial_may_be_used(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.released_lot()
    vial = clinic.vial("H3K001")
    made = ask("putri").get("/scan", code=clinic.code(vial), purpose="issue")
    link = f"https://id.gs1.org/01/{GTIN}/10/UC26-H3/21/H3K001?17=260930"
    assert made.status_code == 200
    assert made.json == {
        "verdict": "use",
        "for": "issue",
        "findings": [],
        "not_judged": [],
        "vial": {"id": vial.id, "gtin": GTIN, "serial": "H3K001", "state": "in_stock", "code": link},
        "lot": {"id": lot, "number": "UC26-H3", "state": "certified", "expires": "2026-09-30"},
    }
    assert ask("putri").get("/scan", code=link).json["verdict"] == "use", "and its own code is read back"


def test_a_vial_that_nobody_released_asks_with_every_reason(ask: Ask, clinic: Clinic) -> None:
    clinic.in_stock()
    made = ask("putri").get("/scan", code=clinic.code(clinic.vial("H3K001")))
    assert (made.json["verdict"], made.json["for"]) == ("ask_qa", "stock")
    assert [(one["code"], one["severity"]) for one in made.json["findings"]] == [("not_released", "ask")]
    assert all(set(one) == {"code", "severity", "message"} for one in made.json["findings"])


def test_the_answer_is_the_services_own(ask: Ask, clinic: Clinic) -> None:
    """The short way of this address and the one predicate say the same, at every stage and for every purpose."""
    lot = clinic.lot(count=5)
    box = clinic.arrived(clinic.shipped(lot))
    clinic.counted(box, broken=("H3K001",), absent=("H3K002",))
    clinic.put_away(box)
    clinic.logged(box, warm={20: -5.0})
    asking = ask("putri")
    for serial in ("H3K001", "H3K002", "H3K003"):
        for purpose in ("stock", "issue", "bedside"):
            made = asking.get("/scan", code=clinic.code(clinic.vial(serial)), purpose=purpose).json
            assert (made["verdict"], [one["code"] for one in made["findings"]]) == clinic.scan(serial, purpose)


def test_a_label_that_contradicts_is_a_stop(ask: Ask, clinic: Clinic) -> None:
    clinic.released_lot()
    code = clinic.code(clinic.vial("H3K001"), expires=date(2027, 9, 30))
    made = ask("putri").get("/scan", code=code).json
    assert (made["verdict"], [one["code"] for one in made["findings"]]) == ("do_not_use", ["label_contradicts"])


def test_a_strangers_vial_is_a_question_without_details(ask: Ask, clinic: Clinic) -> None:
    clinic.released_lot()
    made = ask("other").get("/scan", code=clinic.code(clinic.vial("H3K001")))
    assert (made.json["verdict"], made.json["vial"], made.json["lot"]) == ("ask_qa", None, None)
    assert [one["code"] for one in made.json["findings"]] == ["other_organisation"]
    assert "UC26-H3" not in made.text


@pytest.mark.parametrize(
    "language, words", [("en", "The vial is recalled. Put it aside."), ("id", "Vial ditarik. Sisihkan.")]
)
def test_a_strangers_vial_that_is_recalled_is_still_a_stop(ask: Ask, clinic: Clinic, language: str, words: str) -> None:
    lot = clinic.released_lot()
    recall(clinic, ScopeKind.LOT, lot)
    code = clinic.code(clinic.vial("H3K001"))
    made = ask("other")("GET", "/scan", query_string={"code": code}, headers={"Accept-Language": language})
    assert (made.json["verdict"], made.json["vial"], made.json["lot"]) == ("do_not_use", None, None)
    assert [one["code"] for one in made.json["findings"]] == ["recalled", "other_organisation"]
    assert words in made.json["findings"][0]["message"]
    for theirs in ("UC26-H3", "R-1", "particles", "Moewardi", lot):
        assert theirs not in made.text


def test_a_strangers_vial_that_has_expired_is_still_a_stop(ask: Ask, clinic: Clinic, clock: Clock) -> None:
    clinic.released_lot()
    clock.tick(days=400)
    made = ask("other").get("/scan", code=clinic.code(clinic.vial("H3K001")))
    assert (made.json["verdict"], made.json["vial"], made.json["lot"]) == ("do_not_use", None, None)
    assert [one["code"] for one in made.json["findings"]] == ["expired", "other_organisation"]
    assert "UC26-H3" not in made.text


@pytest.mark.parametrize("language, words", [("en", "patient, side"), ("id", "pasien, sisi")])
def test_a_verdict_for_the_bedside_says_that_it_is_of_the_vial_alone(
    ask: Ask, clinic: Clinic, language: str, words: str
) -> None:
    clinic.released_lot()
    code, here = clinic.code(clinic.vial("H3K001")), {"Accept-Language": language}
    for who in ("putri", "other"):
        made = ask(who)("GET", "/scan", query_string={"code": code, "purpose": "bedside"}, headers=here).json
        assert [one["code"] for one in made["not_judged"]] == ["subject_not_asked"]
        assert words in made["not_judged"][0]["message"]
        assert "subject_not_asked" not in [one["code"] for one in made["findings"]]
        assert ask(who).get("/scan", code=code, purpose="issue").json["not_judged"] == []


def test_an_unknown_serial_is_a_question(ask: Ask, clinic: Clinic) -> None:
    code = "]d2" + gs1.element_string(gs1.vial_elements(GTIN, "X", date(2027, 1, 1), "NEVER-MADE"))
    made = ask("putri").get("/scan", code=code)
    assert (made.status_code, made.json["verdict"]) == (200, "ask_qa")
    assert [one["code"] for one in made.json["findings"]] == ["serial_unknown"]


@pytest.mark.parametrize("code", ["hello", "]d2019999", "(01)1", "%", "\x1d", "x" * 513, "]d2" + "\x00" * 4])
def test_what_cannot_be_read_is_a_problem(ask: Ask, clinic: Clinic, code: str) -> None:
    for made in (ask("putri").get("/scan", code=code), ask("putri").post("/scan", {"code": code})):
        assert made.status_code == 422
        assert made.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "query, field",
    [
        ("", "code"), ("code=", "code"), ("code=a&code=b", "code"), ("code=a&purpose=sale", "purpose"),
        ("code=a&purpose=stock&purpose=issue", "purpose"), ("code=a&purpos=issue", "purpos"),
    ],
)  # fmt: skip
def test_a_question_that_is_not_clear_is_not_answered(ask: Ask, clinic: Clinic, query: str, field: str) -> None:
    made = ask("putri")("GET", f"/scan?{query}")
    assert (made.status_code, made.json["code"]) == (422, "input_malformed")
    assert list(made.json["errors"]) == [field]


def test_a_person_is_asked_for_by_body_only_and_never_logged(ask: Ask, clinic: Clinic, store: Store, caplog) -> None:
    made = ask("putri").get("/scan", code=WRISTBAND)
    assert (made.status_code, made.json["code"]) == (422, "code_of_a_person")
    assert logged(store) == 0
    posted = ask("putri").post("/scan", {"code": WRISTBAND, "purpose": "bedside"})
    assert (posted.status_code, posted.json["verdict"], posted.json["vial"]) == (200, "ask_qa", None)
    assert "0952123400" not in made.text + posted.text + caplog.text
    assert logged(store) == 1
    assert scans(store)[0][1] is None


def test_scans_are_logged_together_and_nobody_waits(ask: Ask, clinic: Clinic, store: Store) -> None:
    clinic.in_stock()
    asking, vial = ask("putri"), clinic.vial("H3K001")
    for _ in range(3):
        asking.get("/scan", code=clinic.code(vial), purpose="issue")
    assert scans(store) == [], "they wait for company, or for two seconds"
    assert logged(store) == 3
    assert scans(store) == [(clinic.PHARMACIST.person_id, vial.id, "issue", "ask_qa", "not_released")] * 3


def test_fifty_scans_are_written_without_being_told_to(ask: Ask, clinic: Clinic, store: Store) -> None:
    clinic.in_stock()
    asking, code = ask("putri"), clinic.code(clinic.vial("H3K001"))
    with store.engines.turn():  # a writer holds the record: readers do not notice
        for _ in range(50):
            assert asking.get("/scan", code=code).status_code == 200
    until = time.monotonic() + 10
    while len(scans(store)) < 50 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(scans(store)) == 50


def test_what_could_not_be_written_is_written_the_next_time(
    ask: Ask, clinic: Clinic, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.in_stock()
    ask("putri").get("/scan", code=clinic.code(clinic.vial("H3K001")))
    with monkeypatch.context() as broken:
        broken.setattr(store, "beside", lambda: 1 / 0)
        assert logged(store) == 0
    assert scans(store) == []
    assert logged(store) == 1
    assert len(scans(store)) == 1


def test_what_is_left_is_written_when_the_store_closes(ask: Ask, clinic: Clinic, store: Store) -> None:
    clinic.in_stock()
    ask("putri").get("/scan", code=clinic.code(clinic.vial("H3K001")))
    for last in store.closing:
        last()
    assert len(scans(store)) == 1


def test_what_is_kept_between_two_scans_is_forgotten_when_anybody_commits(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.released_lot()
    asking, code = ask("putri"), clinic.code(clinic.vial("H3K001"))

    def verdict() -> tuple[str, list[str]]:
        made = asking.get("/scan", code=code).json
        return made["verdict"], [one["code"] for one in made["findings"]]

    assert verdict() == ("use", [])
    told = {"title": "Doubt", "kind": "lot", "target_ids": [lot], "reason": "a call"}
    hold = ask("maharani").post("/holds/place", told).json["answer"]["id"]
    assert verdict() == ("ask_qa", ["held"])
    lifted = {"reason": "settled", "signatures": [signature("maharani", "decided")]}
    assert ask("maharani").post(f"/holds/{hold}/lift", lifted).status_code == 201
    assert verdict() == ("use", [])
    broken = {"reason": "dropped"}
    assert asking.post(f"/vials/{clinic.vial('H3K001').id}/report_broken", broken).status_code == 201
    assert verdict()[0] == "do_not_use"


def test_time_passes_between_two_scans_though_nothing_was_written(ask: Ask, clinic: Clinic, clock: Clock) -> None:
    clinic.released_lot()
    asking, code = ask("putri"), clinic.code(clinic.vial("H3K001"))
    clock.now = datetime(2026, 9, 30, 16, 59, tzinfo=UTC)  # a minute to midnight in Surakarta
    asking = ask("putri")
    assert "expired" not in [one["code"] for one in asking.get("/scan", code=code).json["findings"]]
    clock.tick(minutes=1)
    made = asking.get("/scan", code=code).json
    assert made["verdict"] == "do_not_use"
    assert made["findings"][0]["code"] == "expired"
