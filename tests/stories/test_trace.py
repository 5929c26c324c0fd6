"""From a lot to everybody who had it and back, equal to what somebody finds who reads the tables by hand (step 9)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from tests.clinic import HASHED, Clinic
from tests.elsewhere import Elsewhere, elsewhere, taken_in
from tests.stories.case import LEFT, RIGHT, enrol, issue, nobody_knows, patient, reading, refusal, report, reserve, rows
from traceability.domain.errors import NotFound
from traceability.domain.people import SYSTEM, Actor, Role
from traceability.services import events, organisations, outcomes, people, subjects, trace, vials
from traceability.store import passwords
from traceability.store.tables.organisations import OrganisationKind
from traceability.store.tables.outcomes import Asked, TimePoint

# ───────────────────────────────────────────────────────────── the same, by hand: thirty lines that use none of our code

GIVEN = """
SELECT s.pseudonym, d.k, l.number, a.organisation_id, a.laterality, x.given_ul,
  CASE WHEN x.vial_id IS NULL THEN x.code ELSE (SELECT serial FROM vial WHERE id = x.vial_id) END
FROM administration_vial x, administration a LEFT JOIN dose d ON d.id = a.dose_id, subject s, lot l
WHERE a.id = x.administration_id AND s.id = a.subject_id AND l.id = x.lot_id AND {which}
"""
WHERE = """
SELECT v.serial, p.code FROM vial v, stay t, place p WHERE v.lot_id = :one AND t.vial_id = v.id AND p.id = t.place_id
"""
SCORES = "SELECT subject_id, raw FROM score WHERE subject_id IN (SELECT a.subject_id FROM administration a, administration_vial x WHERE x.administration_id = a.id AND x.lot_id = :one)"
EVENTS = SCORES.replace("raw FROM score", "asked FROM adverse_event")
MADE_OF = "SELECT m.code FROM material m WHERE m.id IN (SELECT material_id FROM lot_ancestor WHERE lot_id = :one)"
BOXES = "SELECT DISTINCT sscc FROM consignment c, consignment_line n, vial v WHERE n.consignment_id = c.id AND v.id = n.vial_id AND v.lot_id = :one"
BUCKETS = {
    "in_stock": ("made", "in_stock", "reserved", "back_in_pharmacy"), "in_transit": ("in_transit",), "issued": ("issued",),
    "administered": ("given",), "wasted": ("discarded",), "destroyed": ("destroyed",), "retained": ("sampled", "retained"),
    "returned": ("sent_back",), "missing": ("lost",),
}  # fmt: skip


def by_hand(clinic: Clinic, lot: str) -> dict[str, Any]:
    def many(query: str) -> Counter[tuple[Any, ...]]:
        return Counter(tuple(row) for row in rows(clinic, query, one=lot))

    states = dict(rows(clinic, "SELECT serial, state FROM vial WHERE lot_id = :one", one=lot))
    (filled,) = rows(clinic, "SELECT filled FROM lot WHERE id = :one", one=lot)[0]
    return {
        "given": many(GIVEN.format(which="x.lot_id = :one")), "where": many(WHERE), "scores": many(SCORES), "events": many(EVENTS),
        "made_of": many(MADE_OF), "boxes": many(BOXES), "states": states, "filled": filled,
        "buckets": {bucket: sum(state in of for state in states.values()) for bucket, of in BUCKETS.items()},
    }  # fmt: skip


def told(clinic: Clinic, lot: str, who: Actor | None = None) -> dict[str, Any]:
    """What the trace says, in the same words."""
    found = reading(clinic, lambda view: trace.of_lot(view, lot), who or clinic.PHYSICIAN)
    made = found["outcomes"].items()
    return {
        "given": Counter(
            (row["pseudonym"], row["k"], found["lot"].number, row["organisation_id"], row["laterality"], row["given_ul"], row["serial"])
            for row in found["given"]
        ),
        "where": Counter((vial["serial"], stay["code"]) for vial in found["vials"] for stay in vial["stays"]),
        "scores": Counter((subject, one["raw"]) for subject, became in made for one in became["scores"]),
        "events": Counter((subject, one["asked"]) for subject, became in made for one in became["events"]),
        "made_of": Counter((one["code"],) for one in found["ancestors"]),
        "boxes": Counter((box["sscc"],) for box in found["consignments"]),
        "states": {vial["serial"]: vial["state"] for vial in found["vials"]},
        "filled": sum(found["buckets"].values()), "buckets": found["buckets"],
    }  # fmt: skip


def back(clinic: Clinic, subject: str, who: Actor | None = None) -> None:
    """From the subject the same vials, and every lot with its maker and what it was made of."""
    found = reading(clinic, lambda view: trace.of_subject(view, subject), who or clinic.PHYSICIAN)
    hand = rows(clinic, "SELECT x.code, x.given_ul FROM administration_vial x, administration a"
                " WHERE a.id = x.administration_id AND a.subject_id = :one", one=subject)  # fmt: skip
    assert len(found["given"]) == len(hand)
    assert sum(row["given_ul"] for row in found["given"]) == sum(row[1] for row in hand)
    lots = {row[0] for row in rows(clinic, "SELECT l.number FROM lot l WHERE l.id IN (SELECT x.lot_id FROM administration_vial x,"
                                   " administration a WHERE a.id = x.administration_id AND a.subject_id = :one)", one=subject)}  # fmt: skip
    assert {lot["number"] for lot in found["lots"]} == lots
    assert all(lot["maker"] == "PT. Bifarma Adiluhung" for lot in found["lots"])
    assert all({one["code"] for one in lot["ancestors"]} == {"D-4KQ7", "MCB-3", "HV-26-9"} for lot in found["lots"])


# ──────────────────────────────────────────────────────────────────────────────────────────────────────────── stories


def test_a_course_from_two_lots(released: Clinic) -> None:
    clinic, first = released, released.ids["lot"]
    course, subject = clinic.course(), clinic.ids["subject"]
    second = clinic.released_lot("UC26-M4", 3, expires=clinic.clock.now.date() + timedelta(days=300))
    for k in range(1, 4):
        clinic.give_dose(course, k)
        clinic.clock.tick(days=6, hours=20)
    for serial in ("H3K004", "H3K005"):
        clinic.do(vials.report_broken, clinic.STOREKEEPER, clinic.vial(serial).id, reason="fell")
    for k in (4, 5):
        clinic.give_dose(course, k)
        clinic.clock.tick(days=6, hours=20)
    clinic.do(
        outcomes.record, clinic.PHYSICIAN, subject, "VAS", "3", TimePoint.AFTER_SERIES, "chart", low="0", high="10"
    )
    clinic.do(events.record, clinic.PHYSICIAN, subject, Asked.NONE)
    for lot, given, wasted in ((first, 3, 2), (second, 2, 0)):
        hand = by_hand(clinic, lot)
        assert told(clinic, lot) == hand
        assert (hand["buckets"]["administered"], hand["buckets"]["wasted"]) == (given, wasted)
        assert sum(hand["given"].values()) == given
        assert sum(hand["buckets"].values()) == hand["filled"]
    back(clinic, subject)


@pytest.fixture
def two(founded: Clinic) -> tuple[Clinic, Elsewhere, str]:
    """One lot of six: four at the first hospital, two at the second, each released there."""
    lot = founded.lot("UC26-H3", 6)
    founded.ids["lot"] = lot
    there = elsewhere(founded)
    taken_in(founded, lot, ("H3K001", "H3K002", "H3K003", "H3K004"))
    taken_in(there, lot, ("H3K005", "H3K006"))
    return founded, there, lot


def shared(clinic: Clinic, there: Elsewhere) -> tuple[str, str]:
    here = clinic.course()
    clinic.give_dose(here, 1)
    other = there.course()
    there.give_dose(other, 1)
    for who in (clinic, there):
        who.do(outcomes.record, who.PHYSICIAN, who.ids["subject"], "VAS", "3", TimePoint.BASELINE, "chart")
    return clinic.ids["subject"], there.ids["subject"]


def test_a_lot_at_two_hospitals(two: tuple[Clinic, Elsewhere, str]) -> None:
    clinic, there, lot = two
    mine, theirs = shared(clinic, there)
    hand = by_hand(clinic, lot)
    assert told(clinic, lot, SYSTEM) == hand
    assert sum(hand["given"].values()) == 2
    for who, sees in ((clinic, mine), (there, theirs)):
        found = reading(clinic, lambda view: trace.of_lot(view, lot), who.PHYSICIAN)
        assert {row["subject_id"] for row in found["given"]} == {sees, None}
        assert set(found["outcomes"]) == {sees}
        assert len(found["given"]) == 2  # counted, not named
        assert found["buckets"] == hand["buckets"]
        back(clinic, sees, who.PHYSICIAN)
    for who, hidden in ((clinic, theirs), (there, mine)):
        with pytest.raises(NotFound):
            reading(clinic, lambda view: trace.of_subject(view, hidden), who.PHYSICIAN)  # noqa: B023


def hidden(clinic: Clinic, lot: str, who: Actor, *subjects: str) -> list[dict[str, Any]]:
    """What this person is told of the lot holds nothing of these subjects."""
    found = reading(clinic, lambda view: trace.of_lot(view, lot), who)
    names = [
        row[0] for subject in subjects for row in rows(clinic, "SELECT pseudonym FROM subject WHERE id = :s", s=subject)
    ]
    said = str(found)
    assert not [secret for secret in (*names, *subjects) if secret in said]
    given: list[dict[str, Any]] = found["given"]
    return given


def test_the_maker_sees_how_many_and_where_and_not_who(two: tuple[Clinic, Elsewhere, str]) -> None:
    clinic, there, lot = two
    mine, theirs = shared(clinic, there)
    report(clinic, [nobody_knows(clinic)], subject=mine)
    given = hidden(clinic, lot, clinic.MAKER_QA, mine, theirs)
    assert Counter(row["organisation"] for row in given) == {"RSUD Dr. Moewardi": 2, "Second hospital": 1}
    assert [row["findings"] for row in given] == [None] * 3
    exposed = reading(
        clinic, lambda view: trace.exposed(view, [v.id for v in clinic.vials(lot)], [lot]), clinic.MAKER_QA
    )
    assert [row["pseudonym"] for row in exposed] == [None] * 3
    with pytest.raises(NotFound):
        reading(clinic, lambda view: trace.of_subject(view, mine), clinic.MAKER_QA)


def inspector(clinic: Clinic, username: str, **scope: Any) -> Actor:
    """From an authority, granted sight of the first hospital."""
    authority = clinic.do(organisations.register, SYSTEM, f"Authority {username}", OrganisationKind.AUTHORITY).id
    person = clinic.do(people.enrol, SYSTEM, authority, username, username, HASHED).id
    clinic.do(people.give, SYSTEM, person, Role.INSPECTOR, clinic.ids["hospital"], **scope)
    with clinic.store.engines.reader.connect() as connection:
        actor = passwords.actor_of(connection, person)
    assert actor is not None
    return actor


def test_an_inspector_sees_pseudonyms_where_and_while_granted(two: tuple[Clinic, Elsewhere, str]) -> None:
    clinic, there, lot = two
    mine, theirs = shared(clinic, there)
    whole = inspector(clinic, "pratama", until=clinic.clock.now + timedelta(days=1))
    given = hidden(clinic, lot, whole, theirs)
    assert {row["subject_id"] for row in given} == {mine, None}
    back(clinic, mine, whole)
    assert refusal(lambda: clinic.do(subjects.open_identity, whole, mine)).code == "not_permitted"
    clinic.clock.tick(days=1)
    with pytest.raises(NotFound):
        reading(clinic, lambda view: trace.of_lot(view, lot), whole)


def test_an_inspector_of_one_lot_sees_who_had_that_lot_alone(released: Clinic) -> None:
    clinic, lot = released, released.ids["lot"]
    other = clinic.released_lot("UC26-M4", 2)
    course = clinic.course()
    clinic.give_dose(course, 1, vial=clinic.ready_vial(course, 1, serial="H3K001"))
    subject, second = patient(clinic, "MRN-2")
    dose = clinic.ordered(second, 1)
    reserve(clinic, "M4K001", dose, reason="that lot")
    issue(clinic, "M4K001")
    report(clinic, [clinic.code(clinic.vial("M4K001"))], subject=subject, dose_id=dose)
    one = inspector(clinic, "kirana", lot_id=lot)
    found = reading(clinic, lambda view: trace.of_lot(view, lot), one)
    assert [row["subject_id"] for row in found["given"]] == [clinic.ids["subject"]]
    with pytest.raises(NotFound):
        reading(clinic, lambda view: trace.of_lot(view, other), one)
    with pytest.raises(NotFound):
        reading(clinic, lambda view: trace.of_subject(view, subject), one)
    every = [vial.id for which in (lot, other) for vial in clinic.vials(which)]
    exposed = reading(clinic, lambda view: trace.exposed(view, every), one)
    assert [row["pseudonym"] is None for row in exposed if row["lot_id"] == other] == [True]
    assert [row["pseudonym"] is None for row in exposed if row["lot_id"] == lot] == [False]


def test_a_vial_reported_twice_and_a_serial_that_nobody_knows(released: Clinic) -> None:
    clinic, lot = released, released.ids["lot"]
    clinic.give_dose(clinic.course(), 1)
    vial, subject = clinic.vial("H3K001"), clinic.ids["subject"]
    other = enrol(clinic, mrn="MRN-2")
    report(clinic, [clinic.code(vial)], subject=other, side=LEFT)
    report(clinic, [nobody_knows(clinic, "H3K999")], subject=other, side=RIGHT)
    report(clinic, [nobody_knows(clinic, "X", lot="FOREIGN", gtin="09521234543220")], subject=other)
    hand = by_hand(clinic, lot)
    assert told(clinic, lot) == hand
    assert (sum(hand["given"].values()), hand["buckets"]["administered"], hand["filled"]) == (3, 1, 5)
    for one in (subject, other):
        back(clinic, one)
    exposed = reading(clinic, lambda view: trace.exposed(view, [vial.id]), clinic.PHYSICIAN)
    assert len(exposed) == 2


def test_a_lot_of_which_nothing_was_given(in_stock: Clinic) -> None:
    lot = in_stock.ids["lot"]
    assert told(in_stock, lot) == by_hand(in_stock, lot)
    found = reading(in_stock, lambda view: trace.of_lot(view, lot), in_stock.QUALITY)
    assert (found["given"], found["outcomes"]) == ([], {})


def test_every_vial_of_the_lot_is_in_one_bucket_wherever_it_went(arrived: Clinic) -> None:
    """One broken, one absent, one lost, one issued, one given after it was thrown away: five are filled, five are told."""
    clinic, lot = arrived, arrived.ids["lot"]
    clinic.counted(clinic.ids["box"], broken=("H3K001",), absent=("H3K002",))
    clinic.put_away(clinic.ids["box"])
    clinic.logged(clinic.ids["box"])
    clinic.certificate(clinic.tested(lot))
    clinic.release(lot)
    course = clinic.course()
    clinic.ready_vial(course, 1, serial="H3K003")
    clinic.do(vials.report_lost, clinic.STOREKEEPER, clinic.vial("H3K004").id, reason="gone")
    clinic.do(vials.discard, clinic.PHARMACIST, clinic.vial("H3K005").id, reason="smudged")
    report(clinic, [clinic.code(clinic.vial("H3K005"))])
    hand = by_hand(clinic, lot)
    assert told(clinic, lot) == hand
    assert {bucket: n for bucket, n in hand["buckets"].items() if n} == {
        "wasted": 1, "missing": 2, "issued": 1, "administered": 1,
    }  # fmt: skip
    assert sum(hand["buckets"].values()) == hand["filled"] == 5
