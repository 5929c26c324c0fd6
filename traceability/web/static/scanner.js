// The box that a scanner types into. A scan is what comes before Enter; how fast it was typed decides nothing.
//
// The box is free, asked (a code is with the server) or held (somebody has to acknowledge). What is typed while it is
// not free is kept until its Enter and then refused in the open: it is neither lost nor done later. Two exceptions:
// the same code again is shown and not done twice, and what follows a piece that could not be read is put behind it.
"use strict";

const scanner = (() => {
const GS = "\x1d"; // the separator of GS1 codes; browsers drop it when a scanner types it as Ctrl+]
const TWICE = 2000; // ms in which the same code of the same question is a scanner reading twice

const box = () => document.querySelector("#code");

let asked = null; // {text}: the code that is with the server
let last = null; // {key, at}: what was asked last, and when
let unread = ""; // what could not be read, while its second piece may come
let between = ""; // what came whole while another code was with the server
let typed = ""; // keys that come while the box is not free
let taken = true; // no refused code waits for its acknowledgement
let leaving = false;

// Keys ------------------------------------------------------------------------------------------------------------
let digits = ""; // of Alt+029
let swallow = false; // Windows sends the character of Alt+029 itself, some browsers let it through: once is enough

function isField(element) {
  // A switch or a tick above the box is no field: what is scanned after it was touched goes into the box.
  return element.isContentEditable || element.matches("input:not([type=radio], [type=checkbox]), textarea, select");
}

function free() {
  const focused = document.activeElement;
  return !focused || focused === document.body || focused.id === "main" || focused.matches("#verdict, #heard, .scan .modes input");
}

const isSeparator = (event) =>
  event.key === GS || (event.ctrlKey && !event.altKey && (event.key === "]" || event.code === "BracketRight"));
const isPrintable = (event) =>
  event.key.length === 1 && ((!event.ctrlKey && !event.metaKey && !event.altKey) || event.getModifierState("AltGraph"));
const isClosed = (input) => Boolean(asked) || input.readOnly || typed !== "";

function put(text, how) {
  const input = box();
  if (isClosed(input)) {
    typed += text;
    return;
  }
  input.focus();
  input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
  input.dispatchEvent(new Event("input", { bubbles: true }));
  const came = input.form.querySelector("[name=came]"); // the set-up page asks how a separator arrived
  if (came) came.value = how;
}

document.addEventListener("keydown", (event) => {
  const input = box();
  if (!input || (event.target !== input && isField(event.target))) return;
  swallow = false;
  if (event.altKey && !event.ctrlKey && /^(Numpad|Digit)\d$/.test(event.code)) {
    digits += event.code.at(-1);
    event.preventDefault();
  } else if (isSeparator(event)) {
    event.preventDefault();
    put(GS, event.key === GS ? "character" : "ctrl");
  } else if (isClosed(input)) {
    closed(event, input);
  } else if (event.key === "Enter" && event.target === input) {
    if (!input.value) return event.preventDefault(); // some scanners end with two
    const enter = input.form.querySelector("[name=enter]"); // the set-up page asks whether it came
    if (enter) enter.value = "yes";
  } else if (isPrintable(event) && event.key !== " " && event.target !== input) {
    input.focus(); // the key itself follows into the box; a button or a link that has the focus has no use for it
  }
}, true);

document.addEventListener("keyup", (event) => {
  if (event.key !== "Alt" || !digits) return;
  if (Number(digits) === GS.charCodeAt(0) && box()) {
    event.preventDefault();
    put(GS, "alt");
    swallow = true;
  }
  digits = "";
}, true);

document.addEventListener("beforeinput", (event) => {
  if (swallow && event.target === box() && event.data === GS) event.preventDefault();
}, true);

// While nothing is taken a scan must neither be lost nor press the button that acknowledges: its Enter belongs to it.
function closed(event, input) {
  if (isPrintable(event)) {
    typed += event.key;
    event.preventDefault();
  } else if (event.key === "Enter" && (typed || event.target === input)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const text = typed;
    typed = "";
    if (text) whileClosed(text, input);
  } else if (event.key === "Tab" || event.key === "Escape") {
    typed = "";
  }
}

function whileClosed(text, input) {
  if (asked) {
    if (text === asked.text) return say("twice", "already");
    between = between || !taken ? "" : text;
    return refuse();
  }
  if (unread && input.readOnly && taken) return join(unread, text);
  if (input.readOnly) return say("missed", "no")?.focus({ preventScroll: true }); // it is held already, for what stands below
  refuse();
}

// What is said beside the box -------------------------------------------------------------------------------------
function say(name, tone) {
  document.querySelector("#said")?.remove();
  const told = document.querySelector(`template#${name}`);
  if (!told) return null;
  const said = document.createElement("div");
  said.id = "said";
  said.tabIndex = -1;
  said.setAttribute("role", tone === "no" ? "alert" : "status");
  said.append(told.content.cloneNode(true));
  (document.querySelector("#scanned") || box().form).before(said);
  play(tone);
  return said;
}

function refuse() {
  taken = false;
  hold(true);
  say("missed", "no")?.focus({ preventScroll: true });
}

const isHeld = () => box().hasAttribute("data-held"); // by the server, until it is acknowledged

function hold(held) {
  const input = box();
  if (!input) return;
  input.readOnly = held;
  for (const each of document.querySelectorAll("[data-locked]")) each.hidden = !held;
  for (const each of document.querySelectorAll("[data-unlocked]")) each.hidden = held;
  for (const each of document.querySelectorAll("[data-waiting]")) each.hidden = true;
}

function reopen() {
  box().removeAttribute("data-held");
  hold(false);
  last = null;
  unread = typed = "";
  box().value = "";
  box().focus();
  read();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-aside]");
  const seen = event.target.closest("[data-seen]");
  const again = event.target.closest("[data-resend]");
  const input = box();
  if (!input || event.ctrlKey || event.metaKey) return;
  if (link || seen) {
    event.preventDefault();
    link?.closest(".act").remove();
    taken ||= Boolean(seen);
    if (taken) document.querySelector("#said")?.remove();
    if (!taken) document.querySelector("#said")?.focus(); // that one waits as well
    else if (isHeld() && !link) document.querySelector("#verdict, #heard")?.focus();
    else reopen();
  } else if (again) {
    document.querySelector("#said")?.remove();
    taken = true;
    send(input);
  }
});

// As a word in a frame: few fonts have a picture for it.
function separator() {
  const shown = document.createElement("b");
  shown.className = "gs";
  shown.textContent = " GS ";
  return shown;
}

function read() {
  const input = box();
  const shown = document.querySelector("[data-read]");
  if (!input || !shown) return;
  shown.hidden = !input.value.includes(GS);
  shown.replaceChildren(...(shown.hidden ? [] : input.value.split(GS).flatMap((part, n) => n ? [separator(), part] : [part])));
}
document.addEventListener("input", (event) => {
  if (event.target !== box()) return;
  if (taken) document.querySelector("#said")?.remove();
  read();
});

// Asking ----------------------------------------------------------------------------------------------------------
const EACH_TIME = ["csrf_token", "act_id", "piece", "came", "enter", "batch", "codes"]; // differ though the question does not

function keyOf(form) {
  const told = new FormData(form);
  for (const name of EACH_TIME) told.delete(name);
  return form.action + " " + new URLSearchParams(told);
}

function send(input) {
  input.readOnly = false;
  last = null;
  input.form.requestSubmit();
}

// Joined only here: the server could not read the first piece, and reads the two or refuses them.
function join(first, second) {
  const input = box();
  const piece = document.createElement("input");
  Object.assign(piece, { type: "hidden", name: "piece", value: second });
  input.form.append(piece);
  input.value = first + second;
  unread = "";
  send(input);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const input = box();
  if (!input || form !== input.form) return;
  const stop = () => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  if (asked || input.readOnly) return stop();
  const key = keyOf(form);
  if (input.value && last?.key === key && performance.now() - last.at < TWICE) {
    stop();
    input.value = "";
    read();
    return say("twice", "already");
  }
  asked = { text: input.value, joined: Boolean(form.querySelector("[name=piece]")) };
  last = { key, at: performance.now() };
  const enter = form.querySelector("[name=enter]");
  if (enter && enter.value !== "yes") enter.value = "no";
  unread = between = "";
  document.querySelector("#said")?.remove();
  input.readOnly = true; // readonly is still sent
  for (const each of document.querySelectorAll("[data-waiting]")) each.hidden = false;
  for (const each of document.querySelectorAll("[data-unlocked]:not(fieldset)")) each.hidden = true;
}, true);

// An answer is there: the page is new, but a scan that began before it is still refused as a whole.
function answered(heard) {
  if (!asked || leaving) return;
  const before = asked;
  asked = null;
  const input = box();
  if (!input) return;
  if (!heard) {
    taken = false;
    hold(true);
    return say("unanswered", "no")?.focus();
  }
  if (document.querySelector("[data-unread]") && !before.joined) unread = before.text;
  if (unread && between) {
    taken = true;
    document.querySelector("#said")?.remove();
    const second = between;
    between = "";
    return join(unread, second);
  }
  if (taken && !isHeld()) return hold(false);
  hold(true);
  if (!taken) document.querySelector("#said")?.focus({ preventScroll: true });
}
document.addEventListener("htmx:beforeOnLoad", (event) => {
  leaving ||= Boolean(event.detail.xhr.getResponseHeader("HX-Redirect"));
});
document.addEventListener("htmx:afterSettle", () => answered(true)); // before that the new form is not htmx's yet
document.addEventListener("htmx:afterRequest", ({ detail }) => [0, 204].includes(detail.xhr.status) && answered(detail.xhr.status !== 0));

// Between two pages: what came and was not taken is said on the next one.
addEventListener("pagehide", () => {
  try { if (!taken || typed) sessionStorage.setItem("missed", "yes"); } catch { /* nothing can be kept */ }
});
addEventListener("pageshow", () => {
  asked = null;
  leaving = false;
  typed = "";
  try {
    if (sessionStorage.getItem("missed") && box()) {
      sessionStorage.removeItem("missed");
      refuse();
    }
  } catch { /* nothing was kept */ }
});

// Focus -----------------------------------------------------------------------------------------------------------
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
// What was chosen from a list with the pointer is chosen: the next scan is no search in that list.
let pointed = false;
document.addEventListener("pointerdown", () => { pointed = true; }, true);
document.addEventListener("keydown", () => { pointed = false; }, true);
document.addEventListener("change", ({ target }) => {
  const input = box();
  if (pointed && target.matches("select") && input && !input.readOnly) input.focus({ preventScroll: true });
});
document.addEventListener("visibilitychange", () => document.hidden || ready());

return { box, ready };
})();
