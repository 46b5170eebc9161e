// Moments in the viewer's own zone; without this script they stand there in UTC. "ago" grows older by itself.
"use strict";
(() => {
  const day = { day: "numeric", month: "short", year: "numeric" };
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const second = { ...clock, second: "2-digit" };
  const forms = { day, minute: { ...day, ...clock }, second, exact: { ...day, ...second } };
  const format = (options) => new Intl.DateTimeFormat("en-GB", options);
  const formats = Object.fromEntries(Object.entries(forms).map(([name, options]) => [name, format(options)]));
  const exact = format({ ...day, ...clock, second: "2-digit", timeZoneName: "short" });
  const ago = new Intl.RelativeTimeFormat("en", { numeric: "always" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];

  const since = (moment) => {
    const seconds = (Date.now() - moment) / 1000;
    if (seconds < 10) return "just now";
    const [unit, size] = units.find(([, size]) => seconds >= size) ?? ["second", 1];
    return ago.format(-Math.floor(seconds / size), unit);
  };

  const draw = (time) => {
    const moment = new Date(time.dateTime);
    time.textContent = time.dataset.moment === "ago" ? since(moment) : formats[time.dataset.moment].format(moment);
    time.title = exact.format(moment);
  };
  const drawAll = (within) => within.querySelectorAll("time[data-moment]").forEach(draw);

  drawAll(document);
  document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
  setInterval(() => document.querySelectorAll('time[data-moment="ago"]').forEach(draw), 15000);
})();
