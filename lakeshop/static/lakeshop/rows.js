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
  const object = (text) => {
    const found = text.trim() ? parsed(text)?.value : {};
    return found && typeof found === "object" && !Array.isArray(found) ? found : null;
  };
  // A text that reads like a number or an object stands in quotes; everything else is written as it is.
  const shown = (value) => (typeof value === "string" && !parsed(value) ? value : JSON.stringify(value));
  const meant = (text) => (parsed(text) ? parsed(text).value : text);
  // Numbers that this script would round are left to the JSON view.
  const isExact = (text) => !/\d[\d.]{15,}/.test(text);

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
      field.value = JSON.stringify(Object.fromEntries(kept.map(([key, value]) => [key, meant(value)])), null, 2);
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
      const found = asRows && isExact(field.value) ? object(field.value) : null;
      rows.hidden = found === null;
      field.hidden = found !== null;
      toggle.textContent = found === null ? "Show as rows" : "Show as JSON";
      if (found !== null) list.replaceChildren(...Object.entries(found).map(([key, value]) => row(key, shown(value))));
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
