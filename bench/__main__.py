"""`./run bench`: every line of the README's table, measured in one run and printed as it was measured."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from bench import (
    codes,
    coldchain,
    images,
    labels,
    lots_tell,
    measure,
    paper,
    proofs,
    put_away,
    scan,
    seed,
    start,
    trace,
    verify,
    worlds,
)
from bench.measure import Row
from traceability.services import load

PARTS = (
    "start",
    "codes",
    "scan",
    "put_away",
    "trace",
    "verify",
    "proofs",
    "coldchain",
    "labels",
    "paper",
    "images",
    "lots",
)


def main() -> None:
    asked = _arguments()
    load()
    sizes = [1_000, 10_000] if asked.quick else [1_000, 10_000, 100_000]
    entries = [2_000, 10_000] if asked.quick else [10_000, 100_000]
    if asked.full:
        sizes.append(1_000_000)
        entries.append(1_000_000)
    rounds = 5 if asked.quick else 9
    made: list[Row] = []

    def add(rows: list[Row]) -> None:
        made.extend(rows)
        for row in rows:
            _say(f"  {row.work}: {row.measured}")

    began = time.time()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=asked.folder) as name:
        folder = Path(name)
        if "start" in asked.part:
            _say("start")
            add(start.rows(folder, rounds=rounds))
        if "codes" in asked.part:
            _say("codes")
            add(codes.rows(rounds=rounds, calls=2_000 if asked.quick else 10_000))
        if "labels" in asked.part:
            _say("labels")
            add(labels.rows(rounds=rounds))
        if "paper" in asked.part:
            _say(f"a lot of {paper.LOT} vials on paper")
            add(paper.rows(folder, rounds=rounds))
        if "images" in asked.part:
            _say("pictures and papers of a patient")
            add(images.rows(folder, rounds=rounds))
        if "lots" in asked.part:
            _say("lots that are alike, and one that is worse")
            add(lots_tell.rows(1_000 if asked.quick else 10_000))
        for engine in asked.engine if set(asked.part) - {"start", "codes", "labels", "paper", "images", "lots"} else ():
            with _engine(engine) as server:
                if engine == "postgresql" and server is None:
                    _say("PostgreSQL is not installed here; its lines are left out")
                    continue
                if engine == "sqlite" or {"trace", "put_away", "coldchain", "proofs"} & set(asked.part):
                    _on(engine, server, folder, asked, sizes, entries, rounds, add)
    told = {"machine": machine(), "seconds": round(time.time() - began), "rows": [asdict(row) for row in made]}
    if asked.json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    print(f"\n{machine()}, {time.strftime('%Y-%m-%d')}\n")
    print(measure.markdown(made))


def _on(engine: str, server: object, folder: Path, asked: argparse.Namespace, sizes: list[int], entries: list[int],
        rounds: int, add: object) -> None:  # fmt: skip
    """All lines of one engine: stories are told once, and copied."""
    sqlite = engine == "sqlite"
    calls = 100 if asked.quick else 300
    if set(asked.part) & {"scan", "trace", "verify", "proofs"}:
        _say(f"{engine}: a lot of {worlds.VIALS} vials goes the whole way")
        base = worlds.founded(folder / f"{engine}-given", "given", server)
        story = seed.story(base, worlds.given(base))
        base.close()
        if "scan" in asked.part and sqlite:
            add(scan.rows(base, story, sizes, rounds=rounds, calls=calls))
        if "trace" in asked.part:
            add(trace.rows(base, story, [size for size in sizes if size >= 10_000], rounds=rounds, name=engine))
        if "verify" in asked.part and sqlite:
            add(verify.rows(base, story, entries, rounds=3))
        if "proofs" in asked.part:
            add(proofs.rows(base, story, entries[-1], rounds=5, name=engine))
        base.close(drop=True)
    if "coldchain" in asked.part:
        _say(f"{engine}: readings by the million")
        base = worlds.founded(folder / f"{engine}-cold", "cold", server)
        if sqlite:
            add([coldchain.peak(folder, [100_000, 1_000_000, 1_800_000])])
        add(coldchain.import_rows(base, count=200_000 if asked.quick else 1_000_000, rounds=3, name=engine))
        base.close(drop=True)
        base = worlds.founded(folder / f"{engine}-history", "history", server)
        most = [100_000_000] if asked.full else []
        add(
            coldchain.history_rows(
                base, sizes=[1_000_000, 10_000_000, *most], rounds=15 if asked.quick else 41, name=engine
            )
        )
        base.close(drop=True)
    if "put_away" in asked.part:
        _say(f"{engine}: a lot of {worlds.VIALS} vials arrives")
        base = worlds.founded(folder / f"{engine}-counted", "counted", server)
        story = seed.story(base, worlds.counted(base))
        base.close()
        if sqlite:
            add(put_away.rows(base, story, rounds=rounds, calls=calls // 5))
        seconds = 5 if asked.quick else 15
        add(put_away.storm(base, story, seconds=seconds, name=engine, queues=(True, False) if sqlite else (True,)))
        base.close(drop=True)


@contextmanager
def _engine(name: str) -> Iterator[object]:
    server = worlds.cluster() if name == "postgresql" else None
    try:
        yield server
    finally:
        if server is not None:
            server.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small records, few rounds: minutes")
    parser.add_argument(
        "--full", action="store_true", help="up to a million vials and a million entries: needs 20 GB and an hour"
    )
    parser.add_argument("--json", action="store_true", help="for a program")
    parser.add_argument("--part", nargs="+", choices=PARTS, default=PARTS, help="only these")
    parser.add_argument("--engine", nargs="+", choices=("sqlite", "postgresql"), default=("sqlite", "postgresql"))
    parser.add_argument("--folder", help="where scratch data goes; removed afterwards")
    return parser.parse_args()


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        model = next(
            (line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line), model
        )
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}, {platform.system()}"


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
