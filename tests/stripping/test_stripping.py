"""What a picture or a paper says beside what it shows is taken out, and what it shows stays as it was (R54)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

from tests import hostile_pdfs
from traceability.domain.errors import Refused
from traceability.stripping import DRAWN, NAMING, jbig2, jpeg, media_type_of, png, stripped

CANARY = b"Canary"


def knee(mode: str = "RGB", size: tuple[int, int] = (67, 41)) -> Image.Image:
    wide, high = size
    made = Image.frombytes("L", size, bytes((x * x + 3 * x * y) % 251 for y in range(high) for x in range(wide)))
    return made if mode == "L" else made.convert(mode)


def jpeg_of(mode: str = "RGB", **how: object) -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Canary camera", 6
    exif.get_ifd(0x8825)[2] = (6.0, 10.0, 30.0)
    out = BytesIO()
    knee(mode).save(out, "JPEG", exif=exif, comment=CANARY, quality=88, icc_profile=CANARY * 9, **how)
    told = out.getvalue()
    xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Canary</x:xmpmeta>"
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x06Canary"
    more = b"".join(
        bytes((0xFF, m)) + struct.pack(">H", len(p) + 2) + p for m, p in ((0xE1, xmp), (0xED, iptc), (0xFE, CANARY))
    )
    return told[:2] + more + told[2:] + jpeg_small() + CANARY


def jpeg_small() -> bytes:
    """The second picture that phones put behind the first."""
    out = BytesIO()
    knee("L", (8, 8)).save(out, "JPEG", comment=CANARY)
    return out.getvalue()


def pixels(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    opened = Image.open(BytesIO(data))
    return opened.mode, opened.size, opened.tobytes()


HOW: tuple[tuple[str, dict[str, object]], ...] = (
    ("RGB", {}), ("L", {}), ("CMYK", {}), ("RGB", {"progressive": True}), ("RGB", {"restart_marker_rows": 1}), ("RGB", {"subsampling": 0}),
)  # fmt: skip


@pytest.mark.parametrize(("mode", "how"), HOW)
def test_a_jpeg_shows_the_same_pixels_upright_and_says_nothing_else(mode: str, how: dict[str, object]) -> None:
    given_ = jpeg_of(mode, **how)
    kept = jpeg.strip(given_)
    assert CANARY in given_
    assert CANARY not in kept
    assert pixels(kept) == pixels(given_)
    told = Image.open(BytesIO(kept))
    assert dict(told.getexif()) == {0x0112: 6}
    assert not told.getexif().get_ifd(0x8825)
    assert kept.endswith(b"\xff\xd9")
    assert jpeg.strip(kept) == kept


def png_of(mode: str = "RGB") -> bytes:
    told = PngInfo()
    told.add_text("Author", "Canary")
    told.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>Canary</x:xmpmeta>")
    told.add_text("Comment", "Canary" * 40, zip=True)
    exif = Image.Exif()
    exif[0x010F] = "Canary camera"
    out = BytesIO()
    knee(mode).save(out, "PNG", pnginfo=told, exif=exif, dpi=(300, 300), icc_profile=CANARY * 9)
    made = out.getvalue()
    time = struct.pack(">HBBBBB", 2026, 4, 1, 9, 30, 0)
    chunk = struct.pack(">I", len(time)) + b"tIME" + time + struct.pack(">I", zlib.crc32(b"tIME" + time))
    own = CANARY + b"!!"
    private = struct.pack(">I", len(own)) + b"prVt" + own + struct.pack(">I", zlib.crc32(b"prVt" + own))
    return made[:-12] + chunk + private + made[-12:] + CANARY


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "LA"])
def test_a_png_shows_the_same_pixels_and_says_nothing_else(mode: str) -> None:
    given_ = png_of(mode)
    kept = png.strip(given_)
    assert CANARY in given_
    assert CANARY not in kept
    assert b"tIME" not in kept
    assert pixels(kept) == pixels(given_)
    assert Image.open(BytesIO(kept)).info.keys() <= {"dpi", "transparency", "gamma", "srgb"}
    assert png.strip(kept) == kept


def pdf_of() -> bytes:
    out = BytesIO()
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(200, 100))
        made.docinfo["/Author"] = "Canary"
        with made.open_metadata() as meta:
            meta["dc:title"] = "Canary"
        made.attachments["Canary.txt"] = b"Canary inside"
        made.Root["/PatientName"] = page.obj["/PatientName"] = "Canary"
        launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.Dictionary(
            F="Canary.exe", EF=pikepdf.Dictionary(F=made.make_stream(b"Canary program"))
        ))  # fmt: skip
        then = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.Array([page.obj, pikepdf.Name.Fit]), Next=launch)
        made.Root.Outlines = made.make_indirect(pikepdf.Dictionary(Title="Canary", A=then))
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('Canary')")
        made.Root.Names["/JavaScript"] = pikepdf.Dictionary(
            Names=pikepdf.Array(["a", pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="Canary()")])
        )
        picture = made.make_stream(jpeg_of("L"), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=67, Height=41,
                                   ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode)  # fmt: skip
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
        page.obj.Contents = made.make_stream(b"q 200 0 0 100 0 0 cm /Im Do Q")
        page.obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="Canary()"))
        box = pikepdf.Array([0, 0, 9, 9])
        launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="Canary.exe")
        page.obj.Annots = pikepdf.Array([
            pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=box, A=launch),
            pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=box, T="Canary", Contents="remark"),
            pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=box, Contents="Canary"),
            pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=box, A=then),
            pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Highlight, Rect=box, Contents="Canary"),
        ])  # fmt: skip
        made.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue() + b"% Canary behind its end\n"


def test_a_pdf_shows_the_same_page_and_holds_no_title_file_or_script() -> None:
    given_ = pdf_of()
    kept = stripped(given_)
    assert kept.media_type == "application/pdf"
    assert CANARY in given_
    assert CANARY not in kept.data
    with pikepdf.open(BytesIO(kept.data)) as opened:
        assert list(opened.attachments) == []
        assert "/Info" not in opened.trailer
        assert set(opened.Root.keys()) == {"/Type", "/Pages"}
        assert [str(one.Subtype) for one in opened.pages[0].Annots] == ["/Text", "/Highlight"]
    before, after = (pypdfium2.PdfDocument(one)[0].render().to_pil() for one in (given_, kept.data))
    assert ImageChops.difference(before, after).getbbox() is None


def pdf_with(data: bytes, packing: object, **told: object) -> bytes:
    """A page with one picture, packed like this."""
    out = BytesIO()
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(200, 100))
        picture = made.make_stream(data, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=67, Height=41,
                                   ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8, **told)  # fmt: skip
        picture.Filter = packing
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=picture))
        page.obj.Contents = made.make_stream(b"q 200 0 0 100 0 0 cm /Im Do Q")
        made.save(out, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    return out.getvalue()


def pictures(data: bytes) -> list[bytes]:
    with pikepdf.open(BytesIO(data)) as opened:
        return [
            bytes(one.read_raw_bytes()) for one in opened.objects if isinstance(one, pikepdf.Stream) and "/Width" in one
        ]


def test_a_jpeg_in_a_pdf_says_nothing_however_it_is_packed() -> None:
    name, many = pikepdf.Name, pikepdf.Array
    told, dots = jpeg_of("L"), pikepdf.Dictionary(Predictor=12, Columns=1)
    up = b"".join(bytes((2, (one - before) % 256)) for before, one in zip(b"\0" + told, told, strict=False))
    packed: tuple[tuple[bytes, object, dict[str, object]], ...] = (
        (told, name.DCTDecode, {}),
        (told, many([name.DCTDecode]), {}),
        (told, name("/DCT"), {}),
        (zlib.compress(told), many([name.FlateDecode, name.DCTDecode]), {}),
        (zlib.compress(told).hex().encode() + b">", many([name.ASCIIHexDecode, name.FlateDecode, name.DCTDecode]), {}),
        (zlib.compress(up), many([name.FlateDecode, name.DCTDecode]), {"DecodeParms": many([dots, pikepdf.Dictionary(ColorTransform=0)])}),
    )  # fmt: skip
    for data, packing, more in packed:
        given_ = pdf_with(data, packing, **more)
        kept = stripped(given_).data
        assert pictures(kept) == [jpeg.strip(told)], packing
        before, after = (pypdfium2.PdfDocument(one)[0].render().to_pil() for one in (given_, kept))
        assert ImageChops.difference(before, after).getbbox() is None, packing
    with pikepdf.open(BytesIO(kept)) as opened:
        (picture,) = opened.pages[0].Resources.XObject.values()
        assert picture.DecodeParms.ColorTransform == 0


def drawing(content: bytes, **resources: Callable[[pikepdf.Pdf], pikepdf.Dictionary]) -> bytes:
    """A page of 200 by 100 that is drawn like this."""
    out = BytesIO()
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(200, 100)).obj
        page.Contents = made.make_stream(content)
        page.Resources = pikepdf.Dictionary({f"/{kind}": told(made) for kind, told in resources.items()})
        made.save(out, compress_streams=False)
    return out.getvalue()


def seen(data: bytes) -> Image.Image:
    return pypdfium2.PdfDocument(data)[0].render().to_pil()


def words(data: bytes) -> bytes:
    """Everything that its objects say, unpacked; what is drawn as dots aside."""
    with pikepdf.open(BytesIO(data)) as opened:
        told = [repr(opened.trailer).encode()]
        for one in opened.objects:
            told.append(one.unparse() if not isinstance(one, pikepdf.Stream) else repr(dict(one.items())).encode())
            if isinstance(one, pikepdf.Stream) and "/Width" not in one:
                told.append(one.read_bytes())
    return b" ".join(told)


def hiding(made: pikepdf.Pdf) -> pikepdf.Dictionary:
    """Resources whose own data say more than what is drawn."""
    dots = made.make_stream(bytes(range(192)) + CANARY, Subtype=pikepdf.Name.Image, Width=8, Height=8, BitsPerComponent=8,
                            ColorSpace=pikepdf.Name.DeviceRGB, PatientName="Canary")  # fmt: skip
    form = made.make_stream(
        b"0 0 40 40 re % Canary\nf", Subtype=pikepdf.Name.Form, BBox=[0, 0, 99, 99], Name=pikepdf.Name.Canary
    )
    return pikepdf.Dictionary({"/Canary": dots, "/Form": form, "/Unused": made.make_stream(CANARY)})


def test_a_page_is_drawn_anew_and_nothing_that_it_does_not_draw_is_left() -> None:
    name, string, many, told = pikepdf.Name, pikepdf.String, pikepdf.Array, pikepdf.Dictionary
    layer = told(Type=name.OCG, Name=string("Canary"))
    ink = pikepdf.Dictionary(FunctionType=2, Domain=[0, 1], C0=[1, 1, 1], C1=[0, 0, 1], N=1)
    content = (
        b"% Canary\n/Span <</ActualText (Canary)>> BDC q 40 0 0 40 100 20 cm /Canary Do Q EMC /Artifact /Tag DP"
        b" /C0 cs 1 scn 60 0 20 20 re f /C1 cs 1 0 0 scn 80 0 20 20 re f 0 0 1 rg /OC /Off BDC 0 80 20 20 re f EMC"
        b" /Form Do 1 0 0 RG 150 50 m 190 90 l S q 20 0 0 20 5 5 cm BI /W 4 /H 4 /CS /G /BPC 8 /F /AHx ID 00ff00ff10ef10ef00ff00ff10ef10ef> EI Q"
    )  # fmt: skip
    profile = BytesIO()
    profile.write(bytes(128) + CANARY)
    given_ = drawing(
        content, XObject=hiding,
        ColorSpace=lambda made: told(
            C0=many([name.Separation, name.Canary, name.DeviceRGB, ink]),
            C1=many([name.ICCBased, made.make_stream(profile.getvalue(), N=3)]),
        ),
        Properties=lambda made: told(Off=made.make_indirect(layer)),
    )  # fmt: skip
    with pikepdf.open(BytesIO(given_)) as opened:
        off = opened.pages[0].Resources.Properties.Off
        opened.Root.OCProperties = told(OCGs=[off], D=told(OFF=[off], Order=[off], Creator=string("Canary")))
        opened.Root.PageLabels = told(Nums=[0, told(P=string("Canary"))])
        opened.Root.StructTreeRoot = told(Type=name.StructTreeRoot, K=told(S=name.Figure, Alt=string("Canary")))
        opened.Root.OutputIntents = [told(OutputConditionIdentifier=string("Canary"))]
        opened.Root.ViewerPreferences = told(X=string("Canary"))
        opened.trailer["/PatientName"] = string("Canary")
        opened.pages[0].obj.Group = told(S=name.Transparency, Note=string("Canary"))
        field = told(
            Type=name.Annot,
            Subtype=name.Widget,
            FT=name.Tx,
            T=string("Canary"),
            V=string("Canary"),
            Rect=[0, 0, 9, 9],
            F=2,
        )
        opened.pages[0].obj.Annots = [opened.make_indirect(field)]
        opened.Root.AcroForm = told(Fields=opened.pages[0].obj.Annots)
        out = BytesIO()
        opened.save(out)
    kept = stripped(out.getvalue()).data
    assert CANARY in words(out.getvalue())
    assert CANARY not in words(kept)
    assert CANARY not in b"".join(pictures(kept))
    assert ImageChops.difference(seen(out.getvalue()), seen(kept)).getbbox() is None
    assert seen(kept).getpixel((10, 10)) == (255, 255, 255), "the layer is hidden still"
    again = stripped(kept).data
    assert stripped(again).data == again
    within = drawing(b"q BI /W 67 /H 41 /CS /G /BPC 8 /F /DCT ID " + jpeg_of("L") + b" EI Q")
    assert pictures(stripped(within).data) == [jpeg.strip(jpeg_of("L"))]


def filled(kind: object, value: object, **told: object) -> bytes:
    """A page with a form into which this was filled, and which is not drawn yet."""
    name, out = pikepdf.Name, BytesIO()
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(200, 100)).obj
        letters = made.make_indirect(pikepdf.Dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica))
        field = pikepdf.Dictionary(
            Type=name.Annot, Subtype=name.Widget, FT=kind, T="pain", V=value, DA="/Helv 12 Tf 0 g", Rect=[10, 10, 190, 60], F=4, **told
        )  # fmt: skip
        page.Annots = [made.make_indirect(field)]
        made.Root.AcroForm = pikepdf.Dictionary(
            Fields=page.Annots, DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=letters)), DA="/Helv 12 Tf 0 g"
        )
        made.save(out)
    return out.getvalue()


def test_what_was_filled_into_a_form_is_drawn_or_the_form_is_not_kept() -> None:
    name = pikepdf.Name
    kept = stripped(filled(name.Tx, "left knee 8 of 10")).data
    assert "left knee 8 of 10" in pypdfium2.PdfDocument(kept)[0].get_textpage().get_text_bounded()
    assert (
        seen(kept).getbbox() != seen(stripped(filled(name.Tx, "")).data).getbbox()
        or seen(kept).getextrema()[0][0] < 128
    )
    with pytest.raises(Refused) as no:
        stripped(filled(name.Btn, name.Yes, AS=name.Yes))
    assert no.value.code == "picture_not_understood"
    assert stripped(filled(name.Btn, name.Off)).data


def test_a_page_looks_as_before_where_a_reader_decides_what_it_shows() -> None:
    name, told, many = pikepdf.Name, pikepdf.Dictionary, pikepdf.Array

    def ink(red: int, blue: int) -> object:
        way = told(FunctionType=2, Domain=[0, 1], C0=[1, 1, 1], C1=[red, 0, blue], N=1)
        return many([name.Separation, name.Spot, name.DeviceRGB, way])

    out = BytesIO()
    with pikepdf.new() as made:
        layer = told(Type=name.OCG, Name="Canary", Usage=told(View=told(ViewState=name.OFF)))
        layer = made.make_indirect(layer)
        rule = told(Event=name.View, Category=[name.View], OCGs=[layer])
        made.Root.OCProperties = told(OCGs=[layer], D=told(AS=[rule]))
        borrows = made.make_stream(b"/C0 cs 1 scn 0 0 90 90 re f", Subtype=name.Form, BBox=[0, 0, 200, 200])
        turned = told(FunctionType=2, Domain=[0, 1], C0=[1], C1=[0], N=1)
        for red, blue in ((1, 0), (0, 1)):  # one form, which draws with the colours of the page that it is on
            page = made.add_blank_page(page_size=(200, 100)).obj
            page.Resources = told(
                XObject=told(F0=borrows), ColorSpace=told(C0=ink(red, blue)), Properties=told(P0=layer),
                ExtGState=told(G0=told(TR=turned)),
            )  # fmt: skip
            page.Contents = made.make_stream(b"/F0 Do /OC /P0 BDC 0 g 100 0 50 50 re f EMC /G0 gs 1 g 150 0 50 50 re f")
        made.save(out)
    kept = stripped(out.getvalue()).data
    for number in (0, 1):
        before, after = (pypdfium2.PdfDocument(one)[number].render().to_pil() for one in (out.getvalue(), kept))
        assert ImageChops.difference(before, after).getbbox() is None
    assert CANARY not in words(kept)


def test_what_is_written_in_a_page_carries_nothing_beside() -> None:
    name, told = pikepdf.Name, pikepdf.Dictionary

    def fonts(made: pikepdf.Pdf) -> pikepdf.Dictionary:
        cmap = b"begincmap /CIDSystemInfo << /Registry (Canary) >> def /CMapName /Canary def 1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfchar <41> <0042> endbfchar endcmap"
        return told(
            F0=told(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica, ToUnicode=made.make_stream(cmap))
        )

    def shadings(made: pikepdf.Pdf) -> pikepdf.Dictionary:
        samples = made.make_stream(
            bytes(6) + CANARY, FunctionType=0, Domain=[0, 1], Range=[0, 1] * 3, Size=[2], BitsPerSample=8
        )
        formula = made.make_stream(b"{ dup dup } (Canary)", FunctionType=4, Domain=[0, 1], Range=[0, 1] * 3)
        return told({
            f"/S{n}": told(ShadingType=2, ColorSpace=name.DeviceRGB, Coords=[0, 0, 200, 0], Function=one)
            for n, one in enumerate((samples, formula))
        })  # fmt: skip

    content = b"/S0 sh /S1 sh BT /F0 12 Tf 20 20 Td /Canary (A) Tj [(A) <</N (Canary)>> -20 (A)] TJ ET (Canary) q Q"
    given_ = drawing(content, Font=fonts, Shading=shadings)
    kept = stripped(given_).data
    assert CANARY not in words(kept)
    assert ImageChops.difference(seen(given_), seen(kept)).getbbox() is None
    read = [pypdfium2.PdfDocument(one)[0].get_textpage().get_text_bounded() for one in (given_, kept)]
    assert read == ["BBB", "BBB"]


def segment(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data


def test_a_jbig2_picture_loses_its_remarks() -> None:
    page = segment(0, 48, struct.pack(">IIIIBH", 8, 8, 0, 0, 0, 0))
    remark, end = segment(1, 62, struct.pack(">I", 0x20000000) + b"Patient\0" + CANARY + b"\0\0"), segment(2, 49, b"")
    assert jbig2.strip(page + remark + end) == page + end
    for damaged in (page[:-1], page + b"\0\0\0\1"):
        with pytest.raises((ValueError, struct.error, IndexError)):
            jbig2.strip(damaged)


def test_a_picture_that_is_packed_in_a_way_nobody_here_understands_is_refused() -> None:
    name, many, told = pikepdf.Name, pikepdf.Array, jpeg_of("L")
    unknown = {
        "JPEG 2000": pdf_with(CANARY, name.JPXDecode), "packed JPEG 2000": pdf_with(CANARY, many([name.FlateDecode, name.JPXDecode])),
        "JPEG that holds more": pdf_with(told, many([name.DCTDecode, name.FlateDecode])), "of their own": pdf_with(told, name("/Own")),
        "twice": pdf_with(told, many([name.DCTDecode, name.DCTDecode])),
        "in another file": pdf_with(told, name.DCTDecode, F="knee.jpg"),
    }  # fmt: skip
    for named, data in unknown.items():
        with pytest.raises(Refused) as no:
            stripped(data)
        assert no.value.code == "picture_not_understood", named


def dicom_of() -> bytes:
    """As a scanner writes it: the patient's name among the data, which only a reader of DICOM finds."""
    return bytes(128) + b"DICM" + b"\x02\0\0\0UL\x04\0\0\0\0\0" + b"\x10\0\x10\0PN\x06\0" + CANARY


def test_a_dicom_file_is_kept_as_it_came_and_never_drawn() -> None:
    kept = stripped(dicom_of())
    assert (kept.data, kept.media_type) == (dicom_of(), "application/dicom")
    assert kept.media_type in NAMING - DRAWN
    with pytest.raises(Refused) as no:
        stripped(bytes(128) + b"DICM" + CANARY)
    assert no.value.code == "file_damaged"


def test_nothing_hides_in_a_png_behind_its_pixels_or_its_palette() -> None:
    out = BytesIO()
    knee("P").save(out, "PNG", transparency=b"\x07" * 9)
    whole = out.getvalue()
    parts = dict(png._chunks(whole))
    for told, code in (
        ({b"IDAT": parts[b"IDAT"] + CANARY}, None),
        ({b"IDAT": zlib.compress(zlib.decompress(parts[b"IDAT"]) + CANARY)}, "file_damaged"),
        ({b"IDAT": parts[b"IDAT"][:-9]}, "file_damaged"),
        ({b"tRNS": CANARY * 99}, "file_damaged"),
        ({b"PLTE": parts[b"PLTE"] + CANARY * 200}, "file_damaged"),
        ({b"sBIT": CANARY}, "file_damaged"),
    ):
        made = png.MAGIC + b"".join(_chunk(kind, payload) for kind, payload in in_order(parts | told))
        if code:
            with pytest.raises(Refused) as no:
                png.strip(made)
            assert no.value.code == code, told
        else:
            kept = png.strip(made)
            assert CANARY not in kept
            assert pixels(kept) == pixels(whole)


def in_order(parts: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    order = (b"IHDR", b"sBIT", b"PLTE", b"tRNS", b"IDAT", b"IEND")
    return [(kind, parts[kind]) for kind in order if kind in parts]


def test_a_png_that_is_woven_in_seven_passes_has_as_many_bytes_as_they_say() -> None:
    for wide, high in ((1, 1), (2, 5), (9, 8), (67, 41)):
        for depth, colour in ((1, 3), (8, 2), (16, 6), (4, 0)):
            header = struct.pack(">IIBBBBB", wide, high, depth, colour, 0, 0, 1)
            size = sum(
                -(-(high - top) // down) * (1 + (-(-(wide - left) // across) * depth * png.CHANNELS[colour] + 7) // 8)
                for left, top, across, down in png.ADAM7
                if wide > left and high > top
            )
            rest = [_chunk(b"PLTE", bytes(6))] if colour == 3 else []
            made = png.MAGIC + _chunk(b"IHDR", header) + b"".join(rest) + _chunk(b"IDAT", zlib.compress(bytes(size)))
            kept = png.strip(made + _chunk(b"IEND", b""))
            assert Image.open(BytesIO(kept)).load() is not None


def test_what_is_not_what_its_first_bytes_say_is_refused() -> None:
    whole, drawn = jpeg_of(), png_of()
    said = b"\xff\xcc" + struct.pack(">H", 8) + CANARY
    damaged = {
        "tables of another packing": whole[:2] + said + whole[2:],
        "cut off": whole[:400], "no scan": whole[:2] + b"\xff\xd9", "a page": b"\xff\xd8\xff<script>",
        "png without picture": drawn[:33] + drawn[-18:-6], "png cut": drawn[:-30], "png wrong sum": drawn[:40] + b"x" + drawn[41:],
        "png only": png.MAGIC, "bomb": png.MAGIC + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1 << 30, 1 << 30, 8, 2, 0, 0, 0)),
        "locked pdf": hostile_pdfs.encrypted(), "bombs": hostile_pdfs.object_bomb(), **hostile_pdfs.FILES,
    }  # fmt: skip
    for name, data in damaged.items():
        with pytest.raises(Refused) as no:
            stripped(data)
        assert no.value.code == "file_damaged", name
    for data in (b"", b"GIF89a", b"<svg onload=alert(1)>", b"MZ\x90", bytes(132)):
        with pytest.raises(Refused) as no:
            media_type_of(data)
        assert no.value.code == "file_refused"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


WHOLE = [jpeg_of(), jpeg_of("L", progressive=True), png_of()]


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_picture_is_refused_or_kept_and_never_breaks(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from(WHOLE)))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = stripped(bytes(whole)).data
    except Refused:
        return
    assert CANARY not in kept
