"""`flask verify` over real entries, against hashing the same bytes; and whether its memory grows with the ledger."""

from __future__ import annotations

from bench import measure, seed
from bench.measure import PEAK, Row
from bench.worlds import World

VERIFY = (
    PEAK
    + """
import json, time
from traceability.store.engines import connect
from traceability.store.verify import verify
engines = connect(sys.argv[1])
wall, cpu = time.perf_counter(), time.process_time()
with engines.reader.connect() as connection:
    report = verify(connection)
print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "entries": report.entries,
                  "rows": report.rows, "problems": report.problems[:3], "mb": peak_mb()}))
"""
)
HASH = (
    PEAK
    + """
import hashlib, json, sqlite3, time
from sqlalchemy import make_url
wall, cpu, total, hashed = time.perf_counter(), time.process_time(), 0, hashlib.sha256()
for (body,) in sqlite3.connect(make_url(sys.argv[1]).database).execute("SELECT body FROM entry ORDER BY ledger, number"):
    data = body.encode()
    total += len(data)
    hashed.update(data)
print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "bytes": total, "mb": peak_mb()}))
"""
)


def rows(base: World, story: seed.Story, sizes: list[int], *, rounds: int) -> list[Row]:
    made = []
    peaks: dict[int, float] = {}
    for size in sizes:
        world = base.copy(base.home.parent / f"verify-{size}", f"verify_{size}")
        seed.fill(world, story, -(-size // len(story.entries.rows)), entries=True)
        url = str(world.store.engines.writer.url)
        world.store.close()
        ours, plain = [], []
        for _ in range(1 if size >= 1_000_000 else rounds):
            ours.append(measure.told(measure.child(VERIFY, url)))
            plain.append(measure.told(measure.child(HASH, url)))
        if found := ours[0]["problems"]:
            raise AssertionError(f"the measured record does not verify: {found}")
        more = measure.ratio([one["cpu"] for one in plain], [one["cpu"] for one in ours])
        took = sorted(one["cpu"] for one in ours)[len(ours) // 2]
        entries, megabytes = ours[0]["entries"], plain[0]["bytes"] / 1e6
        peaks[size] = max(one["mb"] for one in ours)
        told = (
            f"{took:.1f} s CPU, {entries / took:,.0f} entries/s, {megabytes / took:.1f} MB/s ({more:.0f} ×); "
            f"{ours[0]['rows']:,} rows compared; {peaks[size]:.0f} MB at most"
        )
        figures = {"entries": entries, "cpu_s": took, "times": more, "peak_mb": peaks[size], "mb": megabytes}
        made.append(Row(f"`flask verify`, {entries:,} entries, {megabytes:.0f} MB", "reading and SHA-256 of the same bytes",
                        told, "stated", None, figures))  # fmt: skip
        world.close(drop=True)
    if len(sizes) > 1:
        least, most = peaks[sizes[0]], peaks[sizes[-1]]
        made.append(Row(f"memory of verify, {sizes[-1] // sizes[0]} × the entries", "", f"{least:.0f} → {most:.0f} MB",
                        "does not grow", most <= least * 1.1, {"least": least, "most": most}))  # fmt: skip
    return made
