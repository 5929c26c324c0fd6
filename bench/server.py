"""Granian on loopback with the application and the bare route: what a request costs the whole server, told by /proc."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import measure
from bench.measure import ROOT, Row
from bench.worlds import World

Request = tuple[str, str, dict[str, str], str]
"""Method, path, headers, body."""
STARTS_WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Server:
    process: subprocess.Popen[bytes]
    line: http.client.HTTPConnection

    def paired(self, asked: Mapping[str, Iterator[Request]], *, rounds: int, calls: int) -> dict[str, list[float]]:
        """CPU seconds of the server for one request of each kind, round by round; a round before them is for warming up."""
        cpu: dict[str, list[float]] = {name: [] for name in asked}
        for turn in range(rounds + 1):
            for name, requests in asked.items():
                before = self._cpu()
                for _ in range(calls):
                    self._ask(*next(requests))
                if turn:
                    cpu[name].append((self._cpu() - before) / calls)
        return cpu

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str) -> None:
        self.line.request(method, path, body or None, headers)
        answer = self.line.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise AssertionError(f"granian answered {answer.status} to {method} {path}: {said[:200]!r}")

    def _cpu(self) -> float:
        """Of the server and the worker it started, every thread, to the nanosecond (`stat` counts in hundredths of a second)."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        told = [path for one in (self.process.pid, *listed) for path in Path(f"/proc/{one}/task").glob("*/schedstat")]
        return sum(int(path.read_text().split()[0]) for path in told) / 1e9


@contextmanager
def running(world: World) -> Iterator[Server]:
    """One worker with one thread, on a free port; stopped afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = str(Path(sys.executable).parent / "granian")
    arguments = [
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
        "--blocking-threads",
        "1",
    ]
    told = {"BENCH_HOME": str(world.home), "BENCH_NOW": world.clinic.clock.now.isoformat()}
    log = world.home / "granian.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [program, *arguments, "bench.served:app"], cwd=ROOT, env=os.environ | told, stdout=said, stderr=said
        )
    try:
        yield Server(process, _connected(port, log))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _connected(port: int, log: Path) -> http.client.HTTPConnection:
    end = time.monotonic() + STARTS_WITHIN_S
    while True:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            line.request("GET", "/bare")
            line.getresponse().read()
            return line
        except OSError:
            if time.monotonic() > end:
                raise RuntimeError(f"granian did not start:\n{log.read_text()[-2000:]}") from None
            time.sleep(0.1)


def row(work: str, cpu: Mapping[str, list[float]], name: str, aim: float) -> Row:
    share = measure.ratio(cpu[name], cpu["bare"])
    shown = f"{share:.2f} ({1 / median(cpu[name]):,.0f} against {1 / median(cpu['bare']):,.0f} requests per CPU second)"
    return Row(work, "the bare route, same server", shown, f"≥ {aim}", share >= aim, {"share": share})
