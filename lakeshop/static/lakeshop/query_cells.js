// One cell of an answer: reached with Tab and the arrow keys or clicked, and copied as it is, with Ctrl+C or the button.
"use strict";
(() => {
  const CELLS = ".answer-table td";
  let chosen = null;

  // Folded or not: all of it. NULL and the empty text, which are shown in words, are nothing.
  const value = (cell) => cell.querySelector("pre.told, span.told")?.textContent ?? "";
  const button = () => document.getElementById("answer_copy_cell");

  const choose = (cell) => {
    if (chosen) chosen.tabIndex = -1;
    chosen = cell;
    chosen.tabIndex = 0;
  };

  const prepare = () => {
    chosen = null;
    const first = document.querySelector(CELLS);
    if (!first || !navigator.clipboard) return;
    choose(first);
    button().hidden = false;
  };

  const copy = async () => {
    const words = button().querySelector("span");
    try {
      await navigator.clipboard.writeText(value(chosen));
      words.textContent = "Cell copied";
    } catch {
      words.textContent = "The browser did not allow it";
    }
  };

  const beside = (cell, key) => {
    const row = cell.parentElement;
    if (key === "ArrowLeft") return cell.previousElementSibling;
    if (key === "ArrowRight") return cell.nextElementSibling;
    if (key === "ArrowUp") return row.previousElementSibling?.cells[cell.cellIndex];
    if (key === "ArrowDown") return row.nextElementSibling?.cells[cell.cellIndex];
    return null;
  };

  document.addEventListener("keydown", (event) => {
    if (!chosen || event.target !== chosen) return;
    const other = beside(chosen, event.key);
    if (other) {
      event.preventDefault();
      choose(other);
      other.focus();
    } else if (event.key === "c" && (event.ctrlKey || event.metaKey) && getSelection().isCollapsed) {
      event.preventDefault();
      copy();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#answer_copy_cell")) return copy();
    const cell = event.target.closest?.(CELLS);
    if (!cell || !chosen) return undefined;
    choose(cell);
    button().querySelector("span").textContent = "Copy cell";
    if (!event.target.closest("summary") && getSelection().isCollapsed) cell.focus({ preventScroll: true });
    return undefined;
  });

  prepare();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt?.id === "_answer") prepare();
  });
})();
