// A box in the head of a list ticks all rows of the page, and what is done to ticked rows waits until one is ticked.
"use strict";
(() => {
  const boxes = (form) => [...form.querySelectorAll("td.select-cell input")];

  const draw = (form) => {
    const ticked = boxes(form).filter((box) => box.checked).length;
    const all = form.querySelector("th.select-cell input");
    if (all) {
      all.checked = ticked > 0 && ticked === boxes(form).length;
      all.indeterminate = ticked > 0 && !all.checked;
    }
    for (const button of form.querySelectorAll("[data-of-selected]")) button.disabled = ticked === 0;
  };

  const enhance = (form) => {
    const head = form.querySelector("th.select-cell");
    if (head && !head.querySelector("input")) {
      const all = document.createElement("input");
      all.type = "checkbox";
      all.autocomplete = "off"; // what a reload brings back are the rows
      all.setAttribute("aria-label", "Select all on this page");
      head.replaceChildren(all);
    }
    draw(form);
  };
  const forms = (within) => [...within.querySelectorAll("form")].filter((form) => form.querySelector("[data-of-selected]"));
  const enhanceAll = (within) => forms(within).forEach(enhance);

  document.addEventListener("change", ({ target }) => {
    const form = target.form;
    if (!form || !target.closest(".select-cell")) return;
    if (target.closest("th")) for (const box of boxes(form)) box.checked = target.checked;
    draw(form);
  });
  document.addEventListener("htmx:load", ({ detail }) => enhanceAll(detail.elt));
  // The way back brings ticked boxes along.
  window.addEventListener("pageshow", () => enhanceAll(document));
})();
