// Forms that were checked field by field, and that nobody leaves by mistake.
"use strict";
(() => {
  let typed = false;

  // The answer to a check is the place of a field's errors: the field itself says the same to screen readers.
  document.addEventListener("htmx:afterSwap", (event) => {
    const place = event.detail.elt;
    if (!place.classList?.contains("field-errors")) return;
    const field = document.querySelector(`[aria-describedby~="${place.id}"]`);
    if (!field) return;
    if (place.childElementCount) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  });

  for (const form of document.querySelectorAll("form[data-guarded]")) {
    form.addEventListener("input", () => { typed = true; });
    form.addEventListener("submit", () => { typed = false; });
    if (form.querySelector("[aria-invalid]")) form.querySelector("[aria-invalid]").focus();
  }
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
})();
