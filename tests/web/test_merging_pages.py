"""Two pseudonyms of one person on the pages: found, compared, looked at once, signed by two, taken back."""

from __future__ import annotations

import re

import pytest

from tests.clinic import PASSWORD, Clinic
from tests.stories.case import enrol

TWO = {"password": PASSWORD, "second_username": "putri", "second_password": PASSWORD}


@pytest.fixture
def twice(clinic: Clinic) -> tuple[str, str]:
    return enrol(clinic, "Canary Lestari", "MRN-1"), enrol(clinic, "LESTARI, Canary", "MRN-2")


def test_two_pseudonyms_are_compared_looked_at_and_signed_and_the_one_says_where_it_went(
    signed_in, clinic: Clinic, twice: tuple[str, str]
) -> None:
    first, again = twice
    doctor = signed_in("santosa")
    assert "Perhaps 1 person is enrolled twice" in doctor.get("/subjects").text
    compare = re.search(r'href="(/subjects/\w+/merge\?into_id=\w+)"', doctor.get("/subjects/alike").text)[1]
    assert compare == f"/subjects/{again}/merge?into_id={first}"
    page = doctor.get(compare)
    assert "Canary" not in page.text
    assert page.text.count("not shown") == 8
    unseen = doctor.send(compare.partition("?")[0], page, into_id=first, step="sign", reason="The ward says so", **TWO)
    assert unseen.status_code == 409
    assert "Nobody who signs has looked at both" in unseen.text
    path = compare.partition("?")[0]
    shown = doctor.send(path, page, into_id=first, step="look")
    assert shown.text.count("Canary") == 2
    assert shown.headers["Cache-Control"] == "no-store"
    done = doctor.send(path, shown, into_id=first, reason="The ward says so", **TWO)
    assert done.headers["Location"].endswith(f"/subjects/{first}")
    assert "enrolled more than once" in doctor.get(f"/subjects/{first}").text
    merged = doctor.get(f"/subjects/{again}").text
    assert "is read as" in merged
    assert "The ward says so" in merged
    assert again not in doctor.get("/subjects").text
    back = doctor.fill(f"/subjects/{again}/unmerge", reason="They are twins", **TWO)
    assert back.status_code == 303, back.text
    assert "is read as" not in doctor.get(f"/subjects/{again}").text


def test_qa_breaks_the_glass_for_both_before_it_sees_them_and_others_do_not_merge(
    signed_in, clinic: Clinic, twice: tuple[str, str]
) -> None:
    first, again = twice
    path = f"/subjects/{again}/merge"
    quality = signed_in("maharani")
    page = quality.get(f"{path}?into_id={first}")
    hidden = quality.send(path, page, into_id=first, step="look")
    assert hidden.status_code == 403
    assert "Canary" not in hidden.text
    nurse = signed_in("rahayu")
    assert nurse.get(path).status_code == 403
    assert "enrolled twice" not in nurse.get("/subjects").text, "who may not merge them is not asked to"
    assert f"into_id={first}" in quality.get(path).text
    name = quality.get(path, query_string={"pseudonym": "NOBODY"})
    assert name.status_code == 404
