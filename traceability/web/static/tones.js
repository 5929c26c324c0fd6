// What one hears and feels of an answer: tones that differ in number and pitch, a switch that is kept on this device.
"use strict";

const TONES = { // [start in s, length in s, Hz, wave]; in ms how the device vibrates, pause after each
  already: { tones: [[0, 0.07, 660, "sine"]], buzz: [40] },
  part: { tones: [[0, 0.25, 784, "sine"]], buzz: [120] },
  use: { tones: [[0, 0.09, 880, "sine"], [0.11, 0.14, 1320, "sine"]], buzz: [40, 60, 40] },
  ask: { tones: [[0, 0.12, 523, "triangle"], [0.2, 0.12, 440, "triangle"], [0.4, 0.18, 523, "triangle"]], buzz: [120, 80, 120, 80, 120] },
  no: { tones: [[0, 0.2, 196, "square"], [0.26, 0.2, 196, "square"], [0.52, 0.2, 165, "square"], [0.78, 0.42, 131, "square"]], buzz: [300, 100, 300, 100, 600] },
  over: { tones: [0, 0.18, 0.36, 0.54, 0.72].map((start) => [start, 0.12, 988, "sine"]), buzz: [80, 60, 80, 60, 80] },
};
let audio = null;

const isMuted = () => {
  try { return localStorage.getItem("muted") === "yes"; } catch { return false; }
};

async function play(name) {
  const told = TONES[name];
  if (!told) return;
  // A browser refuses to vibrate before the page was touched once, and says so in its log: not asked then.
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(told.buzz);
  if (isMuted() || !window.AudioContext) return;
  audio ??= new AudioContext();
  if (audio.state !== "running") {
    // A tone that comes late would answer for the next vial: better none.
    await Promise.race([audio.resume().catch(() => {}), new Promise((done) => setTimeout(done, 400))]);
    if (audio.state !== "running") return;
  }
  for (const [start, length, hertz, wave] of told.tones) {
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
  for (const button of document.querySelectorAll("[data-mute]")) {
    button.setAttribute("aria-pressed", String(isMuted()));
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-mute]")) return;
  try { localStorage.setItem("muted", isMuted() ? "no" : "yes"); } catch { /* a private window keeps nothing */ }
  showMute();
  play("use");
});
