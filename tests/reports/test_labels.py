"""Labels as a printer and a foreign scanner see them: drawn, rasterised, decoded by a second library, read."""

import os
from contextlib import contextmanager
from datetime import date

import pypdfium2
import pytest
import zxingcpp

from reports import labels as printed
from traceability.domain import gs1
from traceability.domain.errors import Refused
from traceability.domain.labels import LAYOUTS, VialLabel

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


@pytest.fixture
def second_library(monkeypatch):
    """libdmtx, told to hand FNC1 on as GS, as a scanner does; its Python binding has no switch for it."""
    try:
        from pylibdmtx import pylibdmtx
    except ImportError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"libdmtx0b is not installed: {missing}")
    plain = pylibdmtx._decoder

    @contextmanager
    def decoder(image, shrink):
        with plain(image, shrink) as made:
            if separators:
                pylibdmtx.dmtxDecodeSetProp(made, pylibdmtx.DmtxProperty.DmtxPropFnc1, ord(gs1.GS))
            yield made

    separators = True
    monkeypatch.setattr(pylibdmtx, "_decoder", decoder)

    def decode(image, *, with_separators=True):
        nonlocal separators
        separators = with_separators
        return [found.data.decode("latin-1") for found in pylibdmtx.decode(image, max_count=1, timeout=20_000)]

    return decode


def first_label(layout, dpi):
    size = LAYOUTS[layout]
    sheet = raster(printed.sheet([a_label()], layout), dpi)
    return sheet.crop((0, 0, sheet.width // 2, int((size.height_mm + 14) / 25.4 * dpi)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dpi", [300, 600])
def test_a_label_printed_and_scanned_with_another_reader_names_the_same_vial(second_library, layout, dpi):
    (scanned,) = second_library(first_label(layout, dpi))
    assert gs1.read(scanned, TODAY).elements == a_label().elements


def test_a_reader_that_drops_the_separator_is_sent_back_to_scan_again(second_library):
    (scanned,) = second_library(first_label("vial_10x20", 300), with_separators=False)
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
def test_every_symbol_of_a_whole_sheet_reads(layout):
    many = [a_label(f"K7M4{a}{b}") for a in "ACDEFG" for b in "MNPQ"]
    found = zxingcpp.read_barcodes(
        raster(printed.sheet(many, layout, start=3)),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix),
        text_mode=zxingcpp.TextMode.Plain,
    )
    assert {gs1.read(code.symbology_identifier + code.text, TODAY).serial for code in found} == {
        one.serial for one in many
    }


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lot_expiry_and_serial_stand_in_readable_text(layout):
    told = text_of(printed.sheet([a_label()], layout))
    for part in ("Lot UC26-H3", "EXP 2027-08-31", "SN K7M4Q2", "DEMO"):
        assert part in told


@pytest.mark.parametrize("layout", ["vial_38x21", "vial_50x30"])
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
    assert min(line.points for layout in LAYOUTS.values() for line in layout.lines) >= 5


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
