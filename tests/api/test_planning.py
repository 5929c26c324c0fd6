"""What is planned ahead, by HTTP: protocols with their papers and visits."""

from __future__ import annotations

from tests.api.conftest import Ask, signature
from tests.clinic import DESIGNATION, Clinic


def test_a_protocol_is_issued_with_its_papers_and_visits_and_one_that_cannot_be_planned_on_says_why(
    ask: Ask, clinic: Clinic
) -> None:
    quality = ask("maharani")
    told = {
        "product_id": clinic.ids["product"], "name": "Knee, three weekly", "doses": 3, "approval_number": DESIGNATION,
        "visits": [{"time_point": "baseline", "day": -7, "window_d": 7}, {"time_point": "month_6", "day": 180, "window_d": 10}],
        "signatures": [signature("maharani", "decided")],
    }  # fmt: skip
    assert quality.post("/protocols/issue", told).status_code == 201
    assert quality.post("/protocols/issue", told | {"ethics_number": clinic.ethics_paper()}).status_code == 201
    for visits in (
        [{"time_point": "month_6", "day": 61, "window_d": 1}, {"time_point": "month_2", "day": 183, "window_d": 1}],
        [{"time_point": "baseline", "day": 1, "window_d": 0}],
        [told["visits"][0], told["visits"][0]],
    ):
        refused = quality.post("/protocols/issue", told | {"visits": visits})
        assert (refused.status_code, refused.json["code"]) == (409, "visits_impossible")
    assert quality.post("/protocols/issue", told | {"visits": [{"time_point": "month_9", "day": 1}]}).status_code == 422
    second, first = ask("santosa").get("/protocols").json["items"]
    assert [(one["time_point"], one["day"], one["window_d"]) for one in second["visits"]] == [
        ("baseline", -7, 7), ("month_6", 180, 10),
    ]  # fmt: skip
    assert (second["version"], second["findings"]) == (2, [])
    assert [(one["code"], one["holds"]) for one in first["findings"]] == [("paper_named", False)]
    assert ask("handayani").get("/protocols").status_code == 403
