"""A QR of an address as one path of an SVG, drawn in the page: no picture is fetched."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawn:
    """`side` in modules, with four of white around it; `path` of the dark ones."""

    side: int
    path: str


def drawn(text: str) -> Drawn:
    import qrcode

    made = qrcode.QRCode(border=4, error_correction=qrcode.constants.ERROR_CORRECT_M)
    made.add_data(text)
    rows = made.get_matrix()
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module)
    return Drawn(len(rows), "".join(dark))
