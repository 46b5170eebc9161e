// A link of a list, which sorts it, turns its pages or chooses a status, asks by what stands in the filters by now: not by
// what stood there when the list was drawn, of which the next answer may still be under way. It takes that one's place.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const isOfList = (element) => element.matches("a") && element.closest(".list") !== null;

  // What waits behind the request under way would be sent now, and before the link's.
  document.addEventListener("htmx:confirm", ({ detail }) => { if (isOfList(detail.elt)) htmx.trigger(form, "htmx:abort"); });

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (!isOfList(detail.elt)) return;
    const [path, query] = detail.path.split("?");
    const asked = new URLSearchParams(query);
    const changed = [...form.querySelectorAll("[name]")].filter(({ name, value }) => (asked.get(name) ?? "") !== value);
    if (!changed.length) return;
    asked.delete("at"); // a place in another list
    for (const { name, value } of changed) {
      if (value) asked.set(name, value);
      else asked.delete(name);
    }
    detail.path = `${path}?${asked}`;
  });
})();
