"""The page of an act: its form, what is wrong with it, its signatures, and where it leads."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from flask import g, get_template_attribute
from sqlalchemy import text

from tests.clinic import JAKARTA, PASSWORD, PEOPLE, Clinic
from traceability import asking
from traceability.domain.acts import ACTS
from traceability.domain.people import Role
from traceability.services import coldchain, load, stops
from traceability.services.organisations import AssumedBand
from traceability.web.forms import moment


def entries(clinic: Clinic, act: str) -> list:
    with clinic.store.engines.reader.connect() as connection:
        return connection.execute(text("SELECT * FROM entry WHERE act = :act ORDER BY recorded_at"), {"act": act}).all()


load()
ASKED = [
    name for name in asking.acts() if ACTS[name].roles & {role for _, _, roles in PEOPLE.values() for role in roles}
]


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in ("lestari", "wijaya2")])
def test_every_act_has_a_page_for_who_may(signed_in, app, clinic: Clinic, who: str) -> None:
    """Where an act has a page of its own, that page has tests of its own."""
    clinic.lot(count=1)
    browser, roles = signed_in(who), set(PEOPLE[who][2])
    generic = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in ("web.act", "web.choose")}
    for name in ASKED:
        noun, _, verb = name.partition(".")
        path = f"/{asking.plural(noun)}/{verb}"
        if path not in generic:
            continue
        answer = browser.get(path, follow_redirects=True)
        assert answer.status_code == (200 if ACTS[name].roles & roles else 403), (name, answer.text[-500:])
        typed = re.findall(
            r'<(?:input(?! type="(?:hidden|checkbox|radio))|textarea)[^>]* name="(\w+_ids?)"', answer.text
        )
        assert not typed, (name, typed)  # an id is chosen, or the act is begun from a page that knows it
        assert not re.search(r">[0-9a-f]{8}</a>", answer.text), name


def test_no_form_is_shown_to_who_may_not(signed_in, clinic: Clinic) -> None:
    answer = signed_in("rahayu").get("/places/open")
    assert answer.status_code == 403
    assert "<form" not in answer.text.partition("<main")[2]
    assert "administrator" in answer.text


def test_an_attempt_without_the_role_stands_in_the_record(signed_in, clinic: Clinic) -> None:
    browser = signed_in("putri")
    page = browser.get(f"/places/{clinic.ids['read_freezer']}/read")
    path = f"/places/{clinic.ids['read_freezer']}/assume"
    answer = browser.send(path, page, low_mc="-25", high_mc="-15", longest_s="60", reason="mapped", password=PASSWORD)
    assert answer.status_code == 403
    assert entries(clinic, "place.assume")[-1].refused == "not_permitted"


@pytest.mark.parametrize("typed", ["-19.4", "-19,4", "−19,4"])
def test_a_temperature_is_typed_with_point_or_comma(signed_in, clinic: Clinic, typed: str) -> None:
    place = clinic.ids["read_freezer"]
    answer = signed_in("handayani").fill(f"/places/{place}/read", now_mc=typed, low_mc="-20", high_mc="-18")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/places/{place}")
    with clinic.store.read(clinic.STOREKEEPER) as view:
        assert coldchain.last_reading(view, place).now_mc == -19_400


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(signed_in, clinic: Clinic) -> None:
    browser = signed_in("maharani")
    path = f"/places/{clinic.ids['read_freezer']}/assume"
    answer = browser.fill(path, low_mc="cold", high_mc="-15", longest_s="", reason="mapped in March")
    assert answer.status_code == 422
    for field in ("low_mc", "longest_s", "password"):
        assert f'href="#f-{field}"' in answer.text
    assert 'href="#f-high_mc"' not in answer.text
    assert 'value="cold"' in answer.text
    assert "mapped in March" in answer.text
    assert len(entries(clinic, "place.assume")) == 4  # as the clinic was founded


def test_a_wrong_password_signs_nothing_and_is_not_shown_again(signed_in, clinic: Clinic) -> None:
    browser = signed_in("maharani")
    path = f"/places/{clinic.ids['read_freezer']}/assume"
    typed = {"low_mc": "-25", "high_mc": "-15", "longest_s": "60", "reason": "mapped"}
    page = browser.get(path)
    answer = browser.send(path, page, password="not hers", **typed)
    assert answer.status_code == 409
    assert 'href="#f-password"' in answer.text
    assert "not hers" not in answer.text
    assert act_id(page.text) != act_id(answer.text)
    done = browser.send(path, answer, password=PASSWORD, **typed)
    assert done.status_code == 303
    with clinic.store.read(clinic.QUALITY) as view:
        assert len(view.all(AssumedBand, AssumedBand.place_id == clinic.ids["read_freezer"])) == 1


def act_id(page: str) -> str:
    return page.partition('name="act_id" value="')[2][:32]


def test_a_form_that_is_sent_twice_acts_once(signed_in, clinic: Clinic) -> None:
    browser = signed_in("handayani")
    path = f"/places/{clinic.ids['read_freezer']}/read"
    page = browser.get(path)
    sent = [browser.send(path, page, now_mc="-19", low_mc="-20", high_mc="-18").headers["Location"] for _ in range(2)]
    assert sent[0] == sent[1]
    assert len(entries(clinic, "place.read")) == 1
    told = browser.get(f"/acts/{act_id(page.text)}").text
    assert "It is in the record" in told
    assert "It is not in the record" in browser.get(f"/acts/{'0' * 32}").text


def test_what_happened_earlier_is_entered_late_with_both_times(signed_in, clinic: Clinic) -> None:
    clinic.clock.tick(hours=5)
    local = (clinic.clock.now - timedelta(hours=2)).astimezone(JAKARTA).strftime("%Y-%m-%dT%H:%M")
    path = f"/places/{clinic.ids['read_freezer']}/read"
    assert (
        signed_in("handayani").fill(path, now_mc="-19", low_mc="-20", high_mc="-18", occurred_at=local).status_code
        == 303
    )
    (entry,) = entries(clinic, "place.read")
    assert '"source":"late"' in entry.body
    occurred, recorded = (datetime.fromisoformat(str(one)) for one in (entry.occurred_at, entry.recorded_at))
    assert recorded - occurred == timedelta(hours=2)


def test_a_permission_cannot_be_entered_late(signed_in, clinic: Clinic) -> None:
    assert "occurred_at" not in signed_in("maharani").get("/specifications/issue").text


def test_a_reason_that_is_owed_is_asked_for(signed_in, clinic: Clinic) -> None:
    lot = clinic.lot()
    answer = signed_in("putri").fill("/holds/place?kind=lot", title="Smeared", target_ids=lot)
    assert answer.status_code == 409
    assert 'href="#f-reason"' in answer.text
    assert f'value="{lot}" checked' in answer.text
    assert 'value="Smeared"' in answer.text


def test_a_hold_over_every_vial_of_a_lot(signed_in, clinic: Clinic) -> None:
    lot = clinic.in_stock()
    browser = signed_in("maharani")
    assert f"lot_id={lot}" in browser.get("/holds/place?kind=vial").text
    path = f"/holds/place?kind=vial&lot_id={lot}&next=/lots/{lot}"
    answer = browser.fill(path, title="Smeared", target_ids__every="yes", reason="seen at count")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/lots/{lot}")
    with clinic.store.read(clinic.QUALITY) as view:
        (hold,) = stops.open_holds(view)
        assert len(stops.scopes(view, hold_id=hold.id)) == 5


def test_only_a_place_is_held_for_a_time(signed_in, clinic: Clinic) -> None:
    browser = signed_in("maharani")
    assert 'name="since"' in browser.get("/holds/place?kind=place").text
    assert 'name="since"' not in browser.get("/holds/place?kind=lot").text


def test_a_certificate_is_copied_in_by_two_people(signed_in, clinic: Clinic) -> None:
    lot = clinic.lot(certified=False)
    clinic.certificate(lot)
    browser = signed_in("maharani")
    path = f"/lots/{lot}/transcribe"
    page = browser.get(path)
    assert "coa.pdf" in page.text
    paper = re.findall(r'<option value="([0-9a-f]{32})">coa.pdf', page.text)[0]
    typed = {"certified_on": "2026-04-01", "statement": "Conforms.", "attachment_id": paper, "password": PASSWORD}
    alone = browser.send(path, page, second_username="maharani", second_password=PASSWORD, **typed)
    assert alone.status_code == 409
    assert 'href="#f-second_username"' in alone.text
    wrong = browser.send(path, alone, second_username="lestari", second_password="not hers", **typed)
    assert 'href="#f-second_password"' in wrong.text
    both = browser.send(path, wrong, second_username="lestari", second_password=PASSWORD, **typed)
    assert (both.status_code, both.headers["Location"]) == (303, f"/lots/{lot}")


def test_an_act_about_what_is_not_theirs_is_not_found(signed_in, clinic: Clinic) -> None:
    lot = clinic.lot(certified=False)
    assert signed_in("other").get(f"/lots/{lot}/transcribe").status_code == 404
    assert signed_in("maharani").get(f"/lots/{lot}/transcribe").status_code == 200


def test_after_an_act_one_goes_only_where_this_site_leads(signed_in, clinic: Clinic) -> None:
    path = f"/places/{clinic.ids['read_freezer']}/read?next=//evil.example"
    answer = signed_in("handayani").fill(path, now_mc="-19", low_mc="-20", high_mc="-18")
    assert answer.headers["Location"] == "/"


def test_a_button_is_closed_for_who_may_not_and_names_who_may(app, clinic: Clinic) -> None:
    with app.test_request_context("/"):
        g.actor, g.token = clinic.STOREKEEPER, ""
        link = get_template_attribute("_acts.html", "act_link")
        assert 'href="/lots/1/certify"' not in str(link("lot.certify", "1"))
        assert "Maker’s QA" in str(link("lot.certify", "1", closed=True))
        assert 'href="/places/1/read?next=%2Fplaces"' in str(link("place.read", "1", query={"next": "/places"}))
        assert "aria-disabled" in str(link("place.read", "1", why="The freezer is gone."))


def test_a_local_time_gets_the_zone_of_the_site(app, clinic: Clinic) -> None:
    with app.test_request_context("/"):
        g.zone = JAKARTA
        assert moment("2026-04-14T10:04") == "2026-04-14T10:04:00+07:00"
        assert moment("2026-04-14T10:04:00Z") == "2026-04-14T10:04:00+00:00"
        assert moment("yesterday") == "yesterday"


def test_roles_of_the_clinic_cover_most_acts() -> None:
    """What the parametrised test above leaves out is only what nobody of the clinic may do."""
    left = {name for name in asking.acts() if name not in ASKED}
    assert all(ACTS[name].roles <= {Role.SYSTEM, Role.DEVICE} for name in left)


def test_a_fact_that_differs_from_the_record_is_said_to_be_kept_and_not_to_have_moved_anything(
    signed_in, clinic: Clinic
) -> None:
    clinic.released_lot()
    clinic.give_dose(clinic.course(), 1)
    vial = clinic.vial("H3K001")
    browser = signed_in("handayani")
    done = browser.fill(f"/vials/{vial.id}/report_broken", reason="dropped it")
    page = browser.get(done.headers["Location"]).text
    assert "Kept as it was told" in page
    assert "case K-1 is open" in page
    assert "recorded as broken" not in page
