// A JSON object as rows of keys and values, beside the JSON itself, which stays the field that is sent.
"use strict";
(() => {
  const make = (name, attributes = {}, ...inside) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...inside);
    return element;
  };
  const parsed = (text) => {
    try { return { value: JSON.parse(text) }; } catch { return null; }
  };
  const isObject = (text) => {
    const found = parsed(text)?.value;
    return found && typeof found === "object" && !Array.isArray(found);
  };
  // Values stay JSON as it is written: this script's own numbers are rounded after 16 digits.
  const tokens = (json) => json.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g);
  const compact = (json) => tokens(json).join("");
  // Each key with the JSON of its value, of an object's JSON. One that is there twice stays so, to be mended.
  const members = (json) => {
    const found = [];
    let depth = 0, key = null, part = "";
    for (const token of tokens(json)) {
      if (/[}\]]/.test(token[0])) depth -= 1;
      if (depth === 1 && token === ":" && key === null) {
        [key, part] = [JSON.parse(part), ""];
      } else if (depth === 0 || (depth === 1 && token === ",")) {
        if (key !== null) found.push([key, part]);
        [key, part] = [null, ""];
      } else {
        part += token;
      }
      if (/[{[]/.test(token[0])) depth += 1;
    }
    return found;
  };
  // A text that reads like a number or an object, or has lines, stands in quotes; all else is shown as it is meant.
  const shown = (json) => {
    const value = json.startsWith('"') ? JSON.parse(json) : null;
    return value === null || parsed(value) || /[\n\r]/.test(value) ? json : value;
  };
  const meant = (text) => (parsed(text) ? compact(text) : JSON.stringify(text));
  // A line of text has room for a key of one line only, and an empty one could be a key that was forgotten.
  const inRows = (text) => {
    if (text.trim() === "") return [];
    const found = isObject(text) ? members(text) : null;
    return found?.some(([key]) => key.trim() === "" || /[\n\r]/.test(key)) ? null : found;
  };

  // A row is a pair of key and value, with a place for what is wrong with it.
  const NO_KEY = "A value without a key is not saved: name its key, or remove the row.";
  const TWICE = "This key is there twice: change or remove one of the two.";
  const isEmpty = ([key, value]) => key.trim() === "" && value.trim() === "";
  const pairsOf = (list) => [...list.children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value));
  const faultsOf = (pairs) => {
    const times = new Map();
    for (const [key] of pairs) times.set(key, (times.get(key) ?? 0) + 1);
    return pairs.map((pair) => {
      if (isEmpty(pair)) return "";
      if (pair[0].trim() === "") return NO_KEY;
      return times.get(pair[0]) > 1 ? TWICE : "";
    });
  };
  const tell = (row, fault) => {
    const key = row.querySelector("input");
    row.querySelector(".rows-fault").textContent = fault;
    if (fault) key.setAttribute("aria-invalid", "true");
    else key.removeAttribute("aria-invalid");
  };
  // The key of the first row that stands in the way, if any. While somebody types they are told of nothing new.
  const judge = (list, isTyping = false) => {
    const faults = faultsOf(pairsOf(list));
    [...list.children].forEach((row, place) => {
      if (!isTyping || !faults[place]) tell(row, faults[place]);
    });
    return list.children[faults.findIndex(Boolean)]?.querySelector("input");
  };

  // What is told takes room: a button that is being pressed must not move away before it is clicked.
  let isPressed = false;
  document.addEventListener("pointerdown", () => { isPressed = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { isPressed = false; }, true);
  const afterClick = (act) => {
    if (isPressed) document.addEventListener("pointerup", () => setTimeout(act), { once: true });
    else act();
  };

  const enhance = (field) => {
    const label = document.querySelector(`label[for="${field.id}"]`)?.textContent.trim() ?? "";
    const rows = make("div", { class: "rows", role: "group", "aria-label": label });
    const list = make("div", { class: "rows-list" });
    const add = make("button", { type: "button", class: "btn btn-sm btn-outline-secondary" }, "Add a row");
    const toggle = make("button", { type: "button", class: "rows-toggle" });
    let rowsMade = 0;

    // What is wrong is written, too: nothing that was typed is lost on the way to the JSON and back.
    const write = () => {
      const lines = pairsOf(list).filter((pair) => !isEmpty(pair)).map(([key, value]) => `  ${JSON.stringify(key)}: ${meant(value)}`);
      field.value = lines.length ? `{\n${lines.join(",\n")}\n}` : "{}";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };

    // The server is asked once it could say more.
    const leave = () => { if (!judge(list)) field.dispatchEvent(new Event("change", { bubbles: true })); };

    const row = (key, value) => {
      const remove = make("button", { type: "button", class: "icon-button", "aria-label": `Remove ${key || "the row"}` }, "×");
      const fault = make("p", { class: "rows-fault", id: `${field.id}_row_${rowsMade += 1}` });
      const made = make("div", { class: "rows-row" },
        make("input", { type: "text", "aria-label": `${label}: key`, "aria-describedby": fault.id, placeholder: "key" }),
        make("input", { type: "text", "aria-label": `${label}: value of ${key || "the new key"}`, placeholder: "value" }), remove, fault);
      const [keyInput, valueInput] = made.querySelectorAll("input");
      keyInput.value = key;
      valueInput.value = value;
      made.addEventListener("input", (event) => { event.stopPropagation(); write(); judge(list, true); });
      made.addEventListener("change", (event) => { event.stopPropagation(); afterClick(leave); });
      remove.addEventListener("click", () => {
        made.remove();
        write();
        leave();
        add.focus();
      });
      return made;
    };

    const draw = (asRows) => {
      const found = asRows ? inRows(field.value) : null;
      rows.hidden = found === null;
      field.hidden = found !== null;
      toggle.textContent = found === null ? "Show as rows" : "Show as JSON";
      list.replaceChildren(...(found ?? []).map(([key, value]) => row(key, shown(value))));
      judge(list);
      return found !== null;
    };

    add.addEventListener("click", () => {
      const made = row("", "");
      list.append(made);
      made.querySelector("input").focus();
    });
    toggle.addEventListener("click", () => {
      const wrong = judge(list);
      if (wrong) wrong.focus(); // in JSON a key that was forgotten would look as if it were meant
      else if (draw(rows.hidden)) add.focus();
      else field.focus();
    });
    // Before anybody else hears of it: the form is not sent.
    field.form.addEventListener("submit", (event) => {
      const wrong = judge(list);
      if (!wrong) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      wrong.focus();
    }, { capture: true });
    rows.append(list, add);
    field.after(rows, toggle);
    draw(!field.matches("[aria-invalid]"));
  };

  document.querySelectorAll("textarea[data-rows]").forEach(enhance);
})();
