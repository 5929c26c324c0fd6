"""QA reads the audit trail and signs up to where: what that covers, what is new since, and who may say so."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.clinic import PASSWORD, Clinic
from tests.conftest import Serving
from tests.store.bare import unguarded
from tests.stories.case import refusal
from traceability.domain import rules
from traceability.domain.errors import NotFound, Refused
from traceability.domain.people import SYSTEM, Actor, Meaning, Role
from traceability.services import audit, audit_export, audit_reviews, consignments, labels, people, sessions, vials
from traceability.store import Call, ledger
from traceability.store.tables import AuditReview


def read(
    clinic: Clinic,
    through: int,
    lot_id: str | None = None,
    *,
    who: Actor | None = None,
    by: str = "maharani",
    **told: str,
) -> dict:
    signed = (clinic.sign(by, Meaning.TRAIL_REVIEWED),)
    if lot_id:
        told = {"boxes_digest": clinic.boxes_read(lot_id)} | told
    return dict(clinic.do(audit_reviews.review, who or clinic.QUALITY, through, lot_id, signed=signed, **told).answer)


def state(clinic: Clinic, lot_id: str | None, who: Actor | None = None) -> tuple[int, int]:
    with clinic.store.read(who or clinic.QUALITY) as view:
        last = (
            audit_reviews.last_entry(view, lot_id)
            if lot_id
            else audit_reviews.last_number(view, view.actor.organisation_id)
        )
        return audit_reviews.reviewed_through(view, lot_id), last


def test_a_review_of_a_lot_says_up_to_where_and_what_comes_after_is_new(ready: Clinic) -> None:
    lot = ready.ids["lot"]
    reviewed, last = state(ready, lot)
    assert reviewed == 0
    told = read(ready, last, lot)
    assert (told["through"], told["lot_id"]) == (last, lot)
    assert state(ready, lot) == (last, last)  # its own entry is about the lot, and asks nobody to look again
    ready.do(vials.move, ready.PHARMACIST, ready.vial("H3K001").id, ready.ids["read_freezer"])
    with ready.store.read(ready.QUALITY) as view:
        (new,) = audit_reviews.unreviewed(view, lot)
        assert (
            audit.entry(view, ready.ids["hospital"], new).entry.act == "vial.move"
        )  # a move of a vial is about its lot
        (row,) = audit_reviews.reviews(view, lot)
        (signature,) = audit.entry(view, ready.ids["hospital"], new - 1).entry.signatures
    assert (row.person_id, row.through) == (ready.QUALITY.person_id, last)
    assert (signature.name, signature.meaning) == (ready.QUALITY.name, Meaning.TRAIL_REVIEWED)


def test_a_refused_attempt_is_part_of_what_is_to_be_reviewed(ready: Clinic) -> None:
    lot = ready.ids["lot"]
    read(ready, state(ready, lot)[1], lot)
    with pytest.raises(Refused, match="reason_missing"):
        ready.do(labels.reprint, ready.PHARMACIST, (ready.vial("H3K001").id,), "vial_16x30")
    with ready.store.read(ready.QUALITY) as view:
        (new,) = audit_reviews.unreviewed(view, lot)
        told = audit.entry(view, ready.ids["hospital"], new).entry
    assert (told.act, told.refused) == ("label.reprint", "reason_missing")


def test_a_review_of_the_ledger_covers_every_lot_of_it_and_one_of_a_lot_no_other(ready: Clinic) -> None:
    other = ready.lot("UC26-K2")
    ready.in_stock(other)
    read(ready, state(ready, ready.ids["lot"])[1], ready.ids["lot"])
    assert state(ready, other)[0] == 0
    last = state(ready, None)[1]
    told = read(ready, last)
    assert (told["entries"], told["lot_id"]) == (last, None)
    with ready.store.read(ready.QUALITY) as view:
        assert told["digest"] == ledger.tree(view.connection, ready.ids["hospital"], last).root().hex()
    assert state(ready, other)[0] == state(ready, ready.ids["lot"])[0] == last


def test_the_signature_is_over_what_was_there_to_read(ready: Clinic) -> None:
    lot = ready.ids["lot"]
    last = state(ready, lot)[1]
    first, second = read(ready, last - 1, lot), read(ready, last, lot)
    assert second["entries"] == first["entries"] + 1
    assert first["digest"] != second["digest"]
    assert read(ready, last, lot)["digest"] == second["digest"]


def test_nobody_reviews_what_is_not_there_yet_nor_where_there_is_nothing(ready: Clinic) -> None:
    lot = ready.ids["lot"]
    with ready.store.read(ready.QUALITY) as view:
        end = audit_reviews.last_number(view, ready.ids["hospital"])
    with pytest.raises(Refused, match="review_ahead") as refused:
        read(ready, end + 1, lot)
    assert refused.value.values["last"] == end
    with pytest.raises(Refused, match="nothing_to_review"):
        read(ready, 1, lot)
    for through in (0, -1):
        with pytest.raises(Refused, match="review_ahead"):
            read(ready, through, lot)
    assert state(ready, lot)[0] == 0


def test_each_house_reviews_its_own_ledger_and_a_lot_that_it_sees(ready: Clinic) -> None:
    lot = ready.ids["lot"]
    last = state(ready, lot, ready.MAKER_QA)[1]
    read(ready, last, lot, who=ready.MAKER_QA, by="wijaya")
    assert state(ready, lot, ready.MAKER_QA)[0] == last
    assert state(ready, lot)[0] == 0
    ready.do(people.give, SYSTEM, ready.ELSEWHERE.person_id, Role.QUALITY, ready.ids["other"])
    with pytest.raises(NotFound):  # never consigned to them
        read(ready, 1, lot, who=ready.ELSEWHERE, by="other")


def test_who_only_looks_signs_no_review(ready: Clinic) -> None:
    for who in (ready.PHARMACIST, ready.ADMINISTRATOR, ready.PHYSICIAN):
        with pytest.raises(Refused, match="not_permitted"):
            audit_reviews.review(ready.store, who, Call(), 1, ready.ids["lot"])
    with pytest.raises(Refused, match="signature_missing"):
        audit_reviews.review(ready.store, ready.QUALITY, Call(), 1)
    with ready.store.read(ready.QUALITY) as view:
        assert view.all(AuditReview) == []
    with pytest.raises(NotFound):
        read(ready, 1, "f" * 32)


def test_an_entry_that_was_altered_is_shown_as_such_and_neither_reviewed_nor_taken_out(
    ready: Clinic, serving: Serving
) -> None:
    lot, ours = ready.ids["lot"], ready.ids["hospital"]
    last = state(ready, lot)[1]
    with unguarded(ready.store) as connection:
        connection.execute(
            text(
                "UPDATE entry SET body = replace(body, '\"live\"', '\"late\"') WHERE ledger = :one AND number = :last"
            ),
            {"one": ours, "last": last},
        )
    no = refusal(lambda: read(ready, last, lot))
    assert (no.code, no.values["first"]) == ("ledger_differs", last)
    for kind in audit_export.FORMATS:
        with pytest.raises(Refused, match="ledger_differs"):
            audit_export.take(ready.store, ready.QUALITY, Call(), audit.Asked(ours), kind)
    page = serving(ready.store, SECURE=False, TESTING=True).test_client()
    page.set_cookie("session", sessions.sign_in(ready.store, "maharani", PASSWORD, "cookie").token)
    assert "altered" in page.get("/audit").text


def test_what_a_vial_in_another_box_brings_into_the_trail_was_not_reviewed(ready: Clinic) -> None:
    """A vial of the lot lies in a box that had arrived before the review: all of that box is news to who signed."""
    lot = ready.lot("UC26-K2", 3)
    box = ready.arrived(ready.shipped(lot, serials=("K2K001", "K2K002")))
    other = ready.arrived(ready.shipped(ready.lot("UC26-L1", 1)))
    ready.counted(box)
    ready.reviewed(lot)
    reviewed, last = state(ready, lot)
    assert reviewed == last
    read_before = ready.boxes_read(lot)
    ready.do(consignments.count, ready.STOREKEEPER, other, ready.code(ready.vial("K2K003")))
    with ready.store.read(ready.QUALITY) as view:
        told = [
            audit.entry(view, ready.ids["hospital"], number).entry for number in audit_reviews.unreviewed(view, lot)
        ]
    assert [(one.act, one.number <= reviewed) for one in told] == [
        ("consignment.arrive", True),
        ("consignment.count", False),
    ]
    assert "audit_reviewed" in {one.code for one in rules.unmet(ready.dossier(lot).findings)}
    assert state(ready, lot)[0] == reviewed  # and yet no number says so
    with pytest.raises(Refused, match="trail_boxes_missing"):  # who does not say what was read has read nothing
        read(ready, told[-1].number, lot, boxes_digest="")
    with pytest.raises(Refused, match="trail_has_grown"):  # whoever read it before this vial turned up
        read(ready, told[-1].number, lot, boxes_digest=read_before)
    read(ready, told[-1].number - 1, lot, boxes_digest=ready.boxes_read(lot))
    with ready.store.read(ready.QUALITY) as view:
        assert audit_reviews.unreviewed(view, lot) == [told[-1].number]
    ready.reviewed(lot)
    assert "audit_reviewed" not in {one.code for one in rules.unmet(ready.dossier(lot).findings)}


def test_a_review_that_no_longer_says_what_was_signed_covers_nothing(ready: Clinic) -> None:
    lot = ready.ids["lot"]
    ready.reviewed(lot)
    with unguarded(ready.store) as connection:
        connection.execute(text("UPDATE audit_review SET entries = entries - 1, boxes = '[]'"))
    with ready.store.read(ready.QUALITY) as view:
        assert audit_reviews.unreviewed(view, lot)
