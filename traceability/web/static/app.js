// What the pages need beyond HTML: one submit per form, clocks, the session's end. Everything works without it except
// running clocks. Hooks are data attributes; there are no inline handlers. The scanner's box is in scanner.js, what one
// hears in tones.js.
"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => root.querySelectorAll(selector);

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
}
window.addEventListener("pageshow", reopen);

// Clocks: the server's time counts, not this device's --------------------------------------------------------------
const served = Date.parse(document.documentElement.dataset.now);
const skew = Number.isNaN(served) ? 0 : served - (Date.now() - performance.now());
// A device whose clock is set while the page stands, or that slept: of both ways to count on, the one that is further along.
const now = () => Math.max(Date.now() + skew, Number.isNaN(served) ? 0 : served + performance.now());

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
    clock.classList.toggle("ended", left === 0);
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
  else if (verdict && scanner.box()?.readOnly) verdict.focus({ preventScroll: true }); // so that it is read out; the box is held
  else if (root !== document || scanner.box()?.value) scanner.ready();
}
arrived(document);
document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && arrived(event.detail.elt));
document.addEventListener("htmx:afterRequest", reopen);

// The server was not heard: the outcome is unknown, and that is said, on the page, until it is left. ----------------
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    if ($("#said [data-resend]")) return; // the scanner's box says it, and can ask again
    const note = $("#unconfirmed")?.content.cloneNode(true);
    if (note) $("#main").prepend(note);
  });
}
