// Forms that were checked field by field, and that nobody leaves by mistake.
"use strict";
(() => {
  const MENDED = 400;
  const TWICE = 1000;
  const WAY_ON = "a, [type=submit]";
  const forms = document.querySelectorAll("form[data-guarded]");
  let typed = false;
  let sent = false;
  let leaves = false; // by a link or a button under the pointer, whatever a browser says of where the focus goes

  // The answer to a check is the place of a field's errors: the field itself says the same to screen readers.
  document.addEventListener("htmx:afterSwap", (event) => {
    const place = event.detail.elt;
    if (!place.classList?.contains("field-errors")) return;
    const field = document.querySelector(`[aria-describedby~="${place.id}"]`);
    if (!field) return;
    if (place.childElementCount) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  });

  const isWrong = (field) => Boolean(field?.querySelector(".field-errors")?.childElementCount);
  const check = (field) => { if (field.hasAttribute("hx-post")) htmx.trigger(field, "change"); };
  const remember = (more) => history.replaceState({ ...history.state, ...more }, "");

  for (const form of forms) {
    let mended;
    form.addEventListener("input", (event) => {
      typed = true;
      // What was wrong is looked at while it is being mended, not only once it is left.
      clearTimeout(mended);
      const field = event.target.closest(".field");
      if (isWrong(field)) mended = setTimeout(check, MENDED, field);
    });
    // One that was left empty has not changed. Whoever goes away or sends the form is not held up by that.
    form.addEventListener("focusout", ({ target, relatedTarget }) => {
      const field = target.matches("[required]") && target.value.trim() === "" && target.closest(".field");
      if (field && !leaves && document.hasFocus() && !relatedTarget?.closest(WAY_ON)) check(field);
    });
    form.addEventListener("submit", (event) => {
      if (sent) return event.preventDefault();
      typed = false;
      sent = true; // for a double click: who has stopped the browser may send the form again
      setTimeout(() => { sent = false; }, TWICE);
      remember({ sent });
    });
    if (form.querySelector("[aria-invalid]")) form.querySelector("[aria-invalid]").focus();
  }

  document.addEventListener("pointerdown", ({ target }) => { leaves = Boolean(target.closest?.(WAY_ON)); }, true);
  document.addEventListener("keydown", () => { leaves = false; }, true);

  // Back to a form: what it said of what was typed then may be wrong by now. One that the browser draws anew stays the
  // same form, whose key tells what it has added.
  window.addEventListener("pageshow", ({ persisted }) => {
    sent = false;
    const returned = persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    for (const form of forms) {
      const key = form.elements.namedItem("key");
      if (returned && key && history.state?.key) key.value = history.state.key;
      else if (key?.value) remember({ key: key.value });
      if (!returned) continue;
      if (history.state?.sent) form.querySelectorAll(".form-errors, .conflict").forEach((told) => told.remove());
      form.querySelectorAll(".field").forEach((field) => { if (isWrong(field)) check(field); });
    }
  });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
})();
