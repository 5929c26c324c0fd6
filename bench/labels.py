"""A sheet of vial labels, against ReportLab's own QR widget and an image by `qrcode` a label; ten thousand in one job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO

from bench import measure
from bench.measure import PEAK, Row
from reports import labels
from traceability.domain import gs1
from traceability.domain.labels import LAYOUTS, VialLabel

PER_SECOND, BYTES = 2_000, 200
COUNT, SLOW = 1_000, 50
"""Labels of one sheet of ours; of a counterpart so many that a turn takes as long."""


def some(count: int) -> Iterator[VialLabel]:
    for number in range(count):
        yield VialLabel(
            name="UC-MSC secretome", volume_ul=3000, gtin="09521234543213", lot="UC26-H3", expires=date(2027, 8, 31),
            serial=f"K7M{number:05d}", storage="−25 to −15 °C", maker="PT. Bifarma Adiluhung, Jakarta",
            route="for research-based service only", strength="1.8\xa0mg/mL",
        )  # fmt: skip


def ours(layout: str, count: int = COUNT) -> bytes:
    return labels.sheet(some(count), layout)


def words(label: VialLabel) -> list[str]:
    """The lines of the full label, as its layout has them."""
    parts = ([label.part(name) for name in line.parts] for line in LAYOUTS["vial_38x21"].lines)
    return [" · ".join(filter(None, told)) for told in parts]


def counterpart(count: int, *, image: bool) -> bytes:
    """The same texts and a Digital Link as QR on the same grid, by what ReportLab and `qrcode` bring."""
    import qrcode
    from reportlab.graphics import renderPDF
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    from reports import fonts

    out = BytesIO()
    canvas = Canvas(out, pagesize=A4, initialFontName=fonts.REGULAR)
    columns, rows = 5, 13
    for number, label in enumerate(some(count)):
        place = number % (columns * rows)
        if number and not place:
            canvas.showPage()
        left, bottom = (9 + place % columns * 38) * mm, (297 - 9 - (place // columns + 1) * 21) * mm
        link = gs1.digital_link(label.domain, label.elements)
        if image:
            code = qrcode.QRCode(border=4, box_size=3, error_correction=qrcode.ERROR_CORRECT_M)
            code.add_data(link)
            made = code.make_image().get_image()
            canvas.drawImage(ImageReader(made), left + 26 * mm, bottom, 11.4 * mm, 11.4 * mm)
        else:
            side = 11.4 * mm
            widget = QrCodeWidget(link, barLevel="M", barWidth=side, barHeight=side)
            renderPDF.draw(Drawing(side, side, widget), canvas, left + 26 * mm, bottom)
        for line, told in enumerate(words(label)):
            canvas.setFont(fonts.BOLD if line in (0, 3, 4, 5) else fonts.REGULAR, 5)
            canvas.drawString(left + 0.5 * mm, bottom + 21 * mm - (line + 1) * 5.2, told)
    canvas.save()
    return out.getvalue()


def rows(*, rounds: int, count: int = COUNT) -> list[Row]:
    sides = {
        "vial_10x20": lambda: ours("vial_10x20", count),
        "vial_38x21": lambda: ours("vial_38x21", count),
        "widget": lambda: counterpart(SLOW, image=False),
        "image": lambda: counterpart(SLOW, image=True),
    }
    ran = measure.paired(sides, rounds=rounds, calls=1, warm=1)
    made = {name: SLOW if name in ("widget", "image") else count for name in sides}
    speed = {name: made[name] / timed.cpu_us * 1e6 for name, timed in ran.items()}
    size = {name: len(sides[name]()) / made[name] for name in sides}
    told = []
    for name, what in (("vial_10x20", "DataMatrix"), ("vial_38x21", "DataMatrix and QR, full text")):
        widget, image = (measure.ratio(ran[name].cpu, ran[other].cpu) * count / SLOW for other in ("widget", "image"))
        told.append(
            Row(
                f"sheet of {count:,} vial labels, {what}, each symbol read back before it is drawn",
                f"ReportLab's QR widget ({speed['widget']:.0f}/s, {size['widget']:,.0f} bytes),"
                f" an image by `qrcode` a label ({speed['image']:.0f}/s, {size['image']:,.0f} bytes)",
                f"{speed[name]:,.0f}/s of CPU, {widget:.0f} × and {image:.0f} ×; {size[name]:.0f} bytes a label",
                f"≥ {PER_SECOND:,}/s, ≤ {BYTES} bytes",
                speed[name] >= PER_SECOND and size[name] <= BYTES,
                {"per_s": speed, "bytes": size},
            )
        )
    return [*told, peak()]


JOB = (
    PEAK
    + """
import json
from bench.labels import some
from reports import labels
heard = []
with open(sys.argv[2], "wb") as out:
    done = labels.sheet_to(out, some(int(sys.argv[1])), "vial_38x21", progress=heard.append)
print(json.dumps({"done": done, "heard": len(heard), "mb": peak_mb()}))
"""
)


def peak(sizes: Sequence[int] = (1_000, 10_000)) -> Row:
    """The most memory a job takes, by its size, in processes of their own."""
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        ran = [measure.told(measure.child(JOB, str(size), file.name)) for size in sizes]
    grown = ran[-1]["mb"] - ran[0]["mb"]
    return Row(
        f"one job of {sizes[-1]:,} labels, with progress", f"one of {sizes[0]:,}",
        f"{ran[-1]['mb']:.0f} MB against {ran[0]['mb']:.0f} MB; progress told {ran[-1]['heard']} times", "constant memory",
        grown < 3, {"mb": {str(size): one["mb"] for size, one in zip(sizes, ran, strict=True)}},
    )  # fmt: skip
