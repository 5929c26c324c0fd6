"""What waits for whom, as a lot goes its way; every row leads to where it is done."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from tests.clinic import PEOPLE, Clinic
from tests.stories.case import prescribed
from traceability.domain.people import SYSTEM, Role
from traceability.services import (
    administrations,
    coldchain,
    courses,
    labels,
    lots,
    notices,
    organisations,
    people,
    products,
    stops,
    vials,
    worklist,
)
from traceability.services.organisations import OrganisationKind
from traceability.services.stops import ScopeKind
from traceability.services.worklist import Waiting
from traceability.store import Call


def waits(clinic: Clinic, who: str) -> set[str]:
    """The codes of what waits for this person."""
    with clinic.store.read(clinic.actors[who]) as view:
        held = frozenset(grant.role for grant in clinic.actors[who].grants)
        return {one.code for one in worklist.waiting(view, held)}


def rows(page: str) -> dict[str, str]:
    """Title → where its button leads, as the page shows them."""
    found = re.findall(
        r"<h3>(.*?)</h3>.*?</div><span class=\"when\">.*?</span>(?:<a class=\"btn[^\"]*\" href=\"([^\"]*)\")?",
        page,
        re.S,
    )
    return {re.sub(r"<[^>]*>", "", title): href for title, href in found}


def test_at_first_nothing_waits(signed_in, clinic: Clinic) -> None:
    for who in ("wijaya", "handayani", "putri", "maharani", "wulandari"):
        assert "Nothing waits for you." in signed_in(who).get("/").text


def test_a_lot_is_waited_for_from_its_announcement_to_its_release(clinic: Clinic) -> None:
    clinic.lot(certified=False)
    assert waits(clinic, "wijaya") == {"uncertified"}
    assert waits(clinic, "maharani") == {"untranscribed"}
    assert waits(clinic, "wulandari") == {"untested"}
    assert waits(clinic, "handayani") == set()


def test_a_lot_on_its_way(clinic: Clinic) -> None:
    lot = clinic.lot()
    assert waits(clinic, "wijaya") == {"unshipped"}
    box = clinic.shipped(lot)
    assert waits(clinic, "wijaya") == set()
    assert waits(clinic, "handayani") == {"expected"}
    clinic.arrived(box)
    assert waits(clinic, "handayani") == {"to_count"}
    clinic.counted(box, absent=("H3K001",))
    assert waits(clinic, "handayani") == {"to_put_away"}
    assert waits(clinic, "maharani") == {"case"}
    clinic.put_away(box)
    assert waits(clinic, "handayani") == {"to_close"}
    assert waits(clinic, "maharani") == {"case", "unreleased"}
    assert waits(clinic, "other") == set()


def test_results_are_entered_then_reviewed_by_somebody_else(clinic: Clinic) -> None:
    from traceability.services import results

    lot = clinic.in_stock()
    yesterday = clinic.clock.now - timedelta(days=1)
    clinic.do(results.enter, clinic.ANALYST, lot, clinic.ids["spec_sterility"], "no growth", yesterday)
    assert waits(clinic, "wulandari") == {"untested"}
    assert "review" in waits(clinic, "maharani")
    clinic.tested(lot)
    assert waits(clinic, "wulandari") == set()


def test_labels_wait_until_they_are_scanned_back(clinic: Clinic) -> None:
    lot = clinic.do(
        lots.announce, clinic.MAKER_QA, clinic.ids["version"], "UC26-N1", place_id=clinic.ids["maker_freezer"], count=2,
        made_on=date(2026, 3, 20), expires=date(2026, 12, 1), route=lots.Route.SERVICE,
    ).id  # fmt: skip
    assert waits(clinic, "wijaya") == {"uncertified", "unlabelled"}
    clinic.do(labels.print_, clinic.MAKER_QA, "vial_16x30", lot_id=lot)
    assert waits(clinic, "wijaya") == {"uncertified", "labels"}
    for vial in clinic.vials(lot):
        clinic.do(labels.scan_back, clinic.MAKER_QA, clinic.code(vial))
    assert waits(clinic, "wijaya") == {"uncertified"}


def test_stops_are_told_first_and_to_whom_they_concern(signed_in, clinic: Clinic) -> None:
    lot = clinic.in_stock()
    clinic.do(vials.move, clinic.STOREKEEPER, clinic.vial("H3K001").id, clinic.ids["read_freezer"])
    clinic.clock.tick(hours=1)
    clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["read_freezer"], -9_000, -20_000, -9_000)
    clinic.do(stops.hold, clinic.PHARMACIST, "Smeared", ScopeKind.LOT, [lot], reason="seen")
    assert {"excursion", "hold"} <= waits(clinic, "putri")
    assert "excursion" in waits(clinic, "handayani")
    assert "hold" not in waits(clinic, "handayani")
    told = rows(signed_in("maharani").get("/").text)
    assert re.fullmatch(r"/excursions/[0-9a-f]{32}", told["F-02 is out of limits"])
    assert re.fullmatch(r"/holds/[0-9a-f]{32}/lift", told["Hold H-2 waits for a decision"])
    assert told["Lot UC26-H3 waits for release"] == f"/lots/{lot}/release"


def test_a_recall_is_told_to_everybody_and_waits_for_the_answer_of_each_house(signed_in, clinic: Clinic) -> None:
    lot = clinic.in_stock()
    signed = (clinic.sign("wijaya", "recalled"),)
    clinic.ids["recall"] = clinic.do(
        stops.recall, clinic.MAKER_QA, "Particles", 1, False, ScopeKind.LOT, [lot], signed=signed, reason="complaint"
    ).id
    for who in ("wijaya", "handayani"):
        told = {title: href for title, href in rows(signed_in(who).get("/").text).items() if "Particles" in title}
        assert set(told) == {"Answer recall R-1: Particles"}, (
            "one line says both: that it stops, and that it is answered"
        )
        assert all(re.fullmatch(r"/recalls/[0-9a-f]{32}", href) for href in told.values())
    (doctors,) = [title for title in rows(signed_in("santosa").get("/").text) if "Particles" in title]
    assert doctors == "Recall R-1: Particles"
    clinic.do(notices.acknowledge, clinic.MAKER_QA, clinic.ids["recall"], "nothing left here")
    assert "1 organisation has not answered. The answer is due by" in signed_in("wijaya").get("/").text
    clinic.clock.tick(days=3)
    assert "The answer was due by" in signed_in("wijaya").get("/").text


def test_nobody_is_asked_to_send_what_is_recalled(clinic: Clinic) -> None:
    lot = clinic.lot()
    assert "unshipped" in waits(clinic, "wijaya")
    signed = (clinic.sign("wijaya", "recalled"),)
    clinic.do(stops.recall, clinic.MAKER_QA, "Particles", 1, False, ScopeKind.LOT, [lot], signed=signed, reason="x")
    assert "unshipped" not in waits(clinic, "wijaya")


def test_papers_that_end_are_told_beforehand_and_until_they_are_renewed(clinic: Clinic) -> None:
    clinic.lot()
    assert waits(clinic, "maharani") == set()
    clinic.clock.now = clinic.clock.now.replace(year=2027, month=11)
    assert "paper" in waits(clinic, "maharani")
    with clinic.store.read(clinic.QUALITY) as view:
        assert len(worklist.papers(view)) == 3
    for owner, kind, who in (
        ("maker", "gmp", clinic.MAKER_QA),
        ("maker", "licence", clinic.MAKER_QA),
        ("hospital", "designation", clinic.QUALITY),
    ):
        clinic.do(
            products.record_credential, who, clinic.ids[owner], products.CredentialKind(kind), "new", "issuer", "secretome",
            valid_from=date(2027, 11, 1), valid_until=date(2030, 1, 1),
        )  # fmt: skip
    assert "paper" not in waits(clinic, "maharani")


def test_an_inspector_sees_the_lots_that_were_granted_and_begins_nothing(signed_in, clinic: Clinic) -> None:
    granted = clinic.lot()
    clinic.lot("UC26-K2")
    authority = organisations.register(clinic.store, SYSTEM, Call(), "BPOM", OrganisationKind.AUTHORITY).id
    hashed = people.passwords.hash_password("correct horse battery")
    who = people.enrol(clinic.store, SYSTEM, Call(), authority, "inspector", "P. Inspector", hashed).id
    people.give(clinic.store, SYSTEM, Call(), who, Role.INSPECTOR, clinic.ids["hospital"], lot_id=granted)
    page = signed_in("inspector").get("/").text
    assert list(rows(page)) == ["Lot UC26-H3", "Audit trail", "People"]
    assert "Begin" not in page.partition("<main")[2]


def test_every_row_of_every_person_leads_somewhere(signed_in, clinic: Clinic) -> None:
    clinic.in_stock(absent=("H3K001",))
    clinic.shipped(clinic.lot("UC26-K2"))
    clinic.arrived(clinic.shipped(clinic.lot("UC26-M4")))
    clinic.lot("UC26-N1", certified=False)
    for who in PEOPLE:
        browser = signed_in(who)
        page = browser.get("/")
        assert page.status_code == 200
        links = set(re.findall(r'href="(/[^"#]*)"', page.text.partition("<main")[2].partition("</main>")[0]))
        for href in links:
            answer = browser.get(href.replace("&amp;", "&"))
            assert answer.status_code == 200, (who, href, answer.status_code)


def test_a_dose_waits_for_one_person_after_the_other_until_it_was_watched(signed_in, clinic: Clinic) -> None:
    clinic.released_lot("UC26-H3", 4)
    course = clinic.course()

    def told(who: str) -> tuple[set[str], str]:
        """What waits of the dose, and the word on the one button that leads on."""
        page = signed_in(who).get("/").text
        return waits(clinic, who), page.partition("dose 1 of 5 is due today")[2]

    first = clinic.dose(course, 1)
    assert "dose_order" in waits(clinic, "santosa")
    assert f'href="/orders/prescribe?dose_id={first}"' in told("santosa")[1]
    order = prescribed(clinic, course, 1)
    assert waits(clinic, "putri") >= {"dose_verify"}
    assert f'href="/orders/{order}/verify"' in told("putri")[1]
    assert waits(clinic, "rahayu") == {"dose_verify"}
    assert f'href="/courses/{course}"' in told("rahayu")[1]
    clinic.do(courses.verify, clinic.PHARMACIST, order, signed=(clinic.sign("putri", "verified"),))
    assert f'href="/doses/{first}/reserve"' in told("putri")[1]
    vial = clinic.vial("H3K001").id
    clinic.do(courses.reserve, clinic.PHARMACIST, vial, first)
    assert f'href="/vials/{vial}/issue"' in told("putri")[1]
    clinic.do(courses.issue, clinic.PHARMACIST, vial, clinic.ids["bench"])
    assert f'href="/vials/{vial}/thaw"' in told("rahayu")[1]
    clinic.do(courses.thaw, clinic.PHARMACIST, vial, clinic.ids["bench"])
    assert "dose_give" not in waits(clinic, "putri")
    assert f'href="/bedside/{first}"' in told("santosa")[1]
    given = clinic.give_dose(course, 1, vial=clinic.vial("H3K001"), vas_after=None).id
    for who in ("santosa", "rahayu"):
        assert "watch" in waits(clinic, who)
        assert f'href="/administrations/{given}#watch"' in signed_in(who).get("/").text
    clinic.clock.tick(minutes=31)
    began = clinic.clock.now - timedelta(minutes=30)
    clinic.do(administrations.observe, clinic.WITNESS, given, began, clinic.clock.now, False)
    assert "watch" not in waits(clinic, "santosa")
    assert waits(clinic, "santosa") == {"dose_order"}  # the second dose, a week ahead
    assert waits(clinic, "rahayu") == set()
    assert "dose 2 of 5 is due on" in signed_in("santosa").get("/").text


@pytest.mark.parametrize("code", ["nothing of ours"])
def test_a_kind_of_work_without_words_is_a_mistake(app, clinic: Clinic, code: str) -> None:
    from flask import g

    from traceability.web.home import line

    with app.test_request_context("/"):
        g.actor = clinic.QUALITY
        with pytest.raises(AssertionError, match=code):
            line(Waiting(code, "0" * 32, None))
