"""The audit trail: what stands in it, how it is searched, who may read which ledger."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.clinic import Clinic
from traceability.domain.errors import Refused
from traceability.domain.people import SYSTEM, Role
from traceability.services import audit, coldchain, organisations, people
from traceability.services.organisations import OrganisationKind
from traceability.store import Call
from traceability.store.tables import Person
from traceability.web import audit as pages
from traceability.words import choice_word
from traceability.words.choices import CHOICES


def numbers(page: str) -> list[int]:
    """The entries that the page lists, in its order."""
    return [int(n) for n in re.findall(r'<th role="rowheader"[^>]*><a href="[^"]*entry=(\d+)[^"]*"', page)]


@pytest.fixture
def lived(clinic: Clinic) -> Clinic:
    """A lot on its way to release, and one refusal: released without results."""
    lot = clinic.in_stock(broken=("H3K002",))
    clinic.ids["lot"] = lot
    with pytest.raises(Refused):
        clinic.release(lot)
    return clinic


def test_entries_stand_newest_first_and_refusals_are_among_them(signed_in, lived: Clinic) -> None:
    page = signed_in("maharani").get("/audit").text
    listed = numbers(page)
    assert listed == sorted(listed, reverse=True)
    assert listed == list(range(listed[0], listed[0] - len(listed), -1))
    assert "Refused:" in page


@pytest.mark.parametrize(
    "who, status", [("maharani", 200), ("wijaya", 200), ("admin", 200), ("putri", 403), ("rahayu", 403)]
)
def test_who_may_read_it(signed_in, who: str, status: int) -> None:
    assert signed_in(who).get("/audit").status_code == status


def test_each_reads_the_ledger_of_their_own_organisation_only(signed_in, lived: Clinic) -> None:
    assert "T. Wijaya" not in signed_in("maharani").get("/audit").text.partition("<main")[2]
    assert "T. Wijaya" in signed_in("wijaya").get("/audit").text.partition("<main")[2]
    assert signed_in("maharani").get(f"/audit?ledger={lived.ids['maker']}").status_code == 404


def test_it_is_searched_by_lot_serial_act_person_and_for_refusals(signed_in, lived: Clinic) -> None:
    browser = signed_in("maharani")

    def found(query: str) -> str:
        return browser.get(f"/audit?{query}").text

    assert len(numbers(found("refused=yes"))) == 1
    assert len(numbers(found("act=consignment.count"))) == 5
    broken, whole = (found(f"about={serial}").partition("<tbody")[2] for serial in ("H3K002", "H3K001"))
    assert "Put a vial away" in whole
    assert "Put a vial away" not in broken
    assert "Discarded" in broken
    assert len(numbers(found(f"person={lived.STOREKEEPER.person_id}"))) > 10
    assert numbers(found(f"about={lived.ids['lot']}")) == numbers(found("about=UC26-H3"))
    assert "Nothing in sight is called so." in found("about=UC99-XX")
    assert numbers(found("about=UC99-XX")) == []
    assert numbers(found("from=2026-04-02&to=2026-04-02")) == []
    assert numbers(found("from=2026-04-01&to=2026-04-01"))
    assert "A date, such as" in found("from=someday")


def test_a_day_is_a_day_of_the_site(signed_in, clinic: Clinic) -> None:
    """17:30 UTC is half past midnight of the next day in Surakarta."""
    clinic.clock.now = clinic.clock.now.replace(hour=17, minute=30)
    clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["read_freezer"], -19_000, -20_000, -18_000)
    browser = signed_in("maharani")
    assert len(numbers(browser.get("/audit?act=place.read&from=2026-04-02&to=2026-04-02").text)) == 1
    assert numbers(browser.get("/audit?act=place.read&to=2026-04-01").text) == []


def test_the_next_page_goes_on_where_this_one_ended(clinic: Clinic) -> None:
    for n in range(12):
        clinic.clock.tick(minutes=1)
        clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["read_freezer"], -19_000 - n, -20_000, -18_000)
    with clinic.store.read(clinic.QUALITY) as view:
        asked = audit.Asked(clinic.ids["hospital"], act="place.read")
        first = audit.page(view, asked, limit=8)
        second = audit.page(view, asked, limit=8, before=first.before)
    told = [one.number for one in (*first.entries, *second.entries)]
    assert len(told) == 12
    assert told == sorted(set(told), reverse=True)
    assert second.before is None


def test_an_entry_is_laid_open_with_before_after_reason_and_signatures(signed_in, lived: Clinic) -> None:
    browser = signed_in("maharani")
    (arrival,) = numbers(browser.get("/audit?act=consignment.arrive").text)
    page = browser.get(f"/audit?entry={arrival}").text
    assert '<span class="was">Expected</span>' in page
    assert '<span class="now">Arrived</span>' in page
    assert "S. Handayani" in page
    assert "N. Putri" in page
    assert page.count('class="sig"') == 2
    assumed = numbers(browser.get("/audit?act=place.assume").text)[0]
    assert "mapped" in browser.get(f"/audit?entry={assumed}").text


def test_a_refusal_tells_every_finding(signed_in, lived: Clinic) -> None:
    browser = signed_in("maharani")
    (refused,) = numbers(browser.get("/audit?refused=yes").text)
    page = browser.get(f"/audit?entry={refused}").text
    assert page.partition('class="reasons')[2].partition("</ol>")[0].count("<li>") == 4
    assert "Nothing was written but this entry." in page


@pytest.mark.parametrize("query", ["entry=9999", "entry=-1", "entry=x", "before=1e9", "ledger=" + "0" * 32, "ledger=x"])
def test_an_entry_that_is_not_there_is_not_found(signed_in, clinic: Clinic, query: str) -> None:
    assert signed_in("maharani").get(f"/audit?{query}").status_code == 404


def inspector(clinic: Clinic, *, lot_id: str | None = None) -> None:
    authority = organisations.register(clinic.store, SYSTEM, Call(), "BPOM", OrganisationKind.AUTHORITY).id
    hashed = people.passwords.hash_password("correct horse battery")
    who = people.enrol(clinic.store, SYSTEM, Call(), authority, "inspector", "P. Inspector", hashed).id
    until = clinic.clock.now + timedelta(days=30)
    people.give(clinic.store, SYSTEM, Call(), who, Role.INSPECTOR, clinic.ids["hospital"], lot_id=lot_id, until=until)


def test_an_inspector_reads_the_ledger_of_who_is_inspected_and_no_longer_than_granted(signed_in, lived: Clinic) -> None:
    inspector(lived)
    browser = signed_in("inspector")
    assert len(numbers(browser.get("/audit").text)) > 10
    assert browser.get(f"/audit?ledger={lived.ids['maker']}").status_code == 404
    lived.clock.tick(days=31)
    assert browser.get("/audit").status_code in (303, 403)


def test_an_inspector_of_one_lot_sees_what_is_about_it(signed_in, lived: Clinic) -> None:
    lived.in_stock(lived.lot("UC26-K2"))
    inspector(lived, lot_id=lived.ids["lot"])
    browser = signed_in("inspector")
    page = browser.get("/audit").text.partition("<main")[2]
    assert "H3K001" in page
    assert "K2K001" not in page
    with lived.store.read(lived.QUALITY) as view:
        hidden = audit.page(view, audit.Asked(lived.ids["hospital"], about="K2K001")).entries[0].number
    assert browser.get(f"/audit?entry={hidden}").status_code == 404


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("home", [None, "Asia/Makassar"])
def test_a_guest_reads_in_the_time_of_who_let_them_in_and_each_ledger_in_its_own(
    signed_in, clinic: Clinic, home: str | None
) -> None:
    """Surakarta is seven hours ahead of UTC, Jayapura nine, and it does not matter where the inspector has a desk."""
    clinic.clock.now = clinic.clock.now.replace(hour=16, minute=30)
    clinic.do(coldchain.read, clinic.STOREKEEPER, clinic.ids["read_freezer"], -19_000, -20_000, -18_000)
    inspector(clinic)
    with clinic.store.read(SYSTEM) as view:
        (who,) = [one for one in view.all(Person) if one.username == "inspector"]
    clinic.clock.tick(minutes=1)
    people.give(clinic.store, SYSTEM, Call(), who.id, Role.INSPECTOR, clinic.ids["other"])
    if home:
        organisations.open_site(clinic.store, SYSTEM, Call(), who.organisation_id, "Desk", home)
    browser = signed_in("inspector")
    page = browser.get("/").text
    assert "Surakarta · WIB" in page
    assert "23:31 WIB" in page  # data as of
    trail = browser.get(f"/audit?ledger={clinic.ids['hospital']}&act=place.read").text
    assert "newest first, WIB" in trail
    assert ">23:30:00</time>" in trail
    assert numbers(browser.get(f"/audit?ledger={clinic.ids['hospital']}&act=place.read&to=2026-04-01").text)
    other = browser.get(f"/audit?ledger={clinic.ids['other']}").text
    assert "newest first, WIT" in other
    assert "UTC" not in re.sub(r'title="[^"]*"', "", page + trail + other)


def test_who_has_no_site_anywhere_is_told_that_times_are_universal(signed_in, clinic: Clinic) -> None:
    authority = organisations.register(clinic.store, SYSTEM, Call(), "BPOM", OrganisationKind.AUTHORITY).id
    hashed = people.passwords.hash_password("correct horse battery")
    who = people.enrol(clinic.store, SYSTEM, Call(), authority, "clerk", "C. Lerk", hashed).id
    people.give(clinic.store, SYSTEM, Call(), who, Role.ADMINISTRATOR, authority)
    page = signed_in("clerk").get("/").text
    assert '<span class="site">UTC</span>' in page


def test_columns_and_the_system_itself_have_words_in_the_readers_language(signed_in, lived: Clinic) -> None:
    course = lived.course()
    lived.ordered(course, 1)
    browser = signed_in("maharani")
    with lived.store.read(lived.QUALITY) as view:
        number = view.rows("SELECT max(number) FROM entry WHERE act = 'order.verify'")[0][0]
    for tongue, words in (("en", ("Verified by", "Verified")), ("id", ("Diverifikasi oleh", "Diverifikasi"))):
        browser.set_cookie("language", tongue)
        page = browser.get(f"/audit?entry={number}").text
        assert all(f"<p>{word} <span" in page for word in words), tongue
        assert "verified by" not in page
    installation = signed_in("admin")
    installation.set_cookie("language", "id")
    with lived.store.read(SYSTEM) as view:
        (told,) = audit.page(view, audit.Asked(ledger="0" * 32, act="system.migrate")).entries
    with installation.application.test_request_context(headers={"Cookie": "language=id"}):
        assert pages.performer(told) == "Sistem"
        assert pages.row(told, {})["who"] == "Sistem"


def test_words_of_closed_lists_are_said_as_the_pages_say_them(signed_in, lived: Clinic) -> None:
    """Every column that the schema keeps a word in, and one entry as it is read."""
    with lived.store.read(SYSTEM) as view:
        ledger, number = view.rows("SELECT ledger, number FROM entry WHERE act = 'credential.record' ORDER BY number")[
            0
        ]
    assert ledger == lived.ids["maker"]
    browser = signed_in("wijaya")
    for tongue, words in (("en", "GMP certificate"), ("id", "Sertifikat GMP (CPOB)")):
        browser.set_cookie("language", tongue)
        page = browser.get(f"/audit?entry={number}").text.partition("<main")[2]
        assert words in page
        assert ">gmp<" not in page
    for (table, column), kind in audit.LISTS.items():
        assert CHOICES[kind], (table, column)
        for word in CHOICES[kind]:
            assert pages.said(table, column, word, {}) == choice_word(kind, word)
    assert pages.said("recall", "class_", 1, {}).startswith("Class 1")
    assert pages.said("credential", "kind", None, {}) == "–"


def test_a_scanned_code_is_not_said_again_in_the_link_to_another_language(signed_in, lived: Clinic) -> None:
    page = signed_in("putri").get("/scan?code=(8018)095212345000000019").text
    assert "8018" not in page.split("</header>")[0] + page.split("hreflang")[1][:200]
    assert "hreflang" in page
