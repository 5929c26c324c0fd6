"""Training and access on pages and by program: what a role asks for, who lacks it, and the roles reviewed (R55b)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.api.conftest import Asking
from tests.clinic import PASSWORD, Clinic
from tests.conftest import Serving
from tests.worlds import founded, world, worlds
from traceability.domain.people import Role
from traceability.services import people, sessions

__all__ = ["founded", "world", "worlds"]


@pytest.fixture
def store(founded: Clinic):
    return founded.store


def test_a_role_asks_for_training_and_a_persons_page_says_what_is_missing_until_it_is_recorded(
    signed_in, founded: Clinic
) -> None:
    quality = signed_in("maharani")
    assert "No role asks for training." in quality.get("/people").text
    asked = quality.fill(
        "/training_needs/set", role="storekeeper", topic="sop-12", reason="plan of this year", password=PASSWORD
    )
    assert asked.status_code == 303, asked.text[-800:]
    keeper = f"/people/{founded.STOREKEEPER.person_id}"
    assert "Training missing: SOP-12" in quality.get("/people").text
    assert "S. Handayani has no training on record" in quality.get(keeper).text
    assert "Training of S. Handayani: SOP-12" in quality.get("/").text
    own = signed_in("handayani")
    refused = own.fill("/stocktakes/begin", place_id=founded.ids["freezer"])
    assert refused.status_code == 403
    assert "SOP-12, asked for in the role storekeeper: S. Handayani has no training on record." in refused.text
    today = founded.clock.now.date()
    done = quality.fill(
        f"/trainings/record?person_id={founded.STOREKEEPER.person_id}", person_id=founded.STOREKEEPER.person_id, topic="ＳＯＰ－１２",
        held_on=str(today), valid_until=str(today + timedelta(days=5)),
    )  # fmt: skip
    assert done.status_code == 303, done.text[-800:]
    assert "Ends within 7 days" in own.get(keeper).text
    assert own.fill("/stocktakes/begin", place_id=founded.ids["freezer"]).status_code == 303


def test_the_roles_are_reviewed_on_one_page_and_by_program_and_people_says_what_changed_since(
    signed_in, founded: Clinic, serving: Serving
) -> None:
    admin = signed_in("admin")
    assert "Nobody has reviewed yet who may do what." in admin.get("/people").text
    done = admin.fill("/grants/review", next_in_d="90", password=PASSWORD)
    assert done.status_code == 303, done.text[-800:]
    page = admin.get("/people").text
    assert "Who may do what was reviewed by Y. Admin" in page
    assert "Nothing has changed since." in page
    founded.do(people.give, founded.ADMINISTRATOR, founded.STOREKEEPER.person_id, Role.NURSE, founded.ids["hospital"])
    assert "Since then: 1 role given." in admin.get("/people").text
    assert "new since the last review" in admin.get("/grants/review").text
    asking = Asking(serving(founded.store), sessions.sign_in(founded.store, "maharani", PASSWORD, "bearer").token)
    told = asking.get("/access").json
    assert (told["next_in_d"], len(told["changed"]["given"]), told["is_due"]) == (90, 1, False)
    signed = [{"username": "maharani", "password": PASSWORD, "meaning": "access_reviewed"}]
    answer = asking.post("/grants/review", {"grants_sha256": told["grants_sha256"], "signatures": signed})
    assert answer.status_code in (200, 201), answer.json
    assert asking.get("/access").json["changed"]["given"] == []
    assert re.fullmatch(r"[0-9a-f]{64}", told["grants_sha256"])
    assert asking.get("/trainings").json["items"] == asking.get("/training_needs").json["items"] == []
