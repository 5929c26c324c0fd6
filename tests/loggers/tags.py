"""A Fridge-tag's file of days as its maker writes it, without the signature, which nobody else can make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

HEAD = """Device: Q-tag Fridge-tag 2
Vers: 0.5
Conf:
 Serial: {serial}
 PCB: BG0245100251
 Zone: 0.00
 Temp unit: C
 Int Sensor:
  Timeout: 1, Offset: +0.0
 Report history length: 60
Hist:
 TS Actv: {begun}
 TS Report Creation: {last} 16:21
"""
DAY = """ {number}:
  Date: {day}
  Min T: {low}, TS Min T: 09:49
  Max T: {high}, TS Max T: 15:49
  Avrg T: {mean:+.1f}
  Int Sensor timeout:
{unheard}  Events: 0
"""


def tag(
    days: Sequence[tuple[float, float]], first: date, *, begun: str = "00:00", unheard: Mapping[int, int | None] | None = None,
    words: Mapping[int, str] | None = None, serial: str = "160400347643",
) -> bytes:  # fmt: skip
    """Least and most of each day from the first on. By number of the day: `unheard` minutes, None where it does not
    say; `words` in the place of the most."""
    last = first + timedelta(days=len(days) - 1)
    made = [HEAD.format(serial=serial, begun=f"{first} {begun}", last=last)]
    for number, (n, (low, high)) in enumerate(reversed(list(enumerate(days))), 1):
        minutes = (unheard or {}).get(n, 0)
        made.append(
            DAY.format(
                number=number, day=first + timedelta(days=n), low=f"{low:+.1f}", high=(words or {}).get(n, f"{high:+.1f}"),
                mean=(low + high) / 2, unheard="" if minutes is None else f"   t AccST: {minutes}\n",
            )
        )  # fmt: skip
    return "".join(made).replace("\n", "\r\n").encode()
