// On a phone what is found comes before the filters: these are folded away there while none is used.
"use strict";
(() => {
  const more = document.querySelector(".search-more");
  const wide = matchMedia("(min-width: 768px)");
  const fold = () => { more.open = wide.matches || "used" in more.dataset; };
  fold();
  more.dataset.ready = ""; // until now the style has folded them
  wide.addEventListener("change", fold);
})();
