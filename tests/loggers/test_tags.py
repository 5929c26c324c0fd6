"""Tags that tell their days: since when they were switched on, and on which days they did not hear their sensor."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from tests.loggers.tags import tag
from tests.loggers.test_loggers import JAKARTA, codes, read
from traceability import loggers
from traceability.domain.errors import Refused
from traceability.loggers import Told

FIRST = date(2026, 4, 13)
COLD = [(-21.0, -19.0)] * 4


def test_a_day_tells_for_how_many_minutes_the_tag_did_not_hear_its_sensor():
    file = read("tag.txt", tag(COLD, FIRST, unheard={1: 1300, 2: None}))
    assert [day.unheard_min for day in file.days] == [0, 1300, None, 0]
    (notice,) = [one for one in file.warnings if one.code == "days_unheard"]
    assert notice.values == {"count": 2}
    assert file.confirm
    assert "days_unheard" not in codes(read("tag.txt", tag(COLD, FIRST)))


def test_a_tag_tells_nothing_of_the_time_before_it_was_switched_on():
    file = read("tag.txt", tag(COLD, FIRST, begun="22:00"))
    assert [day.begins for day in file.days] == [time(22), time(), time(), time()]
    assert file.first == datetime(2026, 4, 13, 15, tzinfo=UTC)


def test_a_day_beyond_what_the_tag_can_measure_is_named():
    with pytest.raises(Refused, match="logger_value_beyond") as caught:
        loggers.read("tag.txt", tag(COLD, FIRST, words={2: "HI"}), Told(zone=JAKARTA))
    assert (caught.value.values["day"], caught.value.values["value"]) == ("2026-04-15", "HI")
