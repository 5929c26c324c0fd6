"""A PDF without anything but what its pages draw; pictures in it lose what they say as well.

Drawn anew whole, so that nothing of an earlier saving is left, in a process of its own with bounded time and memory. It is that
process too. What is printed on its pages is not read: a name that stands there stays.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from io import BytesIO
from pathlib import Path

from traceability.domain.errors import Refused
from traceability.sealing.reading import ENCRYPTED, SECONDS, TOO_COSTLY, bound
from traceability.stripping import embedded

MAGIC = b"%PDF-"
ROOT = Path(__file__).parents[2]
START = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from traceability.stripping import pdf; sys.exit(pdf.main())"
NOT_UNDERSTOOD = 5
"""How the process ends where a picture is packed in a way whose own words it cannot take out."""


def strip(data: bytes) -> bytes:
    """Raises Refused `file_damaged` for one that cannot be read or is locked, `paper_costly` for one that takes too long or too much,
    `picture_not_understood` for one with a part that cannot be freed of what it says.
    """
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-c", START], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd=os.sep,
            timeout=2 * SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise Refused("paper_costly") from error
    if child.returncode in (TOO_COSTLY, -signal.SIGXCPU, -signal.SIGKILL):
        raise Refused("paper_costly")
    if child.returncode == NOT_UNDERSTOOD:
        raise Refused("picture_not_understood")
    if child.returncode or not child.stdout.startswith(MAGIC):
        raise Refused("file_damaged")
    return child.stdout


# ── in the bounded process ──


def main() -> int:
    bound()
    try:
        sys.stdout.buffer.write(_strip(sys.stdin.buffer.read()))
    except (MemoryError, RecursionError):
        return TOO_COSTLY
    except PermissionError:
        return ENCRYPTED
    except embedded.NotUnderstood:
        return NOT_UNDERSTOOD
    except BaseException:  # whatever it was, the file could not be read
        return 1
    return 0


def _strip(data: bytes) -> bytes:
    import pikepdf

    from traceability.stripping import redrawn

    out = BytesIO()
    try:
        opened = pikepdf.open(BytesIO(data), suppress_warnings=True)
    except pikepdf.PasswordError:
        raise PermissionError from None
    with opened:
        if opened.is_encrypted:
            raise PermissionError
        if not len(opened.pages):
            raise ValueError("a file without pages")
        redrawn.redrawn(opened).save(
            out, deterministic_id=True, min_version="1.7", object_stream_mode=pikepdf.ObjectStreamMode.disable
        )
    return out.getvalue()
