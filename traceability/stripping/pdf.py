"""A PDF without its title and author, XMP, embedded files, scripts and actions; pictures in it lose what they say as well.

Rewritten whole, so that nothing of an earlier saving is left, in a process of its own with bounded time and memory. It is that
process too. What is printed on its pages is not read: a name that stands there stays.
"""

from __future__ import annotations

import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from traceability.domain.errors import Refused
from traceability.sealing.reading import ENCRYPTED, SECONDS, TOO_COSTLY, bound
from traceability.stripping import embedded

MAGIC = b"%PDF-"
ROOT = Path(__file__).parents[2]
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from traceability.stripping import pdf; sys.exit(pdf.main())"
GONE = (
    "/Metadata", "/PieceInfo", "/AA", "/OpenAction", "/JavaScript", "/JS", "/EmbeddedFiles", "/EmbeddedFile", "/AF", "/XFA", "/Thumb",
    "/LastModified", "/Collection", "/SpiderInfo", "/Threads", "/DSS", "/Perms", "/EF", "/Outlines",
)  # fmt: skip
MOVES = frozenset({"/GoTo"})
"""What a click in it may do."""
CATALOG = frozenset({
    "/Type", "/Version", "/Extensions", "/Pages", "/PageLabels", "/Names", "/Dests", "/ViewerPreferences", "/PageLayout", "/PageMode",
    "/StructTreeRoot", "/MarkInfo", "/Lang", "/OutputIntents", "/OCProperties", "/AcroForm",
})  # fmt: skip
PAGE = frozenset({
    "/Type", "/Parent", "/Resources", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/BoxColorInfo", "/Contents",
    "/Rotate", "/Group", "/Annots", "/StructParents", "/Tabs", "/UserUnit",
})  # fmt: skip
"""What the standard has in them and a reader needs: whatever else somebody wrote there goes."""
WRITTEN = frozenset({"/Widget", "/FreeText"})
"""Remarks whose words are printed on the page; of the others the words go."""
HELD = frozenset({"/FileAttachment", "/Screen", "/Movie", "/RichMedia", "/Sound", "/3D"})
SIGNED = ("/Name", "/M", "/Reason", "/ContactInfo", "/Location", "/Contents", "/ByteRange")
"""Of a signature, which does not hold any more once the file is rewritten."""
NOT_UNDERSTOOD = 5
"""How the process ends where a picture is packed in a way whose own words it cannot take out."""
DEEPEST = 64
AUTHORED = ("/T", "/M", "/CreationDate", "/RC", "/NM", "/Subj")
"""Of a remark: who wrote it, and when."""


def strip(data: bytes) -> bytes:
    """Raises Refused `file_damaged` for one that cannot be read, is locked, or takes too long, `picture_not_understood` for one with
    a picture that cannot be freed of what it says.
    """
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-c", START], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd=os.sep,
            timeout=2 * SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Refused("file_damaged") from error
    if child.returncode == NOT_UNDERSTOOD:
        raise Refused("picture_not_understood")
    if child.returncode or not child.stdout.startswith(MAGIC):
        raise Refused("file_damaged")
    return child.stdout


# ── in the bounded process ──


def main() -> int:
    bound()
    try:
        sys.stdout.buffer.write(_strip(sys.stdin.buffer.read()))
    except (MemoryError, RecursionError):
        return TOO_COSTLY
    except PermissionError:
        return ENCRYPTED
    except embedded.NotUnderstood:
        return NOT_UNDERSTOOD
    except BaseException:  # whatever it was, the file could not be read
        return 1
    return 0


def _strip(data: bytes) -> bytes:
    import pikepdf

    out = BytesIO()
    try:
        opened = pikepdf.open(BytesIO(data), suppress_warnings=True)
    except pikepdf.PasswordError:
        raise PermissionError from None
    with opened:
        if opened.is_encrypted:
            raise PermissionError
        if not len(opened.pages):
            raise ValueError("a file without pages")
        if "/Info" in opened.trailer:
            del opened.trailer["/Info"]
        _only(opened.Root, CATALOG)
        for page in opened.pages:
            _only(page.obj, PAGE)
            _without_what_it_holds(page.obj)
        for one in opened.objects:
            if isinstance(one, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
                _clean(one)
        opened.remove_unreferenced_resources()
        opened.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def _only(one: Any, known: frozenset[str]) -> None:
    for name in set(one.keys()) - known:
        del one[name]


def _without_what_it_holds(page: Any) -> None:
    """A page without the remarks that hold files, sounds and films."""
    if "/Annots" in page:
        left = [one for one in page.Annots if str(one.get("/Subtype", "")) not in HELD]
        for one in left:
            if str(one.get("/Subtype", "")) != "/Widget":
                words = () if str(one.get("/Subtype", "")) in WRITTEN else ("/Contents",)
                for name in (*AUTHORED, *words):
                    if name in one:
                        del one[name]
        page.Annots = left


def _clean(one: Any, below: int = 0) -> None:
    """One object with what lies directly in it; what it refers to is an object of its own."""
    import pikepdf

    if below > DEEPEST:
        raise RecursionError
    if isinstance(one, pikepdf.Array):
        parts = [one[n] for n in range(len(one))]
    else:
        for name in GONE:
            if name in one:
                del one[name]
        if str(one.get("/Type", "")) == "/Sig" or "/ByteRange" in one:
            for name in SIGNED:
                if name in one:
                    del one[name]
        action = one.get("/A")
        if isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) not in MOVES:
            del one["/A"]
        if "/S" in one and "/Next" in one:  # an action, and what it does after that
            del one["/Next"]
        parts = [one[key] for key in list(one.keys())]
    for part in parts:
        if isinstance(part, pikepdf.Array | pikepdf.Dictionary) and not part.is_indirect:
            _clean(part, below + 1)
    if isinstance(one, pikepdf.Stream):
        embedded.clean(one)
