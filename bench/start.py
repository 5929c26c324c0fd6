"""What a start costs: seconds to import and make the application, and the memory it then has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from bench import measure
from bench.measure import PEAK, Row

START = (
    PEAK
    + """
import json, time
wall, cpu = time.perf_counter(), time.process_time()
from traceability import create_app
create_app(instance_path=sys.argv[1])
print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "mb": peak_mb()}))
"""
)
SECONDS, MEGABYTES = 2.0, 150.0


def rows(folder: Path, *, rounds: int) -> list[Row]:
    instance = str(folder / "start")
    # Byte code is written once an installation, by the first child here; a shell may have forbidden it to its programs.
    written = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    measure.child(START, instance, env=written)
    runs = [measure.told(measure.child(START, instance, env=written)) for _ in range(rounds)]
    cpu, wall, megabytes = (median(run[name] for run in runs) for name in ("cpu", "wall", "mb"))
    figures = {"cpu_s": cpu, "wall_s": wall, "mb": megabytes}
    if cpu > SECONDS or megabytes > MEGABYTES:
        figures["heaviest"] = heaviest(instance, written)
    return [
        Row("import and `create_app()`, fresh process", "", f"{cpu:.2f} s CPU", f"≤ {SECONDS:.0f} s", cpu <= SECONDS, figures),
        Row("memory after it", "", f"{megabytes:.0f} MB", f"≤ {MEGABYTES:.0f} MB", megabytes <= MEGABYTES),
    ]  # fmt: skip


def heaviest(instance: str, env: Mapping[str, str], most: int = 12) -> list[str]:
    """The packages whose own modules take longest to import: `python -X importtime`, summed by package."""
    told = measure.child(START, instance, flags=("-X", "importtime"), env=env).stderr
    spent: dict[str, int] = defaultdict(int)
    for own, name in re.findall(r"^import time:\s+(\d+) \|\s+\d+ \| +(\S+)$", told, re.MULTILINE):
        spent[name.partition(".")[0]] += int(own)
    top = sorted(spent.items(), key=lambda one: -one[1])[:most]
    return [f"{name} {own / 1000:.0f} ms" for name, own in top]
