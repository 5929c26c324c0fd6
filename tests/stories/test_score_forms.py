"""A questionnaire is answered item by item: kept as it was, scored by its rule, not evaluable where too much is missing (R50)."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from tests.clinic import Clinic
from tests.stories.case import clean, reading, refusal
from traceability.services import outcomes, responding, score_forms
from traceability.store import Done
from traceability.store.tables.outcomes import TimePoint
from traceability.store.tables.subjects import Laterality


def told(clinic: Clinic, subject: str, answers: list[str], version: str = "Likert 3.1", **given: Any) -> Done:
    return clinic.do(
        score_forms.record, clinic.PHYSICIAN, subject, "WOMAC", version,
        answers, TimePoint.BASELINE, "visit", laterality=Laterality.RIGHT, **given,
    )  # fmt: skip


def test_answers_are_kept_and_scored_by_the_rule_of_their_version(founded: Clinic) -> None:
    clinic = founded
    subject = clinic.subject()
    done = told(clinic, subject, ["2"] * 4 + [""] + ["3"] * 2 + ["1"] * 17)
    assert done.answer["scores"] == {"pain": "10", "stiffness": "6", "function": "17", "total": "33"}
    assert done.answer["missing"] == {"pain": 1, "total": 1}
    found = {
        one.subscale: (one.raw, one.low, one.high, one.instrument_version, one.form_id)
        for one in reading(clinic, lambda view: outcomes.scores(view, subject), clinic.PHYSICIAN)
    }
    assert found[None] == ("33", "0", "96", "Likert 3.1", done.id)
    assert found["stiffness"] == ("6", "0", "8", "Likert 3.1", done.id)
    (form,) = reading(clinic, lambda view: score_forms.forms(view, subject), clinic.PHYSICIAN)
    assert form["form"].answers[3:6] == ["2", None, "3"]
    clean(clinic)


def test_where_too_much_is_missing_there_is_no_score_and_the_answers_stay(founded: Clinic) -> None:
    clinic = founded
    subject = clinic.subject()
    done = told(clinic, subject, ["2"] * 7 + ["1"] * 13 + [""] * 4)
    assert done.answer["scores"] == {"pain": "10", "stiffness": "4", "function": None, "total": None}
    kept = reading(clinic, lambda view: outcomes.scores(view, subject), clinic.PHYSICIAN)
    assert sorted(str(one.subscale) for one in kept) == ["pain", "stiffness"]
    (form,) = reading(clinic, lambda view: score_forms.forms(view, subject), clinic.PHYSICIAN)
    assert form["scored"]["function"].missing == 4
    assert form["scored"]["pain"].value == Decimal(10)


def test_what_the_form_does_not_offer_is_refused_and_nothing_is_kept(founded: Clinic) -> None:
    clinic = founded
    subject = clinic.subject()
    for answers, version, code in (
        (["2"] * 23, "Likert 3.1", "form_incomplete"),
        (["5"] + ["2"] * 23, "Likert 3.1", "score_out_of_range"),
        (["x"] + ["2"] * 23, "Likert 3.1", "number_unreadable"),
        (["2"] * 24, "Likert 9", "instrument_unknown"),
    ):
        assert refusal(partial(told, clinic, subject, answers, version)).code == code
    assert reading(clinic, lambda view: outcomes.scores(view, subject), clinic.PHYSICIAN) == []


def test_function_that_falls_from_30_to_15_items_responds_and_25_to_22_of_the_total_matters(founded: Clinic) -> None:
    clinic = founded
    subject = clinic.subject()
    visits = ((TimePoint.BASELINE, 30, "25"), (TimePoint.MONTH_6, 15, "22"))
    for point, function, _total in visits:
        items = ["0"] * 7 + [str(min(4, max(0, function - 4 * n))) for n in range(17)]
        clinic.do(
            score_forms.record, clinic.PHYSICIAN, subject, "WOMAC", "Likert 3.1", items, point, "visit", laterality=Laterality.RIGHT
        )  # fmt: skip
    for point, _function, total in visits:
        clinic.do(
            outcomes.record, clinic.PHYSICIAN, subject, "WOMAC", total, point, "chart", laterality=Laterality.LEFT, low="0", high="96"
        )  # fmt: skip
    left, right = reading(clinic, lambda view: responding.of_subject(view, subject), clinic.PHYSICIAN)
    assert right.became.responded, "exactly half, and 22 points"
    assert [met for one, met in left.became.matters if "12 %" in one.source] == [True], "exactly 12 %"
