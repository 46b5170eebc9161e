// An order that is being written survives the way back to its page. A browser that draws the page anew puts some of what
// was typed into it again, and knows nothing of lines that were added: so the whole draft is kept here, in this tab only,
// and the server draws it, or a new one where it was placed meanwhile.
"use strict";
(() => {
  const form = () => document.getElementById("_order_form");
  // A name for this place in the history, which the browser keeps with it: two orders may be written side by side.
  const name = history.state?.draft ?? `draft ${form().elements.key.value}`;
  history.replaceState({ ...history.state, draft: name }, "");
  let isWhole = true;
  // What is typed into a form that is about to be replaced would be gone: nobody types until its successor is there.
  const wait = (waits) => { form().inert = waits; };

  window.addEventListener("pagehide", () => {
    if (!isWhole) return;
    const fields = new FormData(form());
    fields.delete("csrfmiddlewaretoken");
    try { sessionStorage.setItem(name, new URLSearchParams(fields)); } catch { /* kept nowhere, then */ }
  });

  const kept = () => {
    try { return sessionStorage.getItem(name); } catch { return null; }
  };

  // `persisted`: the browser has kept the page as it was, and only what happened since is not on it.
  window.addEventListener("pageshow", ({ persisted }) => {
    const returned = persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    if (!returned || !kept()) return;
    isWhole = persisted;
    const values = new FormData();
    for (const [field, value] of new URLSearchParams(kept())) values.append(field, value);
    values.set("do", "return");
    wait(true);
    htmx.ajax("POST", form().action, { target: form(), swap: "outerHTML show:none", values }).then(() => wait(false), () => wait(false));
  });

  document.addEventListener("htmx:load", ({ detail }) => { if (detail.elt === form()) isWhole = true; });

  const isPlacing = ({ requestConfig }) => requestConfig.elt === form() && requestConfig.path === form().getAttribute("hx-post");
  const sums = () => form().querySelector(".waits");
  let isCut = false; // a sum was wanted, and not had
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { detail } = event;
    if (isPlacing(detail)) {
      wait(true);
      isCut = sums().classList.contains("htmx-request");
      form().querySelectorAll("[hx-get], [hx-post]").forEach((each) => htmx.trigger(each, "htmx:abort"));
    } else if (form().inert && form().contains(detail.elt)) {
      event.preventDefault(); // the order's own answer tells all of it
      isCut ||= detail.elt === sums();
    }
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!isPlacing(detail)) return;
    wait(false); // of the same form: there was no answer, or one that says why
    const problem = document.getElementById("reckoning_problem");
    if (isCut && !detail.successful) problem.textContent = problem.dataset.failed;
    document.getElementById("order_submit").focus();
  });
})();
