"""A patient answers on their own phone: a way in that opens once, names nobody, reads nothing back, and is kept as a hash (R50)."""

from __future__ import annotations

from typing import Any

from tests.clinic import Clinic
from tests.elsewhere import elsewhere
from tests.stories.case import RIGHT, clean, count, reading, refusal, rows
from traceability.domain.errors import NotFound
from traceability.services import form_links, outcomes, tokens
from traceability.store.tables.outcomes import TimePoint

LIKERT = "WOMAC|Likert 3.1"


def issued(clinic: Clinic, *forms: str, hours: int = 24, **told: Any) -> tuple[str, str]:
    token, hashed = form_links.new_token(clinic.store, clinic.WITNESS, "")
    assert token
    link = clinic.do(
        form_links.issue, clinic.WITNESS, clinic.ids["subject"], list(forms or (LIKERT,)), TimePoint.BASELINE, hours, "id", hashed,
        laterality=RIGHT, **told,
    ).id  # fmt: skip
    return link, token


def opened(clinic: Clinic, token: str, address: str = "10.0.0.7") -> form_links.Asked:
    return form_links.opened(clinic.store, token, address)


def answered(clinic: Clinic, token: str, answers: list[str]) -> None:
    form_links.answered(clinic.store, opened(clinic, token), answers, demonstration=False)


def test_what_a_patient_answers_is_scored_once_and_told_as_theirs(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    link, token = issued(clinic, LIKERT, "KOOS|LK 1.0")
    asked = opened(clinic, token)
    assert ([one.items for one in asked.versions], asked.language) == ([24, 42], "id")
    answered(clinic, token, ["2"] * 24 + ["1"] * 42)
    found = reading(clinic, lambda view: outcomes.scores(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    assert {(one.instrument, one.subscale, one.raw) for one in found} >= {("WOMAC", None, "48"), ("KOOS", "pain", "75")}
    assert {one.source for one in found} == {"patient"}
    assert refusal(lambda: opened(clinic, token)).code == "link_used"
    kept = asked  # somebody who opened it before it was used
    assert refusal(lambda: form_links.answered(clinic.store, kept, ["0"] * 66, demonstration=False)).code == "link_used"
    assert count(clinic, "score_form") == 2
    assert token not in "".join(body for (body,) in rows(clinic, "SELECT body FROM entry"))
    assert rows(clinic, "SELECT hashed FROM form_link WHERE id = :id", id=link) == [(tokens.hash_of(token),)]
    clean(clinic)


def test_a_link_ends_with_its_time_or_by_a_hand_and_guesses_wait(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    link, token = issued(clinic, hours=2)
    early, _token = issued(clinic)
    clinic.do(form_links.end, clinic.PHYSICIAN, early)
    assert refusal(lambda: opened(clinic, _token)).code == "link_over"
    assert refusal(lambda: clinic.do(form_links.end, clinic.PHYSICIAN, early)).code == "already_ended"
    assert [
        one.id for one in reading(clinic, lambda view: form_links.links(view, clinic.ids["subject"]), clinic.WITNESS)
    ] == [link]
    held = opened(clinic, token)
    clinic.clock.tick(hours=2)
    assert refusal(lambda: opened(clinic, token)).code == "link_over"
    late = refusal(lambda: form_links.answered(clinic.store, held, ["1"] * 24, demonstration=False))
    assert late.code == "link_over"
    for _ in range(10):
        assert isinstance(refusal(lambda: opened(clinic, "guess", "10.9.9.9")), NotFound)
    assert refusal(lambda: opened(clinic, "guess", "10.9.9.9")).code == "too_many_tries"
    assert count(clinic, "score_form") == 0


def test_only_who_treats_makes_one_for_their_own_patient(founded: Clinic) -> None:
    clinic = founded
    clinic.course()
    there = elsewhere(clinic)
    assert isinstance(refusal(lambda: issued(there)), NotFound)
    assert refusal(lambda: issued(clinic, "WOMAC|9")).code == "instrument_unknown"
    assert refusal(lambda: issued(clinic, hours=400)).code == "score_out_of_range"


def test_pain_and_the_global_assessment_alone_are_answered_the_same_way_and_kept_with_their_range(
    founded: Clinic,
) -> None:
    clinic = founded
    clinic.course()
    _link, token = issued(clinic, "VAS|100 mm", "NRS|0–10", "PGA|100 mm")
    asked = opened(clinic, token)
    assert ([one.items for one in asked.versions], asked.laterality) == ([1, 1, 1], RIGHT)
    for wrong in (["101", "", ""], ["", "11", ""], ["", "2.5", ""], ["", "", "-1"]):
        no = refusal(lambda wrong=wrong: form_links.answered(clinic.store, asked, wrong, demonstration=False))
        assert no.code in ("score_out_of_range", "score_not_whole")
    assert refusal(lambda: form_links.answered(clinic.store, asked, [""] * 3, demonstration=False)).code == (
        "nothing_answered"
    )
    assert count(clinic, "score") == count(clinic, "score_form") == 0
    answered(clinic, token, ["37", "", "0"])
    found = reading(clinic, lambda view: outcomes.scores(view, clinic.ids["subject"]), clinic.PHYSICIAN)
    kept = {(one.instrument, one.instrument_version, one.subscale, one.raw, one.low, one.high) for one in found}
    assert kept == {("VAS", "100 mm", None, "37", "0", "100"), ("PGA", "100 mm", None, "0", "0", "100")}
    assert {(one.source, one.laterality) for one in found} == {("patient", RIGHT)}
    assert count(clinic, "score_form") == 3  # also the one that was left out
    (entry,) = [
        one for (one,) in rows(clinic, "SELECT body FROM entry") if '"form_link.answer"' in one and '"37"' in one
    ]
    assert clinic.WITNESS.person_id not in entry
    clean(clinic)
