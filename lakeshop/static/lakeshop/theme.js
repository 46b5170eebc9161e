// Light, dark, or as the device says. Without this script the server decides by the same cookie, and "auto" is light.
"use strict";
(() => {
  const page = document.documentElement;
  const device = window.matchMedia("(prefers-color-scheme: dark)");

  const draw = (choice) => {
    page.dataset.themeChoice = choice;
    page.dataset.bsTheme = choice === "auto" ? (device.matches ? "dark" : "light") : choice;
  };

  draw(page.dataset.themeChoice);
  device.addEventListener("change", () => draw(page.dataset.themeChoice));

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target.id !== "theme_switch" || !button) return;
    event.preventDefault();
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${button.value}; path=/; max-age=31536000; samesite=lax${secure}`;
    draw(button.value);
    for (const each of event.target.querySelectorAll("button")) each.setAttribute("aria-pressed", each === button);
  });
})();
