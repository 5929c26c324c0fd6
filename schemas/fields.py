"""Fields that read both what forms send (strings) and what JSON sends, strictly, and say what they are for pages."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from traceability.domain.typed import meant

WHOLE = re.compile(r"-?[0-9]{1,15}")
ID = re.compile(r"[0-9a-f]{32}")
LARGEST = 2**31 - 1
UNWRITABLE = re.compile(r"[\x00\ud800-\udfff]")
"""What no database keeps as text: NUL, and halves of a character."""
YES, NO = {"true", "on", "1", "yes", True}, {"false", "off", "0", "no", "", False}


class Whole(fields.Integer):
    """A whole number: 3 and "3"; never 2.9, "2.9", true or " 3 "."""

    def _validated(self, value: Any) -> int | None:
        if isinstance(value, (bool, float)) or (isinstance(value, str) and not WHOLE.fullmatch(value)):
            raise ValidationError("field_not_whole")
        made: int | None = super()._validated(value)
        if made is not None and not -LARGEST <= made <= LARGEST:
            raise ValidationError("field_out_of_range")
        return made


class Id(fields.String):
    """Thirty-two hexadecimal digits; hyphens are let go."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        made = str(super()._deserialize(value, attr, data, **kwargs)).replace("-", "").lower()
        if not ID.fullmatch(made):
            raise ValidationError("field_not_an_id")
        return made


class Words(fields.String):
    """One line or more of text, trimmed, without control characters, at most `most` characters."""

    def __init__(self, *, most: int = 200, least: int = 1, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        made = str(super()._deserialize(value, attr, data, **kwargs)).strip()
        if any(ord(sign) < 32 and sign not in "\n\t\r" for sign in made) or "\x7f" in made or UNWRITABLE.search(made):
            raise ValidationError("field_control_character")
        return made


class Name(Words):
    """What something or somebody is called, or its id: full-width characters are read as the plain ones. `only`: one of these."""

    def __init__(self, *, only: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if only:
            self.validators = [*self.validators, validate.OneOf(only)]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return meant(super()._deserialize(value, attr, data, **kwargs))


class Code(fields.String):
    """A scanned code, untouched: a separator is a control character and must survive (R6)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(min=1, max=512), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        made = str(super()._deserialize(value, attr, data, **kwargs))
        if UNWRITABLE.search(made):
            raise ValidationError("field_control_character")
        return made


class Typed(Code):
    """What something is called, its id, or its code as it was scanned: read as the pages read it, with its separators."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return meant(super()._deserialize(value, attr, data, **kwargs))


class Secret(fields.String):
    """A password as it was typed: nothing is trimmed, and what cannot be hashed is refused."""

    def __init__(self, *, least: int = 1, **kwargs: Any) -> None:
        super().__init__(load_only=True, validate=validate.Length(min=least, max=256), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        made = str(super()._deserialize(value, attr, data, **kwargs))
        if UNWRITABLE.search(made):
            raise ValidationError("field_control_character")
        return made


class Flag(fields.Boolean):
    """Yes or no; a box that a form leaves out is no."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(truthy=YES, falsy=NO, **kwargs)


class Scaled(fields.Field[int]):
    """A decimal number as people write it, kept whole in a smaller unit: °C → thousandths, mL → µl, minutes → seconds.

    JSON gives the whole number in the unit of the name; a form gives the decimal one in the shown unit.
    """

    def __init__(self, *, factor: int, unit: str, least: int, most: int, **kwargs: Any) -> None:
        self.factor, self.unit, self.least, self.most = factor, unit, least, most
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:  # noqa: ARG002
        if isinstance(value, (bool, float)):
            raise ValidationError("field_not_whole")
        if isinstance(value, int):
            made = Decimal(value)
        else:
            try:
                made = Decimal(str(value).strip().replace("−", "-").replace(",", ".")) * self.factor
            except ArithmeticError:
                raise ValidationError("field_not_a_number") from None
        if not made.is_finite() or made != made.to_integral_value():
            raise ValidationError("field_too_fine")
        if not self.least <= made <= self.most:
            raise ValidationError("field_out_of_range")
        return int(made)


class Moment(fields.AwareDateTime):
    """A time with zone. A form's local time gets the zone of the site from its page before it comes here."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", default_timezone=None, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        made: datetime = super()._deserialize(value, attr, data, **kwargs)
        if not 1990 <= made.year <= 2150:
            raise ValidationError("field_out_of_range")
        return made.astimezone(UTC)


class Day(fields.Date):
    """A date that somebody alive can mean; the next day exists, whatever is computed from it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        made: date = super()._deserialize(value, attr, data, **kwargs)
        if not 1900 <= made.year <= 2150:
            raise ValidationError("field_out_of_range")
        return made
