"""Recalls, reconciliation and distribution by program: the same as on the pages, each as far as its reader may see it."""

from __future__ import annotations

from tests.api.conftest import Ask, signature
from tests.clinic import Clinic
from tests.stories.test_recall_course import rehearsed
from tests.worlds import released, world, worlds

__all__ = ["released", "world", "worlds"]


def test_a_program_runs_a_mock_recall_and_reads_how_it_stands(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.released_lot()
    clinic.ids["lot"] = lot
    mock = rehearsed(clinic, lot)
    keeper, maker = ask("handayani"), ask("wijaya")
    done = keeper.post(f"/recalls/{mock}/retrieve", {"code": clinic.code(clinic.vial("H3K001"))})
    assert (done.status_code, done.json["answer"]["mock"], done.json["answer"]["findings"]) == (201, True, [])
    whole = maker.get(f"/recalls/{mock}").json
    assert (whole["mock"], whole["tally"]["scanned"], whole["coverage_bp"]) == (True, 1, 2000)
    assert {one["code"] for one in whole["open_points"]} == {"notice_unanswered", "vials_unaccounted"}
    assert [one["step"] for one in whole["steps"]] == ["notify", "acknowledge", "account", "close"]
    part = keeper.get(f"/recalls/{mock}").json
    assert (part["steps"], part["open_points"], len(part["vials"])) == ([], [], 5)
    assert len(part["notices"]) == 1, "its own"
    assert ask("other").get(f"/recalls/{mock}").status_code == 404, (
        "who has no vial of it does not learn of a mock recall"
    )


def test_a_program_counts_a_lot_up_signs_it_and_reads_what_went_to_whom(ask: Ask, clinic: Clinic) -> None:
    lot = clinic.released_lot()
    quality = ask("maharani")
    figures = quality.get(f"/lots/{lot}/reconciliation").json
    assert (figures["filled"], figures["counted"], figures["buckets"]["in_stock"], figures["differs"]) == (5, 5, 5, [])
    told = {"figures_digest": figures["figures_digest"], "signatures": [signature("maharani", "decided")]}
    assert quality.post(f"/lots/{lot}/reconcile", told).status_code == 201
    assert len(quality.get(f"/lots/{lot}/reconciliation").json["signed"]) == 1
    (line,) = quality.get("/distribution", lot_id=lot).json["items"]
    assert (line["lot"], line["quantity"], line["whole"], line["consignee"]) == ("UC26-H3", 5, 5, "RSUD Dr. Moewardi")
    assert ask("other").get(f"/lots/{lot}/reconciliation").status_code == 404
    assert ask("other").get("/distribution").json["items"] == []
