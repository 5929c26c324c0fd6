"""What somebody types in full-width characters where a lot, serial, code, act or person is asked for is read as they mean it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.clinic import Clinic
from tests.stories.test_scan_log import scanned
from traceability.domain.errors import Refused
from traceability.domain.typed import meant
from traceability.services import audit, courses, near_misses, scans, vials
from traceability.services.audit_search import Asked

FULL = {ord("!") + n: 0xFF01 + n for n in range(94)}


def full(plain: str) -> str:
    """The same as an input method for East Asian text types it."""
    return plain.translate(FULL)


def entries(clinic: Clinic, **asked: object) -> list[int]:
    with clinic.store.read(clinic.QUALITY) as view:
        return [one.number for one in audit.page(view, Asked(clinic.ids["hospital"], **asked), limit=200).entries]


def test_signs_letters_and_digits_mean_the_plain_ones_and_separators_stay() -> None:
    assert meant(full("=UC26-H3 (01)")) == "=UC26-H3 (01)"
    assert meant("\u3000ＵＣ２６\u3000") == "UC26"
    assert meant("\x1d01095") == "\x1d01095"


def test_the_trail_is_searched_by_what_was_meant(released: Clinic) -> None:
    clinic = released
    code = clinic.code(clinic.vial("H3K001"))
    bracketed = "(01)" + code.partition("01")[2][:14] + "(21)H3K001"
    whole = {name: entries(clinic, about=name) for name in ("UC26-H3", "H3K001")}
    assert all(whole.values())
    for name, found in whole.items():
        assert entries(clinic, about=full(name)) == found
    for typed in (code, bracketed, full(bracketed)):
        assert entries(clinic, about=typed) == whole["H3K001"], typed
    assert entries(clinic, act=full("lot.release")) == entries(clinic, act="lot.release") != []
    by = entries(clinic, person_id=clinic.STOREKEEPER.person_id)
    assert entries(clinic, person_id=full("handayani")) == entries(clinic, person_id="Handayani") == by != []
    assert entries(clinic, person_id="nobody") == []
    clinic.do(vials.report_broken, clinic.PHARMACIST, clinic.vial("H3K002").id, reason=full("dropped"))
    with clinic.store.read(clinic.QUALITY) as view:
        (one,) = audit.page(view, Asked(clinic.ids["hospital"], act="vial.report_broken")).entries
    assert one.reason == full("dropped"), "free text stays as it was typed"


def test_near_misses_and_refusals_are_found_by_time_lot_person_and_what_was_tried(released: Clinic) -> None:
    clinic = released
    clinic.do(vials.report_broken, clinic.PHARMACIST, clinic.vial("H3K002").id, reason="dropped")
    at = clinic.clock.now
    scanned(clinic, "H3K002")
    with pytest.raises(Refused):
        clinic.do(courses.unreserve, clinic.PHARMACIST, clinic.vial("H3K002").id, reason="not needed")
    clinic.clock.tick(days=2)
    scanned(clinic, "H3K002")
    scans.log_of(clinic.store).flush()

    def missed(**asked: object) -> list[datetime]:
        with clinic.store.read(clinic.QUALITY) as view:
            return [one.at for one in near_misses.scans(view, **asked)[0]]

    later, first = missed()
    assert (first, later) == (at, at + timedelta(days=2))
    assert missed(until=later) == [first]
    assert missed(since=later) == missed(since=first + timedelta(seconds=1)) == [later]
    for about in ("ＵＣ２６－Ｈ３", full("H3K002"), clinic.code(clinic.vial("H3K002"))):
        assert missed(about=about, until=later) == [first]
    assert missed(person_id=full("putri"), purpose=full("stock")) == [later, first]
    assert missed(purpose="bedside") == missed(person_id="handayani") == []
    refused = {"refused": True, "act": "vial.unreserve", "about": full("H3K002"), "person_id": "putri"}
    assert len(entries(clinic, **refused, since=at, until=later)) == 1
    assert entries(clinic, **refused, since=later) == []
