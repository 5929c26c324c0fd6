"""The one reader and writer of GS1 codes: scanner text in, checked identity out. It never guesses.

Not here: what a code means in our store, ISBT 128, the whole GS1 Syntax Dictionary.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple
from urllib.parse import quote, unquote

from traceability.domain.errors import Refused

GS = "\x1d"
LONGEST, MOST_AI = 512, 4
CSET_82 = frozenset("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")

Element = tuple[str, str]
Elements = tuple[Element, ...]
Kind = Literal["vial", "shipper", "place", "person", "asset"]
Need = str | tuple[str, ...]


class Ai(NamedTuple):
    """One application identifier, as the GS1 Syntax Dictionary has it."""

    low: int
    high: int
    digits: bool = False
    ends: bool = False  # predefined length: no separator follows
    mod10: bool = False
    date: bool = False
    needs: tuple[Need, ...] = ()  # one of these; a tuple means all of it
    never: tuple[str, ...] = ()


_ITEM = ("01", "02")
_DATE = Ai(6, 6, digits=True, ends=True, date=True, needs=_ITEM)
AIS: Mapping[str, Ai] = {
    "00": Ai(18, 18, digits=True, ends=True, mod10=True),
    "01": Ai(14, 14, digits=True, ends=True, mod10=True, never=("37",)),
    "02": Ai(14, 14, digits=True, ends=True, mod10=True, needs=("37",), never=("01",)),
    "10": Ai(1, 20, needs=_ITEM),
    "11": _DATE,
    "13": _DATE,
    "15": _DATE,
    "17": _DATE,
    "21": Ai(1, 20, needs=("01",), never=("235",)),
    "22": Ai(1, 20, needs=("01",)),
    "235": Ai(1, 28, needs=("01",)),
    "240": Ai(1, 30, needs=_ITEM),
    "241": Ai(1, 30, needs=_ITEM),
    "250": Ai(1, 30, needs=(("01", "21"),)),
    "251": Ai(1, 30, needs=("01",)),
    "254": Ai(1, 20, needs=("414",)),
    "30": Ai(1, 8, digits=True, needs=_ITEM),
    "37": Ai(1, 8, digits=True, needs=(("00", "02"),)),
    "400": Ai(1, 30),
    "414": Ai(13, 13, digits=True, ends=True, mod10=True),
    "7003": Ai(10, 10, digits=True, date=True, needs=_ITEM),
    "8004": Ai(1, 30),
    "8017": Ai(18, 18, digits=True, mod10=True, never=("8018",)),
    "8018": Ai(18, 18, digits=True, mod10=True, never=("8017",)),
    "8019": Ai(1, 10, digits=True, needs=("8017", "8018")),
}
KEYS: Mapping[str, Kind] = {
    "01": "vial",
    "00": "shipper",
    "414": "place",
    "8018": "person",
    "8017": "person",
    "8004": "asset",
}
#: What may follow a key in the path of a Digital Link, in this order (R7).
QUALIFIERS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "01": (("22", "10", "21"), ("235",)),
    "414": (("254",),),
    "8017": (("8019",),),
    "8018": (("8019",),),
}
_IN_PATH = frozenset(ai for orders in QUALIFIERS.values() for order in orders for ai in order)
_AI_LENGTH = {ai[:2]: len(ai) for ai in AIS}  # two digits decide
_SWALLOWED = frozenset(("10", "11", "17", "21", "7003"))
_ELEMENT_STRING = frozenset(("]d2", "]Q3", "]C1", "]e0"))  # R5
_PLAIN = frozenset(("]Q1", "]d1"))
_BRACKET = re.compile(r"\(([0-9]{2,4})\)")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Identity:
    """What one scan names. `expires` is AI 17, `expires_at` AI 7003 in the label's own local time."""

    symbology: str | None
    elements: Elements
    expires: date | None = None
    expires_at: datetime | None = None

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
    def gsrn(self) -> str | None:
        """The patient's number (8018), never the provider's (8017)."""
        return self.value("8018")

    @property
    def kind(self) -> Kind:
        return next(kind for ai, kind in KEYS.items() if self.value(ai))


def read(raw: str, today: date) -> Identity:
    """Read scanner or keyboard text: element string, bracketed text or Digital Link (R1 to R8).

    `today` moves the window of two-digit years (R4). Raises `Refused("code_…")`, nothing else, and with nothing of the
    text but application identifiers: what does not fit may be a person's number, whoever typed it (R8).
    """
    try:
        return _read(raw, today)
    except Refused as refused:
        refused.values.pop("value", None)
        if len(str(refused.values.get("ai", ""))) > MOST_AI:
            del refused.values["ai"]
        raise


def _read(raw: str, today: date) -> Identity:
    if len(raw) > LONGEST:
        raise Refused("code_too_long", length=len(raw), limit=LONGEST)
    text = raw.strip(" \r\n\t")  # never strip(): GS counts as white space
    if not text:
        raise Refused("code_empty")
    symbology, body = (text[:3], text[3:]) if text[0] == "]" else (None, text)
    if symbology is not None and symbology not in _ELEMENT_STRING | _PLAIN:
        raise Refused("code_symbology", symbology=symbology)
    link = body[:8].lower().startswith(("https://", "http://"))
    if symbology is not None and link != (symbology in _PLAIN):
        raise Refused("code_unreadable")  # a plain QR with element text is not GS1, nor the reverse
    split = _of_link if link else _of_brackets if body.startswith("(") else _of_string
    elements = tuple(split(body))
    dates = checked(elements, today)
    at = dates.get("7003")
    return Identity(symbology, elements, dates.get("17"), at if isinstance(at, datetime) else None)


def checked(elements: Elements, today: date) -> dict[str, date]:
    """Refuse what no GS1 code may hold, alone or together; give the dates found, by AI."""
    present = {ai for ai, _ in elements}
    dates: dict[str, date] = {}
    for place, (ai, value) in enumerate(elements):
        rule = AIS.get(ai)
        if rule is None:
            raise Refused("code_ai_unknown", ai=ai)
        if len(present) < len(elements) and any(ai == before for before, _ in elements[:place]):
            raise Refused("code_ai_twice", ai=ai)
        _content(ai, rule, value)
        if rule.date:
            dates[ai] = _date(ai, value, today)
        for other in rule.never:
            if other in present:
                raise Refused("code_ai_together", ai=ai, other=other)
        if rule.needs and not _accompanied(rule, present):
            raise Refused("code_ai_missing", ai=ai, needs=rule.needs)
    if present.isdisjoint(KEYS):
        raise Refused("code_ai_missing", ai=elements[0][0] if elements else "", needs=tuple(KEYS))
    return dates


def _accompanied(rule: Ai, present: set[str]) -> bool:
    """Whether what this element cannot stand without is there."""
    ways = ((need,) if isinstance(need, str) else need for need in rule.needs)
    return not rule.needs or any(present.issuperset(way) for way in ways)


def _content(ai: str, rule: Ai, value: str) -> None:
    if rule.digits:
        fits = value.isascii() and value.isdigit()
    else:
        fits = CSET_82.issuperset(value)
    if value and not fits:
        raise Refused("code_characters", ai=ai, value=value)
    if not rule.low <= len(value) <= rule.high:
        raise Refused("code_length", ai=ai, value=value, low=rule.low, high=rule.high)
    if rule.mod10 and check_digit(value[:-1]) != value[-1]:
        raise Refused("code_check_digit", ai=ai, value=value)


def _date(ai: str, value: str, today: date) -> date:
    """YYMMDD, where day 00 is the last of the month, or YYMMDDhhmm, where it is not allowed (R4)."""
    year, month, day = int(value[:2]), int(value[2:4]), int(value[4:6])
    ahead = year - today.year % 100
    year += today.year // 100 * 100 + (-100 if ahead >= 51 else 100 if ahead <= -50 else 0)
    try:
        if ai == "7003":
            return datetime(year, month, day, int(value[6:8]), int(value[8:10]))  # noqa: DTZ001  # no zone in it
        return date(year, month, day or monthrange(year, month)[1])
    except ValueError:
        raise Refused("code_date", ai=ai, value=value) from None


def _of_string(body: str) -> Iterable[Element]:
    """An element string; FNC1 is GS, or its picture ␝. A lost separator is refused, not guessed (R6)."""
    body = body.replace("␝", GS).removeprefix(GS)
    if not (body[:2].isascii() and body[:2].isdigit()):
        raise Refused("code_unreadable")
    separated, at = GS in body, 0
    found: list[Element] = []
    while at < len(body):
        ai = body[at : at + _AI_LENGTH.get(body[at : at + 2], 2)]
        rule = AIS.get(ai)
        if rule is None:
            known = ai.isascii() and ai.isdigit()
            raise Refused("code_ai_unknown" if known else "code_separator_lost", ai=ai)
        at += len(ai)
        if rule.ends:
            value = body[at : at + rule.high]
            at += rule.high
            at += body[at : at + 1] == GS
        else:
            stop = body.find(GS, at)
            value = body[at:] if stop < 0 else body[at:stop]
            at += len(value) + 1
            last = (*found, (ai, value)) if not separated and rule.low < rule.high else ()
            if not CSET_82.issuperset(value) or "<GS>" in value or len(value) > rule.high or _swallows(last):
                raise Refused("code_separator_lost", ai=ai, value=value)
        found.append((ai, value))
    return found


def _swallows(elements: Elements) -> bool:
    """Whether the last value, read without any separator, may hide the elements that followed it."""
    if not elements:
        return False
    present, value = {ai for ai, _ in elements}, elements[-1][1]
    return any(_reads_on(value[at:], present) for at in range(1, len(value) - 2))


def _reads_on(text: str, present: set[str]) -> bool:
    ai = text[: _AI_LENGTH.get(text[:2], 2)]
    if ai not in _SWALLOWED or ai in present or not _accompanied(AIS[ai], present):
        return False
    rule, rest = AIS[ai], text[len(ai) :]
    for length in range(rule.low, min(rule.high, len(rest)) + 1):
        try:
            _content(ai, rule, rest[:length])
            if rule.date:
                _date(ai, rest[:length], date(2000, 1, 1))  # any leap year: 29 February is a date
        except Refused:
            continue
        if not rest[length:] or _reads_on(rest[length:], present | {ai}):
            return True
    return False


def _of_brackets(body: str) -> Iterable[Element]:
    parts = _BRACKET.split(body)
    if parts[0] or len(parts) < 3:
        raise Refused("code_unreadable")
    return zip(parts[1::2], parts[2::2], strict=True)


def _of_link(body: str) -> Iterable[Element]:
    """A Digital Link (R7): any domain and prefix, then key, qualifiers in order, attributes in the query."""
    address, _, query = body.partition("#")[0].partition("?")
    if _STRAY_PERCENT.search(address + query):
        raise Refused("code_unreadable")
    segments = address.split("//", 1)[1].split("/")
    path: list[Element] = []
    for at in range(len(segments) - 2, 0, -2):  # from the end: a prefix may look like anything
        ai = segments[at]
        path.insert(0, (ai, _decoded(segments[at + 1])))
        if ai in KEYS:
            break
        if ai not in _IN_PATH:
            raise Refused("code_ai_unknown", ai=ai) if _is_number(ai) else Refused("code_unreadable")
    if not segments[0] or not path or path[0][0] not in KEYS:
        raise Refused("code_unreadable")
    _in_order(path[0][0], [ai for ai, _ in path[1:]])
    attributes: list[Element] = []
    for pair in filter(None, query.split("&")):
        key, _, value = pair.partition("=")
        ai = _decoded(key)
        if _is_number(ai):
            if ai in _IN_PATH or ai in KEYS:
                raise Refused("code_qualifier", ai=ai)
            attributes.append((ai, _decoded(value)))
    return path + attributes


def _in_order(key: str, found: list[str]) -> None:
    for ai in found:
        if found.count(ai) > 1:
            raise Refused("code_ai_twice", ai=ai)
    if found and not any(found == [ai for ai in order if ai in found] for order in QUALIFIERS.get(key, ())):
        raise Refused("code_qualifier", ai=found[0])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise Refused("code_unreadable") from None


def check_digit(body: str) -> str:
    """The mod 10 check digit that follows the digits `body` (GTIN, SSCC, GLN, GSRN)."""
    total = sum(map(int, body[::-2])) * 3 + sum(map(int, body[-2::-2]))
    return str(-total % 10)


def vial_elements(gtin: str, lot: str, expires: date, serial: str) -> Elements:
    """What our vial label encodes (R1); refuses what could not be read back."""
    elements = (("01", gtin), ("17", f"{expires:%y%m%d}"), ("10", lot), ("21", serial))
    checked(elements, expires)
    return elements


def element_string(elements: Iterable[Element], gs: str = GS) -> str:
    """Predefined lengths first, then the others, each but the last closed by a separator (R6)."""
    ordered = sorted(elements, key=lambda element: not AIS[element[0]].ends)
    closed = [ai + value + ("" if AIS[ai].ends else gs) for ai, value in ordered]
    return "".join(closed).removesuffix(gs)


def bracketed(elements: Iterable[Element]) -> str:
    """Text for people and for symbol writers; refuses a value that would itself read as `(10)`."""
    told = tuple(elements)
    text = "".join(f"({ai}){value}" for ai, value in told)
    if tuple(_of_brackets(text)) != told:
        raise Refused("code_brackets", text=text)
    return text


def digital_link(domain: str, elements: Iterable[Element]) -> str:
    """`https://DOMAIN/01/…/10/…/21/…?17=…` (R7). `domain` may carry its scheme and a path prefix."""
    values = dict(elements)
    key = next(ai for ai in KEYS if ai in values)
    path = [key, *(ai for order in QUALIFIERS.get(key, ()) for ai in order if ai in values)]
    query = "&".join(f"{ai}={quote(value, safe='')}" for ai, value in values.items() if ai not in path)
    origin = domain.rstrip("/") if "://" in domain else "https://" + domain.rstrip("/")
    told = "/".join(f"{ai}/{quote(values[ai], safe='')}" for ai in path)
    return f"{origin}/{told}" + (f"?{query}" if query else "")
