// The one clock of the page: live parts refresh themselves on the event live:tick. It stands still while nobody looks,
// and after five minutes without use, so that a forgotten tab lets the endpoint fall asleep.
"use strict";
(() => {
  const panel = document.getElementById("live");
  if (!panel) return;
  const rate = panel.querySelector("#live_rate");
  const state = panel.querySelector("#live_state");
  const resume = panel.querySelector("#live_resume");
  const LASTS = 5 * 60 * 1000;
  let used = Date.now();
  let timer = null;

  const tick = () => document.body.dispatchEvent(new CustomEvent("live:tick"));

  const draw = (paused) => {
    state.textContent = paused ? "Paused so the endpoint can sleep" : rate.value === "0" ? "Off" : "Live";
    resume.hidden = !paused;
    // For what a page says about the endpoint: theme.css shows one thing or the other.
    document.documentElement.dataset.live = !paused && rate.value !== "0" ? "on" : "off";
    panel.classList.toggle("live-on", !paused && rate.value !== "0");
  };

  const stop = () => {
    clearInterval(timer);
    timer = null;
  };

  const beat = () => {
    if (document.hidden) return;
    if (Date.now() - used < LASTS) return tick();
    stop();
    draw(true);
  };

  const start = ({ now = false } = {}) => {
    stop();
    used = Date.now();
    draw(false);
    if (rate.value === "0") return;
    if (now) tick();
    timer = setInterval(beat, Number(rate.value) * 1000);
  };

  try {
    const kept = localStorage.getItem("live_rate");
    if ([...rate.options].some((option) => option.value === kept)) rate.value = kept;
  } catch { /* kept nowhere, then */ }

  rate.addEventListener("change", () => {
    try { localStorage.setItem("live_rate", rate.value); } catch { /* for this page only */ }
    start();
  });
  resume.addEventListener("click", () => {
    start({ now: true });
    rate.focus();
  });
  for (const use of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) {
    document.addEventListener(use, () => { used = Date.now(); }, { passive: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && timer) start({ now: true });
  });

  panel.hidden = false;
  start();
})();
