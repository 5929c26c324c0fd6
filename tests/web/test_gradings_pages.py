"""Reading a radiograph on the pages and by program: the grade of the first reader is on no page before the second has read (R51)."""

from __future__ import annotations

import re

from tests.clinic import PASSWORD, Clinic
from tests.stories.case import today
from tests.stories.test_gradings import physician


def test_two_readers_who_differ_and_agree_on_the_page(signed_in, clinic: Clinic) -> None:
    clinic.course()
    physician(clinic, "radio", "H. Pratama")
    subject = clinic.ids["subject"]
    film = {"laterality": "right", "time_point": "baseline", "projection": "ap", "taken_on": today(clinic).isoformat()}
    first, second = signed_in("santosa"), signed_in("radio")
    assert first.fill(f"/scores/read?subject_id={subject}", **film, kl_grade="4").status_code == 303
    page = second.get(f"/subjects/{subject}").text
    assert "B. Santosa has read it." in page
    assert "<b>4</b>" not in page
    link = re.search(r'href="(/scores/read\?[^"]*projection[^"]*)"', page)[1].replace("&amp;", "&")
    asked = second.get(link).text
    assert f'value="{today(clinic).isoformat()}"' in asked
    assert second.fill(link, **film, kl_grade="3").status_code == 303
    page = second.get(f"/subjects/{subject}").text
    assert "undecided" in page
    agree = re.search(r"/scores/[0-9a-f]{32}/agree", page)[0]
    chosen = re.findall(r'name="chosen_id" value="([0-9a-f]{32})"', second.get(agree).text)
    signed = {"password": PASSWORD, "second_username": "santosa", "second_password": PASSWORD}
    done = second.fill(agree, chosen_id=chosen[0], reason="Looked at again together.", **signed)
    assert done.status_code == 303, done.text[-600:]
    assert "adjudicated" in second.get(f"/subjects/{subject}").text


def test_what_is_known_of_each_instrument_stands_on_a_page(signed_in) -> None:
    page = signed_in("rahayu").get("/instruments").text
    assert "TGF-β1" in page
    assert "WOMAC Likert 3.1" in page
    assert "not agreed" in page
