"""North American coupons (AI 8110, 8112): the only values of GS1 that have a grammar of their own.

No vial carries one. They are read because a code that stands in the dictionary is read right or refused.
"""

from __future__ import annotations

from datetime import date


class _Wrong(Exception):
    """What was asked for does not stand there."""


class _Digits:
    """The digits of a coupon, taken from the left."""

    def __init__(self, text: str) -> None:
        if not (text.isascii() and text.isdigit()):
            raise _Wrong
        self.text, self.at = text, 0

    def take(self, count: int) -> str:
        taken = self.text[self.at : self.at + count]
        if len(taken) < count:
            raise _Wrong
        self.at += count
        return taken

    def one_of(self, allowed: str) -> str:
        sign = self.take(1)
        if sign not in allowed:
            raise _Wrong
        return sign

    def measured(self, allowed: str, more: int = 0) -> str:
        """A digit that says how many follow, and those."""
        return self.take(int(self.one_of(allowed)) + more)

    def option(self, mark: str) -> bool:
        if self.text[self.at : self.at + 1] != mark:
            return False
        self.at += 1
        return True

    def ended(self) -> bool:
        return self.at == len(self.text)


def coupon(value: str) -> bool:
    """AI 8110: funder, offer, what is saved, what has to be bought, and optional fields in their order."""
    try:
        digits = _Digits(value)
        digits.measured("0123456", 6)
        digits.take(6)
        digits.measured("12345")
        _purchase(digits)
        if digits.option("1"):
            digits.one_of("0123")
            _other_purchase(digits)
        if digits.option("2"):
            _other_purchase(digits)
        until = _day(digits) if digits.option("3") else None
        since = _day(digits) if digits.option("4") else None
        if until and since and since > until:
            return False
        if digits.option("5"):
            digits.measured("0123456789", 6)
        if digits.option("6"):
            digits.measured("1234567", 6)
        if digits.option("9"):
            digits.one_of("01256")
            digits.one_of("012")
            digits.take(1)
            digits.one_of("01")
        return digits.ended()
    except _Wrong:
        return False


def positive_offer(value: str) -> bool:
    """AI 8112: format, funder, offer, serial."""
    try:
        digits = _Digits(value)
        digits.one_of("01")
        digits.measured("0123456", 6)
        digits.take(6)
        digits.measured("0123456789", 6)
        return digits.ended()
    except _Wrong:
        return False


def _purchase(digits: _Digits) -> None:
    digits.measured("12345")
    digits.one_of("012349")
    digits.take(3)


def _other_purchase(digits: _Digits) -> None:
    """Of another product, whose maker's prefix may be the first one's again: 9."""
    _purchase(digits)
    if not digits.option("9"):
        digits.measured("0123456", 6)


def _day(digits: _Digits) -> str:
    """YYMMDD. Years of coupons are these, so that 29 February is looked up in 2000 to 2099."""
    told = digits.take(6)
    try:
        date(2000 + int(told[:2]), int(told[2:4]), int(told[4:]))
    except ValueError:
        raise _Wrong from None
    return told
