"""Records as archives and screen readers take them: PDF/A-3a and PDF/UA-1 by an independent checker, and the tree itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from io import BytesIO

import page as checker
import pikepdf
import pytest
from PIL import Image, ImageCms
from reportlab.lib.units import mm
from reportlab.platypus import Spacer

from reports import packing, page
from reports.archive import RECORD, archived
from reports.icc import srgb
from reports.words import LANGUAGES
from tests.reports import samples
from tests.reports.test_page import SHEET, flow
from tests.reports.test_records import RECORDS, a_drawn
from traceability.domain.records import told
from traceability.services.documents import KINDS

RENDERER = samples.RENDERER


@cache
def filed(name: str, language: str = "en") -> bytes:
    _, record, _, drawn = a_drawn(name, language)
    return archived(drawn, told(record), at=record.head.as_of, renderer=RENDERER)


def failures(pdf: bytes) -> list[str]:
    """What the checker has against it, of both standards."""
    found = [one for profile in ("3a", "ua1") for one in checker.validate_pdf_bytes(pdf, profile=profile).failures]
    return [f"{one.rule_id}: {one.message}" for one in found]


class Tree:
    """Every element of the structure, in the order of reading; the file stays open as long as they are looked at."""

    def __init__(self, pdf: bytes) -> None:
        self.file = pikepdf.open(BytesIO(pdf))
        self.elements = list(self._walk(self.file.Root.StructTreeRoot.K))

    def _walk(self, node: pikepdf.Dictionary) -> Iterator[pikepdf.Dictionary]:
        yield node
        for kid in node.get("/K", []):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                yield from self._walk(kid)

    def of(self, role: str) -> list[pikepdf.Dictionary]:
        return [one for one in self.elements if f"/{role}" == one.S]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", RECORDS)
def test_every_record_is_fit_for_archive_and_screen_reader(name: str, language: str) -> None:
    pdf = filed(name, language)
    assert failures(pdf) == []
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert opened.check_pdf_syntax() == []
        assert str(opened.Root.Lang) == language
        assert all(one.Tabs == "/S" for one in opened.pages)


def test_every_kind_of_document_is_among_them() -> None:
    """What is drawn here is what documents are drawn by: a kind more needs a record of its own."""
    assert {kind.paper for kind in KINDS.values()} == {f"reports.{paper}" for paper, _ in RECORDS.values()}


def test_the_checker_finds_what_is_not_tagged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above would see it: a drawing that nobody described."""

    class Untagged(Spacer):
        def draw(self) -> None:
            self.canv.rect(0, 0, 10, 10)

    pdf = archived(page.draw(SHEET, [Untagged(1, 10 * mm)]), "{}", at=samples.AT, renderer=RENDERER)
    assert any("PDFUA1-CONTENT-TAGGING" in one for one in failures(pdf))


@pytest.mark.parametrize("rows", [0, 1, 60, 300])
def test_a_sheet_of_any_length_holds_whatever_is_on_it(rows: int) -> None:
    """Repeated heads, rows longer than a page, names in other scripts."""
    long = [*flow(rows, name="Łukasz Ağaoğlu")]
    if rows:
        long.insert(3, page.table(["A", "B"], [("\n".join(map(str, range(200))), "x"), ("end", None)], [1, 1]))
    pdf = archived(page.draw(SHEET, long), "{}", at=samples.AT, renderer=RENDERER)
    assert failures(pdf) == []


def test_tables_have_heads_that_say_what_they_are_heads_of() -> None:
    tree = Tree(filed("release"))
    assert len(tree.of("Table")) > 5
    for one in tree.of("Table"):
        head, body = one.K
        assert (head.S, body.S) == ("/THead", "/TBody")
        (columns,) = head.K
        assert all(cell.S == "/TH" and cell.A.Scope == "/Column" for cell in columns.K)
        for row in body.K:
            assert row.K[0].S == "/TH"
            assert row.K[0].A.Scope == "/Row"
            assert len(row.K) == len(columns.K)
            assert all(cell.S == "/TD" for cell in list(row.K)[1:])


def test_a_table_over_several_pages_is_one_table_with_one_head() -> None:
    tree = Tree(page.draw(SHEET, [page.table(["A", "B"], [(str(n), "x") for n in range(200)], [1, 1])]))
    (table,) = tree.of("Table")
    assert [len(group.K) for group in table.K] == [1, 200]
    pages = {str(row.K[0].Pg.objgen) for row in table.K[1].K}
    assert len(pages) > 2


def test_a_row_that_breaks_over_a_page_is_one_row() -> None:
    long = "\n".join(f"line {n}" for n in range(100))
    tree = Tree(page.draw(SHEET, [page.table(["A", "B"], [("first", long)], [1, 3])]))
    (table,) = tree.of("Table")
    (row,) = table.K[1].K
    assert [cell.S for cell in row.K] == ["/TH", "/TD"]
    assert len(row.K[1].K) == 2, "its text stands on two pages"


def test_sections_are_headings_with_bookmarks_and_names_with_values_are_lists() -> None:
    tree = Tree(filed("release"))
    assert [str(one.S) for one in tree.elements if str(one.S).startswith("/H")] == ["/H1", *["/H2"] * 10]
    with tree.file.open_outline() as outline:
        assert [one.title.split(" ", 2)[0] for one in outline.root] == [str(n) for n in range(1, 11)]
    for item in tree.of("LI"):
        assert [kid.S for kid in item.K] == ["/Lbl", "/LBody"]


@pytest.mark.parametrize("language, words", [("en", "limits −25 to"), ("id", "batas −25 sampai")])
def test_drawings_say_what_they_show(language: str, words: str) -> None:
    tree = Tree(filed("vial", language))
    code, drawing = tree.of("Figure")
    assert samples.STATUS_URL in str(code.Alt)
    assert len(code.A.BBox) == len(drawing.A.BBox) == 4
    assert words in str(drawing.Alt)


def test_the_code_is_a_link_that_says_where_it_leads() -> None:
    with pikepdf.open(BytesIO(filed("release"))) as opened:
        (link,) = opened.pages[0].Annots
        assert str(link.A.URI) == samples.STATUS_URL
        assert "REL-0009" in str(link.Contents)
        assert all("/Annots" not in one for one in list(opened.pages)[1:])


@pytest.mark.parametrize("name", RECORDS)
def test_the_record_itself_is_attached_and_its_digest_is_the_one_on_paper(name: str) -> None:
    _, record, _, _ = a_drawn(name, "en")
    with pikepdf.open(BytesIO(filed(name))) as opened:
        (attached,) = opened.Root.AF
        assert attached.AFRelationship == "/Source"
        assert str(attached.UF) == RECORD
        held = attached.EF.F.read_bytes()
        digest = sha256(held).hexdigest()
        assert held == told(record).encode()
        assert digest in str(attached.Desc)
        assert digest in str(opened.open_metadata()["dc:identifier"])


def test_equal_records_give_equal_bytes_in_another_process_on_another_day() -> None:
    """Neither the clock, nor the order of sets, nor what was drawn before leaves a trace in the file."""
    code = """
import time
real = time.time
time.time = lambda: real() + 86_400 * 400
from hashlib import sha256
from reports import administration, trace
from reports.archive import archived
from tests.reports import samples
from traceability.domain.records import told
def filed(paper, record, language):
    digest = sha256(told(record).encode()).hexdigest()
    drawn = paper.draw(record, language=language, digest=digest, checkpoint=samples.CHECKPOINT,
                       status_url=samples.STATUS_URL, renderer=samples.RENDERER)
    return archived(drawn, told(record), at=record.head.as_of, renderer=samples.RENDERER)
filed(administration, samples.administration(), "en")
print(sha256(filed(trace, samples.trace(), "id")).hexdigest())
"""
    elsewhere = os.environ | {"PYTHONHASHSEED": "1", "TZ": "America/New_York"}
    done = subprocess.run([sys.executable, "-c", code], env=elsewhere, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == sha256(filed("trace", "id")).hexdigest()


def test_its_ids_are_made_from_the_record() -> None:
    def ids(pdf: bytes) -> list[bytes]:
        with pikepdf.open(BytesIO(pdf)) as opened:
            return [bytes(one) for one in opened.trailer.ID]

    assert ids(filed("release")) == ids(filed("release"))
    assert not set(ids(filed("release"))) & set(ids(filed("release", "id")))


def test_the_colours_are_srgb() -> None:
    profile = ImageCms.ImageCmsProfile(BytesIO(srgb()))
    transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    ramp = Image.frombytes("RGB", (3, 1), bytes((0, 0, 0, 128, 64, 200, 255, 255, 255)))
    seen = ImageCms.applyTransform(ramp, transform)
    assert all(abs(a - b) <= 1 for a, b in zip(ramp.tobytes(), seen.tobytes(), strict=True))


def test_no_stream_ends_in_a_line_end() -> None:
    """Readers differ on where such a stream ends; of 5 000 one in 128 would."""
    for n in range(5_000):
        packed = packing.deflated(sha256(b"%d" % n).digest(), pad=b" ")
        assert packed is not None
        assert packed[-1:] not in packing.LINE_ENDS
    assert any(packing.deflated(sha256(b"%d" % n).digest()) is None for n in range(5_000))
