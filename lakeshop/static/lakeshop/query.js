// The editor of the query builder. The textarea stays the truth: it is what is sent, with this script and without.
"use strict";
(() => {
  const form = document.getElementById("query_form");
  const text = document.getElementById("query_sql");
  const box = document.createElement("div");
  box.className = "query-editor ace-lakeshop"; // from the start, so that its lines are measured once
  box.id = "query_editor";
  const isUnderHand = document.activeElement === text; // somebody was quicker than this script
  const isTyped = isUnderHand && text.value !== text.defaultValue;
  text.after(box);
  text.hidden = true;

  ace.config.set("useStrictCSP", true);
  ace.config.set("loadWorkerFromBlob", false);
  const editor = ace.edit(box, {
    mode: "ace/mode/sql",
    useWorker: false,
    showPrintMargin: false,
    fontSize: "0.9rem",
    tabSize: 2,
    wrap: true,
    // Tab moves on, as everywhere on the page: Enter begins to edit, Escape leaves.
    enableKeyboardAccessibility: true,
    textInputAriaLabel: "SQL statement",
  });
  editor.session.setOption("wrapMethod", "text"); // at spaces: as code, a line may end within sum(o.total_amount)
  // The first stop of Tab is the text; the gutter's messages stand below in words.
  editor.renderer.$gutter.tabIndex = -1;
  // On a phone as high as its text, so that the answer is in sight; elsewhere the style says, and a hand that drags.
  const narrow = matchMedia("(max-width: 767.98px)");
  const fit = () => {
    editor.setOptions({ minLines: narrow.matches ? 4 : 0, maxLines: narrow.matches ? 14 : 0 });
    if (!narrow.matches) box.style.height = "";
    editor.resize();
  };
  fit();
  narrow.addEventListener("change", fit);
  editor.setTheme({ cssClass: "ace-lakeshop", cssText: "", $id: "lakeshop" });
  const dark = () => editor.renderer.scroller && box.classList.toggle("ace_dark", document.documentElement.dataset.bsTheme === "dark");
  dark();
  new MutationObserver(dark).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  if (!isTyped) text.value = queryDraft.kept() ?? text.value;
  editor.session.setValue(text.value);
  editor.session.on("change", () => {
    text.value = editor.getValue();
    queryDraft.keep(text.value);
  });
  editor.navigateFileEnd();
  if (isUnderHand) editor.focus();

  editor.commands.addCommand({
    name: "run",
    bindKey: { win: "Ctrl-Enter", mac: "Command-Enter|Ctrl-Enter" },
    exec: () => form.requestSubmit(document.getElementById("query_run")),
  });
  document.getElementById("query_keys").hidden = false;

  // Another statement takes the place of the one that stands there, and Undo brings it back.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-sql]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    editor.setValue(link.dataset.sql, 1);
    editor.focus();
    box.scrollIntoView({ block: "nearest" });
  });

  for (const name of document.querySelectorAll("[data-insert]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "insert";
    button.textContent = name.textContent;
    button.title = `Insert ${name.dataset.insert}`;
    button.addEventListener("click", () => {
      editor.insert(name.dataset.insert);
      editor.focus();
    });
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

  // Where Postgres or the parser points: a mark in the text and one beside it, until the text is changed.
  let marks = [];
  const unmark = () => {
    marks.forEach((mark) => editor.session.removeMarker(mark));
    marks = [];
    editor.session.clearAnnotations();
  };
  const mark = () => {
    unmark();
    const trouble = document.getElementById("query_trouble");
    if (!trouble?.dataset.line) return;
    const row = Number(trouble.dataset.line) - 1;
    // The answer counts characters, as Postgres does; the editor counts an emoji as two.
    const characters = [...editor.session.getLine(row)];
    const column = characters.slice(0, Number(trouble.dataset.column) - 1).join("").length;
    const part = characters.slice(Number(trouble.dataset.column) - 1).slice(0, Number(trouble.dataset.length)).join("");
    const { Range } = ace.require("ace/range");
    const end = column + Math.max(part.length, 1);
    marks.push(editor.session.addMarker(new Range(row, column, row, end), "query-mistake", "text"));
    const said = trouble.querySelector(".trouble-message").textContent.trim();
    editor.session.setAnnotations([{ row, column, text: said, type: "error" }]);
  };
  mark();
  editor.session.on("change", unmark);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "_answer" || event.detail.elt?.id === "_answer") mark();
  });
})();
