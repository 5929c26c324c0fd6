"""Whose result it is reviews it, and one signature may stand for all that somebody looked at (R30, R58)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.case import clean, reading, refusal, rows
from tests.stories.test_results import enter
from traceability.domain.people import SYSTEM, Meaning, Role
from traceability.services import people, results, reviewing
from traceability.services.records import analysis
from traceability.store import Done, passwords
from traceability.store.tables import Lot, Result, Signature


def review(clinic: Clinic, who: str, username: str, *result_ids: str, together: bool = True) -> Done:
    signed = (clinic.sign(username, Meaning.REVIEWED),)
    if together:
        return clinic.do(
            reviewing.review_results, clinic.actors[who], clinic.ids["lot"], list(result_ids), signed=signed
        )
    return clinic.do(results.review, clinic.actors[who], *result_ids, signed=signed)


def both(clinic: Clinic) -> tuple[str, str]:
    return enter(clinic, clinic.ids["lot"], "endotoxin", "0.05"), enter(
        clinic, clinic.ids["lot"], "sterility", "no growth"
    )


def test_one_signature_stands_for_every_result_that_was_looked_at(in_stock: Clinic) -> None:
    clinic, (first, second) = in_stock, both(in_stock)
    waiting = reading(clinic, lambda view: reviewing.reviewable(view, clinic.ids["lot"]), clinic.QUALITY2)
    assert [one.id for one in waiting] == [first, second]
    done = review(clinic, "lestari", "lestari", first, second)
    assert done.answer["results"] == 2
    with clinic.store.read(clinic.QUALITY) as view:
        found = view.all(Result, Result.lot_id == clinic.ids["lot"])
        (signature,) = view.known(Signature, Signature.act_id == done.act_id)
        printed = analysis.reviews(view, view.need(Lot, clinic.ids["lot"]))
    assert {(one.act_id, one.reviewer_id) for one in found} == {(done.act_id, clinic.QUALITY2.person_id)}
    assert [(one.covers, one.about) for one in printed] == [(signature.digest, "Endotoxin, Sterility")]
    # the entry names every one of them
    assert {row[0] for row in rows(clinic, "SELECT about_id FROM mention WHERE act_id = :act", act=done.act_id)} >= {
        first, second, clinic.ids["lot"],
    }  # fmt: skip
    again = refusal(lambda: review(clinic, "maharani", "maharani", first, second))
    assert again.code == "already_ended"
    clean(clinic)


def test_one_that_is_not_theirs_to_review_keeps_all_of_them_unsigned(in_stock: Clinic) -> None:
    clinic, (first, second) = in_stock, both(in_stock)
    assert refusal(lambda: review(clinic, "maharani", "maharani")).code == "nothing_chosen"
    no = refusal(lambda: review(clinic, "wulandari", "wulandari", first, second))
    assert no.code == "own_work"
    other = clinic.in_stock(clinic.lot("UC26-H4", 1))
    strange = enter(clinic, other, "sterility", "no growth")
    assert refusal(lambda: review(clinic, "maharani", "maharani", first, strange)).code == "results_of_other_lot"
    assert len(reading(clinic, lambda view: reviewing.reviewable(view, clinic.ids["lot"]), clinic.QUALITY)) == 2


@pytest.mark.parametrize("together", [True, False])
def test_the_makers_result_is_reviewed_by_the_maker_and_a_hospitals_by_that_hospital(
    in_stock: Clinic, together: bool
) -> None:
    clinic = in_stock
    clinic.do(people.give, SYSTEM, clinic.MAKER_QA2.person_id, Role.ANALYST, clinic.ids["maker"])
    with clinic.store.engines.reader.connect() as connection:
        analyst = passwords.actor_of(connection, clinic.MAKER_QA2.person_id)
    assert analyst is not None
    lot = clinic.ids["lot"]
    told = (lot, clinic.ids["spec_sterility"], "no growth", clinic.clock.now - timedelta(hours=1))
    makers, ours = clinic.do(results.enter, analyst, *told).id, enter(clinic, lot, "endotoxin", "0.05")
    for who, username, theirs in (
        ("maharani", "maharani", makers),
        ("wijaya", "wijaya", ours),
    ):
        no = refusal(
            lambda who=who, username=username, theirs=theirs: review(clinic, who, username, theirs, together=together)
        )
        assert no.code == "result_of_another_house"
    review(clinic, "wijaya", "wijaya", makers, together=together)
    review(clinic, "maharani", "maharani", ours, together=together)
