"""ZPL as a printer takes it: fields parsed, labels drawn by a small printer of our own, and read by foreign scanners."""

from io import StringIO

import pytest

from reports import fitting, zpl
from tests.reports import readers
from tests.reports.test_labels import a_label, of
from tests.reports.zebra import Zebra
from traceability.domain import codes, tags
from traceability.domain.errors import Refused
from traceability.domain.labels import LAYOUTS


def sent(labels, layout, dpi):
    out = StringIO()
    zpl.roll(out, labels, tags.EVERY[layout], dpi=dpi)
    return out.getvalue()


@pytest.mark.parametrize("layout", tags.EVERY)
@pytest.mark.parametrize("dpi", [203, 300])
def test_a_zebra_prints_labels_that_every_scanner_reads(layout, dpi):
    label, said = of(layout)
    (printed,) = Zebra().take(sent([label], layout, dpi))
    size = tags.EVERY[layout]
    assert printed.image.size == (fitting.dots(size.width_mm, dpi), fitting.dots(size.height_mm, dpi))
    sharp = readers.paper(printed.image, fitting.dots(size.datamatrix_mm, dpi))
    assert readers.zxing(sharp) == readers.zxing(readers.smudged(sharp)) == said
    assert readers.libdmtx(sharp) == [said["datamatrix"][3:]]
    if "qr" in said:
        assert readers.zbar(sharp) == [said["qr"][3:]]


@pytest.mark.parametrize("layout", ["vial_10x20", "vial_38x21"])
def test_data_fields_are_the_element_strings_of_the_vials_in_their_order(layout):
    many = [a_label(f"K7M4Q{n:02}") for n in range(12)]
    printed = Zebra().take(sent(many, layout, 203))
    assert [one.fields for one in printed] == [[label.codes(qr=False)[0].reads[3:]] for label in many]


def test_an_underscore_and_a_separator_in_a_lot_come_through_the_escape():
    label = a_label("B__1", lot="A_1_2")
    (printed,) = Zebra().take(sent([label], "vial_50x30", 300))
    assert printed.fields == [label.codes(qr=False)[0].reads[3:]]
    assert "10A__1__2_121B____1" in sent([label], "vial_50x30", 300)


def test_the_printers_own_encoder_is_used_only_where_it_cannot_come_out_at_another_size():
    letters = codes.datamatrix((("8004", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),))
    assert zpl.certain(letters, 26)  # 1 + 2 + 26 of 44 codewords
    assert not zpl.certain(letters, 20)  # by C40 it may fit, by ASCII it does not
    long = a_label("QWERTYUPQWERTYUPQWER", lot="ASDFGHJKASDFGHJKASDF")
    told = sent([long], "carton_90x60", 203)
    (printed,) = Zebra().take(told)
    said = {code.form: code.reads for code in long.codes(qr=True)}
    assert readers.zxing(readers.paper(printed.image, 4)) == said
    assert ("^BX" in told) == zpl.certain(
        long.codes(qr=False)[0], fitting.Fitter(LAYOUTS["carton_90x60"]).fit(long)[1]["datamatrix"].side
    )


def test_words_stand_where_the_paper_has_them_in_letters_that_a_printer_may_not_know():
    """Compared with the roll as PDF: ink falls on the same lines, in the same place."""
    from tests.reports.test_labels import rolled

    label = a_label(name="Sekretom Łódź ğ é", storage="−25 to −15 °C")
    (theirs,) = readers.rasters(rolled([label], "vial_50x30", 300), 300)
    (ours,) = (one.image for one in Zebra().take(sent([label], "vial_50x30", 300)))
    box = (0, 0, 340, ours.height)
    ink = [sum(level == 0 for level in image.crop(box).tobytes()) for image in (ours, theirs)]
    both = sum(a == b == 0 for a, b in zip(ours.crop(box).tobytes(), theirs.crop(box).tobytes(), strict=True))
    assert both > 0.8 * max(ink)


def test_a_letter_the_font_has_not_is_refused_and_no_file_is_made_with_a_gap():
    with pytest.raises(Refused, match="label_glyph_missing"):
        sent([a_label(name="分泌 secretome")], "vial_38x21", 203)


def test_what_a_lot_has_in_common_is_sent_once_and_taken_off_the_printer():
    told = sent([a_label(f"K7M4Q{n:03}") for n in range(200)], "vial_38x21", 203)
    assert told.count("~DG") == told.count("^ID") <= 5
    zebra = Zebra()
    assert len(zebra.take(told)) == 200
    assert zebra.graphics == {}
