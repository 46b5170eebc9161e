// What somebody has opened stays open when its part of the page is drawn anew.
"use strict";
(() => {
  const opened = new Set();
  document.addEventListener("toggle", ({ target }) => {
    if (target.id) opened[target.open ? "add" : "delete"](target.id);
  }, true);
  document.addEventListener("htmx:load", ({ detail }) => {
    for (const closed of detail.elt.querySelectorAll("details:not([open])")) closed.open = opened.has(closed.id);
  });
})();
