// What somebody has opened stays open when its part of the page is drawn anew.
"use strict";
(() => {
  const opened = new Set();
  document.addEventListener("toggle", ({ target }) => {
    if (target.id) opened[target.open ? "add" : "delete"](target.id);
  }, true);
  const open = (within) => {
    for (const closed of within.querySelectorAll("details:not([open])")) closed.open = opened.has(closed.id);
  };
  // Before it is on the page, where htmx tells of that: the focus can go back to what is in there.
  document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => open(detail.fragment));
  document.addEventListener("htmx:load", ({ detail }) => open(detail.elt));
})();
