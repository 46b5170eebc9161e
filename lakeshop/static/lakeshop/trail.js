// Times in the filters are the reader's own; without this script they are UTC.
"use strict";
(() => {
  const form = document.getElementById("trail_filters");
  const { zone, since, until } = form.elements;
  const mine = new Intl.DateTimeFormat().resolvedOptions().timeZone;

  // A time that came with the address stays in the zone that came with it.
  const fill = () => {
    if (!mine || since.value || until.value) return;
    zone.value = mine;
    document.getElementById("trail_zone").textContent = mine;
  };
  fill();
  form.addEventListener("input", fill);
})();
