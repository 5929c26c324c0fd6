"""The clocks in force on one page and by program: by whose signed word, under which entry, and who may sign another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import Asking
from tests.clinic import PASSWORD, Clinic
from tests.conftest import Serving
from tests.worlds import founded, world, worlds
from traceability.domain.casework import CLOCKS, CaseKind, CaseSeverity
from traceability.domain.people import Meaning
from traceability.domain.recalling import Step
from traceability.services import clocks, sessions

__all__ = ["founded", "world", "worlds"]


@pytest.fixture
def store(founded: Clinic):
    return founded.store


def test_the_clocks_in_force_name_who_signed_them_and_since_when(signed_in, founded: Clinic, serving: Serving) -> None:
    quality, today = founded.QUALITY, founded.clock.now.date()
    decided = (founded.sign("maharani", Meaning.DECIDED),)
    own = founded.do(
        clocks.of_case, quality, CaseSeverity.MAJOR, 3, "SOP QA-07", case_kind=CaseKind.LOSS, signed=decided, reason="ordered",
    )  # fmt: skip
    for hours, begins in ((6, today), (2, today + timedelta(days=9))):
        founded.do(
            clocks.of_step, quality, 1, Step.NOTIFY, hours * 3600, begins, "letter of the authority", signed=decided, reason="ordered",
        )  # fmt: skip
    asking = Asking(serving(founded.store), sessions.sign_in(founded.store, "maharani", PASSWORD, "bearer").token)
    told = asking.get("/clocks").json
    (loss,) = [one for one in told["cases"] if one["kind"] == "loss"]
    assert (loss["severity"], loss["days"], loss["word"]) == (
        "major", 3, {"since": str(today), "source": "SOP QA-07", "signed_by": "R. Maharani", "entry": own.number},
    )  # fmt: skip
    (rest,) = [one for one in told["cases"] if one["kind"] is None and one["severity"] == "major"]
    assert (rest["days"], rest["word"]["signed_by"], rest["word"]["entry"]) == (30, None, None)
    notify = [one for one in told["recalls"] if (one["class_"], one["step"]) == (1, "notify")]
    assert [(one["within_s"], one["ahead"], one["word"]["signed_by"]) for one in notify] == [
        (6 * 3600, False, "R. Maharani"), (2 * 3600, True, "R. Maharani"),
    ]  # fmt: skip
    assert told["may_set_cases"] == told["may_set_recalls"] == ["maker_qa", "quality"]
    theirs = Asking(serving(founded.store), sessions.sign_in(founded.store, "wijaya", PASSWORD, "bearer").token)
    assert "SOP QA-07" not in str(theirs.get("/clocks").json)  # each house its own
    page = signed_in("maharani").get("/clocks").text
    for part in ("SOP QA-07", "letter of the authority", "R. Maharani", "nobody: default of the system", "not yet"):
        assert part in page
    indonesian = signed_in("maharani")
    indonesian.set_cookie("language", "id")
    said = indonesian.get("/clocks").text.partition("<main")[2]
    ours = [one.source for one in CLOCKS if one.source not in said]
    assert [one.source for one in CLOCKS] == ours, "what the system says itself is said in the reader's language"
    assert "SOP QA-07" in said
    assert "/clocks" in signed_in("maharani").get("/recalls").text
