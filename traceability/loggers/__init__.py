"""Bytes of a logger in, readings out. The reader is chosen by what the bytes are, never by the file's name.
Whole or refused: nothing half read leaves here. Judging what the readings mean is `domain.coldchain`."""

from __future__ import annotations

from traceability.domain.errors import Refused
from traceability.loggers.dialect import OLE2
from traceability.loggers.file import LARGEST_BYTES, Day, LoggerFile, Maker, Notice, Told

__all__ = ["read", "unit_asked", "Told", "LoggerFile", "Day", "Maker", "Notice", "LARGEST_BYTES"]


def read(name: str, data: bytes, told: Told) -> LoggerFile:
    """Read a logger file; what was `told` answers what the file leaves open (R25, R27).

    Raises Refused and nothing else; one that a person can answer names the `field` of `told` and its `choices`.
    """
    from traceability.loggers.sound import sound  # not before a file comes: it needs numpy

    if not data[:4096].strip(b" \t\r\n\0") and not data.strip(b" \t\r\n\0"):
        raise Refused("logger_empty", name=name)
    if len(data) > LARGEST_BYTES:
        raise Refused("logger_too_large", name=name, bytes=len(data), most=LARGEST_BYTES)
    try:
        return sound(_understood(data, told), data)
    except Refused as refused:
        refused.values.setdefault("name", name)
        raise
    except MemoryError as error:
        raise Refused("logger_too_large", name=name) from error
    except Exception as error:  # a parser met bytes its author did not think of
        raise Refused("logger_damaged", name=name, reason=type(error).__name__) from error


def unit_asked(file: LoggerFile) -> Refused | None:
    """What to ask a person of a file that names no unit, with how it reads in each; None where the unit is known."""
    from traceability.loggers.degrees import celsius

    if not any(one.code == "unit_assumed" for one in file.warnings):
        return None
    ends = min(file.values), max(file.values)
    ways = [" … ".join(f"{celsius(mc, unit, 3) / 1000:.1f}" for mc in ends) + " °C" for unit in "CF"]
    return Refused("logger_unit_unknown", field="unit", choices=["C", "F"], ways=ways)


def _understood(data: bytes, told: Told) -> LoggerFile:
    from traceability.loggers import berlinger, dialect, elitech, general, plain

    dialect.refuse_others(data)
    if data.startswith(OLE2):
        return elitech.read(data, told)
    if berlinger.is_berlinger(data):
        return berlinger.read(data, told)
    text, encoding = dialect.text_of(data)
    return plain.read(text, told) if plain.is_plain(text) else general.read(text, encoding, told)
