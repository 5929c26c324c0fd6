// Draws what was measured, from the same record as the tables below it: every least and most, limits, what is out of them,
// what nobody knows, what happened. Colours are the page's tokens, so that both themes and print fit. Needs uPlot.
"use strict";

(() => {
const LANG = { en: "en-GB" }[document.documentElement.lang] || document.documentElement.lang || "en-GB"; // 27 Mar, not Mar 27
const HEIGHT = 340;
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colours = () => Object.fromEntries(["ink", "soft", "surface", "line", "edge", "ok", "stop", "stop-bg", "plot", "plot-grid",
  "plot-band", "plot-void", "idle-line", "idle-bg"].map((name) => [name, token(`--${name}`)]));

const degrees = (value, digits = 1) => value.toLocaleString(LANG, { minimumFractionDigits: digits, maximumFractionDigits: 3 })
  .replace("-", "−");

function clocks(zone) {
  const made = (options) => new Intl.DateTimeFormat(LANG, { timeZone: zone, ...options });
  const day = made({ day: "numeric", month: "short" });
  const month = made({ month: "short", year: "numeric" });
  const time = made({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return {
    day: (s) => day.format(s * 1000), month: (s) => month.format(s * 1000), time: (s) => time.format(s * 1000),
    isMidnight: (s) => ["00:00", "00.00"].includes(time.format(s * 1000)),
  };
}

// One x for everything that is drawn: the worst, and each sensor by itself where there are several.
function data(told) {
  const tables = [told.worst, ...told.traces].map(([x, low, high]) => [x, low, high]);
  return tables.length > 1 ? uPlot.join(tables, tables.map((table) => table.map((_, n) => (n ? 2 : 0)))) : tables[0];
}

function lowest(told) {
  const values = [...told.worst[1], ...told.worst[2], ...(told.limits || []), ...told.hand.flatMap((one) => one.slice(1)),
    ...told.assumed.flatMap((one) => one.slice(2)), ...told.outs.map((one) => one[2])].filter((one) => one !== null);
  if (!values.length) return [-30, 10];
  const low = Math.min(...values), high = Math.max(...values), room = Math.max(1, (high - low) * 0.08);
  return [low - room, high + room * 1.5];
}

// The line is red where it is out of limits: a gradient with hard stops at both limits.
function stroke(told, colour) {
  return (u) => {
    if (!told.limits) return colour.plot;
    const [top, bottom] = [u.bbox.top, u.bbox.top + u.bbox.height];
    const stops = u.ctx.createLinearGradient(0, top, 0, bottom);
    const share = (value) => Math.min(1, Math.max(0, (u.valToPos(value, "y", true) - top) / u.bbox.height));
    const [below, above] = [share(told.limits[0]), share(told.limits[1])];
    if (!Number.isFinite(below + above)) return colour.plot;
    for (const [at, name] of [[0, "stop"], [above, "stop"], [above, "plot"], [below, "plot"], [below, "stop"], [1, "stop"]])
      stops.addColorStop(at, colour[name]);
    return stops;
  };
}

function hatch(ctx, colour, ratio) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8 * ratio;
  const pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5 * ratio;
  for (const at of [-4, 4, 12]) {
    pen.moveTo((at - 4) * ratio, 8 * ratio);
    pen.lineTo((at + 4) * ratio, 0);
  }
  pen.stroke();
  return ctx.createPattern(tile, "repeat");
}

// Behind the lines: the band of the limits, times out of them, assumed bands, and what nobody knows.
function behind(told, colour) {
  return (u) => {
    const { ctx, bbox } = u, ratio = uPlot.pxRatio;
    const x = (s) => Math.min(bbox.left + bbox.width, Math.max(bbox.left, u.valToPos(s, "x", true)));
    const y = (value) => Math.min(bbox.top + bbox.height, Math.max(bbox.top, u.valToPos(value, "y", true)));
    const box = (since, until) => [x(since), Math.max(2 * ratio, x(until) - x(since))];
    const seen = ([since, until]) => since < u.scales.x.max && (until ?? told.until) > u.scales.x.min;
    ctx.save();
    if (told.limits) {
      const [low, high] = told.limits.map(y);
      ctx.fillStyle = colour["plot-band"];
      ctx.fillRect(bbox.left, high, bbox.width, low - high);
      ctx.strokeStyle = colour.ok;
      ctx.lineWidth = ratio;
      ctx.setLineDash([6 * ratio, 4 * ratio]);
      for (const at of [low, high]) {
        ctx.beginPath();
        ctx.moveTo(bbox.left, at);
        ctx.lineTo(bbox.left + bbox.width, at);
        ctx.stroke();
      }
    }
    ctx.fillStyle = colour["stop-bg"];
    for (const one of told.outs.filter(seen)) {
      const [left, width] = box(one[0], one[1] ?? told.until);
      ctx.fillRect(left, bbox.top, width, bbox.height);
    }
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    for (const [since, until, low, high] of told.assumed.filter(seen)) {
      const [left, width] = box(since, until);
      ctx.fillStyle = colour["idle-bg"];
      ctx.strokeStyle = colour["idle-line"];
      ctx.fillRect(left, y(high), width, Math.max(2 * ratio, y(low) - y(high)));
      ctx.strokeRect(left, y(high), width, Math.max(2 * ratio, y(low) - y(high)));
    }
    ctx.fillStyle = hatch(ctx, colour["plot-void"], ratio);
    for (const one of told.unknown.filter(seen)) {
      const [left, width] = box(one[0], one[1]);
      ctx.fillRect(left, bbox.top, width, bbox.height);
    }
    ctx.restore();
  };
}

// Over them: readings by hand, what happened as dotted lines with a word where there is room, and the furthest of each time out.
function over(told, colour) {
  return (u) => {
    const { ctx, bbox } = u, ratio = uPlot.pxRatio;
    const inside = (s) => s >= u.scales.x.min && s <= u.scales.x.max;
    const taken = [];
    const font = (weight) => `${weight} ${12.5 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
    const word = (text, at, top, { halo = false } = {}) => {
      ctx.font = font(600);
      const wide = ctx.measureText(text).width, edge = bbox.left + bbox.width;
      const left = Math.min(Math.max(at - wide / 2, bbox.left), edge - wide);
      const free = !taken.some(([a, b, c]) => c === top && left < b + 8 * ratio && left + wide > a - 8 * ratio);
      if (!free) return false;
      taken.push([left, left + wide, top]);
      if (halo) {
        ctx.lineWidth = 3 * ratio;
        ctx.strokeStyle = colour.surface;
        ctx.strokeText(text, left, top);
      }
      ctx.fillText(text, left, top);
      return true;
    };
    ctx.save();
    ctx.textBaseline = "alphabetic";
    ctx.textAlign = "left";
    ctx.setLineDash([]);
    for (const [at, low, now, high] of told.hand.filter((one) => inside(one[0]))) {
      const x = u.valToPos(at, "x", true);
      ctx.strokeStyle = ctx.fillStyle = colour.plot;
      ctx.lineWidth = 2 * ratio;
      ctx.beginPath();
      ctx.moveTo(x, u.valToPos(low, "y", true));
      ctx.lineTo(x, u.valToPos(high, "y", true));
      ctx.stroke();
      ctx.beginPath();
      ctx.arc(x, u.valToPos(now, "y", true), 4 * ratio, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.strokeStyle = ctx.fillStyle = colour.ink;
    ctx.lineWidth = ratio;
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    for (const [at, text] of told.marks.filter((one) => inside(one[0]))) {
      const x = u.valToPos(at, "x", true);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      word(text, x, bbox.top - 22 * ratio) || word(text, x, bbox.top - 7 * ratio);
    }
    ctx.setLineDash([]);
    ctx.fillStyle = colour.stop;
    for (const [since, until, peak, text] of told.outs.filter((one) => inside(one[0]) || inside(one[1] ?? told.until))) {
      const x = u.valToPos((Math.max(since, u.scales.x.min) + Math.min(until ?? told.until, u.scales.x.max)) / 2, "x", true);
      const y = u.valToPos(peak, "y", true);
      word(text, x, Math.max(bbox.top + 14 * ratio, told.limits && peak < told.limits[0] ? y + 18 * ratio : y - 8 * ratio), { halo: true });
    }
    ctx.restore();
  };
}

function options(told, wide, colour, readout) {
  const when = clocks(told.zone);
  const side = wide < 480 ? 40 : 52;
  const several = told.traces.length > 0;
  const line = { stroke: stroke(told, colour), width: several ? 0 : 2, points: { show: several ? false : undefined, size: 4, fill: colour.plot } };
  const dashes = [[], [7, 4], [2, 3], [10, 3, 2, 3]];
  const each = told.traces.flatMap((_, n) => {
    const one = { stroke: stroke(told, colour), width: 1.75, dash: dashes[n % dashes.length], points: { show: false } };
    return [one, { ...one }];
  });
  const days = (told.until - told.since) / 86400;
  const axis = { stroke: colour.soft, font: `12.5px ${getComputedStyle(document.body).fontFamily}`, ticks: { stroke: colour.edge, width: 1, size: 5 } };
  return {
    width: wide, height: wide < 480 ? 280 : HEIGHT, padding: [40, 8, 0, 0],
    tzDate: (s) => uPlot.tzDate(new Date(s * 1000), told.zone),
    legend: { show: false },
    cursor: { y: false, drag: { x: true, y: false }, points: { size: 7 } },
    scales: { x: { time: true, range: (u, min, max) => (min === max ? [told.since, told.until] : [min, max]) }, y: { range: () => lowest(told) } },
    series: [{}, line, { ...line }, ...each],
    bands: [{ series: [2, 1], fill: `${colour.plot}47` }],
    axes: [
      { ...axis, size: 30, space: wide < 480 ? 62 : 80, grid: { show: false }, values: (u, splits, _a, _s, step) => splits.map((s) =>
        step >= 28 * 86400 ? when.month(s) : step >= 86400 || when.isMidnight(s) ? when.day(s) : when.time(s)) },
      { ...axis, size: side, grid: { stroke: colour["plot-grid"], width: 1 }, space: 36, label: "°C", labelSize: 18, labelFont: axis.font,
        values: (u, splits) => splits.map((value) => degrees(value, 0)) },
    ],
    hooks: {
      drawClear: [behind(told, colour)],
      draw: [over(told, colour)],
      setCursor: [(u) => {
        const at = u.cursor.idx;
        const [low, high] = at == null ? [] : [u.data[1][at], u.data[2][at]];
        if (low == null) return void (readout.textContent = at == null ? "" : "\u00a0");
        const s = u.data[0][at];
        const values = low === high ? degrees(low) : `${degrees(low)} … ${degrees(high)}`;
        readout.textContent = `${when.day(s)}${days > 200 ? "" : ` ${when.time(s)}`}: ${values}\u00a0°C`;
      }],
    },
  };
}

async function draw(box) {
  const readout = box.parentElement.querySelector(".readout");
  let told;
  try {
    const answer = await fetch(box.dataset.plot, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!answer.ok || !answer.headers.get("Content-Type").startsWith("application/json")) throw new Error(answer.status);
    told = await answer.json();
  } catch {
    box.textContent = box.dataset.alone;
    return;
  }
  // The edges of the time are part of it, read or not.
  for (const column of [told.worst]) {
    const [x, low, high] = column;
    if (!x.length || x[0] > told.since) { x.unshift(told.since); low.unshift(null); high.unshift(null); }
    if (x[x.length - 1] < told.until) { x.push(told.until); low.push(null); high.push(null); }
  }
  let chart;
  const make = () => {
    chart?.destroy();
    box.replaceChildren();
    chart = new uPlot(options(told, box.clientWidth, colours(), readout), data(told), box);
    box.dataset.ready = "yes";
  };
  await document.fonts.ready;
  make();
  let wide = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth && box.clientWidth !== wide) {
      wide = box.clientWidth;
      make();
    }
  }).observe(box);
  for (const query of ["(prefers-color-scheme: dark)", "print"]) matchMedia(query).addEventListener("change", make);
  box.addEventListener("pointerleave", () => (readout.textContent = "\u00a0"));
}

for (const box of document.querySelectorAll("[data-plot]")) draw(box);
})();
