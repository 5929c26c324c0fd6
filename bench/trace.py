"""Recall: everything that came of a lot, against hand-written SQL that gives the same answer."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from bench import measure, seed
from bench.measure import Row
from bench.worlds import SUBJECTS, VIALS, World
from traceability.domain.states import Custody, reconcile
from traceability.services import trace
from traceability.store import Store

SHARING = 5
"""So many copies of the story are one lot: 500 vials, 200 subjects."""
SAME = ("ancestors", "consignments", "vials", "given", "buckets", "outcomes")

GIVEN = (
    "SELECT av.vial_id, av.lot_id, coalesce(v.serial, av.code) AS serial, a.id AS administration_id, a.given_at,"
    " a.laterality, a.mode, a.dose_id, a.findings, a.demonstration, av.given_ul, av.discarded_ul, a.organisation_id,"
    " o.name AS organisation, s.id AS subject_id, s.pseudonym, d.k FROM administration_vial av"
    " JOIN administration a ON a.id = av.administration_id LEFT JOIN vial v ON v.id = av.vial_id"
    " JOIN subject s ON s.id = a.subject_id JOIN organisation o ON o.id = a.organisation_id"
    " LEFT JOIN dose d ON d.id = a.dose_id WHERE av.lot_id = :lot ORDER BY a.given_at, s.pseudonym, serial"
)
WHO = (
    "(SELECT a.subject_id FROM administration_vial av JOIN administration a ON a.id = av.administration_id"
    " WHERE av.lot_id = :lot)"
)
QUERIES = {
    "ancestors": "SELECT a.lot_id, m.id, m.kind, m.code FROM lot_ancestor a JOIN material m ON m.id = a.material_id"
    " WHERE a.lot_id = :lot ORDER BY m.id",
    "consignments": "SELECT DISTINCT c.id, c.number, c.sscc, c.state, c.shipped_at, o.name AS consignee"
    " FROM vial v JOIN consignment_line l ON l.vial_id = v.id JOIN consignment c ON c.id = l.consignment_id"
    " JOIN organisation o ON o.id = c.consignee_id WHERE v.lot_id = :lot ORDER BY c.number",
    "vials": "SELECT v.id, v.serial, v.state, v.organisation_id, o.name AS holder FROM vial v"
    " JOIN organisation o ON o.id = v.organisation_id WHERE v.lot_id = :lot ORDER BY v.serial",
    "stays": "SELECT s.vial_id, s.since, s.until, p.code, p.name, p.kind, t.name AS site FROM vial v"
    " JOIN stay s ON s.vial_id = v.id JOIN place p ON p.id = s.place_id JOIN site t ON t.id = p.site_id"
    " WHERE v.lot_id = :lot ORDER BY s.vial_id, s.since",
    "given": GIVEN,
    "scores": "SELECT x.id, x.subject_id, x.instrument, x.instrument_version, x.raw, x.low, x.high, x.time_point,"
    " x.observed_on, x.laterality, x.source, x.reader, x.demonstration, EXISTS (SELECT 1 FROM adjudication j"
    " WHERE j.subject_id = x.subject_id AND j.chosen_id = x.id) AS adjudicated FROM score x"
    f" WHERE x.subject_id IN {WHO} ORDER BY x.subject_id, x.instrument, x.time_point, x.id",
    "events": "SELECT id, subject_id, asked, description, grade, serious, administration_id FROM adverse_event"
    f" WHERE subject_id IN {WHO} ORDER BY id",
}
TIMES = frozenset({"since", "until", "given_at", "shipped_at"})


def by_hand(store: Store, lot_id: str) -> dict[str, Any]:
    """What somebody writes who knows the tables and needs no service."""
    lent = store.engines.reader.raw_connection()
    driver: Any = lent.driver_connection
    try:
        told = {name: _ask(driver, query, lot_id, store.engines.sqlite) for name, query in QUERIES.items()}
    finally:
        lent.close()
    stays, given = defaultdict(list), defaultdict(list)
    for row in told.pop("stays"):
        stays[row.pop("vial_id")].append(row)
    for row in told["given"]:
        given[row["vial_id"]].append(row)
    for vial in told["vials"]:
        vial |= {"stays": stays[vial["id"]], "given": given[vial["id"]]}
    outcomes = {row["subject_id"]: {"scores": [], "events": []} for row in told["given"]}
    for name in ("scores", "events"):
        for row in told.pop(name):
            outcomes[row["subject_id"]][name].append(row)
    counted = Counter(Custody(vial["state"]) for vial in told["vials"])
    return told | {"outcomes": outcomes, "buckets": reconcile(counted)}


def _ask(driver: Any, query: str, lot_id: str, sqlite: bool) -> list[dict[str, Any]]:
    cursor = driver.execute(query if sqlite else query.replace(":lot", "%(lot)s"), {"lot": lot_id})
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    for row in rows:
        if sqlite:
            for name in TIMES & row.keys():
                row[name] = row[name] and datetime.fromisoformat(row[name])
            if "adjudicated" in row:
                row["adjudicated"] = bool(row["adjudicated"])
        if "findings" in row:
            row["findings"] = json.loads(row["findings"])
    return rows


def rows(base: World, story: seed.Story, sizes: list[int], *, rounds: int, name: str) -> list[Row]:
    """One line a size, on this engine."""
    made, first = [], None
    for size in sizes:
        world = base.copy(base.home.parent / f"{name}-trace-{size}", f"trace_{size}")
        seed.fill(world, seed.filled(story, VIALS * SHARING), size // VIALS, entries=False, sharing=SHARING)
        middle = 1 + size // VIALS // SHARING // 2 * SHARING
        lot_id = seed.TAG.format(middle) + seed.ids(story, "lot")[0]
        store, actor = world.store, world.clinic.QUALITY

        def served(store: Store = store, actor: Any = actor, lot_id: str = lot_id) -> dict[str, Any]:
            with store.read(actor) as view:
                return trace.of_lot(view, lot_id)

        def handed(store: Store = store, lot_id: str = lot_id) -> dict[str, Any]:
            return by_hand(store, lot_id)

        _same(served(), handed())
        took = measure.paired({"hand": handed, "trace": served}, rounds=rounds, calls=3, warm=2)
        # PostgreSQL works in a process of its own: there the clock on the wall is all that is comparable.
        kind = "cpu" if name == "sqlite" else "wall"
        hand, ours = (getattr(took[one], kind) for one in ("hand", "trace"))
        more = measure.ratio(hand, ours)
        ms = getattr(took["trace"], f"{kind}_us") / 1000
        first = first or ms
        told = f"{more:.2f} × ({ms:.0f} ms, by hand {getattr(took['hand'], f'{kind}_us') / 1000:.0f} ms, {kind})"
        figures = {"engine": name, "vials": size, "times": more, "ms": ms, "of_smallest": ms / first}
        made.append(
            Row(f"recall trace, {VIALS * SHARING} vials, {SUBJECTS * SHARING} subjects in {size:,} vials, {name}",
                "hand-written SQL, same answer", told, "≤ 1.5 ×", more <= 1.5, figures)
        )  # fmt: skip
        world.close(drop=True)
    if len(made) > 1:
        most = max(row.figures["of_smallest"] for row in made)
        made.append(Row(f"the same trace, {name}, largest time against the smallest record's", "", f"{most:.2f} ×",
                        "flat", most <= 1.3))  # fmt: skip
    return made


def _same(ours: dict[str, Any], hand: dict[str, Any]) -> None:
    """The comparison is of equals, or of nothing. A column more in the service's rows is the service's own cost."""
    for name in SAME:
        if not _says(ours[name], hand[name]):
            raise AssertionError(f"by hand, the trace says something else of {name}")


def _says(ours: Any, hand: Any) -> bool:
    if isinstance(hand, dict):
        return all(key in ours and _says(ours[key], value) for key, value in hand.items())
    if isinstance(hand, list):
        return len(ours) == len(hand) and all(_says(*pair) for pair in zip(ours, hand, strict=True))
    return bool(ours == hand)
