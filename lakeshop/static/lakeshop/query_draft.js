// A statement that is being written survives a reload, the way back to its page and a sign-in between: it is kept in this
// tab only, for the person who wrote it. query.js puts it into the editor.
"use strict";
const queryDraft = (() => {
  const form = document.getElementById("query_form");
  const name = `query of ${form.dataset.person}`;

  return {
    // Null where the address has brought a statement of its own, or nothing was kept.
    kept() {
      if (location.href !== form.action) return null;
      try { return sessionStorage.getItem(name); } catch { return null; }
    },
    keep(sql) {
      // What stands there is no longer what the address says, to which a reload or a sign-in leads.
      if (location.href !== form.action) history.replaceState(history.state, "", form.action);
      try { sessionStorage.setItem(name, sql); } catch { /* kept nowhere, then */ }
    },
  };
})();
