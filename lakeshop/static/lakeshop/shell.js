// Messages that come and go, and what is said when the site does not answer.
"use strict";
(() => {
  const LASTS = 8000;
  const UNNOTICED = 200;
  const region = (id) => document.getElementById(id);

  const focusOn = (place) => {
    if (!place.matches("a, button, summary")) place.tabIndex = -1;
    place.focus({ preventScroll: true });
  };

  // htmx leads the focus to what bears the same id as what a swap has taken away. Where nothing does, it stays near: at
  // the other link of the same pager, or at the head of the smallest part around it that is still there.
  let left = null;
  document.addEventListener("htmx:beforeSwap", () => {
    const around = [];
    for (let part = document.activeElement; part?.parentElement; part = part.parentElement) if (part.id) around.push(part.id);
    left = { around, pager: Boolean(document.activeElement?.closest(".pager")) };
  });
  const stayNear = () => {
    const { activeElement, body } = document;
    if (!left || !left.around.length || (activeElement && activeElement !== body)) return;
    const parts = left.around.filter((id) => id !== "main").map(region).filter(Boolean);
    const head = (part) => (left.pager && part.querySelector(".pager a")) || part.querySelector("summary, .list-count, h2");
    focusOn(parts.map(head).find(Boolean) ?? region("main"));
  };

  // A message leaves by itself unless it tells of trouble, or somebody is at it.
  const prepare = (note) => {
    note.querySelector("[data-dismiss]").hidden = false;
    if (note.matches(".toast-error, .toast-warning")) return;
    const leave = () => (note.matches(":hover, :focus-within") ? setTimeout(leave, LASTS) : note.remove());
    setTimeout(leave, LASTS);
  };

  const put = ({ level, text }) => {
    const note = region("toast_template").content.firstElementChild.cloneNode(true);
    note.classList.replace("toast-info", `toast-${level}`);
    note.querySelector("p").textContent = text;
    region("toasts").append(note);
    return note;
  };
  const show = (message) => prepare(put(message));

  document.querySelectorAll("#toasts > .toast-note").forEach(prepare);
  document.addEventListener("click", (event) => {
    const note = event.target.closest?.("[data-dismiss]")?.parentElement;
    if (!note) return;
    const others = [...document.querySelectorAll("#toasts [data-dismiss]")].filter((each) => !note.contains(each));
    note.remove();
    focusOn(others[0] ?? region("main"));
  });
  document.addEventListener("messages", (event) => event.detail.messages.forEach(show));

  // A form whose answer takes a while says that it is on its way; what leads to a file leaves no page to come from.
  let sending = null;
  const rest = () => {
    clearTimeout(sending?.timer);
    sending?.note?.remove();
    sending?.form.removeAttribute("aria-busy");
    sending = null;
  };
  const send = (form) => {
    rest();
    const one = { form };
    one.timer = setTimeout(() => {
      form.setAttribute("aria-busy", "true");
      one.note = put({ level: "sending", text: form.dataset.sending ?? "One moment …" });
    }, UNNOTICED);
    sending = one;
  };
  document.addEventListener("submit", ({ target, defaultPrevented }) => {
    if (!defaultPrevented && target.matches('[method="post"]:not([data-downloads])')) send(target);
  });
  document.addEventListener("htmx:beforeSend", ({ detail }) => { if (detail.elt.matches("[data-sending]")) send(detail.elt); });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.elt === sending?.form && !detail.xhr.getResponseHeader("HX-Redirect")) rest();
  });
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") rest(); }); // which stops the browser
  window.addEventListener("pageshow", rest);

  // What fails stands above the page until something succeeds again; until then nothing there claims to be well.
  const seem = (well) => {
    if (well) delete document.documentElement.dataset.away;
    else document.documentElement.dataset.away = "";
  };
  // What is reckoned beside somebody's typing says where it stands that it could not be, and moves nothing.
  const isBeside = ({ requestConfig, xhr }) =>
    Boolean(requestConfig?.elt.dataset.failsIn) && (xhr.status === 0 || xhr.status >= 500);
  const tellBeside = ({ requestConfig }) => {
    const place = region(requestConfig.elt.dataset.failsIn);
    if (place) place.textContent = place.dataset.failed;
  };
  // The clock of a live page asks on and on: what it was told once is not told again, and stays away where it was put.
  const isKnown = ({ requestConfig }) =>
    "away" in document.documentElement.dataset && requestConfig?.triggeringEvent?.type === "live:tick";
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (isBeside(detail) || (detail.xhr.status === 503 && isKnown(detail))) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:responseError", ({ detail }) => {
    if (isBeside(detail)) tellBeside(detail);
    else if ([401, 503].includes(detail.xhr.status)) seem(false);
  });
  document.addEventListener("htmx:sendError", ({ detail }) => {
    if (isBeside(detail)) return tellBeside(detail);
    if (isKnown(detail)) return;
    seem(false);
    region("trouble").replaceChildren(region("no_answer_template").content.cloneNode(true));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!event.detail.successful) return;
    seem(true);
    region("trouble").replaceChildren();
    stayNear();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const { target } = event.detail;
    if (target.id === "trouble" && !target.querySelector(".signed-out")) target.scrollIntoView({ block: "nearest" });
  });

  // A request that the next one replaced, or that was under way when the page was left, is no error. htmx writes to the
  // console what stands in `error`, and leaves one alone that is given; of a network that is away it still tells.
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    const told = detail.xhr.onabort;
    detail.xhr.onabort = (event) => {
      detail.error = "";
      told.call(detail.xhr, event);
    };
  });

  // A sidebar opened for one page is closed when the way back shows that page again.
  window.addEventListener("pageshow", () => {
    for (const open of document.querySelectorAll(":popover-open")) open.hidePopover();
  });
})();
