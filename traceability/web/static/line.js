// A line that a patient marks (VAS): put in the place of the number that is typed where no script runs.
// Nothing is marked before somebody touches it or presses a key: only then the number that is sent is filled in.
"use strict";

for (const box of document.querySelectorAll("[data-line]")) {
  const typed = box.querySelector("input[type=text]"), line = box.querySelector("input[type=range]");
  const { open, marked } = box.dataset;

  const told = () => {
    line.classList.toggle("open", typed.value === "");
    line.setAttribute("aria-valuetext", typed.value === "" ? open : marked.replace("%", typed.value));
  };
  const mark = () => {
    typed.value = line.value;
    told();
  };
  // Not every browser moves the mark to where the line is touched, and none tells of a touch where it already stands.
  const touched = (event) => {
    const { left, width } = line.getBoundingClientRect(), end = parseFloat(getComputedStyle(line).paddingLeft);
    const share = (event.clientX - left - end) / (width - 2 * end);
    line.value = Math.round(line.min * 1 + share * (line.max - line.min));
    mark();
  };

  if (/^\d+$/.test(typed.value)) line.value = typed.value;
  else typed.value = "";
  line.addEventListener("input", mark);
  line.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault();
    line.focus();
    line.setPointerCapture(event.pointerId);
    touched(event);
  });
  line.addEventListener("pointermove", (event) => {
    if (line.hasPointerCapture(event.pointerId)) touched(event);
  });
  box.classList.add("live");
  told();
}
