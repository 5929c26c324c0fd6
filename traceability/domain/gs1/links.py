"""A GS1 Digital Link into elements (R7): any domain and prefix, then a key, its qualifiers in order, attributes in the query.

What the standard lets one ignore is ignored (prefix, fragment, keys of the query that are no numbers); the rest is refused.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from traceability.domain.errors import Refused
from traceability.domain.gs1.rows import Group
from traceability.domain.gs1.rules import AIS
from traceability.domain.identity import Element

_SIGNS = re.compile(r"[-A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%]+")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


def is_link(body: str) -> bool:
    return body[:8].lower().startswith(("https://", "http://"))


def of_link(body: str) -> list[Element]:
    if not _SIGNS.fullmatch(body):
        raise Refused("code_unreadable")
    address, _, query = body.partition("#")[0].partition("?")
    authority, *segments = address.split("//", 1)[1].split("/")
    if not _AUTHORITY.fullmatch(authority):
        raise Refused("code_unreadable")
    path = _of_path(segments)
    key, found = path[0][0], [ai for ai, _ in path[1:]]
    _in_order(key, found)
    return path + _of_query(query, key, found)


def _of_path(segments: list[str]) -> list[Element]:
    """From the end, for a prefix may look like anything: pairs back to the first that is a key."""
    path: list[Element] = []
    for at in range(len(segments) - 2, -1, -2):
        ai = segments[at]
        rule = AIS.get(ai)
        if rule is None:
            raise Refused("code_ai_unknown", ai=ai) if _is_number(ai) else Refused("code_unreadable")
        path.append((ai, decoded(segments[at + 1])))
        if rule.qualifiers is not None:
            return path[::-1]
    raise Refused("code_unreadable")


def _of_query(query: str, key: str, found: list[str]) -> list[Element]:
    attributes: list[Element] = []
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        if not _is_number(ai := name if "%" not in name else unquote(name, errors="replace")):
            continue
        rule = AIS.get(ai)
        if rule is None:
            raise Refused("code_ai_unknown", ai=ai)
        if ai == key or not rule.attribute or _qualifies(key, found, ai):
            raise Refused("code_qualifier", ai=ai)
        # in a query + means a space, which no value has; meant as a plus it is written %2B
        attributes.append((ai, decoded(value.replace("+", " "))))
    return attributes


def _qualifies(key: str, found: list[str], ai: str) -> bool:
    """Whether it belongs in the path: with those that stand there it makes an order that the key has."""
    return any(ai in order and set(found) <= set(order) for order in AIS[key].qualifiers or ())


def _in_order(key: str, found: list[str]) -> None:
    for ai in found:
        if found.count(ai) > 1:
            raise Refused("code_ai_twice", ai=ai)
    if found and not any(ordered(order, found) for order in AIS[key].qualifiers or ()):
        raise Refused("code_qualifier", ai=found[0])


def ordered(order: Group, found: list[str]) -> bool:
    return found == [ai for ai in order if ai in found]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def decoded(text: str) -> str:
    if "%" not in text:
        return text
    if _BAD_ESCAPE.search(text):
        raise Refused("code_unreadable")
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise Refused("code_unreadable") from None
