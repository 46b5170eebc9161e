// A line of words parted by commas, shown as chips. The line itself stays in the form, hidden, and is what is sent.
"use strict";
(() => {
  const quoted = (word) => (/[",]/.test(word) ? `"${word.replaceAll('"', '""')}"` : word);

  // The same reading as tags_from_text() in pages/fields.py: what begins with a quote goes to the next one, or to the end.
  const WORD = / *(?:"((?:[^"]|"")*)(?:"([^,]*)|$)|([^,]*))(?:,|$)/g;
  const words = (line) => {
    const found = [...line.matchAll(WORD)].map(([, quote, rest = "", plain]) => plain ?? quote.replaceAll('""', '"') + rest);
    return [...new Set(found.map((word) => word.trim()).filter(Boolean))];
  };
  const isWithinQuotes = (line) => [...line.matchAll(WORD)].some(([, quote, rest]) => quote !== undefined && rest === undefined);

  const enhance = (line) => {
    const box = document.createElement("div");
    const list = document.createElement("ul");
    const entry = document.createElement("input");
    box.className = "chips-box";
    list.className = "chips";
    entry.type = "text";
    entry.id = line.id;
    entry.autocomplete = "off";
    entry.setAttribute("aria-describedby", line.getAttribute("aria-describedby") ?? "");
    line.removeAttribute("id");
    line.removeAttribute("aria-describedby");
    line.type = "hidden";
    let tags = words(line.value);

    const write = () => {
      line.value = tags.map(quoted).join(", ");
      line.dispatchEvent(new Event("input", { bubbles: true }));
      line.dispatchEvent(new Event("change", { bubbles: true }));
    };

    const draw = () => list.replaceChildren(...tags.map((tag, place) => {
      const chip = document.createElement("li");
      const remove = document.createElement("button");
      chip.className = "chip";
      chip.dir = "auto";
      remove.type = "button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `Remove ${tag}`);
      remove.addEventListener("click", () => {
        tags.splice(place, 1);
        draw();
        write();
        (list.querySelectorAll("button")[Math.max(place - 1, 0)] ?? entry).focus();
      });
      chip.append(tag, remove);
      return chip;
    }));

    const take = () => {
      if (!entry.value.trim()) return;
      tags = [...new Set([...tags, ...words(entry.value)])];
      entry.value = "";
      draw();
      write();
    };

    entry.addEventListener("keydown", (event) => {
      const isEnd = event.key === "Enter" || (event.key === "," && !isWithinQuotes(entry.value.slice(0, entry.selectionStart)));
      if (isEnd && entry.value.trim()) {
        event.preventDefault();
        take();
      } else if (event.key === "Backspace" && !entry.value && tags.length) {
        tags.pop();
        draw();
        write();
      }
    });
    entry.addEventListener("change", (event) => event.stopPropagation());
    entry.addEventListener("blur", take);
    line.form?.addEventListener("submit", take, { capture: true });
    draw();
    box.append(list, entry);
    line.after(box);
  };

  document.querySelectorAll("input[data-chips]").forEach(enhance);
})();
