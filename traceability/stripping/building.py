"""The parts of a PDF that draw nothing by themselves, built anew from what they may hold: colours, functions, shadings, fonts' own data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from traceability.stripping import embedded, jbig2, spelled
from traceability.stripping.embedded import NotUnderstood
from traceability.stripping.values import (
    CALIBRATED,
    DEEPEST,
    DESCRIBED,
    DEVICES,
    DIRECT,
    FUNCTION,
    INKS,
    PACKED,
    PROGRAM,
    PROGRAMS,
    SHADING,
    collection,
    named,
    parts,
    take,
)


class Building:
    """One file that is read, and one that is made; what is named twice is built once."""

    def __init__(self, opened: pikepdf.Pdf) -> None:
        self.opened, self.made = opened, pikepdf.new()
        self.known: dict[tuple[str, tuple[int, int]], Any] = {}
        self.depth = 0

    def once(self, kind: str, old: Any, build: Callable[[Any], Any]) -> Any:
        """Built once, however often it is named; raises RecursionError for what draws itself."""
        at = (kind, old.objgen) if getattr(old, "is_indirect", False) else None
        if at is not None and self.known.get(at) is not None:
            return self.known[at]
        if self.depth > DEEPEST or at in self.known:
            raise RecursionError
        if at is not None:
            self.known[at] = None
        self.depth += 1
        made = build(old)
        self.depth -= 1
        if at is not None:
            made = made if isinstance(made, Name) or made.is_indirect else self.made.make_indirect(made)
            self.known[at] = made
        return made

    def stream(self, data: bytes, told: Any = None) -> Any:
        return self.made.make_stream(data, told or Dictionary())

    def colours(self, old: Any) -> Any:
        if isinstance(old, Name):
            if str(old) not in DIRECT:
                raise NotUnderstood
            return Name(str(old))
        kind = str(old[0])
        match kind:
            case "/ICCBased":
                other = old[1].get("/Alternate")
                return self.colours(other) if isinstance(other, Array) else DEVICES[int(old[1].N)]
            case "/CalGray" | "/CalRGB" | "/Lab":
                told = Dictionary()
                take(told, old[1], CALIBRATED)
                return Array([Name(kind), told])
            case "/Indexed":
                base = self.once("/ColorSpace", old[1], self.colours)
                looked = old[3].read_bytes() if isinstance(old[3], Stream) else bytes(old[3])
                return Array([Name(kind), base, int(old[2]), String(looked[: (int(old[2]) + 1) * parts(base)])])
            case "/Separation" | "/DeviceN":
                names = [old[1]] if kind == "/Separation" else list(old[1])
                inks = [Name(str(one) if str(one) in INKS else f"/Ink{at}") for at, one in enumerate(names)]
                called = inks[0] if kind == "/Separation" else Array(inks)
                return Array(
                    [Name(kind), called, self.once("/ColorSpace", old[2], self.colours), self.function(old[3])]
                )
            case "/Pattern":
                return Array([Name(kind), *([self.once("/ColorSpace", old[1], self.colours)] if len(old) > 1 else [])])
        return self.colours(old[0])

    def function(self, old: Any) -> Any:
        if isinstance(old, Name):
            return Name.Identity
        if isinstance(old, Array):
            return Array([self.function(one) for one in embedded.each(old)])
        return self.once("function", old, self.calculated)

    def calculated(self, old: Any) -> Any:
        made = Dictionary()
        if isinstance(old, Stream):
            data = old.read_bytes()
            made = self.stream(spelled.formula(data) if int(old.FunctionType) == 4 else data[: _samples(old)])
        take(made, old, FUNCTION)
        if "/Functions" in old:
            made.Functions = self.function(old.Functions)
        return made

    def shading(self, old: Any) -> Any:
        made = self.stream(old.read_bytes()) if isinstance(old, Stream) else Dictionary()
        take(made, old, SHADING)
        made.ColorSpace = self.once("/ColorSpace", old.ColorSpace, self.colours)
        if "/Function" in old:
            made.Function = self.function(old.Function)
        return made

    def mapping(self, old: Any) -> Any:
        made = self.stream(spelled.letters(old.read_bytes()))
        if isinstance(old.get("/UseCMap"), Name):
            made.UseCMap = named(old.UseCMap)
        if "/CIDSystemInfo" in old:
            made.Type, made.CMapName, made.CIDSystemInfo = Name.CMap, Name.Letters, collection(old.CIDSystemInfo)
            take(made, old, ("/WMode",))
        return made

    def described(self, old: Any) -> Any:
        made = Dictionary(Type=Name.FontDescriptor)
        take(made, old, DESCRIBED)
        if "/FontName" in old:
            made.FontName = named(old.FontName)
        for name in PROGRAMS:
            if name in old:
                made[name] = self.once(name, old[name], self.program)
        return made

    def program(self, old: Any) -> Any:
        made = self.stream(old.read_bytes())
        take(made, old, PROGRAM)
        return made

    def packed(self, parms: Any) -> Any:
        """How a picture is packed; what several in black and white share is dots as well."""
        if not isinstance(parms, Dictionary):
            return None
        made = Dictionary()
        take(made, parms, PACKED)
        if "/JBIG2Globals" in parms:
            made.JBIG2Globals = self.stream(jbig2.strip(parms.JBIG2Globals.read_bytes()))
        return made


def _samples(old: Any) -> int:
    """Bytes of the samples of a function: nothing is carried behind them."""
    count = len(old.Range) // 2
    for one in old.Size:
        count *= int(one)
    return (count * int(old.BitsPerSample) + 7) // 8
