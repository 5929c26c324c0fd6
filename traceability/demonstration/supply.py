"""The lots: made, labelled and certified, shipped, received and judged; one too warm on its way, one still on its way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from traceability.demonstration.setting import SPECIFICATION
from traceability.demonstration.story import ZONE, Story
from traceability.domain import gs1
from traceability.domain.people import SYSTEM, Meaning
from traceability.services import (
    audit_reviews,
    coldchain,
    consignments,
    labels,
    lots,
    releases,
    results,
    sensors,
    vials,
)
from traceability.services.attachments import keep_bytes
from traceability.store import Store
from traceability.store.tables import Consignment, SensorFile, Vial
from traceability.store.tables.lots import Route


def lot(story: Story, number: str, count: int, made_days: int, expires_days: int) -> str:
    """Announce, label, scan back and certify one lot; its vials lie in the maker's freezer."""
    ids, do = story.ids, story.do
    made_on = (story.today + timedelta(days=made_days)).date()
    expires = (story.today + timedelta(days=expires_days)).date()
    head = number[-2:]
    serials = tuple(f"{head}{gs1.check_digit(str(n))}{n:03d}" for n in range(1, count + 1))
    lot_id = do(
        lots.announce, "maker_qa", ids["version"], number, made_on, expires, ids["maker_freezer"], Route.SERVICE,
        serials=serials, material_ids=(ids["harvest"],), consignee_ids=(ids["hospital"],),
    ).id  # fmt: skip
    ids[number] = lot_id
    story.minutes(10)
    do(labels.print_, "maker_qa", "vial_16x30", lot_id=lot_id)
    for vial in in_lot(story, lot_id):
        do(labels.scan_back, "maker_qa", story.code(vial, number, expires))
    story.minutes(30)
    statement = "Made and tested under the certificate on file; conforms to its specification."
    do(lots.certify, "maker_qa", lot_id, story.clock.now.date(), statement, sign={"maker_qa": Meaning.CERTIFIED})
    return lot_id


def in_lot(story: Story, lot_id: str) -> list[Vial]:
    with story.store.read(SYSTEM) as view:
        return lots.vials(view, lot_id)


def sscc(story: Story) -> str:
    """The number of the next box: each story has boxes of its own."""
    body = f"0952123{sum(key.startswith('box') for key in story.ids) + 1:010d}"
    return body + gs1.check_digit(body)


def receive(
    story: Story, lot_id: str, number: str, days: int, *, broken: int = 0, absent: int = 0, warm: tuple[int, int] | None = None,
    place: str = "quarantine", put_away: bool = True, first: int | None = None,
) -> str:  # fmt: skip
    """Ship (the `first` so many, or all), take over, count, check in, put away, attach the logger's file: a consignment's way."""
    ids, do = story.ids, story.do
    story.at(days, 6)
    chosen = in_lot(story, lot_id)[:first]
    expires = expires_of(story, lot_id)
    box = do(
        consignments.ship, "maker_qa", sscc(story), ids["maker_site"], ids["site"], [vial.id for vial in chosen],
        shipper_name=f"Shipper of {number}",
    ).id  # fmt: skip
    ids[f"box {number}"] = box
    shipped = story.clock.now
    story.at(days, 14)
    signed = {"storekeeper": Meaning.RECEIVED, "pharmacist": Meaning.WITNESSED}
    told = {
        "carrier": "Courier (demonstration)",
        "seal": f"S-{4470 + len(ids)}",
        "seal_whole": True,
        "condition": "dry ice left, box whole",
    }
    do(consignments.arrive, "storekeeper", box, sign=signed, temperature_mc=-19_500, **told)
    story.minutes(20)
    for index, vial in enumerate(chosen):
        if index >= absent:
            do(
                consignments.count,
                "storekeeper",
                box,
                story.code(vial, number, expires),
                broken=absent <= index < absent + broken,
            )
    do(consignments.check_in, "storekeeper", box)
    story.minutes(10)
    if put_away:
        for vial in chosen[absent + broken :]:
            do(vials.put_away, "storekeeper", vial.id, ids[place])
    story.minutes(15)
    data = logger_file(shipped - timedelta(hours=1), story.clock.now, f"T-{number}", warm)
    keep_bytes(story.store, data)
    log = sensors.read_log(f"logger-{number}.csv", data, ZONE)
    made_on, until = (shipped - timedelta(days=30)).date(), (shipped + timedelta(days=335)).date()
    calibrated = {"certificate": f"KAL-{number}", "calibrated_from": made_on, "calibrated_until": until}
    do(coldchain.attach_log, "storekeeper", box, log, **calibrated)
    return box


def logger_file(
    first: datetime, last: datetime, serial: str, warm: tuple[int, int] | None, *, minutes: int = 5
) -> bytes:
    """An invented logger file, by default a reading each five minutes; `warm`: from which to which it is too warm."""
    lines, moment, n = [f"# serial: {serial}", "time,temperature_c"], first.replace(microsecond=0), 0
    while moment <= last:
        value = -12.4 if warm and warm[0] <= n < warm[1] else -20.2 + (n * 7 % 11) / 10
        lines.append(f"{moment.astimezone(ZONE).isoformat()},{value:.1f}")
        moment, n = moment + timedelta(minutes=minutes), n + 1
    return ("\n".join(lines) + "\n").encode()


def judge(story: Story, lot_id: str, number: str, *, review: bool = True, release: bool = True) -> None:
    """Certificate attached, results entered and reviewed; released over what may be released."""
    ids, do = story.ids, story.do
    paper = f"Certificate of analysis of {number}: demonstration.\n".encode()
    kept = keep_bytes(story.store, paper)
    do(
        lots.attach,
        "quality",
        kept,
        f"coa-{number}.txt",
        "text/plain",
        len(paper),
        lot_id=lot_id,
        kind="certificate_of_analysis",
    )
    for test, *_, value in SPECIFICATION:
        entered = do(
            results.enter, "analyst", lot_id, ids[f"test_{test}"], str(value), story.clock.now - timedelta(days=2)
        )
        if review:
            do(results.review, "quality2", entered.id, sign={"quality2": Meaning.REVIEWED})
    story.minutes(20)
    if release:
        with story.store.read(story.actors["quality"]) as view:
            through, boxes = audit_reviews.last_entry(view, lot_id), audit_reviews.boxes_read(view, lot_id)
        do(audit_reviews.review, "quality2", through, lot_id, boxes, sign={"quality2": Meaning.TRAIL_REVIEWED})
        with story.store.read(story.actors["quality"]) as view:
            dossier = releases.prepare(view, lot_id, releases.releasable(view, lot_id))
        chosen = [vial.id for vial in dossier.vials]
        do(releases.release, "quality", lot_id, chosen, dossier.digest, sign={"quality": Meaning.RELEASED})


def read_freezers(story: Story, *keys: str) -> None:
    for n, key in enumerate(keys or ("quarantine", "freezer")):
        story.do(coldchain.read, "storekeeper", story.ids[key], -20_100 + 100 * n, -21_300, -18_900)


def expires_of(story: Story, lot_id: str) -> date:
    with story.store.read(SYSTEM) as view:
        return lots.expiries(view, lot_id)[-1].expires


def two_lots_made(story: Story) -> None:
    """UC26-H3 and UC26-M4, from one cell bank."""
    story.at(-48)
    lot(story, "UC26-H3", 14, -50, 150)
    lot(story, "UC26-M4", 16, -49, 120)


def lots_arrive(story: Story) -> None:
    """H3 and M4 arrive, one vial broken and one absent, and are judged and released for the rest."""
    receive(story, story.ids["UC26-H3"], "UC26-H3", -42, broken=1)
    receive(story, story.ids["UC26-M4"], "UC26-M4", -40, absent=1)
    story.at(-38, 10)
    read_freezers(story)
    judge(story, story.ids["UC26-H3"], "UC26-H3")
    judge(story, story.ids["UC26-M4"], "UC26-M4")
    story.at(-37, 10)
    for number in ("UC26-H3", "UC26-M4"):
        for vial in in_lot(story, story.ids[number]):
            if vial.state == "in_stock":
                story.do(vials.move, "storekeeper", vial.id, story.ids["freezer"])
    for days in (-33, -28):
        story.at(days, 8)
        read_freezers(story)


def one_too_warm(story: Story) -> None:
    """K2 comes out of limits for a while on its way: an excursion, and its hold over exactly the vials in the box."""
    story.at(-20)
    lot(story, "UC26-K2", 10, -22, 240)
    receive(story, story.ids["UC26-K2"], "UC26-K2", -18, warm=(40, 62))
    judge(story, story.ids["UC26-K2"], "UC26-K2", review=False, release=False)


def a_freezer_with_a_sensor(story: Story) -> None:
    """K2 is laid into F-02, which has a sensor from now on."""
    ids, do = story.ids, story.do
    story.at(-17, 9)
    ids["sensor"] = do(sensors.register, "storekeeper", "TS-0231", "Asia/Jakarta", 300, maker="Demonstration").id
    began = story.clock.now.date()
    do(
        sensors.calibrate,
        "storekeeper",
        ids["sensor"],
        "KAL-0231",
        began - timedelta(days=90),
        began + timedelta(days=275),
    )
    do(sensors.assign, "storekeeper", ids["sensor"], ids["freezer2"])
    for vial in in_lot(story, ids["UC26-K2"]):
        if vial.state == "in_stock":
            do(vials.move, "storekeeper", vial.id, ids["freezer2"])
    ids["read out"] = story.clock.now.isoformat()


def read_sensor(story: Story, warm: tuple[int, int] | None = None) -> None:
    """What the sensor of F-02 measured since it was read out last."""
    first = datetime.fromisoformat(story.ids["read out"]) + timedelta(minutes=5)
    data = logger_file(first, story.clock.now, "TS-0231", warm)
    keep_bytes(story.store, data)
    story.do(sensors.import_log, "storekeeper", story.ids["sensor"], sensors.read_log("TS-0231.csv", data, ZONE))
    story.ids["read out"] = story.clock.now.isoformat()


def a_door_left_open(story: Story) -> None:
    """The sensor is read out: one night it was too warm, and QA has not decided yet."""
    story.at(-2, 9)
    read_sensor(story, warm=(1130, 1143))


def one_on_its_way(story: Story) -> None:
    """P7, four vials, tested and with its certificate: the box left its maker yesterday and nobody has taken it over."""
    story.at(-1, 13)
    lot_id = lot(story, "UC26-P7", 4, -16, 300)
    judge(story, lot_id, "UC26-P7", release=False)
    story.at(-1, 16)
    body = f"0952123{sum(key.startswith('box') for key in story.ids) + 1:010d}"
    shipped = story.do(
        consignments.ship, "maker_qa", body + gs1.check_digit(body), story.ids["maker_site"], story.ids["site"],
        [vial.id for vial in in_lot(story, lot_id)], shipper_name="Shipper of UC26-P7",
    )  # fmt: skip
    story.ids["box UC26-P7"] = shipped.id
    logger = story.do(sensors.register, "storekeeper", f"T-{shipped.answer['number']}", "Asia/Jakarta", 1800).id
    today = story.clock.now.date()
    story.do(
        sensors.calibrate, "storekeeper", logger, "KAL-P7", today - timedelta(days=60), today + timedelta(days=300)
    )


def write_logger(store: Store, instance: Path, say: Callable[[str], None]) -> None:
    """The file of the logger in the box on its way, up to now: made anew at every start, until somebody attaches it."""
    with store.read(SYSTEM) as view:
        watched = {one.consignment_id for one in view.all(SensorFile)}
        waiting = [one for one in view.all(Consignment, order=Consignment.shipped_at) if one.id not in watched]
        now = view.at
    if waiting:
        box = waiting[-1]
        data = logger_file(box.shipped_at - timedelta(hours=1), now, f"T-{box.number}", None, minutes=30)
        (instance / "demo-logger.csv").write_bytes(data)
        say(f"The logger of consignment {box.number}, which is on its way: instance/demo-logger.csv")
