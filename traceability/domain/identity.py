"""What one scan names, whichever standard its code follows: the value that every reader gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from traceability.domain import bpom

Element = tuple[str, str]
Elements = tuple[Element, ...]
Kind = Literal["vial", "shipper", "place", "person", "asset", "donation", "alias", "part", "other"]

KEYS: Mapping[str, Kind] = {
    "01": "vial",
    "00": "shipper",
    "414": "place",
    "8018": "person",
    "8017": "person",
    "8004": "asset",
    "8003": "asset",
}
"""What a GS1 key names here. The first of these that a code has decides."""
PEOPLE = frozenset({"8017", "8018", "8019", "badge", "wristband"})
_NAMING: Mapping[str, Kind] = {
    **KEYS, "=": "donation", "&,1": "donation", "=/": "donation", "place": "place", "badge": "person", "wristband": "person",
}  # fmt: skip
"""The same with the identifiers of ISBT 128 and of this system's own codes."""
GIAI = "giai"
"""The scheme of an alias that is an over-label's (8004); the others are BPOM's."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What one scan names. `expires` is AI 17 or a day of ISBT 128; `expires_at` AI 7003 or `&>`, in the label's local time.

    `partial`: it is what one of several codes on a thing says, and names nothing by itself.
    """

    symbology: str | None
    elements: Elements
    expires: date | None = None
    expires_at: datetime | None = None
    partial: bool = False

    def value(self, ai: str) -> str | None:
        return next((value for found, value in self.elements if found == ai), None)

    @property
    def gtin(self) -> str | None:
        return self.value("01")

    @property
    def lot(self) -> str | None:
        return self.value("10")

    @property
    def serial(self) -> str | None:
        return self.value("21")

    @property
    def sscc(self) -> str | None:
        return self.value("00")

    @property
    def gln(self) -> str | None:
        return self.value("414")

    @property
    def giai(self) -> str | None:
        return self.value("8004")

    @property
    def grai(self) -> str | None:
        return self.value("8003")

    @property
    def gsrn(self) -> str | None:
        """The patient's number (8018), never the provider's (8017)."""
        return self.value("8018")

    @property
    def badge(self) -> str | None:
        """What a member of staff carries: their own GS1 number with its instance, or a badge of this system."""
        provider = self.value("8017")
        return f"{provider}{self.value('8019') or ''}" if provider else self.value("badge")

    @property
    def pseudonym(self) -> str | None:
        """Whose wristband of this system it is. It says nothing about that person but this."""
        return self.value("wristband")

    @property
    def din(self) -> str | None:
        """The donation's number without its flags."""
        told = self.value("=")
        return told[:13] if told else None

    @property
    def alias(self) -> tuple[bpom.Scheme, str] | None:
        """The code of the Indonesian authority: its kind, and one text for it."""
        scheme = bpom.scheme(self.elements)
        return (scheme, bpom.written(self.elements)) if scheme else None

    @property
    def other_name(self) -> tuple[str, str] | None:
        """Scheme and text under which an alias of one vial is kept: the GIAI of an over-label, BPOM's code of one thing."""
        if self.kind == "asset" and self.giai:
            return GIAI, self.giai
        return self.alias if self.kind == "alias" and self.alias and self.alias[0] == bpom.OF_ONE else None

    @property
    def says_a_person(self) -> bool:
        """Whether a person's number stands in it, be it beside a vial's: it is matched, and never shown, kept or put into an address."""
        return any(ai in PEOPLE for ai, _ in self.elements)

    @property
    def kind(self) -> Kind:
        if self.partial:
            return "part"
        present = {ai for ai, _ in self.elements}
        for ai, kind in _NAMING.items():
            if ai in present:
                return kind
        return "alias" if bpom.scheme(self.elements) else "other"
