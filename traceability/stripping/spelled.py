"""Parts of a PDF that are written in PostScript, spelled anew from what they may say: tables of letters, formulas, how a remark is set."""

from __future__ import annotations

import re

SECTION = re.compile(rb"(\d{1,5})\s+begin(codespacerange|(?:bf|cid|notdef)(?:char|range))\b(.*?)\bend\2\b", re.DOTALL)
CODES = re.compile(rb"<[0-9A-Fa-f\s]*>|\[|\]|\b\d+\b")
BASED = re.compile(rb"/([A-Za-z0-9-]{1,32})\s+usecmap")
UPRIGHT = re.compile(rb"/WMode\s+([01])\s+def")
FORMULA = re.compile(rb"[{}]|[-+]?\d*\.?\d+|[a-z]+")
OPERATORS = frozenset(
    b"abs add atan ceiling cos cvi cvr div exp floor idiv ln log mod mul neg round sin sqrt sub truncate and bitshift eq false ge gt le"
    b" lt ne not or true xor if ifelse copy dup exch index pop roll".split()
)
LOOK = re.compile(r"/[A-Za-z0-9]{1,32}\s+[\d.]+\s+Tf|(?:[\d.]+\s+){1,4}(?:g|rg|k)\b")


def letters(data: bytes) -> bytes:
    """A CMap with its codes alone (9.7.5.3, 9.10.3): whose it is, what it is called and remarks go."""
    made = [b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap"]
    made += [b"/%s usecmap" % name for name in BASED.findall(data)[:1]]
    made.append(
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> def /CMapName /Letters def /CMapType 2 def"
    )
    made += [b"/WMode %s def" % mode for mode in UPRIGHT.findall(data)[:1]]
    for count, kind, body in SECTION.findall(data):
        made.append(b"%s begin%s\n%s\nend%s" % (count, kind, b" ".join(CODES.findall(body)), kind))
    made.append(b"endcmap CMapName currentdict /CMap defineresource pop end end")
    return b"\n".join(made)


def formula(data: bytes) -> bytes:
    """A PostScript calculator (7.10.5). Raises ValueError for a word that none has."""
    said = FORMULA.findall(re.sub(rb"%[^\r\n]*", b"", data)[: data.rfind(b"}") + 1])
    if strange := [one for one in said if one.isalpha() and one not in OPERATORS]:
        raise ValueError(f"{len(strange)} words that are no operators")
    return b" ".join(said)


def look(told: str) -> str:
    """The font, size and colour of words that a reader sets by itself (12.7.3.3)."""
    return " ".join(LOOK.findall(told))
