// Search fields that find rows to pick: a combobox with a list, by keyboard and pointer. Without this script the list
// is one of submit buttons, and the server does the picking.
"use strict";
(() => {
  const parts = (picker) => ({
    words: picker.querySelector("input[type=text]"),
    picked: picker.querySelector("[data-picked]"),
    list: picker.querySelector("[data-options]"),
  });
  const options = (list) => [...list.querySelectorAll("[data-key]")];

  // Whether the list answers what is typed by now: who types on blindly picks nothing that was found for less.
  const isFresh = ({ words, list }) => words.value.trim().split(/\s+/).join(" ") === list.dataset.words;

  // What comes from the server later does not open it again.
  const close = (picker) => {
    const { words, list } = parts(picker);
    picker.dataset.closed = "";
    list.hidden = true;
    words.setAttribute("aria-expanded", "false");
    words.removeAttribute("aria-activedescendant");
  };

  const point = (picker, option) => {
    const { words, list } = parts(picker);
    for (const each of options(list)) each.setAttribute("aria-selected", each === option);
    words.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  // Called for every list that comes from the server.
  const open = (picker) => {
    const { words, list } = parts(picker);
    const found = options(list);
    list.setAttribute("role", found.length ? "listbox" : "status");
    list.setAttribute("aria-label", "Found");
    found.forEach((option, place) => {
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.tabIndex = -1;
      option.id = `${list.id}_${place}`;
    });
    words.removeAttribute("aria-activedescendant"); // nobody has pointed at one of these
    const asked = list.textContent.trim() !== "" && document.activeElement === words && !("closed" in picker.dataset);
    list.hidden = !asked;
    words.setAttribute("aria-expanded", asked && found.length > 0);
  };

  const pick = (picker, option) => {
    const { words, picked } = parts(picker);
    picked.value = option.dataset.key;
    words.value = option.dataset.label;
    words.removeAttribute("aria-invalid");
    words.focus();
    close(picker);
    words.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const enhance = (picker) => {
    const { words, list } = parts(picker);
    words.setAttribute("role", "combobox");
    words.setAttribute("aria-autocomplete", "list");
    words.setAttribute("aria-controls", list.id);
    words.setAttribute("aria-expanded", "false");
    words.addEventListener("input", () => {
      parts(picker).picked.value = "";
      delete picker.dataset.closed;
    });
    words.addEventListener("focus", () => {
      if (parts(picker).picked.value) return;
      delete picker.dataset.closed;
      htmx.trigger(words, "picker:search");
    });
    words.addEventListener("blur", () => close(picker));
    words.addEventListener("keydown", (event) => {
      const found = options(parts(picker).list);
      const at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
      const isOpen = words.getAttribute("aria-expanded") === "true";
      if (event.key === "Escape" && isOpen) {
        event.preventDefault();
        close(picker);
      } else if (event.key === "Enter") {
        event.preventDefault();
        if (isOpen && isFresh(parts(picker))) pick(picker, found[Math.max(at, 0)]);
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && found.length) {
        event.preventDefault();
        if (!isFresh(parts(picker))) return;
        if (!isOpen) {
          delete picker.dataset.closed;
          open(picker);
        }
        const step = event.key === "ArrowDown" ? 1 : -1;
        point(picker, found[at < 0 ? (step > 0 ? 0 : found.length - 1) : (at + step + found.length) % found.length]);
      }
    });
    // The pointer would take the focus away from the field, which closes the list before the click.
    picker.addEventListener("mousedown", (event) => { if (event.target.closest("[data-options]")) event.preventDefault(); });
    picker.addEventListener("click", (event) => {
      const option = event.target.closest("[data-key]");
      if (!option) return;
      event.preventDefault();
      pick(picker, option);
    });
    open(picker);
  };

  const enhanceAll = (within) => {
    if (within.matches?.("[data-options]")) return open(within.closest("[data-picker]"));
    return within.querySelectorAll("[data-picker]").forEach(enhance);
  };

  // The list says itself that it could not be had: shell.js writes it there.
  const openFailed = ({ detail }) => {
    const picker = detail.requestConfig?.elt.closest("[data-picker]");
    if (picker) open(picker);
  };
  document.addEventListener("htmx:responseError", openFailed);
  document.addEventListener("htmx:sendError", openFailed);

  // Where the server says that something is to be typed or put right.
  const focusIn = (within) => within.querySelector("[data-focus]")?.focus();

  // Also once for the page itself.
  document.addEventListener("htmx:load", (event) => {
    enhanceAll(event.detail.elt);
    focusIn(event.detail.elt);
  });

  // A line that goes leaves the focus to its neighbour.
  document.addEventListener("click", (event) => {
    const line = event.target.closest?.("[data-removes]")?.closest("li");
    const neighbour = line?.nextElementSibling ?? line?.previousElementSibling;
    if (line) (neighbour?.querySelector("[data-removes]") ?? document.getElementById("line_add")).focus();
  });
})();
