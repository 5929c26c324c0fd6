"""Tagged PDF: beside the pages a tree that says what every mark on them is (ISO 14289-1), for who reads with the ears.

A flowable asks for its element when it is drawn, so the tree has the order of reading. What is no content is an artifact.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, Self

from reportlab.pdfbase.pdfdoc import PDFArray, PDFDictionary, PDFInfo, PDFName, PDFObject, PDFObjectReference, PDFPage
from reportlab.pdfgen.canvas import Canvas

from reports import fonts
from reports.faces import Face
from reports.packing import stream

Attributes = str
"""Entries of a structure element, as they are written: `/A<</O/Table/Scope/Row>>`."""
COLUMN: Attributes = "/A<</O/Table/Scope/Column>>"
ROW: Attributes = "/A<</O/Table/Scope/Row>>"


class Node:
    """One element of the structure: its role, and what it holds: elements, marks on pages, annotations."""

    __slots__ = ("annotation", "attributes", "kids", "marks", "number", "parent", "role")

    def __init__(self, role: str, parent: Node | None, attributes: Attributes = "") -> None:
        self.role, self.parent, self.attributes = role, parent, attributes
        self.kids: list[Node] = []
        self.marks: list[tuple[int, int]] = []  # page, from 0, and the number of the mark on it
        self.annotation: tuple[int, int] | None = None  # its number as an object, and its page
        self.number = 0
        if parent is not None:
            parent.kids.append(self)

    def add(self, role: str, attributes: Attributes = "") -> Node:
        return Node(role, self, attributes)


class Part:
    """An element that is made when the first piece of it is drawn; pieces that a page broke apart share it."""

    __slots__ = ("attributes", "node", "role")

    def __init__(self, role: str, attributes: Attributes = "") -> None:
        self.role, self.attributes = role, attributes
        self.node: Node | None = None

    def under(self, parent: Node) -> Node:
        if self.node is None:
            self.node = parent.add(self.role, self.attributes)
        return self.node


class _Raw(PDFObject):
    """An object that is written already."""

    __RefOnly__ = 1

    def __init__(self) -> None:
        self.written = b""

    def format(self, _: Any) -> bytes:
        return self.written


class _Info(PDFInfo):
    """What the file says of itself; no date of it is a clock's."""

    def format(self, _: Any) -> bytes:
        return f"<</Title{text_string(self.title)}/Author{text_string(self.author)}>>".encode()


def text_string(value: str) -> str:
    """A PDF string of any text."""
    return f"<FEFF{value.encode('utf-16-be').hex()}>"


class Tagged(Canvas):
    """A canvas that keeps the tree; each page is packed when it ends, its number drawn when the last one is known."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.root = Node("Document", None)
        self.here = self.root
        """Where new elements go: the section that was opened last."""
        self._marks: list[list[Node]] = [[]]
        self._pages: list[PDFPage] = []
        self._annotated: list[Node] = []
        self._bookmarks = 0
        self._faces = {fonts.REGULAR: Face(fonts.REGULAR, "F1"), fonts.BOLD: Face(fonts.BOLD, "F2")}
        self._resources = _Raw()
        self._doc.info = _Info()
        self._font: tuple[str, float] = (fonts.REGULAR, 9)

    def _make_preamble(self) -> None:
        """Nothing before a page: no font of reportlab's is asked for."""
        self._preamble = ""

    # ── text, always in our own faces ──

    def setFont(self, psfontname: str, size: float, *_: Any) -> None:
        self._font = (psfontname, size)

    def drawString(self, x: float, y: float, text: str, *_: Any, **__: Any) -> None:
        font, size = self._font
        told = fonts.printable(text)
        self._code.append(f"BT {self.face(font, size)} 1 0 0 1 {x:.2f} {y:.2f} Tm <{self.hexed(font, told)}> Tj ET")

    def drawRightString(self, x: float, y: float, text: str, *_: Any, **__: Any) -> None:
        self.drawString(x - fonts.width(fonts.printable(text), *self._font), y, text)

    def drawCentredString(self, x: float, y: float, text: str, *_: Any, **__: Any) -> None:
        self.drawString(x - fonts.width(fonts.printable(text), *self._font) / 2, y, text)

    def face(self, font: str, size: float) -> str:
        return f"/{self._faces[font].name} {size:g} Tf"

    def hexed(self, font: str, text: str) -> str:
        return self._faces[font].hexed(text)

    # ── what is drawn ──

    @contextmanager
    def mark(self, node: Node) -> Iterator[None]:
        """What is drawn within belongs to this element. Not within another mark."""
        self.open(node)
        yield
        self._code.append("EMC")

    def open(self, node: Node) -> None:
        owners = self._marks[-1]
        node.marks.append((len(self._pages), len(owners)))
        self._code.append(f"/{node.role} <</MCID {len(owners)}>> BDC")
        owners.append(node)

    def close(self) -> None:
        self._code.append("EMC")

    @contextmanager
    def artifact(self, kind: Literal["Header", "Footer", ""] = "") -> Iterator[None]:
        """What is drawn within is furniture: rules, boxes, and what is repeated on every page."""
        told = f"/Artifact <</Type/Pagination/Subtype/{kind}>> BDC" if kind else "/Artifact BMC"
        self._code.append(told)
        yield
        self._code.append("EMC")

    def bookmark(self, title: str, top: float) -> None:
        """A place in the outline; `top` in the coordinates of the moment."""
        key = f"section{self._bookmarks}"
        self._bookmarks += 1
        _, y = self.absolutePosition(0, top)
        self.bookmarkPage(key, fit="FitH", top=round(y, 2))
        self.addOutlineEntry(title, key, 0)

    def section(self) -> Node:
        """From here on a new section."""
        self.here = self.root.add("Sect")
        return self.here

    def figure(self, parent: Node, alternative: str, left: float, bottom: float, width: float, height: float) -> Node:
        """A drawing, with what it says in words; the box is in the coordinates of the moment."""
        x, y = self.absolutePosition(left, bottom)
        box = f"/A<</O/Layout/Placement/Block/BBox[{x:.2f} {y:.2f} {x + width:.2f} {y + height:.2f}]>>"
        return parent.add("Figure", f"/Alt{text_string(alternative)}{box}")

    def link(self, node: Node, url: str, contents: str, box: tuple[float, float, float, float]) -> None:
        """An address, which a reader may follow: `node` is the Link that holds it."""
        corners = " ".join(f"{side:.2f}" for side in box)
        action = f"/A<</S/URI/URI({url.translate(_ESCAPED)})>>"
        self._annotation(node, f"/Subtype/Link/Rect[{corners}]/Border[0 0 0]{action}/Contents{text_string(contents)}")

    def signature_field(self, node: Node, name: str, told: str) -> None:
        """An empty, unseen field for the site's signature: made beforehand, so that signing adds a value and nothing else."""
        reference = self._annotation(
            node, f"/Subtype/Widget/FT/Sig/T({name})/TU{text_string(told)}/Rect[0 0 0 0]/Contents{text_string(told)}"
        )
        form = _Raw()
        form.written = f"<</Fields[{reference}]/SigFlags 1>>".encode()
        self._doc.Catalog.AcroForm = form

    def _annotation(self, node: Node, entries: str) -> str:
        """`F 4`: it is printed, as archives ask."""
        raw = _Raw()
        key = len(self._annotated)
        self._doc.Reference(raw, f"Tagged{key}")
        number = self._number(f"Tagged{key}")
        node.annotation = (number, len(self._pages))
        raw.written = f"<</Type/Annot/F 4/StructParent {_ANNOTATIONS + key}{entries}>>".encode()
        self._annotated.append(node)
        self._annotationrefs.append(self._doc.Reference(raw))
        return f"{number} 0 R"

    # ── what is written ──

    def _setAnnotations(self, page: PDFPage) -> None:
        """The page is packed at once: of many hundred nothing but their bytes is kept."""
        super()._setAnnotations(page)
        page.__NoDefault__ = [*PDFPage.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = len(self._pages), PDFName("S")
        page.Contents, page.stream = self._packed(page.stream), None
        page.Resources = self._doc.Reference(self._resources)
        self._pages.append(page)
        self._marks.append([])

    def numbered(self, draw: Any) -> None:
        """Let `draw(page, pages)` add to each page what only the end knows."""
        for at, page in enumerate(self._pages):
            self._code = []
            with self.artifact("Footer"):
                draw(at + 1, len(self._pages))
            page.Contents = PDFArray([page.Contents, self._packed("\n".join(self._code))])
        self._code = []

    def finish(self) -> None:
        """Write the tree, and into the catalog that there is one."""
        catalog, root = self._doc.Catalog, _Raw()
        catalog.__NoDefault__ = [*catalog.__NoDefault__, "MarkInfo"]
        catalog.__Refs__ = [name for name in catalog.__Refs__ if name not in ("MarkInfo", "ViewerPreferences")]
        catalog.MarkInfo = PDFDictionary({"Marked": "true"})
        catalog.ViewerPreferences = PDFDictionary({"DisplayDocTitle": "true"})
        self._doc.Reference(root, "StructTreeRoot")
        catalog.StructTreeRoot = root
        top = self._number("StructTreeRoot")
        leaves = self._pages_numbers()
        used = "".join(f"/{face.name} {face.write(self)} 0 R" for face in self._faces.values())
        self._resources.written = f"<</Font<<{used}>>>>".encode()
        raws = []
        for count, node in enumerate(_all(self.root)):
            raw = _Raw()
            self._doc.Reference(raw, f"Element{count}")
            node.number = self._number(f"Element{count}")
            raws.append((node, raw))
        for node, raw in raws:
            parent = node.parent.number if node.parent is not None else top
            raw.written = _element(node, parent, leaves).encode()
        numbers = [
            f"{at}[{' '.join(f'{node.number} 0 R' for node in owners)}]"
            for at, owners in enumerate(self._marks[: len(self._pages)])
        ]
        numbers += [f"{_ANNOTATIONS + at} {node.number} 0 R" for at, node in enumerate(self._annotated)]
        following = _ANNOTATIONS + len(self._annotated)
        root.written = (
            f"<</Type/StructTreeRoot/K {self.root.number} 0 R/ParentTreeNextKey {following}"
            f"/ParentTree<</Nums[{' '.join(numbers)}]>>>>"
        ).encode()

    def write_object(self, body: bytes) -> int:
        raw = _Raw()
        raw.written = body
        self._doc.Reference(raw)
        return self._number(raw.__InternalName__)

    def write_stream(self, dictionary: bytes, content: bytes) -> int:
        return self.write_object(stream(dictionary, content))

    def _packed(self, code: str) -> PDFObjectReference:
        """What is drawn, as a stream; a space more or less at its end draws nothing."""
        while (body := stream(b"", code.encode("latin-1"))).startswith(b"<</Length"):
            code += " "
        raw = _Raw()
        raw.written = body
        return self._doc.Reference(raw)

    def _pages_numbers(self) -> list[int]:
        return [self._number(page.__InternalName__) for page in self._pages]

    def _number(self, name: str) -> int:
        return int(self._doc.idToObjectNumberAndVersion[name][0])

    def identify(self, digest: bytes) -> Self:
        """Both ids of the file, from what it tells: equal records give equal ids."""
        self._doc._ID = f"[<{digest[:16].hex()}><{digest[:16].hex()}>]\n".encode()
        return self


_ANNOTATIONS = 1_000_000
"""Keys of annotations in the tree of parents come after those of pages."""
_ESCAPED = str.maketrans({"(": "\\(", ")": "\\)", "\\": "\\\\"})


def _all(node: Node) -> Iterator[Node]:
    yield node
    for kid in node.kids:
        yield from _all(kid)


def _element(node: Node, parent: int, pages: list[int]) -> str:
    kids = [f"{kid.number} 0 R" for kid in node.kids]
    page = ""
    if node.marks:
        first = node.marks[0][0]
        page = f"/Pg {pages[first]} 0 R"
        kids += [
            str(number) if at == first else f"<</Type/MCR/Pg {pages[at]} 0 R/MCID {number}>>"
            for at, number in node.marks
        ]
    if node.annotation is not None:
        number, at = node.annotation
        kids.append(f"<</Type/OBJR/Obj {number} 0 R/Pg {pages[at]} 0 R>>")
    held = f"/K[{' '.join(kids)}]" if kids else ""
    return f"<</Type/StructElem/S/{node.role}/P {parent} 0 R{page}{held}{node.attributes}>>"
