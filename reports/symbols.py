"""Two-dimensional symbols as one-bit masks: GS1 DataMatrix and QR. Each is read back before it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import zxingcpp

from traceability.domain.codes import Code
from traceability.domain.errors import Refused

QUIET = {"datamatrix": 1, "qr": 4}
"""Modules of white that each needs around it."""
_FORMAT = {"datamatrix": zxingcpp.BarcodeFormat.DataMatrix, "qr": zxingcpp.BarcodeFormat.QRCode}
_READ = {form: zxingcpp.BarcodeFormats(one) for form, one in _FORMAT.items()}


@dataclass(frozen=True, slots=True)
class Mask:
    """`side` modules squared without quiet zone; one bit a module, 0 is dark, each row begins with a new byte."""

    side: int
    packed: bytes

    def rows(self) -> tuple[tuple[bool, ...], ...]:
        width = (self.side + 7) // 8
        lines = (self.packed[at : at + width] for at in range(0, len(self.packed), width))
        return tuple(tuple(not line[n // 8] >> 7 - n % 8 & 1 for n in range(self.side)) for line in lines)


def mask(code: Code, pattern: int | None = None) -> Mask:
    """The symbol. Refuses what does not read back as exactly what a scanner is to say (R6): nothing is taken on trust.

    `pattern`: this data mask of a QR, instead of trying all eight and taking the one of least penalty.
    """
    if code.form == "datamatrix":
        symbol = zxingcpp.create_barcode(code.content, _FORMAT["datamatrix"], gs1=code.gs1, force_square=True)
    else:
        chosen = {} if pattern is None else {"data_mask": pattern}
        symbol = zxingcpp.create_barcode(code.content, _FORMAT["qr"], gs1=code.gs1, ec_level="M", **chosen)
    image: Any = zxingcpp.write_barcode_to_image(symbol, scale=1, add_quiet_zones=True)
    found = zxingcpp.read_barcode(
        image, formats=_READ[code.form], text_mode=zxingcpp.TextMode.Plain, is_pure=True,
        try_rotate=False, try_downscale=False, try_invert=False,
    )  # fmt: skip
    if found is None or found.symbology_identifier + found.text != code.reads:
        raise Refused("label_reads_otherwise", text=code.reads)
    quiet = QUIET[code.form]
    inner = np.asarray(image)[quiet:-quiet, quiet:-quiet]
    return Mask(len(inner), np.packbits(inner != 0, axis=1).tobytes())


def pattern_of(qr: Mask) -> int:
    """The data mask that a QR says it has: three bits of its format information, beside the upper left eye."""
    beside = qr.packed[8 * ((qr.side + 7) // 8)] >> 3
    return ~(beside ^ 0b101) & 0b111
