"""How the bench measures: sides take turns in one run, their CPU time is compared, medians are told. No figure of its own."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
Work = Callable[[], object]


@dataclass(slots=True)
class Timed:
    """Seconds of one call, one figure a round."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    @property
    def cpu_us(self) -> float:
        return median(self.cpu) * 1e6

    @property
    def wall_us(self) -> float:
        return median(self.wall) * 1e6


@dataclass(slots=True)
class Row:
    """One line of the table. `met` is None where there is no aim."""

    work: str
    against: str
    measured: str
    aim: str = ""
    met: bool | None = None
    figures: dict[str, Any] = field(default_factory=dict)
    load: float = field(default_factory=lambda: round(os.getloadavg()[0], 1))
    """Of the last minute on this machine: what else ran beside it."""


def paired(sides: Mapping[str, Work], *, rounds: int, calls: int, warm: int = 0) -> dict[str, Timed]:
    """Let every side have its turn in every round: what slows the machine down slows all of them down."""
    made = {name: Timed() for name in sides}
    for work in sides.values():
        for _ in range(warm):
            work()
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, work in sides.items():
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(calls):
                work()
            made[name].cpu.append((time.process_time() - cpu) / calls)
            made[name].wall.append((time.perf_counter() - wall) / calls)
    gc.unfreeze()
    return made


def ratio(one: list[float], other: list[float]) -> float:
    """How often one goes into the other: the median of what the rounds say, each by itself."""
    return median(b / a for a, b in zip(one, other, strict=True))


def child(
    code: str, *arguments: str, flags: tuple[str, ...] = (), env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Python in a process of its own, as a new start finds it."""
    command = [sys.executable, *flags, "-c", code, *arguments]
    told = os.environ | (env or {})
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"a measured process failed:\n{done.stderr[-2000:]}")
    return done


PEAK = """
import resource, sys
def peak_mb():
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)
    with open("/proc/self/status") as told:
        return next(int(line.split()[1]) for line in told if line.startswith("VmHWM")) / 1024
"""
"""For a child: the most memory it had, in MB. Linux counts what its parent had before it into `ru_maxrss`."""


def told(done: subprocess.CompletedProcess[str]) -> Any:
    """What a child printed last, as JSON."""
    return json.loads(done.stdout.strip().splitlines()[-1])


def markdown(rows: list[Row]) -> str:
    lines = ["| work | against | measured | load | aim | |", "|---|---|---|---|---|---|"]
    words = {None: "", True: "met", False: "**missed**"}
    lines += [f"| {r.work} | {r.against} | {r.measured} | {r.load} | {r.aim} | {words[r.met]} |" for r in rows]
    return "\n".join(lines)
