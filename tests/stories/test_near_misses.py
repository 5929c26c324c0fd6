"""Scans that stopped somebody are found again: by lot, by vial and by person, and by one's own house alone."""

from __future__ import annotations

from tests.clinic import Clinic
from tests.stories.test_scan_log import scanned
from traceability.domain.people import Actor
from traceability.services import near_misses, scans, vials


def misses(clinic: Clinic, who: Actor, **asked: str) -> list[tuple[str | None, str]]:
    with clinic.store.read(who) as view:
        return [(one.serial, one.verdict) for one in near_misses.scans(view, **asked)[0]]


def test_a_scan_that_stopped_somebody_is_found_and_one_that_did_not_is_none(released: Clinic) -> None:
    clinic = released
    clinic.do(vials.report_broken, clinic.PHARMACIST, clinic.vial("H3K002").id, reason="dropped")
    scanned(clinic, "H3K001")
    scanned(clinic, "H3K002")
    scans.log_of(clinic.store).flush()
    stopped = [("H3K002", "do_not_use")]
    assert misses(clinic, clinic.QUALITY) == stopped
    for about in ("UC26-H3", "H3K002"):
        assert misses(clinic, clinic.QUALITY, about=about) == stopped
    assert misses(clinic, clinic.QUALITY, person_id=clinic.PHARMACIST.person_id) == stopped
    for asked in ({"about": "H3K001"}, {"about": "no such lot"}, {"person_id": clinic.QUALITY.person_id}):
        assert misses(clinic, clinic.QUALITY, **asked) == []
    assert misses(clinic, clinic.ELSEWHERE) == []
