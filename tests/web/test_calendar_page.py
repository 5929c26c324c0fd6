"""The calendar as a page: today first, what is late, the week by day, and whether the stock lasts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from lxml import html

from tests.api.conftest import Asking
from tests.clinic import PASSWORD, Clinic
from tests.stories.case import patient, reserve
from tests.worlds import released, world, worlds
from traceability.domain.people import SYSTEM
from traceability.services import organisations, sessions, stops
from traceability.store.tables.quality import ScopeKind

__all__ = ["released", "world", "worlds"]


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    return released


def panels(page: str) -> dict[str, list[str]]:
    """The headings in their order, and what stands below each."""
    found = html.document_fromstring(page).xpath("//main//section[header/h2]")
    return {
        " ".join(one.xpath("header/h2")[0].itertext()): [
            " ".join(" ".join(row.itertext()).split()) for row in one.xpath(".//ul/li")
        ]
        for one in found
    }


def test_today_stands_first_then_what_is_late_and_what_was_done_on_its_day(signed_in, clinic: Clinic) -> None:
    course = clinic.course()  # from Wednesday 1 April
    clinic.give_dose(course, 1)
    clinic.clock.tick(days=12)
    patient(clinic, "MRN-2")
    page = signed_in("santosa").get("/calendar").text
    shown = panels(page)
    assert list(shown)[:2] == ["Today", "Late"]
    assert next(one.partition(" · ")[2] for one in shown["Today"] if "dose 1 of 5" in one).startswith("Not ordered.")
    assert any("dose 2 of 5 5 days late" in one for one in shown["Late"])
    assert f"/courses/{course}" in page
    assert "The stock of UC-MSC secretome does not last." in page
    before = panels(signed_in("rahayu").get("/calendar?from=2026-04-01").text)
    assert any("dose 1 of 5 done 1 Apr 2026" in one for one in before["Wednesday"])
    assert "Today" not in before


def test_whatever_stands_in_the_address_a_week_is_shown_and_who_treats_nobody_sees_none(
    signed_in, clinic: Clinic
) -> None:
    doctor = signed_in("santosa")
    for asked in ("from=9999-99-99", "from=0001-01-01", "from=9999-12-31", "site_id=x"):
        assert doctor.get(f"/calendar?{asked}").status_code == 200, asked
    assert signed_in("handayani").get("/calendar").status_code == 403
    assert "Klaten" not in doctor.get("/calendar").text


def test_the_stock_is_the_houses_whichever_of_its_sites_is_looked_at(signed_in, clinic: Clinic) -> None:
    """Five vials last for either site alone, and not for both."""
    here = clinic.ids["site"]
    there = clinic.do(organisations.open_site, SYSTEM, clinic.ids["hospital"], "Klaten", "Asia/Jakarta").id
    clinic.course()
    clinic.ids["site"] = there
    patient(clinic, "MRN-2")
    doctor = signed_in("santosa")
    for site in (here, there):
        page = doctor.get(f"/calendar?site_id={site}").text
        assert "The stock of UC-MSC secretome does not last." in page


def test_the_pharmacist_finds_at_home_that_the_stock_does_not_last(signed_in, clinic: Clinic) -> None:
    clinic.course()
    pharmacist = signed_in("putri")
    assert "does not last" not in pharmacist.get("/").text
    patient(clinic, "MRN-2")
    home = pharmacist.get("/").text
    assert "The stock of UC-MSC secretome does not last" in home
    assert "/calendar#stock" in home


def test_the_course_flags_a_dose_outside_its_window_and_shows_its_visits(signed_in, clinic: Clinic) -> None:
    course = clinic.course()
    clinic.give_dose(course, 1)
    clinic.clock.tick(days=10)
    clinic.give_dose(course, 2, start=False)
    page = html.document_fromstring(signed_in("santosa").get(f"/courses/{course}").text)
    rows = [" ".join(" ".join(row.itertext()).split()) for row in page.xpath("//table/tbody/tr")]
    assert "done 11 Apr 2026 , 3 days late" in rows[1]
    assert "early" not in rows[0] + rows[2]
    assert any(row.startswith("After 6 months 1 Oct 2026 17 Sep 2026 to 15 Oct 2026") for row in rows)


def test_sheets_are_printed_from_the_calendar_and_their_code_opens_the_late_entry_of_the_dose(
    signed_in, clinic: Clinic
) -> None:
    course = clinic.course()
    pharmacist, doctor = signed_in("putri"), signed_in("santosa")
    site = clinic.ids["site"]
    page = pharmacist.get("/calendar")
    assert f'action="/sites/{site}/documents"' in page.text
    made = pharmacist.send(f"/sites/{site}/documents", page, kind="contingency", period="2026-04-01", language="en")
    assert made.status_code == 303, made.text[-600:]
    assert "Contingency sheets" in pharmacist.get(made.headers["Location"]).text
    dose, subject = clinic.dose(course, 1), clinic.ids["subject"]
    entry = doctor.get(f"/subjects/{subject}/given?dose_id={dose}")
    assert entry.status_code == 200
    assert f'value="{dose}" selected' in entry.text


def test_sheets_that_hold_no_more_are_told_on_the_calendar_at_home_on_their_own_page_and_to_a_program(
    signed_in, client, app, clinic: Clinic
) -> None:
    course = clinic.course()
    reserve(clinic, "H3K001", clinic.ordered(course, 1))
    pharmacist, site = signed_in("putri"), clinic.ids["site"]
    page = pharmacist.get("/calendar")
    made = pharmacist.send(f"/sites/{site}/documents", page, kind="contingency", period="2026-04-01", language="en")
    clinic.do(stops.hold, clinic.QUALITY, "a leak", ScopeKind.LOT, [clinic.ids["lot"]], reason="a leak")
    calendar = " ".join(html.document_fromstring(pharmacist.get("/calendar").text).text_content().split())
    assert "does not hold any more: print it anew. 1 Apr 2026: 1 dose" in calendar
    assert "dose 1 of 5: The vial is on hold: H-1: a leak." in calendar
    home = signed_in("santosa").get("/").text
    assert "Print the contingency sheets anew, Surakarta" in home
    assert "1 sheet does not hold any more as it was printed, on 1 Apr 2026." in home
    assert "What was printed does not hold any more" in pharmacist.get(made.headers["Location"]).text
    assert "Does not hold any more" in pharmacist.get("/documents").text
    public = client.get("/d/CTG-0001/1").text
    assert "Something stands against a dose on these sheets" in public
    assert "This version is current." not in public
    program = Asking(app, sessions.sign_in(clinic.store, "santosa", PASSWORD, "bearer").token)
    (told,) = program.get("/calendar").json["outdated_sheets"]
    assert (told["number"], told["day"], told["site_id"]) == ("CTG-0001", "2026-04-01", site)
    assert [(one["k"], [each["message"] for each in one["against"]]) for one in told["struck"]] == [
        (1, ["The vial is on hold: H-1: a leak. QA decides."])
    ]
    page = pharmacist.get("/calendar")
    pharmacist.send(f"/sites/{site}/documents", page, kind="contingency", period="2026-04-01", language="id")
    assert "print it anew" not in pharmacist.get("/calendar").text
    assert "This version was superseded." in client.get("/d/CTG-0001/1").text


def test_a_calendar_for_a_desk_is_enrolled_with_its_address_and_its_key_is_shown_once(
    signed_in, clinic: Clinic
) -> None:
    admin, site = signed_in("admin"), clinic.ids["site"]
    address = f"http://localhost/api/v1/sites/{site}/calendar.ics"
    made = admin.fill("/devices/enrol", name="Desk of the clinic", calendar_site_id=site)
    assert (made.status_code, address in made.text) == (200, True)
    page = html.document_fromstring(made.text)
    key = page.xpath("//dt[.='Password']/following-sibling::dd[1]")[0].text_content().strip()
    person = admin.get(page.xpath("//main//a[contains(@href, '/people/')]/@href")[-1]).text
    assert (address in person, key in person) == (True, False)
    assert admin.get(f"/api/v1/sites/{site}/calendar.ics").status_code == 401


def test_a_site_further_east_has_its_own_today_on_its_calendar_and_on_a_course_there(signed_in, clinic: Clinic) -> None:
    """Half past midnight on 11 April in Merauke is half past ten on the tenth in Surakarta."""
    there = clinic.do(organisations.open_site, SYSTEM, clinic.ids["hospital"], "Merauke", "Asia/Jayapura").id
    clinic.ids["site"] = there
    clinic.clock.now = datetime(2026, 4, 10, 15, 30, tzinfo=UTC)
    course = clinic.course(first_on=date(2026, 4, 11))
    doctor = signed_in("santosa")
    (row,) = [one for one in panels(doctor.get(f"/calendar?site_id={there}").text)["Today"] if "dose 1 of 5" in one]
    assert "dose 1 of 5 today" in row
    assert not any("dose 1 of 5" in one for one in panels(doctor.get("/calendar").text).get("Today", []))
    assert "today" in panels(doctor.get("/bedside").text)["Due today and before"][0]
    clinic.give_dose(course, 1, start=False)
    later = signed_in("santosa")
    steps = html.document_fromstring(later.get(f"/courses/{course}").text).xpath("//ol[@class='steps']")[0]
    assert "11 Apr 2026" in " ".join(steps.itertext())
