// The list's boxes: all of the page at once, and how many are ticked. Without scripts the boxes work as they are.
(function () {
  "use strict";

  const form = document.querySelector("form[data-bulk]");
  if (!form) return;
  const boxes = Array.prototype.slice.call(document.querySelectorAll('input[name="pick"][form="' + form.id + '"]'));
  const all = form.querySelector("[data-pick-all]");
  const words = form.querySelector("[data-pick-count]");
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    words.textContent = ticked ? "（" + ticked + " 项）" : "";
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    show();
  });
  boxes.forEach((box) => box.addEventListener("change", show));
  window.addEventListener("pageshow", show);
  show();
}());
