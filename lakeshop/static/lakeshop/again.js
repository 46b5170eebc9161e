// A page that could not be had is asked for again by itself, ever more seldom, while somebody looks at it.
"use strict";
(() => {
  const said = document.getElementById("again");
  if (!said) return;
  const LASTS = 5 * 60 * 1000;
  const began = Date.now();
  let wait = 5;

  const plan = () => {
    if (Date.now() - began > LASTS) {
      said.textContent = "It is not tried by itself any more, so that the endpoint can sleep.";
      return;
    }
    said.textContent = `It is tried again by itself in ${wait} seconds.`;
    setTimeout(ask, wait * 1000);
    wait = Math.min(wait * 2, 40);
  };

  const ask = async () => {
    if (document.hidden) return document.addEventListener("visibilitychange", ask, { once: true });
    said.textContent = "Trying again.";
    try {
      const answer = await fetch(location.href, { cache: "no-store", redirect: "manual" });
      if (answer.status !== 503) return location.reload();
    } catch { /* the site itself is away: later, then */ }
    plan();
  };

  plan();
})();
