"""The audit trail reviewed on its page, taken out as a file, and beside it near misses and what inspectors looked at."""

from __future__ import annotations

import csv
import json
import re
from hashlib import sha256
from io import StringIO

import pytest
from sqlalchemy import text

from tests.clinic import PASSWORD, Clinic
from tests.store.bare import unguarded
from tests.store.test_proofs import holds, signed
from tests.worlds import released, world, worlds
from traceability.domain.checks import Purpose
from traceability.services import audit, audit_reviews, labels, scans
from traceability.services.verdicts import scan

__all__ = ["released", "world", "worlds"]


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    released.do(
        labels.reprint, released.PHARMACIST, (released.vial("H3K001").id,), "vial_16x30", reason='=HYPERLINK("x";"y")'
    )
    return released


@pytest.fixture
def store(clinic: Clinic):
    return clinic.store


def form(page: str, action: str) -> dict[str, str]:
    """The hidden fields of one form."""
    told = page.partition(f'action="{action}"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', told))


def test_qa_reviews_a_lot_s_trail_on_the_page_and_sees_what_is_new(signed_in, clinic: Clinic) -> None:
    browser, lot = signed_in("maharani"), clinic.ids["lot"]
    page = browser.get(f"/audit?about={lot}").text
    assert f"/audits/review?lot_id={lot}" in page
    page = browser.get(f"/audits/review?lot_id={lot}").text
    with clinic.store.read(clinic.QUALITY) as view:
        last, count = audit_reviews.last_entry(view, lot), len(audit_reviews.unreviewed(view, lot))
    assert f'value="{last}"' in page
    assert f"{count} entries" in page
    sent = form(page, "/audits/review")
    wrong = browser.post("/audits/review", data={**sent, "through": last + 500, "password": PASSWORD})
    assert (wrong.status_code, "The audit trail goes up to entry" in wrong.text) == (409, True)
    sent = form(wrong.text, "/audits/review")
    assert browser.post("/audits/review", data={**sent, "through": last, "password": PASSWORD}).status_code == 303
    page = browser.get(f"/audits/review?lot_id={lot}").text
    assert "R. Maharani" in page.partition("Reviews so far")[2]
    clinic.do(labels.reprint, clinic.PHARMACIST, (clinic.vial("H3K001").id,), "vial_16x30", reason="again")
    assert "1 entry" in browser.get(f"/audits/review?lot_id={lot}").text
    new = browser.get(f"/audit?about={lot}&above={last}").text
    assert "again" in new
    assert "smudged" not in new


def test_what_was_searched_is_taken_out_as_a_table_with_its_checkpoint_and_runs_nothing(
    signed_in, clinic: Clinic
) -> None:
    browser = signed_in("maharani")
    page = browser.get("/audit?act=label.reprint").text
    answer = browser.post("/audit/export", data=form(page, "/audit/export"))
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(StringIO(answer.text)))
    body = [row for row in rows if row["number"] not in ("checkpoint", "scope")]
    scope = {row["recorded_at"]: row["occurred_at"] for row in rows if row["number"] == "scope"}
    assert (scope["asked_by"], scope["roles"], scope["sight"]) == ("maharani", "quality", "whole")
    assert scope["entries_outside"] == "0"
    assert {row["act"] for row in body} == {"label.reprint"}
    assert {row["reason"] for row in body} == {'\'=HYPERLINK("x";"y")'}
    assert not re.search(r'(^|,)"?[=+@]', answer.text.replace("'=", ""), re.MULTILINE)
    point = {row["recorded_at"]: row["occurred_at"] for row in rows if row["number"] == "checkpoint"}
    assert signed({**point, "size": int(point["size"])})
    with clinic.store.read(clinic.QUALITY) as view:
        (entry,) = audit.page(view, audit.Asked(clinic.ids["hospital"], act="audit.export")).entries
    assert entry.body["answer"]["sha256"] == sha256(answer.data).hexdigest()
    assert entry.body["answer"]["entries"] == len({row["number"] for row in body}) == 1


def test_as_json_every_entry_comes_with_its_proof(signed_in, clinic: Clinic) -> None:
    browser = signed_in("maharani")
    sent = form(browser.get(f"/audit?about={clinic.ids['lot']}").text, "/audit/export") | {"format": "json"}
    first = browser.post("/audit/export", data=sent)
    told = json.loads(first.data)
    assert len(told["entries"]) > 10
    assert told["scope"]["entries_there"] == told["checkpoint"]["size"]
    for one in told["entries"]:
        assert holds({**one, "leaf": audit_leaf(one), "checkpoint": told["checkpoint"]})


def test_the_same_export_asked_for_twice_is_one_act_and_the_same_bytes(signed_in, clinic: Clinic) -> None:
    browser = signed_in("maharani")
    for kind in ("csv", "json"):
        sent = form(browser.get(f"/audit?about={clinic.ids['lot']}").text, "/audit/export") | {"format": kind}
        first = browser.post("/audit/export", data=sent)
        clinic.clock.tick(minutes=5)
        clinic.do(labels.reprint, clinic.PHARMACIST, (clinic.vial("H3K002").id,), "vial_16x30", reason="since")
        again = browser.post("/audit/export", data=sent)
        assert (again.status_code, again.data) == (200, first.data)  # of then: what came since is not in it
        other = browser.post("/audit/export", data=sent | {"refused": "1"})
        assert (other.status_code, other.mimetype) == (409, "text/html")
    with clinic.store.read(clinic.QUALITY) as view:
        assert len(audit.page(view, audit.Asked(clinic.ids["hospital"], act="audit.export")).entries) == 2
    with unguarded(clinic.store) as connection:  # as an erased reason is
        connection.execute(text("UPDATE free_text SET words = NULL"))
    assert "cannot be made the same again" in browser.post("/audit/export", data=sent).text


def audit_leaf(one: dict) -> str:
    from traceability.domain.merkle import leaf_hash

    return leaf_hash(one["entry"].encode()).hex()


def test_an_entry_is_proved_on_its_page(signed_in, clinic: Clinic) -> None:
    browser = signed_in("maharani")
    for tongue, words in (("en", "Proved in the ledger"), ("id", "Terbukti dalam buku besar")):
        browser.set_cookie("language", tongue)
        assert words in browser.get("/audit?entry=5").text


def test_scans_that_stopped_somebody_are_listed_with_their_reasons(signed_in, clinic: Clinic) -> None:
    for serial in ("H3K001", "H3K002"):  # the first has a label that was not scanned back
        with clinic.store.read(clinic.PHARMACIST) as view:
            scans.log(clinic.store, clinic.PHARMACIST, scan(view, clinic.code(clinic.vial(serial)), Purpose.STOCK))
    scans.log_of(clinic.store).flush()
    browser = signed_in("maharani")
    page = browser.get("/audit/scans").text.partition("<main")[2]
    row = page.partition("H3K001")[2]
    assert "ASK QA" in row
    assert "H3K002" not in page  # USE is no near miss
    assert "H3K001" in browser.get("/audit/scans?about=UC26-H3").text
    assert "No scan answers this search." in browser.get("/audit/scans?about=UC99").text
    assert "Nothing in sight is called so." in browser.get("/audit/scans?about=UC99").text
    asked = "about=ＵＣ２６-Ｈ３&person=putri&purpose=stock&from=2026-04-01&to=２０２６-０４-０１"
    page = browser.get(f"/audit/scans?{asked}").text.partition("<main")[2]
    assert "H3K001" in page
    assert re.search(r'href="/audit\?[^"]*refused=yes[^"]*"[^>]*>Refusals', page), (
        "what was asked for goes to the refusals"
    )
    for other in ("purpose=bedside", "from=2026-04-02", "to=2026-03-31", "person=handayani"):
        assert "No scan answers this search." in browser.get(f"/audit/scans?{other}").text, other
    assert "A date, such as" in browser.get("/audit/scans?from=someday").text
    assert browser.get("/audit/scans?purpose=x").status_code == 422, "no purpose there is"
    refusals = browser.get(
        "/audit?refused=yes&about=ＵＣ２６-Ｈ３&act=ｌｏｔ.release&person=maharani&from=2026-04-01"
    ).text
    assert 'aria-current="page">Refusals' in refusals
