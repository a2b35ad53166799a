// A column of the list moves a place at once, in its menu; without scripts the list comes again with it moved.
(function () {
  "use strict";

  const form = document.querySelector("[data-columns]");
  if (!form) return;
  const said = form.querySelector("[data-columns-said]");
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[name=move]");
    if (!button) return;
    event.preventDefault();
    const line = button.closest("li");
    const back = button.value.charAt(0) === "-";
    const beside = back ? line.previousElementSibling : line.nextElementSibling;
    if (!beside) return;
    line.parentNode.insertBefore(back ? line : beside, back ? beside : line);
    button.focus();
    const place = Array.prototype.indexOf.call(line.parentNode.children, line) + 1;
    said.textContent = line.querySelector("label").textContent.trim() + "排在第 " + place;
  });
}());
