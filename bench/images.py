"""Pictures and papers of a patient: taken apart, encrypted and synced, against the same bytes written and synced as they are."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pikepdf
from PIL import Image

from bench import measure
from bench.measure import Row
from traceability import stripping
from traceability.services import attachments
from traceability.store import identities, new_id
from traceability.stripping import redrawn

WIDE, HIGH, PAGES = 3000, 2400, 40


def rows(folder: Path, *, rounds: int) -> list[Row]:
    made = []
    for kind, data in (("JPEG", _jpeg()), ("PNG", _png())):
        locked = identities.lock(ID, data)
        sides = {
            "kept": lambda data=data: _kept(folder, data),
            "opened": lambda locked=locked: identities.unlock(ID, *locked),
            "written": lambda data=data: attachments._keep(folder, b"", BytesIO(data), "", len(data)),
        }
        took = measure.paired(sides, rounds=rounds, calls=1, warm=1)
        for name, work in (("kept", "freed of what it says, encrypted, synced"), ("opened", "decrypted to be shown")):
            share = measure.ratio(took["written"].cpu, took[name].cpu)
            made.append(
                Row(f"a {kind} of {len(data) / 1e6:.1f} MB {work}", "the same bytes hashed, written and synced",
                    f"{share:.1f} × ({took[name].cpu_us / 1e3:,.0f} against {took['written'].cpu_us / 1e3:,.0f} ms CPU)", "stated")
            )  # fmt: skip
    scan = _scan()
    sides = {"drawn": lambda: _drawn(scan), "copied": lambda: _copied(scan)}
    took = measure.paired(sides, rounds=rounds, calls=1, warm=1)
    share = measure.ratio(took["copied"].cpu, took["drawn"].cpu)
    made.append(
        Row(f"a PDF of {PAGES} scanned pages, {len(scan) / 1e6:.1f} MB, drawn anew", "pikepdf writing the same file again",
            f"{share:.1f} × ({took['drawn'].cpu_us / 1e3:,.0f} against {took['copied'].cpu_us / 1e3:,.0f} ms CPU)", "stated")
    )  # fmt: skip
    return made


ID = new_id()


def _kept(folder: Path, data: bytes) -> None:
    locked, _ = identities.lock(ID, stripping.stripped(data).data)
    attachments._keep(folder, b"", BytesIO(locked), "", len(locked))


def _knee() -> Image.Image:
    """Grey with grain, as a radiograph is: it packs about as badly."""
    return Image.effect_noise((WIDE, HIGH), 40)


def _jpeg() -> bytes:
    out = BytesIO()
    _knee().save(out, "JPEG", quality=92)
    return out.getvalue()


def _png() -> bytes:
    out = BytesIO()
    _knee().save(out, "PNG", compress_level=1)
    return out.getvalue()


def _scan() -> bytes:
    """Each page one grey picture of 150 dots an inch, packed as scanners do."""
    out, wide, high = BytesIO(), 1240, 1754
    with pikepdf.new() as made:
        for _ in range(PAGES):
            page = made.add_blank_page(page_size=(595, 842)).obj
            dots = made.make_stream(
                os.urandom(wide * 8) * (high // 8), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=wide, Height=high // 8 * 8,
                BitsPerComponent=8, ColorSpace=pikepdf.Name.DeviceGray,
            )  # fmt: skip
            page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=dots))
            page.Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /Im Do Q")
        made.save(out)
    return out.getvalue()


def _drawn(data: bytes) -> None:
    with pikepdf.open(BytesIO(data)) as opened:
        redrawn.redrawn(opened).save(BytesIO())


def _copied(data: bytes) -> None:
    with pikepdf.open(BytesIO(data)) as opened:
        opened.save(BytesIO())
