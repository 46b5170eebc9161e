// Light, dark, or as the device says. Without this script the server decides by the same cookie, and "auto" is light.
"use strict";
(() => {
  const page = document.documentElement;
  const device = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => /(?:^|; )theme=(light|dark)/.exec(document.cookie)?.[1] ?? "auto";

  const draw = () => {
    const choice = chosen();
    page.dataset.bsTheme = choice === "auto" ? (device.matches ? "dark" : "light") : choice;
    for (const button of document.querySelectorAll("#theme_switch button")) {
      button.setAttribute("aria-pressed", button.value === choice);
    }
  };

  page.classList.add("scripted");
  draw();
  device.addEventListener("change", draw);
  window.addEventListener("pageshow", draw); // a page kept by the back button may be older than the choice

  document.addEventListener("submit", (event) => {
    if (event.target.id !== "theme_switch" || !event.submitter) return;
    event.preventDefault();
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${event.submitter.value}; path=/; max-age=31536000; samesite=lax${secure}`;
    draw();
  });
})();
