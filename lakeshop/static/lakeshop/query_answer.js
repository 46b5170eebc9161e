// A run that takes its time: how long it has taken, and the way to stop it. And the rows of an answer, copied.
"use strict";
(() => {
  const running = document.getElementById("query_running");
  const seconds = document.getElementById("query_seconds");
  const stop = document.getElementById("query_stop");
  const start = document.getElementById("query_run");
  const SHOWN_AFTER = 200;
  const AGAIN = 250;
  let timer = null;
  let run = "";
  let isStopping = false; // a disabled button would lose the focus
  const seemStopping = (is) => {
    isStopping = is;
    stop.classList.toggle("disabled", is);
    if (is) stop.setAttribute("aria-disabled", "true");
    else stop.removeAttribute("aria-disabled");
  };

  const isRun = (element) => ["query_form", "query_again", "query_sort"].includes(element?.id);

  // Each run has a name of its own, by which it can be stopped.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!isRun(event.detail.elt)) return;
    run = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    event.detail.parameters.run = run;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isRun(event.detail.elt)) return;
    const began = Date.now();
    const draw = () => {
      running.hidden = false;
      seconds.textContent = `${isStopping ? "Cancelling" : "Running"} for ${((Date.now() - began) / 1000).toFixed(0)} s`;
    };
    seemStopping(false);
    timer = setTimeout(() => {
      draw();
      timer = setInterval(draw, 1000);
    }, SHOWN_AFTER);
  });

  // The form may have been replaced by its answer: htmx then speaks of what stands around it.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isRun(event.detail.requestConfig.elt)) return;
    clearTimeout(timer);
    clearInterval(timer);
    // Who stopped it by the pointer has the focus on the button only where browsers give it to what is clicked.
    const { activeElement, body } = document;
    const goes = running.contains(activeElement) || (isStopping && activeElement === body);
    running.hidden = true;
    if (goes) start.focus();
  });

  // 202: nothing of the name runs in the database yet. It is told again for as long as this run lasts.
  const cancel = async () => {
    const mine = run;
    const token = document.querySelector("#query_form [name=csrfmiddlewaretoken]").value;
    const body = new URLSearchParams({ run: mine, csrfmiddlewaretoken: token });
    while (mine === run && !running.hidden) {
      const answer = await fetch(stop.dataset.stop, { method: "POST", body });
      if (answer.status === 204) return;
      if (answer.status !== 202) throw new Error(answer.statusText);
      await new Promise((again) => setTimeout(again, AGAIN));
    }
  };

  stop.addEventListener("click", async () => {
    if (isStopping) return;
    seemStopping(true);
    try {
      await cancel();
    } catch {
      seemStopping(false); // the site did not answer: it may be tried again
    }
  });

  const prepare = () => {
    const copy = document.getElementById("answer_copy");
    const rows = document.getElementById("answer_tsv");
    if (!copy || !rows || !navigator.clipboard) return;
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      const words = copy.querySelector("span");
      try {
        await navigator.clipboard.writeText(rows.textContent);
        words.textContent = "Copied";
      } catch {
        words.textContent = "The browser did not allow it";
      }
    });
  };
  prepare();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt?.id === "_answer") prepare();
  });
})();
