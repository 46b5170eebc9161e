// A page that outlives its session: it says so and stays, and works again after a sign-in in another tab.
"use strict";
(() => {
  const UNAUTHORIZED = 401;
  const FIELD = "csrfmiddlewaretoken";

  // Each sign-in changes the token by which a form proves to be ours: what is sent bears the one of now.
  const token = () => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  document.addEventListener("formdata", ({ formData }) => {
    if (formData.has(FIELD) && token()) formData.set(FIELD, token());
  });
  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (token()) detail.headers["X-CSRFToken"] = token();
  });

  // Said once, not at every tick and key; only the way back to a filter is that of what stands in it by now.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const told = document.querySelector(".signed-out a");
    if (detail.xhr.status !== UNAUTHORIZED || !told) return;
    const now = new DOMParser().parseFromString(detail.serverResponse, "text/html").querySelector(".signed-out a");
    if (now?.matches("[data-address]")) told.replaceWith(now);
    detail.shouldSwap = false;
  });
})();
