"""Any CSV of any logger. What a few rows show is demanded of all; what two readings fit is asked, never guessed; and
a person confirms what was understood. Damage that leaves no trace in a file without counts cannot be seen here."""

from __future__ import annotations

from datetime import UTC

from traceability.loggers import body as bodies
from traceability.loggers import channel, clocks, columns, degrees, edges, moments, orders, preamble, sound, witness
from traceability.loggers.file import LoggerFile, Notice, Told
from traceability.loggers.plan import Clocks, Days, Plan

HEAD = 400  # lines looked at for titles


def read(text: str, encoding: str, told: Told) -> LoggerFile:
    """Read a table of readings. Raises Refused: logger_unknown_format, logger_truncated, logger_several_channels,
    logger_channel_unknown, logger_statistic_alone, logger_several_clocks, logger_clock_unknown, logger_scale_unknown,
    logger_unit_unknown, logger_ambiguous_date, logger_ambiguous_decimal, logger_zone_missing,
    logger_contradicts_itself, logger_off_beat, logger_value_uneven, and what `body` and `clocks` name."""
    head = text[: HEAD * 2_000].split("\n")[:HEAD]
    table = moments.table(head, told)
    above, below, begin, end = edges.edges(text, head, table)
    names = table.names()
    counter = next((i for i in range(table.width) if i not in table.timed and columns.counted(table.sample(i))), None)
    serials = next(
        (i for i in range(table.width) if i not in table.timed and columns.serial_days(table.sample(i))), None
    )
    late = {
        i
        for i in range(table.width)
        if i not in table.timed and columns.beyond(table.sample(i)) and edges.speaks(text, begin, end, table, i)
    }
    value, fraction = channel.channel(table, names, {counter, serials}, late, told)
    said = preamble.around([*above, *below], table.delimiter, value)
    notices: list[Notice] = []
    channel.whole_degrees(table, names[value], value, said)
    unit = channel.unit(table, names[value], value, said, told, notices)
    dates, times = orders.texts(table)
    zone, zone_from = orders.zone(table, names, [*above, *below], told, times)
    clock = clocks.clock(times[0])
    aware, twelve = bool(clock and clock.east_min is not None), bool(clock and clock.twelve)
    order = orders.order(dates, [names[i] for i in table.timed], told)
    point = channel.point(table, value, fraction, told)
    plan = Plan(
        table.delimiter, table.width, table.date, table.clock, table.noon, table.split, value, fraction, counter, serials,
        Days(order, UTC if aware else zone), Clocks(aware, twelve), degrees.Thousandths(point, unit),
    )  # fmt: skip
    lead = None if table.lead is None else table.delimiter.join(table.lead[: table.width])
    row = table.first + 1
    body = bodies.read(plan, text, begin, end, row, lead)
    edges.torn(plan, text, end, body)
    if order is None:
        order = orders.decide(plan.days, body, said, row)
        bodies.dated(plan, body, order)
    bodies.settle(plan.days, body, row)
    witness.told_twice(plan, body, zone)
    witness.written_alike(plan.degrees, body, notices)
    if body.lost:
        notices.append(Notice("readings_missing", {"count": body.lost}))
    interval_s = witness.beat(body, said, notices)
    notices += witness.counted(said, body)
    notices += witness.spans(said, order, body, zone, interval_s)
    maker, *again = witness.makers(said, unit)
    notices += sound.maker_differs(maker, body.values, again=again)
    notices += sound.lone_jump(body.values)
    notices += [
        Notice("channel_ignored", {"channel": names[i] or channel.column(i)})
        for i in channel.others(table, value, fraction, counter)
    ]
    if zone_from == "file" and body.times:
        notices += sound.zone_differs(zone, told.zone, body.times[0])
    return LoggerFile(
        "csv", said.serial or channel.serial(table, names, above), body.times, body.values, str(zone), interval_s, maker, tuple(notices),
        channel=names[value] or channel.column(value), unit=unit, zone_from=zone_from, confirm=True, steps=body.steps,
        dialect={"encoding": encoding, "delimiter": table.delimiter, "decimal": plan.degrees.point or None, "date_order": order,
                 "clock": "12" if twelve else "24", "missing": body.lost},
    )  # fmt: skip
