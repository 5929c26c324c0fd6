"""Devices by program: enrolling one, whose key is told once, and the readings that it sends with that key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from schemas.coldchain import ReadingsIn
from schemas.inputs import schema_for
from traceability import asking
from traceability.api import asked
from traceability.api.acts import act
from traceability.asking import Done, actor, store
from traceability.services import PERFORMERS, devices

DeviceEnrolIn = schema_for("device.enrol", PERFORMERS["device.enrol"].work, given=("key_hash",))


@act("device.enrol", DeviceEnrolIn)
def enrol_device(told: dict[str, Any]) -> Done:
    """A device and its key. `answer.key` is told this once and kept as a hash; asked again, it is not told."""
    act_id = asked.act_id()
    key, hashed = devices.new_key(store(), actor(), act_id)
    done = asking.ask("device.enrol", None, told | {"key_hash": hashed}, act_id)
    return done if key is None or done.repeated else replace(done, answer={**done.answer, "key": key})


@act("sensor.read", ReadingsIn, last="readings", security=[{"device": []}])
def sensor_read(told: dict[str, Any], sensor_id: str) -> Done:
    """What a sensor measured, by a device of its house: `Authorization: Bearer <key>`, which opens nothing else.

    At most 100,000 readings, each with its zone, none of more than 31 days ago or of the time to come, of a sensor that is
    registered as live. The same readings again change nothing. Where the record has another value for a second, by more
    than 0.1 °C, both count: the first stays the reading, the other holds what was there where it is out of limits, and a
    case asks which is true; the rest is kept. `kept`: how many were new; `contradicted`: how many differ and are news;
    `excursions`: those that began, grew or ended.
    """
    return asking.ask("sensor.read", sensor_id, {**told, "source": "device"}, asked.act_id())
