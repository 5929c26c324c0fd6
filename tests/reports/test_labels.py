"""Labels as a printer and foreign scanners see them: drawn, rasterised in one bit, decoded by three libraries, read."""

from datetime import date
from io import BytesIO

import pypdfium2
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from reports import fitting, stream, symbols
from reports import labels as printed
from tests.reports import readers
from tests.reports.zebra import Zebra
from traceability.domain import codes, gs1, own_codes, selftest, tags
from traceability.domain.errors import Refused
from traceability.domain.labels import LAYOUTS, PAPERS, VialLabel
from traceability.services import printing

TODAY = date(2026, 3, 18)


def a_label(serial="K7M4Q2", **other):
    return VialLabel(
        **{
            "name": "UC-MSC secretome",
            "volume_ul": 3000,
            "gtin": "09521234543213",
            "lot": "UC26-H3",
            "expires": date(2027, 8, 31),
            "serial": serial,
            "storage": "Store −25 to −15 °C",
            "maker": "PT. Bifarma Adiluhung, Jakarta",
            "route": "for research-based service only",
            "strength": "1.8\xa0mg/mL",
            "demonstration": True,
        }
        | other
    )


def raster(pdf, dpi=300):
    page = pypdfium2.PdfDocument(pdf)[0]
    return page.render(scale=dpi / 72).to_pil().convert("L")


def text_of(pdf):
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    return page.get_text_range().replace("\xa0", " ")


GLN = "9521234543210"[:12] + gs1.check_digit("952123454321")
TAGS = {
    "overlabel_16x30": tags.OverLabel(
        serial="AB7K2XYZ", giai=tags.giai(GLN, "AB7K2XYZ"), name="UC-MSC secretome", lot="UC26-H3", expires=date(2027, 8, 31)
    ),
    "shipper_105x148": tags.shipper(
        "106141411234567897", low_mc=-25_000, high_mc=-15_000, sender="PT. Bifarma Adiluhung, Jakarta", name="UC-MSC secretome",
        receiver="RSUD Dr. Moewardi, Surakarta", gtin="09521234543213", count=40, lot="UC26-H3", expires=date(2027, 8, 31),
    ),
    "asset_70x40": tags.asset("95212345FZ01", name="Freezer F-01", site="RSUD Dr. Moewardi", low_mc=-25_000, high_mc=-15_000),
    "asset_16x30": tags.asset("95212345LG7", name="Logger 7", site="RSUD Dr. Moewardi"),
    "place_70x40": tags.place("F-01-Q2", name="Quarantine drawer", site="RSUD Dr. Moewardi", gln=GLN, quarantine=True),
    "place_50x30": tags.place("F-01-Q2", name="Quarantine drawer", site="RSUD Dr. Moewardi", gln=None),
    "badge_86x54": tags.badge("0198c0ffee0077ab12cd34ef56ab78cd", name="dr. B. Santosa", role="Physician", organisation="RSUD Dr. Moewardi"),
    "wristband_60x25": tags.wristband_of("899123400000000015", instance="3", pseudonym="K7M4Q2"),
    "self_test_90x60": tags.self_test(),
}  # fmt: skip


def of(layout):
    """A label of this layout and what scanners have to say of its codes."""
    label = TAGS[layout] if layout in TAGS else a_label("K7M4Q2AB")
    told = label.codes(qr=tags.EVERY[layout].qr_mm is not None)
    return label, {code.form: code.reads for code in told}


def rolled(labels, layout, dpi):
    out = BytesIO()
    printed.roll(out, labels, layout, dpi=dpi)
    return out.getvalue()


@pytest.mark.parametrize("layout", tags.EVERY)
@pytest.mark.parametrize("dpi", [203, 300])
def test_a_label_from_the_roll_says_the_same_to_every_scanner_sharp_or_smudged_and_held_askew(layout, dpi):
    label, said = of(layout)
    (dots,) = readers.rasters(rolled([label], layout, dpi), dpi)
    sharp = readers.paper(dots, fitting.dots(tags.EVERY[layout].datamatrix_mm, dpi))
    for seen in (sharp, readers.smudged(sharp)):
        assert readers.zxing(seen) == said
        assert readers.libdmtx(seen) == [said["datamatrix"][3:]]
        if "qr" in said:
            assert readers.zbar(seen) == [said["qr"][3:]]
    assert readers.zxing(readers.smudged(sharp, -3)) == said


@pytest.mark.parametrize("layout", tags.EVERY)
@pytest.mark.parametrize("dpi", [203, 300])
def test_a_page_of_the_roll_is_the_label_and_a_module_is_whole_dots(layout, dpi):
    label, _ = of(layout)
    size = tags.EVERY[layout]
    (dots,) = readers.rasters(rolled([label], layout, dpi), dpi)
    assert dots.size == (fitting.dots(size.width_mm, dpi), fitting.dots(size.height_mm, dpi))
    drawing, masks = fitting.Fitter(size, dpi).fit(label)
    for box in drawing.boxes:
        left, top, side = round(box.left * dpi / 72), round(box.top * dpi / 72), box.modules * box.dots
        seen = dots.crop((left, top, left + side, top + side))
        modules = b"".join(bytes(0 if dark else 255 for dark in row) for row in masks[box.form].rows())
        drawn = Image.frombytes("L", (box.modules, box.modules), modules).resize((side, side), Image.Resampling.NEAREST)
        assert seen.tobytes() == drawn.tobytes()


def first_label(layout, dpi):
    size = LAYOUTS[layout]
    sheet = raster(printed.sheet([a_label()], layout), dpi)
    return sheet.crop((0, 0, sheet.width // 2, int((size.height_mm + 14) / 25.4 * dpi)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_label_printed_and_scanned_with_another_reader_names_the_same_vial(layout):
    (scanned,) = readers.libdmtx(first_label(layout, 300))
    assert gs1.read(scanned, TODAY).elements == a_label().elements


def test_a_reader_that_drops_the_separator_is_sent_back_to_scan_again():
    (scanned,) = readers.libdmtx(first_label("vial_10x20", 300), separators=False)
    assert gs1.GS not in scanned
    with pytest.raises(Refused, match="code_separator_lost"):
        gs1.read(scanned, TODAY)


@pytest.mark.parametrize("layout", [name for name, layout in LAYOUTS.items() if layout.qr_mm])
def test_a_phone_reads_the_digital_link_beside_the_datamatrix(layout):
    label = a_label()
    (found,) = zxingcpp.read_barcodes(
        raster(printed.sheet([label], layout)), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    assert found.text == gs1.digital_link(label.domain, label.elements)
    assert dict(gs1.read(found.symbology_identifier + found.text, TODAY).elements) == dict(label.elements)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("page", printed.PAGES)
def test_every_symbol_of_a_whole_sheet_reads(layout, page):
    many = [a_label(f"K7M4{a}{b}") for a in "ACDEFG" for b in "MNPQ"]
    found = [
        gs1.read(code.symbology_identifier + code.text, TODAY).serial
        for dots in readers.rasters(printed.sheet(many, layout, page=page, start=3), 300)
        for code in zxingcpp.read_barcodes(
            dots, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix), text_mode=zxingcpp.TextMode.Plain
        )
    ]
    assert sorted(found) == sorted(one.serial for one in many)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lot_expiry_and_serial_stand_in_readable_text(layout):
    told = text_of(printed.sheet([a_label()], layout))
    for part in ("Lot UC26-H3", "EXP 2027-08-31", "SN K7M4Q2", "DEMO"):
        assert part in told


@pytest.mark.parametrize("layout", ["vial_38x21", "vial_50x30", "carton_90x60"])
def test_the_full_label_says_everything_that_is_owed(layout):
    told = text_of(printed.sheet([a_label(strength=None)], layout))
    for part in (
        "UC-MSC secretome",
        "3 mL",
        "strength not stated",
        "for intra-articular use only",
        "single use",
        "Store −25 to −15 °C",
        "PT. Bifarma Adiluhung",
        "for research-based service only",
        "(01) 09521234543213",
    ):
        assert part in told


def test_no_text_on_any_label_is_smaller_than_five_points():
    assert min(line.points for layout in tags.EVERY.values() for line in layout.lines) >= 5


def test_a_label_that_does_not_fit_is_refused_and_the_smallest_that_does_is_named():
    with pytest.raises(Refused, match="label_does_not_fit") as refused:
        printed.sheet([a_label(lot="SECRETOME-2026-H3")], "vial_10x20")
    assert refused.value.values["smallest"] in LAYOUTS
    assert printed.sheet([a_label(lot="SECRETOME-2026-H3")], refused.value.values["smallest"])


def test_a_letter_the_font_has_not_is_refused_not_left_out():
    with pytest.raises(Refused, match="label_glyph_missing"):
        printed.sheet([a_label(name="分泌 secretome")], "vial_38x21")


def test_the_same_labels_give_the_same_bytes_without_a_foreign_font():
    many = [a_label("K7M4Q2"), a_label("K7M4Q3")]
    pdf = printed.sheet(many, "vial_16x30")
    assert pdf == printed.sheet(many, "vial_16x30")
    assert b"Helvetica" not in pdf


def test_a_sheet_begins_where_the_last_one_ended_and_goes_on_over_pages():
    many = [a_label(f"K{n:03}") for n in range(70)]
    assert len(pypdfium2.PdfDocument(printed.sheet(many, "vial_38x21"))) == 2
    with pytest.raises(Refused, match="label_start"):
        printed.sheet(many, "vial_38x21", start=65)


@pytest.mark.parametrize("lot", ["A(1)", "A(21)B", "(10)X", ")(", "A%&'()*+,-./:;<=>", '?_!"'])
def test_a_lot_or_serial_may_have_every_sign_that_gs1_allows(lot: str):
    """Brackets too, which stand around the numbers of elements wherever people read them."""
    label = a_label(lot=lot, serial=f"{lot[:6]}7")
    pdf = pypdfium2.PdfDocument(printed.sheet([label], "vial_50x30"))
    found = zxingcpp.read_barcodes(
        pdf[0].render(scale=600 / 72).to_pil(), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix),
        text_mode=zxingcpp.TextMode.Plain,
    )  # fmt: skip
    assert [dict(gs1.read(one.symbology_identifier + one.text, label.expires).elements) for one in found] == [
        dict(label.elements)
    ]


# ── what else is labelled ──


@pytest.mark.parametrize(("layout", "elements"), [
    ("shipper_105x148", {"00": "106141411234567897", "02": "09521234543213", "37": "40", "17": "270831", "10": "UC26-H3",
                         "4333": "002500-", "4331": "001500-"}),
    ("asset_70x40", {"8004": "95212345FZ01"}),
    ("place_70x40", {"414": GLN, "254": "F-01-Q2"}),
    ("wristband_60x25", {"8018": "899123400000000015", "8019": "3"}),
    ("overlabel_16x30", {"8004": GLN[:12] + "AB7K2XYZ"}),
])  # fmt: skip
def test_the_code_holds_these_elements_and_each_stands_in_readable_text(layout, elements):
    label, said = of(layout)
    assert said["datamatrix"] == "]d2" + codes.element_text(codes.in_order(elements.items()))
    told = "".join(text_of(rolled([label], layout, 300)).split())
    for ai, value in elements.items():
        written = {"17": "EXP2027-08-31", "10": f"Lot{value}", "4333": "(4333)min−25°C", "4331": "(4331)max−15°C"}
        assert written.get(ai, f"({ai}){value}") in told


def test_separators_stand_where_the_writer_puts_them_and_nowhere_else():
    _, said = of("shipper_105x148")
    assert said["datamatrix"] == (
        "]d2001061414112345678970209521234543213172708313740\x1d10UC26-H3\x1d4333002500-\x1d4331001500-"
    )  # fmt: skip


@pytest.mark.parametrize(("label", "noun"), [
    (tags.place("F-01-Q2", name="Quarantine drawer", site="RSUD Dr. Moewardi", gln=None), "place"),
    (TAGS["badge_86x54"], "badge"),
    (tags.wristband("K7M4Q2"), "wristband"),
])  # fmt: skip
def test_a_house_without_a_number_of_gs1_labels_places_and_people_by_codes_of_this_system(label, noun):
    layout = next(name for name, size in tags.TAGS.items() if size.of == noun)
    (dots,) = readers.rasters(rolled([label], layout, 203), 203)
    seen = readers.smudged(readers.paper(dots, fitting.dots(tags.EVERY[layout].datamatrix_mm, 203)))
    (code,) = readers.zxing(seen).values()
    assert code == label.datamatrix.reads
    assert readers.libdmtx(seen) == [code[3:]]
    assert gs1.read(code, TODAY).elements == ((noun, label.serial),)
    assert code[3:] in "".join(text_of(rolled([label], layout, 203)).split())


def test_the_name_on_a_badge_is_printed_and_stands_in_no_code():
    label, said = of("badge_86x54")
    assert "Santosa" in text_of(rolled([label], "badge_86x54", 300))
    assert said == {"datamatrix": "]d1" + own_codes.written("badge", "CD34EF56AB78CD"[-12:])}


def test_a_wristband_has_digits_of_gs1_or_the_pseudonym_and_nothing_else():
    _, said = of("wristband_60x25")
    assert set(said["datamatrix"].removeprefix("]d2")) <= set("0123456789\x1d")
    assert "K7M4Q2" in tags.wristband("K7M4Q2").datamatrix.reads


@pytest.mark.parametrize("paper", PAPERS)
def test_the_self_test_sheet_on_every_paper_is_what_a_scanner_is_judged_by(paper):
    """Printed, seen by two scanners each, typed into the set-up: ready."""
    file = printing.printed(tags.self_test(), "self_test_90x60", paper=paper)
    dpi = int(paper.partition("_")[2] or 300)
    zpl = [one.image for one in Zebra().take(file.decode())] if paper.startswith("zpl") else None
    (dots,) = zpl or readers.rasters(file, dpi)
    seen = readers.paper(dots, fitting.dots(0.508, dpi))
    read = readers.zxing(seen)
    judged = [selftest.judge(read["datamatrix"]), selftest.judge(read["qr"])]
    assert [(one.symbol, one.exact, one.notices) for one in judged] == [
        (selftest.DATAMATRIX, True, ()), (selftest.QR, True, ()),
    ]  # fmt: skip
    assert [selftest.judge(one).symbol for one in readers.libdmtx(seen)] == [selftest.DATAMATRIX]
    assert [selftest.judge(one).exact for one in readers.zbar(seen)] == [True]


def test_an_overlabel_is_the_sites_own_number_and_never_under_the_makers_gtin():
    _, said = of("overlabel_16x30")
    assert said["datamatrix"].startswith("]d28004" + GLN[:12])
    assert "09521234543213" not in said["datamatrix"]


@pytest.mark.parametrize(
    ("mc", "told"), [(8000, "000800"), (-25_000, "002500-"), (-80_000, "008000-"), (0, "000000"), (250, "000025")]
)
def test_temperatures_of_a_shipper_are_hundredths_with_a_hyphen_below_zero(mc, told):
    assert tags.hundredths(mc) == told


def test_a_temperature_finer_than_the_code_can_say_is_refused():
    with pytest.raises(Refused, match="label_temperature"):
        tags.hundredths(2_505)


@pytest.mark.parametrize("make", [
    lambda: tags.wristband_of("899123400000000016", pseudonym="X"),
    lambda: tags.badge("", name="X", role="X", organisation="X"),
    lambda: tags.wristband("K 7"),
    lambda: tags.asset("with space", name="X", site="X"),
    lambda: tags.place("x" * 21, name="X", site="X", gln=GLN),
    lambda: tags.wristband_of("899123400000000015", instance="12345678901", pseudonym="X"),
])  # fmt: skip
def test_a_number_that_no_scanner_could_accept_is_refused_before_it_is_printed(make):
    with pytest.raises(Refused, match="code_"):
        make()


# ── the longest there is, and the paper itself ──

CSET = st.sampled_from(sorted(gs1.CSET_82))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lot=st.text(CSET, min_size=1, max_size=20), serial=st.text(CSET, min_size=1, max_size=20),
    name=st.lists(st.text("abcdefghijklmnoprstuvwzéğł", min_size=1, max_size=14), min_size=1, max_size=6).map(" ".join),
    layout=st.sampled_from(sorted(LAYOUTS)), dpi=st.sampled_from([203, 300]),
)  # fmt: skip
def test_whatever_it_is_called_a_label_fits_and_reads_or_is_refused_with_one_that_does(lot, serial, name, layout, dpi):
    label = a_label(serial, lot=lot, name=name)
    if not printed.fits(label, layout, dpi):
        with pytest.raises(Refused, match="label_does_not_fit") as refused:
            rolled([label], layout, dpi)
        layout = refused.value.values["smallest"]
    pdf = rolled([label], layout, dpi)
    (dots,) = readers.rasters(pdf, dpi)
    said = {code.form: code.reads for code in label.codes(qr=LAYOUTS[layout].qr_mm is not None)}
    assert readers.zxing(readers.paper(dots)) == said
    told = "".join(text_of(pdf).split())
    assert f"Lot{lot}" in told
    assert f"SN{serial}" in told


def test_the_longest_lot_and_serial_fit_the_carton_at_both_printers():
    label = a_label(
        "WWWWWWWWWWWWWWWWWWWW", lot="WWWWWWWWWWWWWWWWWWWW", name="Umbilical cord mesenchymal stem cell secretome"
    )
    for dpi in (203, 300):
        assert rolled([label], "carton_90x60", dpi)


def test_labels_of_a_lot_are_laid_out_once_and_each_still_has_its_own_serial():
    fitter = fitting.Fitter(LAYOUTS["vial_38x21"])
    many = [a_label(f"K7M4{n:04}") for n in range(50)]
    drawings = {id(fitter.fit(label)[0]) for label in many}
    assert len(drawings) <= 5
    told = text_of(printed.sheet(many, "vial_38x21"))
    assert all(f"SN {label.serial}" in told for label in many)


def test_a_wider_serial_is_not_drawn_over_the_symbol_of_a_layout_made_for_a_narrower_one():
    labels = [a_label(serial) for serial in ("IIIIIIII", "WWWWWWWW")]
    assert len(list(readers.rasters(rolled(labels, "vial_16x30", 300), 300))) == 2
    for label, dots in zip(labels, readers.rasters(rolled(labels, "vial_16x30", 300), 300), strict=True):
        assert readers.zxing(readers.paper(dots))["datamatrix"] == label.codes(qr=False)[0].reads


def test_the_paper_shows_what_reportlab_would_show():
    """Our own writer numbers the glyphs of the fonts' subset; a number off by one would print another letter."""
    from reportlab.pdfgen.canvas import Canvas

    from reports import fonts

    words = "Lot UC26-H3 · −25 °C ğł é (01) 0952 g_?"
    ours, theirs = BytesIO(), BytesIO()
    pdf = stream.Stream(ours, "words")
    pdf.page(240, 72, pdf.text(fonts.BOLD, 10, 10, 20, words) + pdf.text(fonts.REGULAR, 10, 10, 40, words))
    pdf.close()
    canvas = Canvas(theirs, pagesize=(239.9999, 71.9999), initialFontName=fonts.REGULAR)
    for font, baseline in ((fonts.BOLD, 20), (fonts.REGULAR, 40)):
        canvas.setFont(font, 10)
        canvas.drawString(10, 71.9999 - baseline, words)
    canvas.save()
    (mine,), (other,) = readers.rasters(ours.getvalue(), 300), readers.rasters(theirs.getvalue(), 300)
    differing = sum(a != b for a, b in zip(mine.tobytes(), other.tobytes(), strict=True))
    assert differing < 20  # an edge may round otherwise; another letter is hundreds
    assert mine.getextrema() == (0, 255)
    assert words in text_of(ours.getvalue())


def test_a_job_says_how_far_it_is():
    heard = []
    assert (
        printed.sheet_to(BytesIO(), (a_label(f"K{n:03}") for n in range(70)), "vial_38x21", progress=heard.append) == 70
    )
    assert heard == [65, 70]


def test_a_sheet_is_small_and_holds_nothing_of_a_label_twice():
    few, many = (printed.sheet([a_label(f"K7M4{n:04}") for n in range(count)], "vial_38x21") for count in (65, 650))
    assert (len(many) - len(few)) / 585 <= 200


def test_of_links_as_long_as_each_other_the_first_decides_the_mask_pattern():
    link = "https://id.gs1.org/01/09521234543213/10/UC26-H3/21/{}?17=270831".format
    first = symbols.mask(codes.link_qr(link("K001")))
    assert symbols.mask(codes.link_qr(link("K001")), symbols.pattern_of(first)) == first
    assert [symbols.pattern_of(symbols.mask(codes.link_qr(link("K001")), n)) for n in range(8)] == list(range(8))
