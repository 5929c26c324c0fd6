"""The frame of a record: same bytes, plain text, nothing lost, read back from the paper."""

import pypdfium2
import pytest
import zxingcpp
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer

from reports import page, sections
from reports.page import Mark, Sheet, Signature
from traceability.domain.errors import Refused

SHEET = Sheet(
    language="en",
    site="RSUD Dr. Moewardi, Surakarta",
    title="Release record",
    subject="Batch (lot) UC26-H3",
    number="REL-2026-009",
    version="1",
    data_as_of="18 Mar 2026 09:14 WIB",
    status_url="https://trace.example.org/d/REL-2026-009",
    digest="4be1" * 16,
    checkpoint="Checkpoint 47 021 entries, root " + "7d1a" * 16,
    demonstration=True,
)


def flow(rows=3, name="N. Putri"):
    return [
        page.decision("ok", "RELEASED", "60 of 60 vials"),
        page.section(1, "Product and lot"),
        page.pairs([("Product", "UC-MSC secretome"), ("Expires", None), ("Finding", Mark("ask", "Not evaluated"))]),
        page.section(2, "Tests"),
        page.table(
            ["Test", "Limit", "Result", "Finding"],
            [(f"Test {n}", "≥ 1.0 × 10¹⁰", "7.3", Mark("ok", "Inside")) for n in range(rows)],
            [3, 3, 2, 2],
            numeric=[2],
        ),
        page.section(3, "Signatures"),
        *page.signatures(
            [Signature("Released", name, "Quality assurance", "18 Mar 2026 09:14:03 WIB", "covers 9f3c")] * 3
        ),
    ]


def pages_of(pdf):
    return [
        one.get_textpage().get_text_range().replace("\r\n", "\n").replace("\xa0", " ")
        for one in pypdfium2.PdfDocument(pdf)
    ]


def test_every_page_carries_number_digest_checkpoint_count_and_the_mark_of_a_demonstration():
    told = pages_of(page.draw(SHEET, flow(80)))
    assert len(told) == 3
    for number, text in enumerate(told, 1):
        for part in (
            SHEET.number,
            SHEET.site,
            SHEET.digest,
            SHEET.checkpoint,
            f"Page {number} of 3",
            "DEMONSTRATION DATA",
        ):
            assert part in text


def test_the_head_of_a_table_is_repeated_and_no_heading_is_left_behind():
    for rows in range(24, 44):
        told = pages_of(page.draw(SHEET, flow(rows)))
        with_rows = [text for text in told if "Test 0\n" in text or "Inside" in text]
        assert all("Limit" in text for text in with_rows)
        heading = next(text for text in told if "Signatures" in text)
        assert "Quality assurance" in heading


def test_the_same_record_gives_the_same_bytes_and_no_foreign_font():
    pdf = page.draw(SHEET, flow())
    assert pdf == page.draw(SHEET, flow())
    assert b"Helvetica" not in pdf


def test_markup_in_a_name_is_printed_as_text_and_opens_nothing():
    hostile = "<img src='/etc/passwd'/><b>& O'Neil</b>"
    told = "".join(pages_of(page.draw(SHEET, flow(name=hostile))))
    assert "".join(hostile.split()) in "".join(told.split())


@pytest.mark.parametrize("name", ["Łukasz Ağaoğlu", "u\u0308ber", "Nguyê\u0303n"[:5]])
def test_names_of_many_languages_are_kept(name):
    assert page.draw(SHEET, flow(name=name))


@pytest.mark.parametrize("name", ["王", "a\x00b", "\x1d", "🙂", "\u202eabc"])
def test_a_glyph_that_is_not_there_stops_the_record(name):
    with pytest.raises(Refused, match="document_glyph_missing"):
        page.draw(SHEET, flow(name=name))


def test_the_code_in_the_head_leads_to_the_status_of_the_record():
    image = pypdfium2.PdfDocument(page.draw(SHEET, flow()))[0].render(scale=200 / 72).to_pil()
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == SHEET.status_url


@pytest.mark.parametrize("language, words", [("en", "Page 1 of 1"), ("id", "Halaman 1 dari 1")])
def test_the_frame_speaks_both_languages(language, words):
    sheet = Sheet(**{name: getattr(SHEET, name) for name in SHEET.__dataclass_fields__} | {"language": language})
    assert words in pages_of(page.draw(sheet, flow()))[0]


@pytest.mark.parametrize("shape", ["ok", "stop", "ask", "hold", "warn", "none"])
def test_every_shape_is_drawn_differently(shape):
    def picture(of):
        pdf = page.draw(SHEET, [page.decision(of, "WORD")])
        return pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().tobytes()

    assert all(picture(shape) != picture(other) for other in {"ok", "stop", "ask", "hold", "warn", "none"} - {shape})


@pytest.mark.parametrize("notes", [1, 2, 3, 6])
def test_a_note_is_never_alone_at_the_top_of_a_page(notes):
    """Wherever the page ends: rows of the table above them stand there too, and the last of many has one before it."""
    told = [f"note {n}" for n in range(notes)]
    broken = set()
    for filled in range(150, 235, 2):
        rows = [(f"row {n}", "7.3") for n in range(6)]
        made = pages_of(
            page.draw(
                SHEET,
                [Spacer(1, filled * mm), page.table(["Test", "Result"], rows, [1, 1]), *map(page.note, told)],
            )
        )
        text = "".join(made)
        assert all(text.count(one) == 1 for one in (*(name for name, _ in rows), *told))
        if len(made) > 1 and told[-1] in made[1] and told[-1] not in made[0]:
            stands = [one for one in (*(name for name, _ in rows), *told) if one in made[1]]
            assert stands != [told[-1]], filled
            assert stands[0] != told[0], filled
            broken.add(stands[0])
    assert len(broken) > 2, "the page ended at several places"


def test_a_note_stays_with_the_last_box():
    box = Signature("Released", "N. Putri", "Quality assurance", "18 Mar 2026 09:14:03 WIB", "covers 9f3c")
    for filled in range(170, 230, 2):
        made = pages_of(page.draw(SHEET, [Spacer(1, filled * mm), *page.signatures([box]), page.note("Signed here.")]))
        assert ["N. Putri" in one for one in made] == ["Signed here." in one for one in made], filled


def test_a_table_longer_than_a_page_whose_notes_do_not_fit_is_drawn_all_the_same():
    long = "\n".join(f"line {n}" for n in range(40))
    rows = [(long, "x")]
    for filled in range(0, 60, 4):
        made = pages_of(
            page.draw(SHEET, [Spacer(1, filled * mm), page.table(["A", "B"], rows, [1, 1]), page.note("end")])
        )
        assert "end" in made[-1]
        assert "line 39" in "".join(made)


def test_no_heading_stays_behind_when_what_it_heads_does_not_break():
    """Wherever the page ends: a box, and the table of the proof, take their heading along."""
    box = Signature("Released", "N. Putri", "Quality assurance", "18 Mar 2026 09:14:03 WIB", "covers 9f3c")
    rows = [(f"name {n}", "value") for n in range(14)]
    for filled in range(120, 235, 3):
        bodies = [("Signed by", page.signatures([box])), ("Proved by", [KeepTogether([page.pairs(rows, columns=1)])])]
        made = pages_of(page.draw(SHEET, [Spacer(1, filled * mm), *sections.numbered(bodies)]))
        assert ["Signed by" in one for one in made] == ["N. Putri" in one for one in made], filled
        assert ["Proved by" in one for one in made] == ["name 13" in one for one in made], filled
