// What the pages need beyond HTML: the scanner's box, tones, one submit per form, clocks. Everything works without it
// except tones and running clocks. Hooks are data attributes; there are no inline handlers.
"use strict";

const GS = "\x1d"; // the separator of GS1 codes; browsers drop it when a scanner types it as Ctrl+]
const BURST = 80; // ms between two keys of a scanner; no hand is so fast
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => root.querySelectorAll(selector);
const box = () => $("#code");

// Scanner ---------------------------------------------------------------------------------------------------------
let lastKey = 0;
let sent = false;

function insert(input, text) {
  input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function isField(element) {
  // A switch above the box is no field: what is scanned after it was touched goes into the box.
  return element.isContentEditable || element.matches("input:not([type=radio]), textarea, select");
}

function free() {
  const focused = document.activeElement;
  return !focused || focused === document.body || focused.id === "main" || focused.matches("#verdict, .scan .modes input");
}

function isSeparator(event) {
  return event.key === GS || (event.ctrlKey && !event.altKey && (event.key === "]" || event.code === "BracketRight"));
}

document.addEventListener("keydown", (event) => {
  const input = box();
  if (!input) return;
  const printable = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  const fast = event.timeStamp - lastKey < BURST;
  if (printable || isSeparator(event)) lastKey = event.timeStamp;
  // While the box is held, a scanner's Enter must not press the button that unlocks it.
  if (event.key === "Enter" && fast && event.target !== input && !isField(event.target)) return event.preventDefault();
  if (event.key === " " && fast && !isField(event.target)) return event.preventDefault();
  if (input.readOnly) return;
  if (isSeparator(event) && (event.target === input || !isField(event.target))) {
    event.preventDefault();
    input.focus();
    insert(input, GS);
  } else if (printable && event.key !== " " && !isField(event.target) && free()) {
    input.focus(); // the key itself follows into the box
  }
}, true);

function ready() {
  const input = box();
  if (!input || input.readOnly || !free()) return;
  input.focus({ preventScroll: true });
  if (input.value) input.select(); // what was not read: the next scan replaces it
}

// A click on empty paper gives the focus back to the box.
document.addEventListener("pointerup", () => setTimeout(() => {
  if (!String(getSelection())) ready();
}));
document.addEventListener("visibilitychange", () => document.hidden || ready());

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-aside]");
  const input = box();
  if (!link || !input || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  link.closest(".act").remove();
  for (const each of $$("[data-locked]")) each.hidden = true;
  for (const each of $$("[data-unlocked]")) each.hidden = false;
  input.readOnly = false;
  input.value = "";
  input.focus();
});

// One submit per form ---------------------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || "again" in form.dataset) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  // After this turn, so that the button's own name and value are still sent.
  setTimeout(() => {
    for (const button of $$("button:not([type=button])", form)) {
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    }
    const input = $("#code", form);
    if (input && !input.readOnly) input.readOnly = sent = true; // the next scan must not mix with this one
  });
});

function reopen() {
  for (const form of $$("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of $$("button[aria-busy]", form)) {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }
  if (sent && box()) box().readOnly = false;
  sent = false;
}
window.addEventListener("pageshow", reopen);

// Tones: different in rhythm, not only in pitch -------------------------------------------------------------------
const TONES = { // [start in s, length in s, Hz, wave]
  use: [[0, 0.09, 880, "sine"], [0.11, 0.14, 1320, "sine"]],
  ask: [[0, 0.16, 523, "triangle"], [0.3, 0.16, 523, "triangle"]],
  no: [[0, 0.2, 196, "square"], [0.26, 0.2, 196, "square"], [0.52, 0.42, 147, "square"]],
  over: [[0, 0.12, 988, "sine"], [0.18, 0.12, 988, "sine"], [0.36, 0.12, 988, "sine"]],
};
let audio = null;

const isMuted = () => {
  try { return localStorage.getItem("muted") === "yes"; } catch { return false; }
};

async function play(name) {
  if (isMuted() || !TONES[name] || !window.AudioContext) return;
  audio ??= new AudioContext();
  if (audio.state !== "running") {
    // A tone that comes late would answer for the next vial: better none.
    await Promise.race([audio.resume().catch(() => {}), new Promise((done) => setTimeout(done, 400))]);
    if (audio.state !== "running") return;
  }
  for (const [start, length, hertz, wave] of TONES[name]) {
    const tone = new OscillatorNode(audio, { frequency: hertz, type: wave });
    const gain = new GainNode(audio, { gain: 0 });
    const at = audio.currentTime + start;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(wave === "square" ? 0.12 : 0.25, at + 0.01);
    gain.gain.setValueAtTime(wave === "square" ? 0.12 : 0.25, at + length - 0.02);
    gain.gain.linearRampToValueAtTime(0, at + length);
    tone.connect(gain).connect(audio.destination);
    tone.start(at);
    tone.stop(at + length);
  }
}

function showMute() {
  for (const button of $$("[data-mute]")) {
    button.setAttribute("aria-pressed", String(isMuted()));
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-mute]")) return;
  try { localStorage.setItem("muted", isMuted() ? "no" : "yes"); } catch { /* a private window keeps nothing */ }
  showMute();
  play("use");
});

// Clocks: the server's time counts, not this device's --------------------------------------------------------------
const served = Date.parse(document.documentElement.dataset.now);
const skew = Number.isNaN(served) ? 0 : served - (Date.now() - performance.now());
const now = () => Date.now() + skew;

function tick() {
  for (const clock of $$("[data-until]")) {
    const until = Date.parse(clock.dataset.until);
    const since = Date.parse(clock.dataset.since);
    const left = Math.max(0, Math.ceil((until - now()) / 1000));
    const shown = $("b", clock) || clock;
    const hours = Math.floor(left / 3600);
    const minutes = Math.floor(left / 60) % 60;
    const text = `${hours ? `${hours}:${String(minutes).padStart(2, "0")}` : minutes}:${String(left % 60).padStart(2, "0")}`;
    if (shown.textContent !== text) shown.textContent = text;
    const bar = $(".seg-ink", clock);
    if (bar && since < until) bar.setAttribute("width", Math.min(100, Math.max(0, (100 * (now() - since)) / (until - since))).toFixed(1));
    const over = $("[data-over]", clock);
    if (left === 0 && over && !over.textContent) {
      over.textContent = over.dataset.over;
      if ("sounds" in clock.dataset) play("over");
    }
  }
}
if ($("[data-until]")) tick();
setInterval(tick, 500);

// The session: a word two minutes before it ends, and a way to stay ------------------------------------------------
const { idle, ends } = document.documentElement.dataset;
const SOON = 120;
let heard = 0; // when the server last heard of this person, from any window

function hear() {
  heard = now();
  try { localStorage.setItem("heard", heard); } catch { /* a private window keeps nothing */ }
}

function watch() {
  try { heard = Math.max(heard, Number(localStorage.getItem("heard")) || 0); } catch { /* this window's own, then */ }
  const note = $("#ending");
  const last = Date.parse(ends);
  const left = Math.ceil((Math.min(heard + idle * 1000, last) - now()) / 1000);
  const part = left > SOON ? "" : left > 0 ? "soon" : "over";
  if ((note.dataset.part || "") !== part) {
    note.dataset.part = part;
    note.replaceChildren(...(part ? [$(`#ending-${part}`).content.cloneNode(true)] : []));
    const stay = $("[data-stay]", note);
    if (stay) stay.hidden = last - now() <= SOON * 1000; // the day's end is not put off
  }
  if (part === "soon") $("b", note).textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

document.addEventListener("click", async (event) => {
  const stay = event.target.closest("[data-stay]");
  if (!stay) return;
  const body = new URLSearchParams({ csrf_token: $("[name=csrf_token]").value });
  const answer = await fetch(stay.dataset.stay, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (answer?.status === 204) hear();
  watch();
});

if (idle && $("#ending")) {
  hear();
  watch();
  setInterval(watch, 1000);
  document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && hear());
}

// New content: first load and every swap ---------------------------------------------------------------------------
function arrived(root) {
  showMute();
  const summary = $("[data-focus]", root);
  const verdict = $("[data-tone]", root) || (root.matches?.("[data-tone]") ? root : null);
  if (verdict) play(verdict.dataset.tone);
  if (summary) summary.focus();
  else if (verdict && box()?.readOnly) verdict.focus({ preventScroll: true }); // so that it is read out; the box is held
  else if (root !== document || box()?.value) ready();
}
arrived(document);
document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && arrived(event.detail.elt));
document.addEventListener("htmx:afterRequest", reopen);

// The server was not heard: the outcome is unknown, and that is said, on the page, until it is left. ----------------
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    const note = $("#unconfirmed")?.content.cloneNode(true);
    if (note) $("#main").prepend(note);
  });
}
