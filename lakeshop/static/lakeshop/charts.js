// What a mark of a chart stands for, beside it: under the pointer, on focus and on a tap. Without this script its
// <title> tells it, which no keyboard and no finger sees.
"use strict";
(() => {
  const ROOM = 6; // pixels around it
  const tip = document.createElement("div");
  const name = document.createElement("span");
  const value = document.createElement("strong");
  tip.id = "chart_tip";
  tip.className = "chart-tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true"); // the mark is named by the same words
  name.dir = "auto";
  tip.append(name, value);
  document.body.append(tip);
  let pointed = null;
  let focused = null;

  const markOf = (event) => event.target.closest?.(".chart .mark") ?? null;

  // Above the point, or the bar with its name, where there is room, else below, and never beyond the page's edges.
  const place = (mark) => {
    const circle = mark.querySelector("circle");
    const { left, right } = (circle ?? mark.querySelector("[class^=series]")).getBoundingClientRect();
    const { top, bottom } = (circle ?? mark).getBoundingClientRect();
    tip.style.left = tip.style.top = "0";
    const { width, height } = tip.getBoundingClientRect();
    const most = document.documentElement.clientWidth - ROOM - width;
    const across = Math.max(ROOM, Math.min((left + right - width) / 2, most));
    const down = top - ROOM - height >= 0 ? top - ROOM - height : bottom + ROOM;
    tip.style.left = `${across + window.scrollX}px`;
    tip.style.top = `${down + window.scrollY}px`;
  };

  const draw = () => {
    const mark = pointed ?? focused;
    tip.hidden = mark === null;
    if (mark === null) return;
    mark.querySelector("title")?.remove(); // else the browser shows its own as well
    const told = mark.getAttribute("aria-label");
    const end = told.lastIndexOf(": ");
    name.textContent = told.slice(0, end);
    value.textContent = told.slice(end + 2);
    place(mark);
  };

  const point = (mark) => {
    if (mark === pointed) return;
    pointed = mark;
    draw();
  };

  // A finger that scrolls goes over marks as well: it means one by leaving the glass there.
  document.addEventListener("pointerover", (event) => { if (event.pointerType !== "touch") point(markOf(event)); });
  document.addEventListener("pointerup", (event) => { if (event.pointerType === "touch") point(markOf(event)); });
  document.documentElement.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") point(null); });
  document.addEventListener("focusin", (event) => {
    const mark = markOf(event);
    focused = mark?.matches(":focus-visible") ? mark : null; // a click on it is the pointer's
    draw();
  });
  document.addEventListener("focusout", () => {
    focused = null;
    draw();
  });
  const leave = () => {
    pointed = focused = null;
    draw();
  };
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") leave(); });
  window.addEventListener("resize", leave);

  // A chart that is drawn anew has marks of the same names.
  const again = (mark) => (mark === null || mark.isConnected ? mark : document.getElementById(mark.id));
  document.addEventListener("htmx:load", () => {
    if (tip.hidden) return;
    [pointed, focused] = [again(pointed), again(focused)];
    draw();
  });
})();
