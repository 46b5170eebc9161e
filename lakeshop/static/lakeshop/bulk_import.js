// A file on its way: what was dropped or chosen is looked at before it leaves, and the bar tells how far it is.
"use strict";
(() => {
  const form = (event) => event.target.closest?.("[data-upload]");
  const megabytes = (bytes) => (bytes / 1048576).toFixed(1);

  // Too large is said before minutes are spent on it; the server says it again.
  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches("[data-largest]")) return;
    const isTooLarge = field.files[0]?.size > Number(field.dataset.largest);
    const errors = document.getElementById(`${field.id}_error`);
    field.setCustomValidity(isTooLarge ? field.dataset.tooLarge : "");
    errors.replaceChildren();
    if (isTooLarge) errors.append(Object.assign(document.createElement("p"), { textContent: field.dataset.tooLarge }));
  });

  for (const [name, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(name, (event) => event.target.closest?.(".drop")?.classList.toggle("drop-over", over));
  }
  // Beside the field, a browser would leave this page and open the file.
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => {
      if (!event.target.closest?.(".drop")) event.preventDefault();
    });
  }

  const progress = (within) => ({
    panel: within.querySelector(".upload-progress"),
    said: within.querySelector(".upload-said"),
    bar: within.querySelector(".upload-bar"),
  });

  document.addEventListener("htmx:beforeSend", (event) => {
    const sent = form(event);
    if (!sent) return;
    const { panel, said, bar } = progress(sent);
    panel.hidden = false;
    said.textContent = "Uploading …";
    bar.value = 0;
  });

  // htmx tells of the answer's progress, too, which is told here already.
  document.addEventListener("htmx:xhr:progress", (event) => {
    const sent = form(event);
    if (!sent || !event.detail.lengthComputable) return;
    const { said, bar } = progress(sent);
    if (!bar.hasAttribute("value")) return;
    const { loaded, total } = event.detail;
    bar.value = loaded / total;
    bar.setAttribute("aria-valuetext", `${megabytes(loaded)} of ${megabytes(total)} MB`);
    if (loaded < total) return;
    bar.removeAttribute("value");
    said.textContent = "Uploaded. The file is being looked at …";
  });

  const rest = (within) => { progress(within).panel.hidden = true; };
  document.addEventListener("htmx:afterRequest", (event) => {
    const sent = form(event);
    if (sent && !event.detail.xhr?.getResponseHeader("HX-Redirect")) rest(sent);
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-upload]").forEach(rest));
})();
