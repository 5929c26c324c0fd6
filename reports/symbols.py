"""Two-dimensional symbols as filled boxes: GS1 DataMatrix and QR. Each is read back before it is drawn."""

from __future__ import annotations

from datetime import date
from typing import Any

import zxingcpp
from reportlab.pdfgen.canvas import Canvas

from traceability.domain import gs1
from traceability.domain.errors import Refused

Modules = tuple[tuple[bool, ...], ...]


def datamatrix(elements: gs1.Elements, today: date) -> Modules:
    """Square GS1 DataMatrix. Refuses what does not read back as the same elements (R6)."""
    # square brackets, which no value of GS1 can hold: a lot A(1) would read as another element in round ones
    told = "".join(f"[{ai}]{value}" for ai, value in elements)
    symbol = zxingcpp.create_barcode(told, zxingcpp.BarcodeFormat.DataMatrix, gs1=True, force_square=True)
    back = _read_back(symbol, zxingcpp.BarcodeFormat.DataMatrix)
    if dict(gs1.read(back, today).elements) != dict(elements):
        raise Refused("label_reads_otherwise", text=back)
    return _modules(symbol)


def qr(text: str) -> Modules:
    """Plain QR, error correction M."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    if _read_back(symbol, zxingcpp.BarcodeFormat.QRCode) != "]Q1" + text:
        raise Refused("label_reads_otherwise", text=text)
    return _modules(symbol)


def _read_back(symbol: zxingcpp.Barcode, form: zxingcpp.BarcodeFormat) -> str:
    image = zxingcpp.write_barcode_to_image(symbol, scale=4, add_quiet_zones=True)
    found = zxingcpp.read_barcode(
        image, formats=zxingcpp.BarcodeFormats(form), text_mode=zxingcpp.TextMode.Plain, is_pure=True
    )
    return found.symbology_identifier + found.text if found else ""


def _modules(symbol: zxingcpp.Barcode) -> Modules:
    image: Any = zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=False)  # a buffer, 0 is dark
    rows: list[list[int]] = memoryview(image).tolist()  # type: ignore[assignment]
    return tuple(tuple(level == 0 for level in row) for row in rows)


def draw(canvas: Canvas, modules: Modules, left: float, top: float, module: float) -> None:
    """Fill the dark modules; `left`, `top` (of the symbol, from below) and `module` in points."""
    path = canvas.beginPath()
    for row, line in enumerate(modules):
        start = 0
        while start < len(line):
            stop = start
            while stop < len(line) and line[stop]:
                stop += 1
            if stop > start:
                path.rect(left + start * module, top - (row + 1) * module, (stop - start) * module, module)
            start = stop + 1
    canvas.drawPath(path, stroke=0, fill=1)
