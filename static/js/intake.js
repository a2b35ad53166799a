// The preview of a report: a piece's passage comes into view inside the source, and the outline stays where it is.
(function () {
  "use strict";

  const source = document.querySelector("[data-source]");
  if (!source) return;
  const own = () => window.getComputedStyle(source).overflowY === "auto";

  const show = (element) => {
    const above = element.getBoundingClientRect().top - source.getBoundingClientRect().top;
    source.scrollTop += above - 48;
  };

  // The browser marks the passage by its address; only the scrolling is done here.
  document.addEventListener("click", (event) => {
    const link = event.target.closest ? event.target.closest('a[href^="#s-"], a[href^="#l"]') : null;
    if (!link || !own()) return;
    const target = document.getElementById(link.hash.slice(1));
    if (!target || !source.contains(target)) return;
    const at = window.pageYOffset;
    window.setTimeout(() => {
      window.scrollTo(0, at);
      show(target);
    }, 0);
  });

  const opened = source.querySelector(".passage.is-open");
  if (opened && own()) show(opened);
}());
