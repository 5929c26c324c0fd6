"""Paper as a printer leaves it and as scanners see it: one-bit rasters at device dots, and three libraries that read them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from traceability.domain.gs1 import GS

FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.QRCode])


def rasters(pdf: bytes, dpi: int) -> Iterator[Image.Image]:
    """Every page in one bit: a thermal printer has no grey."""
    for page in pypdfium2.PdfDocument(pdf):
        image = page.render(scale=dpi / 72).to_pil().convert("L")
        yield image.point(lambda level: 255 * (level > 127))


def paper(image: Image.Image, dots: int = 2) -> Image.Image:
    """The label on its backing: white around it, at least six points of the camera a module of so many dots."""
    wide, times = Image.new("L", (image.width + 40, image.height + 40), 255), -(-6 // dots)
    wide.paste(image, (20, 20))
    return wide.resize((wide.width * times, wide.height * times), Image.Resampling.NEAREST)


def smudged(image: Image.Image, degrees: float = 3) -> Image.Image:
    """A little out of focus, and not held straight."""
    return image.filter(ImageFilter.GaussianBlur(1.5)).rotate(
        degrees, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC
    )


def zxing(image: Image.Image) -> dict[str, str]:
    """What zxing-cpp reads, by the symbol: as a scanner says it, symbology identifier first."""
    found = zxingcpp.read_barcodes(image, formats=FORMATS, text_mode=zxingcpp.TextMode.Plain)
    return {
        "datamatrix" if one.format == zxingcpp.BarcodeFormat.DataMatrix else "qr": one.symbology_identifier + one.text
        for one in found
    }


def libdmtx(image: Image.Image, *, separators: bool = True, most: int = 1) -> list[str]:
    """What libdmtx reads, told to hand FNC1 on as GS, as a scanner does; its Python binding has no switch for it."""
    pylibdmtx = _needed("pylibdmtx.pylibdmtx", "libdmtx")
    plain = pylibdmtx._decoder

    @contextmanager
    def decoder(picture, shrink):
        with plain(picture, shrink) as made:
            if separators:
                pylibdmtx.dmtxDecodeSetProp(made, pylibdmtx.DmtxProperty.DmtxPropFnc1, ord(GS))
            yield made

    pylibdmtx._decoder = decoder
    try:
        found = pylibdmtx.decode(image, max_count=most, timeout=20_000)
        return [one.data.decode("latin-1").removeprefix(GS) for one in found]  # FNC1 in front is FNC1 too
    finally:
        pylibdmtx._decoder = plain


def zbar(image: Image.Image) -> list[str]:
    """What zbar reads of QR codes; it does not tell GS1 from plain, and says nothing of the symbology."""
    pyzbar = _needed("pyzbar.pyzbar", "zbar")
    return sorted({found.data.decode() for found in pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.QRCODE])})


def _needed(module: str, what: str):
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"{what} is not installed: {missing}")
