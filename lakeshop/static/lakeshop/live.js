// The one clock of the page: live parts refresh themselves on the event live:tick. It stands still while nobody looks,
// and after five minutes without use, so that a forgotten tab lets the endpoint fall asleep. Where a tick has no answer
// the label says since when: long before the request is given up.
"use strict";
(() => {
  const panel = document.getElementById("live");
  if (!panel) return;
  const rate = panel.querySelector("#live_rate");
  const state = panel.querySelector("#live_state");
  const resume = panel.querySelector("#live_resume");
  const LASTS = 5 * 60 * 1000;
  const PATIENCE = 4000;
  const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  let used = Date.now();
  let timer = null;
  let silent = null; // since when there is no answer

  const tick = () => document.body.dispatchEvent(new CustomEvent("live:tick"));

  const draw = (paused) => {
    const isOn = !paused && rate.value !== "0";
    const well = silent === null ? "Live" : `No answer since ${clock.format(silent)}`;
    const said = isOn ? well : paused ? "Paused so the endpoint can sleep" : "Off";
    // It is read out whenever it is written.
    if (state.textContent !== said) state.textContent = said;
    resume.hidden = !paused;
    // For what a page says about the endpoint: theme.css shows one thing or the other.
    document.documentElement.dataset.live = isOn ? "on" : "off";
    panel.classList.toggle("live-on", isOn);
    panel.classList.toggle("live-silent", isOn && silent !== null);
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

  const isTick = ({ requestConfig }) => requestConfig?.triggeringEvent?.type === "live:tick";
  const hear = (since) => {
    if (silent !== null && since !== null) return; // still as before
    silent = since;
    draw(timer === null && rate.value !== "0");
  };
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (!isTick(detail)) return;
    const sent = Date.now();
    const waits = setTimeout(() => hear(sent), PATIENCE);
    detail.xhr.addEventListener("loadend", () => clearTimeout(waits));
    detail.xhr.addEventListener("load", () => hear(detail.xhr.status < 500 ? null : sent));
    detail.xhr.addEventListener("error", () => hear(sent));
  });

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
