"""A PDF drawn anew from what its pages need, and nothing else (ISO 32000-1): every object is built here from what its kind may hold.

What no page draws is not reached: titles, remarks, fields, structure, private data of any program. Drawing operators are written
one by one, so that comments and marked content go; resources, inks and layers are called by numbers. Left as they are: the text
that is drawn, also where nobody sees it, as behind a scan, and the programs of fonts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String

from traceability.domain.errors import Refused
from traceability.stripping import embedded, jbig2, png
from traceability.stripping.building import Building
from traceability.stripping.embedded import NotUnderstood
from traceability.stripping.values import (
    BOXES,
    DIRECT,
    FONT,
    FORM,
    IMAGE,
    MARKS,
    STATE,
    TILING,
    WORDS,
    collection,
    encoding,
    flat,
    inherited,
    mark,
    named,
    parts,
    take,
)

USES = {
    "Do": "/XObject", "Tf": "/Font", "gs": "/ExtGState", "cs": "/ColorSpace", "CS": "/ColorSpace", "scn": "/Pattern", "SCN": "/Pattern",
    "sh": "/Shading",
}  # fmt: skip
"""Operators that name a resource (8.2, table 51), and of which kind."""
PASSED = frozenset({"Do", "gs", "sh"})
"""Of these a reader draws nothing where the resource is not there."""
PLAIN = frozenset(
    one
    for ones in (
        "b B b* B* c cm d d0 d1 f F f* g G h i j J k K l m M n q Q re rg RG s S sc SC v w W W* y BX EX",
        "T* Tc Td TD TL Tm Tr Ts Tw Tz BT ET",
    )
    for one in ones.split()
)
WRITTEN = frozenset({"Tj", "TJ", "'", '"'})
HIDDEN = 0b100010
"""Flags of a remark that no reader shows on its screen: hidden, and for paper alone (12.5.3)."""
TRANSFERS = frozenset({"/Identity", "/Default"})
ROWS = 10
"""Predictors from here on write before each row how it is predicted (7.4.4.4)."""
GLYPHS = 1 << 17
"""Bytes of a table from characters to the glyphs of a font, of which there are 65,536."""


def redrawn(opened: pikepdf.Pdf) -> pikepdf.Pdf:
    """Every page of it, in a file of its own. Raises NotUnderstood, and whatever a damaged file makes of it."""
    marks = [
        [one for one in page.obj.get("/Annots", ()) if "/AP" not in one and str(one.get("/Subtype", "")) in MARKS]
        for page in opened.pages
    ]
    _filled(opened)
    opened.flatten_annotations("screen")  # what is drawn of remarks and fields becomes part of the page; hidden ones go
    return _Redrawing(opened).whole(marks)


def _filled(opened: pikepdf.Pdf) -> None:
    """Draw what was filled into a form and is not drawn yet. Raises NotUnderstood for what only its reader would draw: a ticked box."""
    if any(_undrawn(one) for one in _fields(opened)) or opened.Root.get("/AcroForm", {}).get("/NeedAppearances", False):
        if "/AcroForm" in opened.Root:
            opened.Root.AcroForm.NeedAppearances = True
        opened.generate_appearance_streams()
    if any(_undrawn(one) for one in _fields(opened)):
        raise NotUnderstood


def _fields(opened: pikepdf.Pdf) -> Iterator[Any]:
    for page in opened.pages:
        for one in page.obj.get("/Annots", ()):
            if str(one.get("/Subtype", "")) == "/Widget" and not int(one.get("/F", 0)) & HIDDEN:
                yield one


def _undrawn(field: Any) -> bool:
    """Whether it holds something, and nothing of it is drawn."""
    value = inherited(field, "/V")
    empty = value is None or str(value) in ("", "/Off") or isinstance(value, Dictionary)
    return not empty and "/N" not in field.get("/AP", {})


class _Redrawing(Building):
    def __init__(self, opened: pikepdf.Pdf) -> None:
        super().__init__(opened)
        self.layers: dict[tuple[int, int], Any] = {}

    def whole(self, marks: list[list[Any]]) -> pikepdf.Pdf:
        for page, of_page in zip(self.opened.pages, marks, strict=True):
            made = self._page(page.obj)
            if left := [mark(one) for one in of_page if not int(one.get("/F", 0)) & HIDDEN]:
                made.Annots = Array(left)
            self.made.pages.append(pikepdf.Page(made))
        if self.layers:
            self.made.Root.OCProperties = self._switched()
        return self.made

    def _page(self, old: Any) -> Any:
        page = self.made.make_indirect(Dictionary(Type=Name.Page))
        for name in BOXES:
            if (told := inherited(old, name)) is not None:
                page[name] = flat(told)
        if "/Group" in old:
            page.Group = self._group(old.Group)
        content, page.Resources = self._drawn(old, inherited(old, "/Resources") or Dictionary())
        page.Contents = self.made.make_stream(content)
        return page

    # ------------------------------------------------------------------------------------------------------ operators

    def _drawn(self, of: Any, resources: Any, uses: Any = None) -> tuple[bytes, Any]:
        """What is drawn, operator by operator, and those of its resources that it names, added to `uses`."""
        told, open_ = list[Any](), list[bool]()
        uses = Dictionary() if uses is None else uses
        for one in pikepdf.parse_content_stream(of):
            if isinstance(one, pikepdf.ContentStreamInlineImage):
                told.append(([self._inline(one.iimage, resources, uses)], pikepdf.Operator("Do")))
                continue
            operands, name = list(one.operands), str(one.operator)
            if name in ("BMC", "BDC"):
                layer = name == "BDC" and str(operands[0]) == "/OC" and isinstance(operands[1], Name)
                layer = layer and (called := self._use("/Properties", operands[1], resources, uses)) is not None
                open_.append(layer)
                if layer:
                    told.append(([Name.OC, called], one.operator))
            elif name == "EMC":
                if open_ and open_.pop():
                    told.append(([], one.operator))
            elif name in WRITTEN:
                told.append((_written(name, operands), one.operator))
            elif name in PLAIN or (name == "ri" and str(operands[0]) in WORDS):
                told.append(([flat(each) for each in operands], one.operator))
            elif name in USES and (named := self._named(name, operands, resources, uses)) is not None:
                told.append((named, one.operator))
        return pikepdf.unparse_content_stream(told), uses

    def _named(self, operator: str, operands: list[Any], resources: Any, uses: Any) -> list[Any] | None:
        """The same with its resource under its name here; None for what draws nothing. Raises KeyError for one that is not there."""
        at = 0 if operator == "Tf" else -1
        if not isinstance(operands[at], Name):  # a colour in numbers
            return [flat(one) for one in operands]
        if operator in ("cs", "CS") and str(operands[at]) in DIRECT:
            return operands
        called = self._use(USES[operator], operands[at], resources, uses)
        if called is None and operator not in PASSED:
            raise KeyError(operator)
        operands[at] = called
        return None if called is None else [one if isinstance(one, Name) else flat(one) for one in operands]

    def _use(self, kind: str, name: Any, resources: Any, uses: Any) -> Any:
        """Its name here, where it is built when it is used first; None where it is not there."""
        old = resources.get(kind, Dictionary()).get(str(name))
        if old is None:
            return None
        build: dict[str, Callable[[Any], Any]] = {
            "/XObject": lambda one: self._xobject(one, resources),
            "/Pattern": lambda one: self._pattern(one, resources),
            "/ExtGState": lambda one: self._state(one, resources),
            "/Font": self._font,
            "/ColorSpace": self.colours,
            "/Shading": self.shading,
            "/Properties": self._layer,
        }
        # what has no resources of its own draws with those of whoever uses it: it is another thing with others
        of = (
            f"{kind} of {resources.unparse()!r}"
            if kind in ("/XObject", "/Pattern") and "/Resources" not in old
            else kind
        )
        return self._called(kind, self.once(of, old, build[kind]), uses)

    def _called(self, kind: str, made: Any, uses: Any) -> Any:
        if kind not in uses:
            uses[kind] = Dictionary()
        for called, known in uses[kind].items():
            if getattr(made, "is_indirect", False) and known.objgen == made.objgen:
                return Name(called)
        called = f"/{kind[1]}{len(uses[kind].keys())}"
        uses[kind][called] = made
        return Name(called)

    def _inline(self, picture: Any, resources: Any, uses: Any) -> Any:
        """A picture in the drawing itself becomes one beside it, as any other is."""
        old = self.opened.make_stream(picture.read_raw_bytes(), dict(picture.obj.items()))
        colours = old.get("/ColorSpace")
        if isinstance(colours, Name) and str(colours) not in DIRECT:
            old.ColorSpace = resources["/ColorSpace"][str(colours)]
        return self._called("/XObject", self._image(old), uses)

    # -------------------------------------------------------------------------------------------------------- objects

    def _xobject(self, old: Any, resources: Any) -> Any:
        match str(old.Subtype):
            case "/Image":
                return self._image(old)
            case "/Form":
                return self._form(old, resources)
        raise NotUnderstood

    def _form(self, old: Any, resources: Any) -> Any:
        content, uses = self._drawn(old, old.get("/Resources", resources))
        made = self.stream(content, Dictionary(Type=Name.XObject, Subtype=Name.Form, Resources=uses))
        take(made, old, FORM)
        if "/Group" in old:
            made.Group = self._group(old.Group)
        return self._in_layer(made, old)

    def _image(self, old: Any) -> Any:
        made = self.stream(b"", Dictionary(Type=Name.XObject, Subtype=Name.Image))
        take(made, old, IMAGE)
        if "/ColorSpace" in old:
            made.ColorSpace = self.once("/ColorSpace", old.ColorSpace, self.colours)
        for name in ("/SMask", "/Mask"):
            if isinstance(old.get(name), Stream):
                made[name] = self.once("/XObject", old[name], self._image)
            elif isinstance(old.get(name), Array):
                made[name] = flat(old[name])
        names = embedded.filters(old.get("/Filter"))
        if "/F" in old:
            raise NotUnderstood
        if (names and names[-1] == embedded.JPEG) or embedded.DRAWN & set(names):
            made.write(bytes(old.read_raw_bytes()))
            made.Filter = Array([Name(one) for one in names])
            if (parms := old.get("/DecodeParms")) is not None:
                made.DecodeParms = Array([self.packed(one) for one in embedded.each(parms)])
            if names == [embedded.JBIG2]:
                made.write(
                    jbig2.strip(made.read_raw_bytes()), filter=Name.JBIG2Decode, decode_parms=made.get("/DecodeParms")
                )
            elif embedded.JBIG2 in names:
                raise NotUnderstood
            embedded.clean(made)
        elif names == [embedded.FLATE] and (packed := self._as_packed(made, old)) is not None:
            made.write(packed[0], filter=Name.FlateDecode, decode_parms=packed[1])
        elif embedded.UNPACKED.issuperset(names):
            made.write(bytes(old.read_bytes(pikepdf.StreamDecodeLevel.specialized))[: self._size(made)])
        else:
            raise NotUnderstood
        return self._in_layer(made, old)

    def _as_packed(self, made: Any, old: Any) -> tuple[bytes, Any] | None:
        """As it is packed, where there are just the bytes of its pixels; a scan of many pages is held packed. None: not quite so."""
        parms = self.packed(old.get("/DecodeParms"))
        rows = int(made.Height) if parms is not None and int(parms.get("/Predictor", 1)) >= ROWS else 0
        try:
            return png.packed(bytes(old.read_raw_bytes()), self._size(made) + rows), parms
        except Refused:
            return None

    def _size(self, made: Any) -> int:
        """Bytes of its pixels: nothing is carried behind them."""
        bits = 1 if made.get("/ImageMask", False) else int(made.BitsPerComponent) * parts(made.ColorSpace)
        return int(made.Height) * ((int(made.Width) * bits + 7) // 8)

    def _group(self, old: Any) -> Any:
        made = Dictionary(Type=Name.Group, S=Name.Transparency)
        take(made, old, ("/I", "/K"))
        if "/CS" in old:
            made.CS = self.once("/ColorSpace", old.CS, self.colours)
        return made

    def _pattern(self, old: Any, resources: Any) -> Any:
        if int(old.PatternType) == 1:
            content, uses = self._drawn(old, old.get("/Resources", resources))
            made = self.stream(content, Dictionary(Resources=uses))
            take(made, old, TILING)
            return made
        made = Dictionary(PatternType=2, Shading=self.once("/Shading", old.Shading, self.shading))
        take(made, old, ("/Matrix",))
        if "/ExtGState" in old:
            made.ExtGState = self._state(old.ExtGState, resources)
        return made

    def _state(self, old: Any, resources: Any) -> Any:
        made = Dictionary()
        take(made, old, STATE)
        if "/Font" in old:
            made.Font = Array([self.once("/Font", old.Font[0], self._font), flat(old.Font[1])])
        for name in ("/TR", "/TR2"):
            if name in old:
                made[name] = Name(str(old[name])) if str(old[name]) in TRANSFERS else self.function(old[name])
        mask = old.get("/SMask")
        if isinstance(mask, Name):
            made.SMask = Name("/None")
        elif mask is not None:
            made.SMask = Dictionary(
                S=flat(mask.S), G=self.once("/XObject", mask.G, lambda one: self._form(one, resources))
            )
            take(made.SMask, mask, ("/BC",))
            if "/TR" in mask:
                made.SMask.TR = self.function(mask.TR)
        return made

    def _font(self, old: Any) -> Any:
        made = Dictionary(Type=Name.Font)
        take(made, old, FONT)
        if "/BaseFont" in old:
            made.BaseFont = named(old.BaseFont)
        if "/DescendantFonts" in old:
            made.DescendantFonts = Array([self.once("/Font", old.DescendantFonts[0], self._font)])
        if "/CIDSystemInfo" in old:
            made.CIDSystemInfo = collection(old.CIDSystemInfo)
        for name in ("/ToUnicode", "/CIDToGIDMap", "/Encoding"):
            told = old.get(name)
            if isinstance(told, Stream):
                made[name] = self.once(
                    name,
                    told,
                    self.mapping if name != "/CIDToGIDMap" else lambda one: self.stream(one.read_bytes()[:GLYPHS]),
                )
            elif isinstance(told, Dictionary):
                made[name] = encoding(told)
            elif told is not None:
                made[name] = named(told)
        if "/FontDescriptor" in old:
            made.FontDescriptor = self.once("descriptor", old.FontDescriptor, self.described)
        if "/CharProcs" in old:
            made.CharProcs, made.Resources = self._glyphs(old)
        return made

    def _glyphs(self, old: Any) -> tuple[Any, Any]:
        """Letters that are drawn; they share the resources of their font."""
        made, uses = Dictionary(), Dictionary()
        for name, glyph in old.CharProcs.items():
            made[str(named(Name(name)))] = self.stream(self._drawn(glyph, old.get("/Resources", Dictionary()), uses)[0])
        return made, uses

    # --------------------------------------------------------------------------------------------------------- layers

    def _in_layer(self, made: Any, old: Any) -> Any:
        if "/OC" in old:
            made.OC = self.once("/Properties", old.OC, self._layer)
        return made

    def _layer(self, old: Any) -> Any:
        """Shown or hidden as it was, without its name."""
        if str(old.get("/Type", "")) == "/OCMD":
            made = Dictionary(Type=Name.OCMD)
            take(made, old, ("/P",))
            for name in ("/OCGs", "/VE"):
                if name in old:
                    made[name] = self._layers(old[name])
            return made
        made = self.made.make_indirect(Dictionary(Type=Name.OCG, Name=String(f"{len(self.layers) + 1}")))
        self.layers[old.objgen] = made
        return made

    def _layers(self, old: Any) -> Any:
        if isinstance(old, Array):
            return Array([self._layers(one) for one in embedded.each(old)])
        return flat(old) if isinstance(old, Name) else self.once("/Properties", old, self._layer)

    def _switched(self) -> Any:
        """Which layers a reader shows on its screen at first: what it would find out by their usage is found out here (8.11.4.4)."""
        told = self.opened.Root.OCProperties.D
        made = Dictionary()
        take(made, told, ("/BaseState",))
        on = {one.objgen for one in told.get("/ON", ())}
        off = {one.objgen for one in told.get("/OFF", ())}
        for rule in told.get("/AS", ()):
            if str(rule.get("/Event", "")) == "/View" and "/View" in [str(one) for one in rule.get("/Category", ())]:
                for one in rule.get("/OCGs", ()):
                    state = str(one.get("/Usage", {}).get("/View", {}).get("/ViewState", ""))
                    if state in ("/ON", "/OFF"):
                        (on if state == "/ON" else off).add(one.objgen)
                        (off if state == "/ON" else on).discard(one.objgen)
        made.ON, made.OFF = (
            Array([self.layers[one] for one in sorted(each) if one in self.layers]) for each in (on, off)
        )
        return Dictionary(OCGs=Array(list(self.layers.values())), D=made)


def _written(operator: str, operands: list[Any]) -> list[Any]:
    """The letters that are shown, and how far apart (9.4.3)."""
    text = operands[-1]
    if operator == "TJ":
        text = Array([one for one in text if isinstance(one, String) or flat(one) is not None])
    elif not isinstance(text, String):
        raise NotUnderstood
    return [*(flat(one) for one in operands[-3:-1]), text] if operator == '"' else [text]
