// The choice of 经办人 follows the units chosen: only their clerks and heads. Without scripts the page offers
// those of the units it was opened with, and the server checks either way.
(function () {
  "use strict";

  const select = document.querySelector("select[data-people]");
  if (!select) return;
  const people = JSON.parse(select.dataset.people);
  const lead = select.form.elements.lead_unit;
  const known = people.map((person) => String(person[0]));
  const fixed = Array.prototype.slice.call(select.options).filter((option) => known.indexOf(option.value) < 0);

  const units = () => {
    const given = select.dataset.units ? select.dataset.units.split(" ") : [];
    const boxes = select.form.querySelectorAll('input[name="supporting_units"]:checked');
    const supporting = Array.prototype.map.call(boxes, (box) => box.value);
    return (lead.value ? [lead.value] : given).concat(supporting);
  };
  const show = () => {
    const chosen = units();
    const value = select.value;
    select.textContent = "";
    fixed.forEach((option) => select.appendChild(option));
    people.filter((person) => person[2].some((unit) => chosen.indexOf(String(unit)) >= 0)).forEach((person) => {
      select.appendChild(new Option(person[1], person[0]));
    });
    select.value = value;
    if (select.selectedIndex < 0) select.selectedIndex = 0;
  };
  select.form.addEventListener("change", (event) => {
    if (event.target === lead || event.target.name === "supporting_units") show();
  });
}());
