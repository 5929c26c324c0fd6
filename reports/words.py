"""How a record speaks on paper: sentences of one language, and values whole, with unit and zone.

The record's own language, not a reader's: nothing here asks a request. Exact as on the pages: nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("en", "id")
DASH, MINUS, NARROW = "–", "−", "\u00a0"
UNITS = {"en": ("d", "h", "min", "s"), "id": ("hari", "jam", "menit", "detik")}
A_DAY = 86_400
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@cache
def catalogue(language: str) -> NullTranslations:
    """The sentences of paper in a language; English is what stands in the code."""
    if language == "en":
        return NullTranslations()
    path = files("traceability") / "translations" / language / "LC_MESSAGES" / "documents.po"
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


class Words:
    """`_("Lot %(lot)s", lot=…)` says a sentence; the methods say values. None is "not reported"."""

    def __init__(self, language: str, zone: str) -> None:
        if language not in LANGUAGES:
            raise KeyError(language)
        self.language = language
        self.zone = ZoneInfo(zone)
        self._catalogue = catalogue(language)

    def __call__(self, sentence: str, **values: object) -> str:
        said = self._catalogue.gettext(sentence)
        return said % values if values else said

    def told(self, value: str | None) -> str:
        return value or self("not reported")

    def listed(self, values: Iterable[str]) -> str:
        return ", ".join(values) or self("none")

    def day(self, value: date | datetime | str | None) -> str:
        """31 Aug 2027. A plain date as it stands; of a moment the day that it was where the record belongs."""
        if value is None:
            return self("not reported")
        made = date.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(made, datetime):
            made = made.astimezone(self.zone).date()
        return str(format_date(made, "d MMM y", locale=self.language)).replace(" ", NARROW)

    def moment(self, value: datetime | None, *, seconds: bool = False, universal: bool = False) -> str:
        """18 Mar 2026 09:14 WIB, where the record belongs; `universal` adds the time in UTC."""
        if value is None:
            return self("not reported")
        here = value.astimezone(self.zone)
        said = f"{self.day(value)} {self.clock(value, seconds=seconds)}{NARROW}{_zone(here)}"
        if universal:
            there = value.astimezone(UTC)
            clock = self._clock(there, seconds=seconds)
            other = "" if there.date() == here.date() else f"{self.day(there.date())} "
            said += f" ({other}{clock}{NARROW}UTC)"
        return said

    def clock(self, value: datetime, *, seconds: bool = False) -> str:
        return self._clock(value.astimezone(self.zone), seconds=seconds)

    def _clock(self, value: datetime, *, seconds: bool) -> str:
        between = "." if self.language == "id" else ":"
        return value.strftime(between.join(["%H", "%M", "%S"] if seconds else ["%H", "%M"]))

    def span(self, since: datetime, until: datetime | None) -> str:
        """From and to, the day of the end only where it is another; still going on where there is no end."""
        begun = self.moment(since)
        if until is None:
            return self("since %(moment)s", moment=begun)
        same = until.astimezone(self.zone).date() == since.astimezone(self.zone).date()
        ended = f"{self.clock(until)}{NARROW}{_zone(until.astimezone(self.zone))}" if same else self.moment(until)
        begun = f"{self.day(since)} {self.clock(since)}"
        return f"{begun}{NARROW}– {ended}"

    def number(self, value: int | Decimal) -> str:
        """48 211 · 4.2 (Indonesian 4,2) · −3."""
        whole, _, decimals = (
            f"{abs(value):f}".partition(".") if isinstance(value, Decimal) else (str(abs(value)), "", "")
        )
        grouped = f"{int(whole):,}".replace(",", NARROW)
        comma = "," if self.language == "id" else "."
        return (MINUS if value < 0 else "") + grouped + (comma + decimals if decimals else "")

    def quantity(self, value: str) -> str:
        """A result or limit as its source writes it, with the decimal sign of this language; words stay words.

        2.4E+10 reads 2.4 × 10¹⁰.
        """
        mantissa, mark, power = value.upper().partition("E")
        try:
            made = Decimal(value)
        except InvalidOperation:
            return value
        if not made.is_finite():
            return value
        if mark:
            return f"{self.number(Decimal(mantissa))}{NARROW}×{NARROW}10{str(int(power)).translate(RAISED)}"
        return self.number(made)

    def scaled(self, value: int, least: int = 0) -> str:
        """A value in thousandths, with the decimals it needs and at least so many."""
        exact = (Decimal(value) / 1000).normalize()
        decimals = max(least, -int(exact.as_tuple().exponent), 0)
        return self.number(exact.quantize(Decimal(1).scaleb(-decimals)))

    def celsius(self, mc: int | None, least: int = 1) -> str:
        return DASH if mc is None else f"{self.scaled(mc, least)}{NARROW}°C"

    def band(self, low_mc: int, high_mc: int) -> str:
        return self("%(low)s to %(high)s", low=self.scaled(low_mc), high=self.celsius(high_mc, 0))

    def millilitres(self, ul: int | None, least: int = 0) -> str:
        return self("not reported") if ul is None else f"{self.scaled(ul, least)}{NARROW}mL"

    def duration(self, seconds: int | None) -> str:
        """4 h 06 min 09 s; begun seconds are kept: a limit and a time beyond it must not look equal."""
        if seconds is None:
            return self("not reported")
        day, hour, minute, second = UNITS[self.language]
        if seconds >= 2 * A_DAY and seconds % A_DAY == 0:
            return f"{self.number(seconds // A_DAY)}{NARROW}{day}"
        hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
        parts = [f"{self.number(hours)}{NARROW}{hour}"] if hours else []
        if minutes or (hours and rest):
            parts.append(f"{minutes:02d}{NARROW}{minute}" if hours else f"{minutes}{NARROW}{minute}")
        if rest or not parts:
            parts.append(f"{rest:02d}{NARROW}{second}" if parts else f"{rest}{NARROW}{second}")
        return " ".join(parts)


def _zone(value: datetime) -> str:
    """WIB; a zone without letters of its own reads UTC+8."""
    name = value.tzname() or "UTC"
    return name if name[0] not in "+-" else f"UTC{name.replace('-', MINUS)}"


def grouped(digest: str, size: int = 4) -> str:
    """A digest in groups, for reading it to somebody."""
    return " ".join(digest[at : at + size] for at in range(0, len(digest), size))
