"""What is wrong with one field of a request: a stable code with its values, from the words of the schemas' library."""

from __future__ import annotations

import re
from typing import Any

from traceability.words import sentence

SAID: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(said, re.DOTALL), code)
    for said, code in (
        (r"Missing data for required field\.|Field may not be null\.", "field_missing"),
        (r"Unknown field\.", "field_unknown"),
        (r"Not a valid (utf-8 )?string\.", "field_not_text"),
        (r"Not a valid (list|delimited list)\.", "field_not_a_list"),
        (r"Not a valid mapping type\.|Invalid (input )?type\.|Invalid input\.", "field_not_an_object"),
        (r"Not a valid integer\.", "field_not_whole"),
        (r"Not a valid (number|decimal)\.|Number too large\.|Special numeric values .*", "field_not_a_number"),
        (r"Not a valid boolean\.", "field_not_a_flag"),
        (r"Not a valid date\.", "field_not_a_date"),
        (r"Not a valid (\w+ )?datetime\.", "field_not_a_moment"),
        (r'"?.*"? cannot be formatted as a \w+\.', "field_not_text"),
        (r"Shorter than minimum length (?P<least>\d+)\.", "field_too_short"),
        (r"Longer than maximum length (?P<most>\d+)\.", "field_too_long"),
        (r"Length must be between (?P<least>\d+) and (?P<most>\d+)\.", "field_length"),
        (r"Length must be (?P<length>\d+)\.", "field_length"),
        (r"Must be (?:greater|less) than .*", "field_out_of_range"),
        (r"Must be one of: (?P<words>.*)\.", "field_choice"),
    )
)  # fmt: skip


def told(message: str) -> dict[str, str]:
    """The code and its sentence in the reader's language. Our own fields give their code themselves."""
    code, values = read(message)
    return {"code": code, "message": sentence(code, values)}


def read(message: str) -> tuple[str, dict[str, Any]]:
    if re.fullmatch(r"field_[a-z_]+", message):
        return message, {}
    for said, code in SAID:
        if found := said.fullmatch(message):
            return code, {name: _value(name, value) for name, value in found.groupdict().items() if value is not None}
    return "field_malformed", {}


def _value(name: str, value: str) -> Any:
    return [one.strip() for one in value.split(",")] if name == "words" else int(value)
