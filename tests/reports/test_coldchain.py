"""The cold chain on paper: the drawing loses nothing that the record says, and the answer stands first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pypdfium2
import pytest

from reports import terms
from reports.words import Words
from tests.reports import samples
from tests.reports import samples_coldchain as cold
from tests.reports.test_records import draw, pages_of, text_of
from traceability.domain.plots import Judged, MarkKind
from traceability.domain.records import ColdChainRecord
from traceability.domain.thermal import JudgedBy, NoMkt
from traceability.store.tables.coldchain import Decision
from traceability.store.tables.organisations import PlaceKind


def ink(pdf: bytes) -> Any:
    """The first page in grey."""
    return pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().convert("L")


@pytest.mark.parametrize("change, answer", [
    ({}, "OUT OF LIMITS"), ({"outs": ()}, "NOT KNOWN THROUGHOUT"), ({"outs": (), "unknown": ()}, "IN LIMITS"),
    ({"outs": (), "unknown": (), "limits": None}, "NOTHING LAY HERE"),
    ({"outs": (), "unknown": (), "worst": (), "rows": (), "by_hand": ()}, "ASSUMED, NOT MEASURED"),
])  # fmt: skip
def test_the_answer_stands_first(change: dict[str, Any], answer: str) -> None:
    record = replace(cold.place(), plot=replace(cold.a_plot(), **change))
    assert answer in pages_of(draw("coldchain", record))[0]


def test_what_is_left_undecided_is_said_first_too() -> None:
    assert "QA has not decided on every vial" in pages_of(draw("coldchain", cold.place()))[0]
    decided = tuple(replace(one, left=()) for one in cold.place().excursions)
    assert "QA has not decided" not in text_of(draw("coldchain", cold.place(excursions=decided)))


def test_a_month_names_sensors_files_vials_and_every_day() -> None:
    text = text_of(draw("coldchain", cold.place()))
    for part in ("Freezer F-02, pharmacy (F-02)", "EFB-17-004412", "K-17/2025, due 31 Jan 2027", "not calibrated", "8 784", "1, 13 h", *samples.SERIALS,
                 "Each point is every reading of 2 h", "to be used until 30 Sep 2026", "48 minutes inside the budget.; Stability S-12.pdf",
                 "rejected", "11 Mar 2026 00:00 WIB −21.4 −9.6", "assumed −25 to −15"):  # fmt: skip
        assert part in text, part
    assert samples.LOGGER.sha256 in text.replace(" ", "")


def test_a_vial_tells_clocks_and_bands() -> None:
    text = text_of(draw("coldchain", cold.vial()))
    for part in ("1 h 42 min used of 4 h; 2 h 18 min left", "Warmer than −5 °C 5 min used of 30 min", "to be used by",
                 "not applicable, frozen product", "sensor EFB-17-004412, EFB-17-004413", "nothing"):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize("without", ["limits", "worst", "outs", "unknown", "assumed", "by_hand", "marks"])
def test_each_thing_of_the_record_leaves_its_ink(without: str) -> None:
    """Taken away, the drawing is another one: nothing is only in the record."""
    record = cold.place()
    bare = replace(record, plot=replace(record.plot, **{without: None if without == "limits" else ()}))
    assert ink(draw("coldchain", record)).tobytes() != ink(draw("coldchain", bare)).tobytes()


def test_an_extreme_of_one_reading_is_drawn() -> None:
    record: ColdChainRecord = cold.place()
    worst = list(record.plot.worst)
    worst[50] = replace(worst[50], high_mc=-12_000)
    other = replace(record, plot=replace(record.plot, worst=tuple(worst)))
    assert ink(draw("coldchain", record)).tobytes() != ink(draw("coldchain", other)).tobytes()


def test_other_records_say_what_is_left_and_what_was_decided() -> None:
    for paper, record in (
        ("release", samples.release(budgets=cold.BUDGETS, disposed=cold.DISPOSED)),
        ("trace", samples.trace(budgets=cold.BUDGETS, disposed=cold.DISPOSED)),
    ):
        text = text_of(draw(paper, record))
        for part in (
            "Cleared through",
            "no reading for a while 1 h 42 min 2 h 18 min",
            "EX-3",
            "to be used until 30 Sep 2026",
        ):
            assert part in text, (paper, part)
    given = samples.given_vial(
        temperature_known=None, cleared_through=samples.AT, extremes=(-24_100, -12_600), disposed=cold.DISPOSED[:1]
    )
    text = text_of(draw("administration", samples.administration(vials=(given,))))
    for part in (
        "cleared through 18 Mar 2026 09:14 WIB",
        "measured −24.1 °C to −12.6 °C",
        "EX-3: to be used until 30 Sep 2026",
    ):
        assert part in text, part


WORDS = (
    (terms.judged_by, [*JudgedBy]), (terms.disposition, [*Decision]), (terms.no_mkt, [*NoMkt]), (terms.place_kind, [*PlaceKind]),
    (terms.reason, ["stay_none", "stay_unmonitored", "assumed_stay_too_long", "reading_none", "reading_too_old", "reading_out", "reading_gap",
                    "calibration_none", "not_read_yet"]),
)  # fmt: skip


@pytest.mark.parametrize("term, stored", [(term, str(word)) for term, words in WORDS for word in words])
def test_every_stored_word_has_a_term_in_indonesian(term: Any, stored: str) -> None:
    assert "_" not in term(Words("en", "UTC"), stored)
    assert term(Words("id", "UTC"), stored) != stored or stored == "sensor"


@pytest.mark.parametrize("stored", [*Judged])
def test_every_judgement_has_a_shape_and_a_word(stored: Judged) -> None:
    assert terms.judged(Words("id", "UTC"), stored).word != terms.judged(Words("en", "UTC"), stored).word


@pytest.mark.parametrize("kind", [*MarkKind])
def test_every_mark_is_said(kind: MarkKind) -> None:
    one = replace(cold.a_plot().marks[0], kind=kind, about="EX-3")
    assert terms.mark(Words("id", "UTC"), one)
    assert "_" not in terms.mark(Words("en", "UTC"), one)


def test_five_hundred_vials_with_one_history_fit_on_paper() -> None:
    """What is said of all of them stands once; their serials go on over as many pages as they need."""
    many = tuple(f"Q9X{n:04d}MN" for n in range(500))
    lain = (replace(cold.place().vials[0], serials=many),)
    there = (replace(cold.place().excursions[0], serials=many, left=many[3:]),)
    record = cold.place(vials=lain, excursions=there, disposed=(replace(cold.DISPOSED[0], serials=many),))
    text = text_of(draw("coldchain", record))
    assert all(text.count(serial) == 3 for serial in many)
    assert "open: 497 vials" in text
    release = samples.release(budgets=(replace(cold.BUDGETS[0], serials=many),))
    assert all(serial in text_of(draw("release", release)) for serial in many[::50])
