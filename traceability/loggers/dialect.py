"""Bytes to text to cells: what kind of file it is, how its letters are coded, and what parts its columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from traceability.domain.errors import Refused

OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")
MACROS = tuple(name.encode("utf-16-le") for name in ("_VBA_PROJECT", "VBA\0"))
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
DELIMITERS = "\t;,|"
CHUNK = 1 << 18  # characters of a table taken apart at once: what a processor keeps near
LONGEST_LINE = 20_000
SPACES = ("\u00a0", "\u202f", "\u2009", "\u2007")
FORBIDDEN = frozenset(range(32)) - {9, 10, 12, 13}


def refuse_others(data: bytes) -> None:
    """What is no table at all is refused by what it is; nothing is ever unpacked or opened to find out.

    Raises Refused: logger_is_archive, logger_is_pdf, logger_is_markup, logger_has_macros."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    if data.startswith(ARCHIVES):
        raise Refused("logger_is_archive")
    if b"%PDF-" in data[:1024]:
        raise Refused("logger_is_pdf")
    if start.startswith((b"<", b"{\\rtf")):
        raise Refused("logger_is_markup")
    if data.startswith(OLE2) and any(name in data for name in MACROS):
        raise Refused("logger_has_macros")


def text_of(data: bytes) -> tuple[str, str]:
    """The text and its encoding: by its mark, else UTF-16 by its zeros, else UTF-8, else Windows-1252.

    Raises Refused: logger_truncated (half a character), logger_unknown_format."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _decoded(data, encoding), encoding.removesuffix("-sig")
    sample = data[:4096]
    if sample.count(0) > len(sample) // 4:
        encoding = "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
        return _decoded(data, encoding), "utf-16"
    try:
        return _tidy(data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        return _decoded(data, "cp1252"), "cp1252"


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return _tidy(data.decode(encoding))
    except UnicodeDecodeError as error:
        if encoding.startswith("utf-16") and len(data) % 2:
            raise Refused("logger_truncated") from error
        raise Refused("logger_unknown_format") from error


def _tidy(text: str) -> str:
    """One kind of line end, space and minus; control characters are no text."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        if "\n" not in text:
            text = text.replace("\r", "\n")
    if not text.isascii():
        for space in SPACES:
            text = text.replace(space, " ")
        text = text.replace("\u2212", "-").replace("\ufeff", "")
    if "\0" in text or any(chr(sign) in text[:4096] for sign in FORBIDDEN):
        raise Refused("logger_unknown_format")
    return text


def cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line, without quotes around them. Raises csv.Error where quotes do not fit."""
    if '"' not in line:
        return line.split(delimiter)
    return next(csv.reader([line], delimiter=delimiter, strict=True), [""])


def columns(lines: str, delimiter: str, width: int, also: str = "", words: int = 1) -> list[list[str]] | None:
    """The columns of whole lines that all have `width` cells, taken apart at once; None where one differs. Where `also`
    parts one cell of each line into `words`, these count as columns. Cells may keep spaces and a line end around them."""
    told = bare(lines, delimiter, width, also, words)
    if told is None:
        return None if also or '"' not in lines else _quoted(lines, delimiter, width)
    count, (lines, width) = lines.count("\n") + 1, told
    flat = ("\n" + lines).replace("\n", delimiter + "\n").split(delimiter)
    # a line end stands only where a cell begins: as many in the first column as lines, and none is elsewhere
    if len(flat) != width * count + 1 or "".join(flat[1::width]).count("\n") != count:
        return None
    return [flat[i::width] for i in range(1, width + 1)]


def bare(lines: str, delimiter: str, width: int, also: str = "", words: int = 1) -> tuple[str, int] | None:
    """The lines without quotes and with `also` turned into a delimiter, and how many cells each has to have then; None
    where that would not do. That each has as many is not found out here."""
    count = lines.count("\n") + 1
    if '"' in lines:
        between = lines.count(f'"{delimiter}"')
        apart = lines.count('"') == 2 * width * count and between == lines.count(delimiter) == (width - 1) * count
        if not apart or lines.count('"\n"') != count - 1:
            return None
        lines = lines.replace('"', "")
    if also:
        if lines.count(also) != (words - 1) * count:
            return None
        lines, width = lines.replace(also, delimiter), width + words - 1
    return lines, width


def _quoted(lines: str, delimiter: str, width: int) -> list[list[str]] | None:
    try:
        rows = list(csv.reader(lines.split("\n"), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    if len(rows) != lines.count("\n") + 1 or any(len(row) != width for row in rows):
        return None
    return [list(column) for column in zip(*rows, strict=True)]


def chunks(text: str, begin: int, end: int) -> Iterator[tuple[int, str]]:
    """Whole lines between two places of a text, some megabytes at a time, each with where it begins."""
    while begin < end:
        stop = end if end - begin <= CHUNK else text.rfind("\n", begin, begin + CHUNK)
        stop = end if stop < 0 else stop
        yield begin, text[begin:stop]
        begin = stop + 1
