"""Cells of a BIFF workbook (.xls), read by xlrd in a process of its own with bounded time and memory: hostile
bytes may loop or eat memory there, never here. It is that process too, so it imports nothing of ours."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

Cell = str | float | None
Sheets = list[tuple[str, list[list[Cell]]]]

SECONDS, MEGABYTES = 30, 1024
MOST_CELLS = 4_000_000
SECTOR = 512
TOO_LARGE = 3


class Unreadable(Exception):
    """`reason` is truncated, damaged or too_large."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sheets(data: bytes) -> Sheets:
    """Name and rows of every sheet; dates as ISO text, truth values and errors as `#…`. Raises Unreadable."""
    if cut_short(data):
        raise Unreadable("truncated")
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(Path(__file__))],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=2 * SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("damaged") from error
    if child.returncode:
        raise Unreadable("too_large" if child.returncode == TOO_LARGE else "damaged")
    return [(name, rows) for name, rows in json.loads(child.stdout)]


def cut_short(data: bytes) -> bool:
    """Whether the allocation table speaks of sectors beyond the end (asked for the first 7 MB)."""
    if len(data) < SECTOR or len(data) % SECTOR:
        return True
    if data[30:32] != b"\x09\x00":  # other sector sizes exist; left to the parser
        return False
    tables = [at for at in struct.unpack_from("<109I", data, 76) if at < 0xFFFFFFFA]
    used = [0]
    for number, at in enumerate(tables):
        if SECTOR * (at + 2) > len(data):
            return True
        entries = struct.unpack_from("<128I", data, SECTOR * (at + 1))
        used += [number * 128 + i for i, entry in enumerate(entries) if entry != 0xFFFFFFFF]
    return SECTOR * (max(used) + 2) > len(data)


def _cells(data: bytes) -> Sheets:
    import xlrd  # type: ignore[import-untyped,unused-ignore]  # only ever in the bounded process

    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        book = xlrd.open_workbook(file_contents=data, logfile=nowhere, on_demand=True, ragged_rows=True)
        found: Sheets = []
        left = MOST_CELLS
        for name in book.sheet_names():
            sheet = book.sheet_by_name(name)
            rows: list[list[Cell]] = []
            for number in range(sheet.nrows):
                row: list[Cell] = []
                for cell in sheet.row(number):
                    match cell.ctype:
                        case xlrd.XL_CELL_TEXT:
                            row.append(cell.value)
                        case xlrd.XL_CELL_NUMBER:
                            row.append(float(cell.value))
                        case xlrd.XL_CELL_DATE:
                            moment = xlrd.xldate_as_datetime(float(cell.value), book.datemode)
                            row.append(str((moment + timedelta(microseconds=500_000)).replace(microsecond=0)))
                        case xlrd.XL_CELL_EMPTY | xlrd.XL_CELL_BLANK:
                            row.append(None)
                        case _:
                            row.append(f"#{cell.value}")
                left -= 1 + len(row)
                if left < 0:
                    raise MemoryError
                rows.append(row)
            found.append((name, rows))
            book.unload_sheet(name)
        return found


def _bounded() -> int:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
    except (ImportError, OSError, ValueError):  # not everywhere (macOS): the clock of the parent still stands
        pass
    try:
        sys.stdout.write(json.dumps(_cells(sys.stdin.buffer.read())))
    except MemoryError:
        return TOO_LARGE
    except BaseException:  # whatever it was, the file could not be read
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_bounded())
