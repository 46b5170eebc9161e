// The query builder's text. The textarea is the truth: it is what is sent, with this script and without. It is written
// in until the editor (Ace, larger than the whole page) is here, which comes as soon as somebody stirs.
"use strict";
const queryText = (() => {
  const form = document.getElementById("query_form");
  const text = document.getElementById("query_sql");
  const isTyped = document.activeElement === text && text.value !== text.defaultValue; // sooner than this script came
  const began = queryDraft.kept() ?? (isTyped ? text.defaultValue : text.value);
  if (!isTyped) text.value = began;
  let isComposing = false;

  const type = (sql) => {
    text.focus();
    if (document.execCommand("insertText", false, sql)) return; // as if typed: the browser can undo it
    text.setRangeText(sql, text.selectionStart, text.selectionEnd, "end");
    queryDraft.keep(text.value);
  };
  // What the editor does in its own way, once it is here.
  const ways = {
    insert: type,
    replace(sql) {
      text.select();
      type(sql);
    },
  };
  const run = () => form.requestSubmit(document.getElementById("query_run"));
  // Somebody clicked into the text or typed: they go on writing, in the editor.
  const isInUse = { byHand: document.activeElement === text };
  text.addEventListener("pointerdown", () => { isInUse.byHand = true; });
  text.addEventListener("compositionstart", () => { isComposing = true; });
  text.addEventListener("compositionend", () => { isComposing = false; });
  text.addEventListener("input", () => {
    isInUse.byHand = true;
    queryDraft.keep(text.value);
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    run();
  });
  document.getElementById("query_keys").hidden = false;

  // Another statement takes the place of the one that stands there, and Undo brings it back.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-sql]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    ways.replace(link.dataset.sql);
    form.scrollIntoView({ block: "nearest" });
  });

  for (const name of document.querySelectorAll("[data-insert]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "insert";
    button.textContent = name.textContent;
    button.title = `Insert ${name.dataset.insert}`;
    button.addEventListener("click", () => ways.insert(name.dataset.insert));
    name.replaceChildren(button);
  }

  const words = document.getElementById("tables_words");
  document.getElementById("tables_find").hidden = false;
  words.addEventListener("input", () => {
    const wanted = words.value.trim().toLowerCase();
    let any = false;
    for (const table of document.querySelectorAll("[data-table]")) {
      const is = table.querySelector(".table-name").textContent.toLowerCase().includes(wanted);
      let found = false;
      for (const part of table.querySelectorAll("[data-column], [data-index]")) {
        const fits = part.textContent.toLowerCase().includes(wanted);
        part.hidden = !(is || fits);
        found ||= fits;
      }
      const title = table.querySelector("[data-indexes]");
      if (title) title.hidden = !table.querySelector("[data-index]:not([hidden])");
      table.hidden = !(is || found);
      table.open = wanted !== "" && !table.hidden;
      any ||= !table.hidden;
    }
    const none = document.getElementById("tables_none");
    none.hidden = any;
    none.textContent = any ? "" : "No table, column or index is called that.";
  });

  // Its style before the site's own, which has the last word. Then the scripts, in this order; where one does not come,
  // the textarea goes on.
  const fetchEditor = () => {
    STIRS.forEach((stir) => document.removeEventListener(stir, fetchEditor));
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = form.dataset.editorStyle;
    style.addEventListener("load", fetchScripts);
    document.head.querySelector("link[rel=stylesheet]").before(style);
  };
  const fetchScripts = () => {
    for (const address of form.dataset.editor.split(" ")) {
      const script = document.createElement("script");
      script.src = address;
      script.async = false;
      document.head.append(script);
    }
  };
  const STIRS = ["pointermove", "keydown", "focusin", "click"];
  STIRS.forEach((stir) => document.addEventListener(stir, fetchEditor));
  if (document.activeElement === text) fetchEditor(); // quicker than this script

  return {
    form, text, began, ways, run, isInUse,
    // A letter that is being put together from several keys would be lost.
    whenStill(go) {
      if (isComposing) text.addEventListener("compositionend", () => setTimeout(go), { once: true });
      else go();
    },
  };
})();
