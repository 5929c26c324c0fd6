"""What was told wrong, by program: corrected by the same act, and read back with what was told first."""

from __future__ import annotations

from tests.api.conftest import Ask
from tests.clinic import PASSWORD, Clinic


def test_a_program_corrects_an_injection_and_reads_what_was_told_first(ask: Ask, clinic: Clinic) -> None:
    clinic.released_lot()
    course = clinic.course()
    given = clinic.give_dose(course, 1).id
    asks = ask("santosa")
    signs = [
        {"username": name, "password": PASSWORD, "meaning": meaning}
        for name, meaning in (("santosa", "recorded"), ("putri", "verified"))
    ]
    body = {"vas_after": "4", "not_reported": ["vas_before"], "reason": "the sheet says so", "signatures": signs}
    done = asks.post(f"/administrations/{given}/correct", body)
    assert (done.status_code, done.json["answer"]["fields"]) == (201, ["vas_after", "vas_before"]), done.json
    told = asks.get(f"/administrations/{given}").json
    assert (told["vas_before"], told["vas_after"], told["vials"][0]["given_ul"]) == (None, "4", 3000)
    assert [(one["field"], one["before"], one["after"], one["who"]) for one in told["corrections"]] == [
        ("vas_after", "5", "4", "B. Santosa"), ("vas_before", "7", None, "B. Santosa"),
    ]  # fmt: skip
    assert asks.post(f"/administrations/{given}/correct", body | {"reason": ""}).status_code == 422
    void = asks.post(f"/administrations/{given}/void", {"reason": "never given", "signatures": signs})
    assert void.json["answer"]["missing"] == ["H3K001"]
    assert asks.get(f"/subjects/{told['subject_id']}/trace").json["given"][0]["void_at"] is not None
    assert ask("wijaya").get(f"/administrations/{given}").status_code == 403
