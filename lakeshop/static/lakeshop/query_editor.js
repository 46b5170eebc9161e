// The editor of the query builder in the place of the textarea, with what was written there and the cursor where it was.
"use strict";
queryText.whenStill(() => {
  if (typeof ace === "undefined") return; // it did not come, and the textarea goes on
  const { text, began, ways, run, isInUse } = queryText;
  const box = document.createElement("div");
  box.className = "query-editor ace-lakeshop"; // from the start, so that its lines are measured once
  box.id = "query_editor";
  const isUnderHand = document.activeElement === text;
  const { selectionStart, selectionEnd } = text;
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
  editor.session.setValue(began);
  if (text.value !== began) editor.setValue(text.value); // Undo leads back to what stood there first
  editor.session.markUndoGroup(); // what is typed at once is a step of its own
  editor.session.on("change", () => {
    text.value = editor.getValue();
    queryDraft.keep(text.value);
  });
  editor.navigateFileEnd();
  if (isUnderHand) {
    const { Range } = ace.require("ace/range");
    const [start, end] = [selectionStart, selectionEnd].map((index) => editor.session.doc.indexToPosition(index));
    editor.selection.setRange(Range.fromPoints(start, end));
    // Who came by Tab and has neither written nor selected anything moves on by Tab.
    if (isInUse.byHand || selectionStart !== selectionEnd) editor.focus();
    else editor.renderer.scroller.focus();
  }

  editor.commands.addCommand({
    name: "run",
    bindKey: { win: "Ctrl-Enter", mac: "Command-Enter|Ctrl-Enter" },
    exec: run,
  });
  ways.replace = (sql) => {
    editor.session.markUndoGroup();
    editor.setValue(sql, 1);
    editor.session.markUndoGroup();
    editor.focus();
  };
  ways.insert = (sql) => {
    editor.insert(sql);
    editor.focus();
  };

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
});
