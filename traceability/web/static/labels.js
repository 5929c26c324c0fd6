// A long file of labels is fetched here, so that the page can say how much of it is drawn; a short one goes the plain way.
// The form says how many labels wait (data-labels); the answer's X-Pages how many pages its file will have.
"use strict";

const LONG = 500;
const PAGE = /\/Type\/Page\/|\^PQ1,/g; // the object of a page in a PDF, the end of a label in ZPL

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-labels]") || Number(form.dataset.labels) < LONG) return;
  event.preventDefault();
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  fetched(form, address).catch(() => location.assign(address)); // the plain way says what is wrong
});

async function fetched(form, address) {
  const button = form.querySelector("button:not([type=button])");
  const told = form.querySelector("[data-so-far]");
  button.disabled = true;
  try {
    const answer = await fetch(address);
    const all = Number(answer.headers.get("X-Pages"));
    if (!answer.ok || !all) throw new Error(String(answer.status));
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition"))[1];
    const parts = [];
    let done = 0;
    let rest = "";
    for await (const part of read(answer.body)) {
      parts.push(part);
      const text = rest + new TextDecoder("latin1").decode(part);
      const seen = [...text.matchAll(PAGE)];
      done += seen.length;
      rest = text.slice(Math.max(seen.length ? seen.at(-1).index + seen.at(-1)[0].length : 0, text.length - 11));
      told.hidden = false;
      told.textContent = told.dataset.word.replace("{done}", done.toLocaleString()).replace("{all}", all.toLocaleString());
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(parts, { type: answer.headers.get("Content-Type") }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } finally {
    button.disabled = false;
  }
}

async function* read(stream) {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
