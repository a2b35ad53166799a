// The cells of the grid: what stands there today, what was typed, what may stand there; steps that are undone; what is
// sent. Knows the table and its form, no keys and no mouse. Chromium 86, no libraries.
(function () {
  "use strict";

  const box = document.querySelector("[data-grid]");
  if (!box) return;
  const form = box.closest("form");
  const field = form.querySelector("[data-grid-rows]");
  const list = (found) => Array.prototype.slice.call(found);
  const offered = JSON.parse(document.getElementById("grid-offered").textContent);
  const columns = list(box.querySelectorAll("thead [data-key]")).map((head) => ({ key: head.dataset.key, name: head.textContent, shape: head.dataset.shape, clears: head.hasAttribute("data-clears") }));
  const column = (key) => columns.findIndex((one) => one.key === key);
  const make = (tag, name, parent) => {
    const element = document.createElement(tag);
    element.className = name;
    parent.appendChild(element);
    return element;
  };

  // -- the cells: what stands there today (`drawn`), what stood there when they were opened, what they are to hold ----
  const rows = list(box.querySelectorAll("tbody tr")).map((line, r) => {
    const link = line.querySelector("th a");
    link.tabIndex = -1;
    const row = { code: line.dataset.code, title: link.textContent, version: Number(line.dataset.version), supporting: line.dataset.supporting.split("、") };
    row.cells = list(line.querySelectorAll("td")).map((td, c) => {
      const drawn = td.firstElementChild.textContent;
      td.row = r;
      td.column = c;
      return { r, c, td, drawn, was: drawn, now: drawn, locked: td.classList.contains("is-locked"), wrong: "" };
    });
    return row;
  });
  const changed = new Set();
  const cellOf = (code, key) => {
    const row = rows.find((one) => one.code === code);
    return row && column(key) >= 0 ? row.cells[column(key)] : null;
  };
  const isConflict = (cell) => cell.now !== cell.drawn && cell.was !== cell.drawn;

  const optionsOf = (cell) => {
    const { key } = columns[cell.c];
    if (key !== "clerk") return offered[key] || null;
    const row = rows[cell.r];
    const units = row.supporting.concat(column("lead_unit") < 0 ? Object.keys(offered.clerk) : row.cells[column("lead_unit")].now);
    return Array.from(new Set([].concat(...units.map((unit) => offered.clerk[unit] || []))));
  };
  const wrongIn = (cell) => {
    if (cell.now === cell.drawn || !cell.now) return "";
    const options = optionsOf(cell);
    if (options && options.indexOf(cell.now) < 0) return columns[cell.c].key === "clerk" ? "不是该单位的经办人、负责人" : "不在可选的范围内";
    if (columns[cell.c].shape === "percent" && !/^(100|\d{1,2})[%％]?$/.test(cell.now.trim())) return "应是 0 到 100 的整数";
    return "";
  };
  const paint = (cell) => {
    const { td } = cell;
    const words = td.firstElementChild;
    if (isConflict(cell)) {
      words.textContent = "";
      make("span", "grid-now", words).textContent = "现在的：" + (cell.drawn || "（空）");
      make("span", "grid-mine", words).textContent = "您填的：" + (cell.now || "（空）");
    } else words.textContent = cell.now;
    td.classList.toggle("is-changed", cell.now !== cell.drawn);
    td.classList.toggle("is-conflict", isConflict(cell));
    td.classList.toggle("is-wrong", Boolean(cell.wrong));
    td.title = cell.wrong;
  };

  // -- what is sent, and kept as a draft ---------------------------------------------------------------------------
  let at = box.dataset.opened;
  const typing = { cell: null, text: () => "" };  // what is being typed is kept too, before it is entered
  const store = () => {
    const sent = {};
    changed.forEach((cell) => {
      const row = rows[cell.r];
      const { key } = columns[cell.c];
      const entry = sent[row.code] || (sent[row.code] = { version: row.version, was: {}, now: {} });
      entry.was[key] = cell.was;
      entry.now[key] = typing.cell === cell ? typing.text() : cell.now;
    });
    field.value = Object.keys(sent).length ? JSON.stringify({ at, rows: sent }) : "";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const hold = (cell, now) => {
    cell.now = now;
    if (now === cell.drawn) {
      cell.was = cell.drawn;
      changed.delete(cell);
    } else changed.add(cell);
    cell.wrong = wrongIn(cell);
    paint(cell);
  };

  // -- one step: its changes together are one undo -------------------------------------------------------------------
  const done = [];
  const undone = [];
  const step = (changes) => {
    const made = changes.filter((one) => !one.cell.locked && one.cell.now !== one.now).map((one) => ({ cell: one.cell, before: one.cell.now, after: one.now }));
    if (!made.length) return 0;
    made.forEach((one) => hold(one.cell, one.after));
    made.slice().forEach((one) => follow(one.cell, made));
    done.push(made);
    undone.length = 0;
    store();
    return made.length;
  };
  // An item that moves to another unit leaves a clerk behind who does not work there, as the form does.
  const follow = (cell, made) => {
    if (columns[cell.c].key !== "lead_unit" || column("clerk") < 0) return;
    const clerk = rows[cell.r].cells[column("clerk")];
    if (clerk.locked || !clerk.now || made.some((one) => one.cell === clerk)) {
      if (!clerk.locked) hold(clerk, clerk.now);
      return;
    }
    if (optionsOf(clerk).indexOf(clerk.now) >= 0) return;
    made.push({ cell: clerk, before: clerk.now, after: "" });
    hold(clerk, "");
  };
  const back = (from, to, side) => {
    const made = from.pop();
    if (!made) return null;
    made.forEach((one) => hold(one.cell, one[side]));
    to.push(made);
    store();
    return made[0].cell;
  };

  // -- what was typed before -----------------------------------------------------------------------------------------
  // What can be filled in no more (withdrawn, closed, given to others) is shown once more, to be copied.
  const giveBack = (lost) => {
    if (!lost.length) return;
    const notice = document.createElement("div");
    notice.className = "notice notice-warn";
    form.insertBefore(notice, field.nextSibling);
    make("p", "", notice).textContent = "以下内容上次没有保存，现在这些格已不能填写，不会随这次保存；需要时请复制：";
    const lines = make("ul", "", notice);
    lost.forEach((words) => { make("li", "", lines).textContent = words; });
  };
  const restore = () => {
    let kept = null;
    try { kept = JSON.parse(field.value); } catch (error) { kept = null; }  // one cut at the most a draft holds
    if (!kept) return;
    ({ at } = kept);
    const lost = [];
    Object.keys(kept.rows).forEach((code) => Object.keys(kept.rows[code].now).forEach((key) => {
      const cell = cellOf(code, key);
      if (!cell || cell.locked) {
        lost.push(code + " " + (column(key) < 0 ? "" : columns[column(key)].name + "：") + kept.rows[code].now[key]);
        return;
      }
      cell.was = kept.rows[code].was[key];
      hold(cell, kept.rows[code].now[key]);
    }));
    giveBack(lost);
  };
  restore();

  window.gridCells = {
    rows, columns, changed, typing, list, make, cellOf, isConflict, optionsOf, paint, hold, store, step,
    undo: () => back(done, undone, "before"),
    redo: () => back(undone, done, "after"),
  };
}());
