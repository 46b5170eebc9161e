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
  // The JSON of each value by its key, of an object's JSON.
  const members = (json) => {
    const found = new Map();
    let depth = 0, key = null, part = "";
    for (const token of tokens(json)) {
      if (/[}\]]/.test(token[0])) depth -= 1;
      if (depth === 1 && token === ":" && key === null) {
        [key, part] = [JSON.parse(part), ""];
      } else if (depth === 0 || (depth === 1 && token === ",")) {
        if (key !== null) found.set(key, part);
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
  // A line of text has room for a key of one line only.
  const inRows = (text) => {
    if (text.trim() === "") return new Map();
    const found = isObject(text) ? members(text) : null;
    return found && [...found.keys()].some((key) => /[\n\r]/.test(key)) ? null : found;
  };

  const enhance = (field) => {
    const label = document.querySelector(`label[for="${field.id}"]`)?.textContent.trim() ?? "";
    const rows = make("div", { class: "rows", role: "group", "aria-label": label });
    const list = make("div", { class: "rows-list" });
    const add = make("button", { type: "button", class: "btn btn-sm btn-outline-secondary" }, "Add a row");
    const toggle = make("button", { type: "button", class: "rows-toggle" });

    const write = () => {
      const pairs = [...list.children].map((row) => [...row.querySelectorAll("input")].map((input) => input.value));
      const keys = pairs.map(([key]) => key);
      [...list.children].forEach((row, place) => {
        const twice = keys[place] !== "" && keys.indexOf(keys[place]) !== place;
        row.querySelector("input").setCustomValidity(twice ? "This key is there twice: the last one counts." : "");
        row.classList.toggle("rows-twice", twice);
      });
      const kept = pairs.filter(([key, value]) => key !== "" || value !== "");
      const lines = [...new Map(kept)].map(([key, value]) => `  ${JSON.stringify(key)}: ${meant(value)}`);
      field.value = lines.length ? `{\n${lines.join(",\n")}\n}` : "{}";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };

    const row = (key, value) => {
      const remove = make("button", { type: "button", class: "icon-button", "aria-label": `Remove ${key || "the row"}` }, "×");
      const made = make("div", { class: "rows-row" },
        make("input", { type: "text", "aria-label": `${label}: key`, placeholder: "key" }),
        make("input", { type: "text", "aria-label": `${label}: value of ${key || "the new key"}`, placeholder: "value" }), remove);
      const [keyInput, valueInput] = made.querySelectorAll("input");
      keyInput.value = key;
      valueInput.value = value;
      made.addEventListener("input", (event) => { event.stopPropagation(); write(); });
      made.addEventListener("change", (event) => {
        event.stopPropagation();
        field.dispatchEvent(new Event("change", { bubbles: true }));
      });
      remove.addEventListener("click", () => {
        made.remove();
        write();
        add.focus();
      });
      return made;
    };

    const draw = (asRows) => {
      const found = asRows ? inRows(field.value) : null;
      rows.hidden = found === null;
      field.hidden = found !== null;
      toggle.textContent = found === null ? "Show as rows" : "Show as JSON";
      if (found !== null) list.replaceChildren(...[...found].map(([key, value]) => row(key, shown(value))));
      return found !== null;
    };

    add.addEventListener("click", () => {
      const made = row("", "");
      list.append(made);
      made.querySelector("input").focus();
    });
    toggle.addEventListener("click", () => {
      if (draw(rows.hidden)) add.focus(); else field.focus();
    });
    rows.append(list, add);
    field.after(rows, toggle);
    draw(!field.matches("[aria-invalid]"));
  };

  document.querySelectorAll("textarea[data-rows]").forEach(enhance);
})();
