"""What is planned ahead, by HTTP: protocols with their papers and visits, the calendar, and whether the stock lasts."""

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


def test_the_calendar_and_the_stock_for_it_are_told_to_who_treats(ask: Ask, clinic: Clinic) -> None:
    clinic.released_lot()
    course = clinic.course()
    physician = ask("santosa")
    told = physician.get("/calendar").json
    dose, visit = (next(one for one in told["items"] if (one["k"] == 1) is is_dose) for is_dose in (True, False))
    assert (dose["course_id"], dose["due"], dose["standing"], dose["ordered"]) == (
        course,
        told["today"],
        "today",
        False,
    )
    assert (visit["time_point"], visit["dose_id"], visit["done_on"]) == ("baseline", None, None)
    assert len(physician.get("/calendar", **{"from": told["today"], "to": "2026-05-30"}).json["items"]) == 7
    (stock,) = physician.get("/forecast", weeks=6).json["items"]
    assert (stock["usable"], stock["missing"], [one["doses"] for one in stock["days"]]) == (5, 0, [1, 1, 1, 1, 1])
    for path, query, status in (
        ("/calendar", {"from": "2026-05-30", "to": "2026-04-01"}, 409), ("/calendar", {"to": "2150-12-31"}, 409),
        ("/calendar", {"from": "soon"}, 422), ("/forecast", {"weeks": 27}, 422), ("/forecast", {"weeks": "0"}, 422),
    ):  # fmt: skip
        assert physician.get(path, **query).status_code == status, (path, query)
    for who in ("handayani", "wijaya", "admin"):
        assert {ask(who).get(path).status_code for path in ("/calendar", "/forecast")} == {403}
    assert ask("other").get("/calendar").json["items"] == []
