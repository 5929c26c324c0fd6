"""The trace as tables: everything for who treats, numbers for the maker, nothing for others; long lots by the page."""

from __future__ import annotations

import re

import pytest

from tests.clinic import Clinic
from tests.web.test_subjects_pages import rows, scored, watched
from tests.worlds import released, world, worlds
from traceability.store.tables.outcomes import TimePoint

__all__ = ["released", "watched", "world", "worlds"]


@pytest.fixture
def clinic(released: Clinic) -> Clinic:
    return released


@pytest.fixture
def treated(clinic: Clinic) -> Clinic:
    """Two of five vials were given to one subject."""
    clinic.ids["course"] = clinic.course()
    for k in (1, 2):
        clinic.give_dose(clinic.ids["course"], k)
        clinic.clock.tick(days=6, hours=20)
    scored(clinic, ("VAS", "7", TimePoint.BASELINE, "visit"), ("VAS", "3", TimePoint.AFTER_SERIES, "visit"))
    return clinic


def pseudonym(clinic: Clinic) -> str:
    from traceability.services import subjects

    with clinic.store.read(clinic.PHYSICIAN) as view:
        return subjects.subject(view, clinic.ids["subject"]).pseudonym


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_lot_leads_to_every_vial_place_subject_and_score(signed_in, treated: Clinic, watched) -> None:
    page = signed_in("maharani").get(f"/lots/{treated.ids['lot']}/trace")
    told = rows(page.text)
    name = pseudonym(treated)
    assert [name, "RSUD Dr. Moewardi", "Right knee", "1, 2", "H3K001 H3K002", "7 → 3", "not asked"] in told
    assert next(row for row in told if row[0] == "In stock") == [
        "In stock",
        "RSUD Dr. Moewardi",
        "F-01-Q, Surakarta",
        "3",
        "H3K003 H3K004 H3K005",
    ]
    (given,) = (row for row in told if row[0] == "H3K001")
    assert "MF-01 →" in given[3]
    assert f"dose 1, 3 mL, {name}" in given[4]
    assert {"Donor", "Cell bank", "Harvest"} <= {row[0] for row in told}
    assert "5 filled, 5 accounted for." in page.text
    assert watched.leaks() == []


def test_the_maker_sees_how_many_and_not_whom(signed_in, treated: Clinic) -> None:
    page = signed_in("wijaya").get(f"/lots/{treated.ids['lot']}/trace").text
    assert pseudonym(treated) not in page
    assert treated.ids["subject"] not in page
    assert "RSUD Dr. Moewardi: 2 injections" in page
    assert "dose 1" not in page
    assert signed_in("other").get(f"/lots/{treated.ids['lot']}/trace").status_code == 404
    assert signed_in("wijaya").get(f"/subjects/{treated.ids['subject']}/trace").status_code == 403


def test_who_treats_nobody_reads_how_many_and_no_pseudonym(signed_in, treated: Clinic) -> None:
    path = f"/lots/{treated.ids['lot']}/trace"
    assert pseudonym(treated) in signed_in("putri").get(path).text
    for who in ("handayani", "wulandari", "admin"):
        page = signed_in(who).get(path).text
        assert pseudonym(treated) not in page
        assert f"/subjects/{treated.ids['subject']}" not in page
        assert "RSUD Dr. Moewardi: 2 injections" in page


def test_a_subject_leads_back_to_lots_banks_and_makers(signed_in, treated: Clinic) -> None:
    told = rows(signed_in("santosa").get(f"/subjects/{treated.ids['subject']}/trace").text)
    assert [row[3:5] for row in told if row[-1].startswith("Open")] == [["H3K001", "UC26-H3"], ["H3K002", "UC26-H3"]]
    assert ["UC26-H3", "PT. Bifarma Adiluhung", "Donor D-4KQ7 Cell bank MCB-3 Harvest HV-26-9"] in told
    assert [row[2] for row in told if row[0] == "VAS, pain"] == ["7", "3"]


def test_a_long_lot_comes_by_the_page_and_can_be_narrowed(signed_in, clinic: Clinic) -> None:
    lot = clinic.lot("UC26-Z9", 70, certified=False)
    maker = signed_in("wijaya")
    path = f"/lots/{lot}/trace"
    page = maker.get(path).text
    assert len([row for row in rows(page) if re.fullmatch(r"Z9K\d{3}", row[0])]) == 60
    following = re.search(r'rel="next" href="([^"#]+)', page)[1].replace("&amp;", "&")
    assert len([row for row in rows(maker.get(following).text) if re.fullmatch(r"Z9K\d{3}", row[0])]) == 10
    assert "and 46 more" in page
    narrowed = [row[0] for row in rows(maker.get(f"{path}?serial=k07").text) if re.fullmatch(r"Z9K\d{3}", row[0])]
    assert narrowed == ["Z9K070"]
    assert "No vial fits." in maker.get(f"{path}?custody=given").text
