// The table of items as a grid: cells are chosen, typed into, pasted, filled down; nothing is sent before 保存.
// One text box, always focused, lies on the active cell: so that Chinese input begins in it. Chromium 86, no libraries.
(function () {
  "use strict";

  const box = document.querySelector("[data-grid]");
  if (!box) return;
  const form = box.closest("form");
  const state = form.querySelector("[data-grid-state]");
  const { rows, columns, changed, typing, list, make, cellOf, isConflict, optionsOf, paint, hold, store, step } = window.gridCells;

  // -- the active cell, the chosen range, the box that lies on it ----------------------------------------------------
  let place = { r: 0, c: 0 };
  let from = { r: 0, c: 0 };
  let editing = "";
  let live = 0;
  const range = make("div", "grid-range", box);
  const editor = make("textarea", "grid-editor is-idle", box);
  const choices = make("ul", "grid-options", box);
  editor.setAttribute("aria-autocomplete", "list");
  editor.rows = 1;
  editor.spellcheck = false;
  choices.id = "grid-options";
  choices.setAttribute("role", "listbox");
  choices.setAttribute("aria-label", "可选的内容");
  choices.tabIndex = 0;  // a list that scrolls can be reached; Tab enters what is typed before it gets there
  choices.hidden = true;
  const active = () => rows[place.r].cells[place.c];
  typing.text = () => editor.value;
  const put = (element, first, last) => {
    element.style.left = first.offsetLeft + "px";
    element.style.top = first.offsetTop + "px";
    element.style.width = last.offsetLeft + last.offsetWidth - first.offsetLeft + "px";
    element.style.height = last.offsetTop + last.offsetHeight - first.offsetTop + "px";
  };
  const chosen = () => {
    const cells = [];
    for (let r = Math.min(place.r, from.r); r <= Math.max(place.r, from.r); r += 1) {
      cells.push(rows[r].cells.slice(Math.min(place.c, from.c), Math.max(place.c, from.c) + 1));
    }
    return cells;
  };
  const say = (words) => { state.textContent = words; };
  const tell = () => {
    const cell = active();
    const name = columns[cell.c].name + " · " + rows[cell.r].title;
    let words = cell.wrong ? "请改正：" + cell.wrong : "";
    if (cell.locked) words = "不能填写";
    if (isConflict(cell)) words = "打开以后别人已改为“" + (cell.drawn || "空") + "”，您填的是“" + (cell.now || "空") + "”";
    editor.setAttribute("aria-label", name + "：" + (cell.now || "空") + (words ? "，" + words : ""));
    editor.setAttribute("aria-invalid", String(Boolean(cell.wrong) || isConflict(cell)));
    say(name + (words ? "：" + words : ""));
    settle.hidden = !isConflict(cell);
  };
  const frame = () => {
    const cells = chosen();
    put(range, cells[0][0].td, cells[cells.length - 1][cells[0].length - 1].td);
    range.hidden = cells.length === 1 && cells[0].length === 1;
    put(editor, active().td, active().td);
  };
  const move = (r, c, extend) => {
    place = { r: Math.max(0, Math.min(rows.length - 1, r)), c: Math.max(0, Math.min(columns.length - 1, c)) };
    if (!extend) from = place;
    editor.readOnly = active().locked;
    frame();
    active().td.scrollIntoView({ block: "nearest", inline: "nearest" });
    tell();
  };
  const settle = make("span", "grid-settle", state.parentNode);
  [["保留现在的（Alt+1）", false], ["采用您填的（Alt+2）", true]].forEach((one) => {
    const button = make("button", "btn btn-small", settle);
    button.type = "button";
    button.textContent = one[0];
    button.addEventListener("click", () => settleAs(one[1]));
  });
  const settleAs = (mine) => {
    const cell = active();
    if (!isConflict(cell)) return;
    if (mine) {
      cell.was = cell.drawn;
      hold(cell, cell.now);
      store();
    } else step([{ cell, now: cell.drawn }]);
    frame();
    tell();
    editor.focus({ preventScroll: true });
  };

  // -- typing into a cell --------------------------------------------------------------------------------------------
  let picked = -1;
  const show = (all) => {
    const options = optionsOf(active());
    const typed = editor.value.trim();
    choices.textContent = "";
    picked = -1;
    const some = (options || []).filter((one) => all || one.indexOf(typed) >= 0).slice(0, 100);
    choices.hidden = !some.length;
    some.forEach((one, index) => {
      const line = make("li", "", choices);
      line.id = "grid-option-" + index;
      line.setAttribute("role", "option");
      line.textContent = one;
    });
    editor.removeAttribute("aria-activedescendant");
    if (!some.length) return;
    put(choices, active().td, active().td);
    choices.style.height = "";
    const below = active().td.offsetTop + active().td.offsetHeight;
    const room = box.scrollTop + box.clientHeight - below;
    const high = Math.min(240, choices.scrollHeight);
    choices.style.top = (room < high ? Math.max(0, active().td.offsetTop - high) : below) + "px";
  };
  const pick = (index) => {
    const lines = list(choices.children);
    picked = Math.max(0, Math.min(lines.length - 1, index));
    lines.forEach((line, number) => line.setAttribute("aria-selected", String(number === picked)));
    lines[picked].scrollIntoView({ block: "nearest" });
    editor.setAttribute("aria-activedescendant", lines[picked].id);
  };
  const begin = (how) => {
    if (active().locked) return;
    editing = how;
    typing.cell = active();
    from = place;
    frame();
    if (how === "change") {
      editor.value = active().now;
      editor.select();
    }
    editor.classList.remove("is-idle");
    changed.add(active());
    show(how === "change");
  };
  const finish = () => {
    editing = "";
    typing.cell = null;
    editor.value = "";
    editor.classList.add("is-idle");
    choices.hidden = true;
    editor.removeAttribute("aria-activedescendant");
  };
  // Where the place moves on at once, the box is laid anew by that.
  const commit = (moves) => {
    if (!editing) return;
    const cell = active();
    const options = optionsOf(cell);
    let value = editor.value.replace(/\s+$/, "");
    if (options) {
      value = value.trim();
      const near = options.filter((one) => one.indexOf(value) >= 0);
      if (picked >= 0 && !choices.hidden) value = choices.children[picked].textContent;
      else if (value && near.length === 1) [value] = near;
    }
    finish();
    hold(cell, cell.now);
    if (!step([{ cell, now: value }])) store();
    if (moves === true) return;
    frame();
    tell();
  };
  const cancel = () => {
    finish();
    hold(active(), active().now);
    store();
    frame();
  };
  editor.addEventListener("compositionstart", () => { if (!editing) begin("type"); });
  editor.addEventListener("input", () => {
    if (!editing) begin("type");
    else show(false);
    editor.style.height = active().td.offsetHeight + "px";
    editor.style.height = Math.max(active().td.offsetHeight, Math.min(240, editor.scrollHeight + 2)) + "px";
    window.clearTimeout(live);
    live = window.setTimeout(store, 300);
  });

  // -- what is done to a range -----------------------------------------------------------------------------------------
  const flat = (cells) => [].concat(...cells);
  const clear = () => {
    const cells = flat(chosen()).filter((cell) => !cell.locked && cell.now);
    const may = cells.filter((cell) => columns[cell.c].clears || !cell.drawn);
    step(may.map((cell) => ({ cell, now: "" })));
    tell();
    if (may.length < cells.length) say("有 " + (cells.length - may.length) + " 格不能清空，保留原来的内容");
  };
  const fill = () => {
    const cells = chosen();
    const above = cells.length > 1 ? cells[0] : place.r > 0 && rows[place.r - 1].cells.slice(cells[0][0].c, cells[0][0].c + cells[0].length);
    if (!above) return;
    const below = cells.length > 1 ? cells.slice(1) : cells;
    const count = step(flat(below.map((line) => line.map((cell, index) => ({ cell, now: above[index].now })))));
    tell();
    say("已向下填充 " + count + " 格");
  };
  const paste = (text) => {
    const block = window.gridText.parse(text);
    if (!block.length) return;
    const cells = chosen();
    const top = cells[0][0];
    const single = block.length === 1 && block[0].length === 1;
    const wanted = single ? flat(cells).map((cell) => ({ cell, now: block[0][0] })) : [];
    let outside = 0;
    if (!single) block.forEach((line, r) => line.forEach((now, c) => {
      const row = rows[top.r + r];
      const cell = row && row.cells[top.c + c];
      if (cell) wanted.push({ cell, now });
      else if (now) outside += 1;
    }));
    const plain = wanted.map((one) => ({ cell: one.cell, now: one.now.trim() }));
    const usable = plain.filter((one) => one.now || columns[one.cell.c].clears || !one.cell.drawn);
    const locked = usable.filter((one) => one.cell.locked && one.now !== one.cell.now).length;
    step(usable);
    if (!single) {
      from = { r: top.r, c: top.c };
      move(top.r + block.length - 1, top.c + Math.max(...block.map((line) => line.length)) - 1, true);
    }
    tell();
    const wrong = usable.filter((one) => one.cell.wrong).length;
    say(["已粘贴 " + (usable.length - locked) + " 格", locked && locked + " 格不能填写，没有粘贴", outside && outside + " 格超出表格，没有粘贴", wrong && wrong + " 格需要改正"].filter(Boolean).join("；"));
  };
  editor.addEventListener("paste", (event) => {
    if (editing) return;
    event.preventDefault();
    paste(event.clipboardData.getData("text/plain"));
  });
  const copy = (event) => {
    if (editing) return;
    event.preventDefault();
    event.clipboardData.setData("text/plain", window.gridText.format(chosen().map((line) => line.map((cell) => cell.now))));
    if (event.type === "cut") clear();
  };
  editor.addEventListener("copy", copy);
  editor.addEventListener("cut", copy);

  // -- keys, as in a sheet ----------------------------------------------------------------------------------------------
  const page = () => Math.max(1, Math.floor(box.clientHeight / rows[0].cells[0].td.offsetHeight) - 2);
  const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const go = (event, by) => {
    const far = event.ctrlKey || event.metaKey ? 1000 : 1;
    move(place.r + by[0] * far, place.c + by[1] * far, event.shiftKey);
  };
  const along = (event) => {
    const by = event.shiftKey ? -1 : 1;
    const next = place.r * columns.length + place.c + by;
    if (next < 0 || next >= rows.length * columns.length) return false;
    move(Math.floor(next / columns.length), next % columns.length);
    return true;
  };
  const goTo = (cell) => { if (cell) move(cell.r, cell.c); };
  const whole = {
    z: () => goTo(window.gridCells.undo()),
    y: () => goTo(window.gridCells.redo()),
    d: fill,
    a: () => { from = { r: 0, c: 0 }; move(rows.length - 1, columns.length - 1, true); },
  };
  const keys = {
    Enter: (event) => move(place.r + (event.shiftKey ? -1 : 1), place.c),
    F2: () => begin("change"),
    Delete: clear,
    Backspace: clear,
    Home: (event) => move(event.ctrlKey ? 0 : place.r, 0, event.shiftKey),
    End: (event) => move(event.ctrlKey ? rows.length - 1 : place.r, columns.length - 1, event.shiftKey),
    PageUp: (event) => move(place.r - page(), place.c, event.shiftKey),
    PageDown: (event) => move(place.r + page(), place.c, event.shiftKey),
    Escape: () => form.elements.reason.focus(),
  };
  const idle = (event) => {
    const letter = event.key.toLowerCase();
    let act = ARROWS[event.key] ? () => go(event, ARROWS[event.key]) : keys[event.key];
    if (event.altKey) act = { ArrowDown: keys.F2, 1: () => settleAs(false), 2: () => settleAs(true) }[event.key];
    else if ((event.ctrlKey || event.metaKey) && whole[letter]) act = letter === "z" && event.shiftKey ? whole.y : whole[letter];
    if (event.key === "Tab") {
      if (along(event)) event.preventDefault();
      return;
    }
    if (!act) return;
    event.preventDefault();
    act(event);
  };
  const busy = (event) => {
    const open = !choices.hidden;
    if (event.key === "Escape") cancel();
    else if (event.key === "Tab") {
      commit(true);
      if (!along(event)) move(place.r, place.c);
    } else if (event.key === "Enter" && event.altKey) {
      editor.setRangeText("\n", editor.selectionStart, editor.selectionEnd, "end");
      editor.dispatchEvent(new Event("input", { bubbles: true }));
    } else if (event.key === "Enter") {
      commit(true);
      keys.Enter(event);
    } else if (open && event.key === "ArrowDown") pick(picked + 1);
    else if (open && event.key === "ArrowUp") pick(picked - 1);
    else return;
    event.preventDefault();
  };
  editor.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    (editing ? busy : idle)(event);
  });

  // -- the mouse ----------------------------------------------------------------------------------------------------------
  const cellAt = (event) => {
    const td = event.target.closest && event.target.closest("td");
    return td && box.contains(td) ? td : null;
  };
  box.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    const td = cellAt(event);
    if (event.target === choices) event.preventDefault();
    if (!option && (!td || event.button)) return;
    event.preventDefault();
    if (option) {
      pick(list(choices.children).indexOf(option));
      commit();
      return;
    }
    commit(true);
    move(td.row, td.column, event.shiftKey);
    editor.focus({ preventScroll: true });
  });
  box.addEventListener("mouseover", (event) => {
    const td = event.buttons === 1 && !editing && document.activeElement === editor && cellAt(event);
    if (td) move(td.row, td.column, true);
  });
  box.addEventListener("dblclick", (event) => { if (cellAt(event)) begin("change"); });
  editor.addEventListener("focus", () => {
    box.classList.add("is-focused");
    frame();
  });
  editor.addEventListener("blur", () => {
    commit();
    box.classList.remove("is-focused");
  });
  window.addEventListener("resize", frame);
  window.addEventListener("visibilitychange", commit, true);
  form.addEventListener("submit", () => {
    commit();
    store();
  }, true);
  const acts = { undo: whole.z, redo: whole.y, fill };
  list(form.querySelectorAll("[data-grid-do]")).forEach((button) => {
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      commit();
      acts[button.dataset.gridDo]();
      editor.focus({ preventScroll: true });
    });
  });

  // -- what the server said of it ------------------------------------------------------------------------------------
  list(form.querySelectorAll("[data-grid-lines] li")).forEach((line) => {
    const cell = cellOf(line.dataset.code, line.dataset.key);
    if (!cell) return;
    if (line.dataset.kind === "fault") cell.wrong = line.dataset.words;
    paint(cell);
    const button = make("button", "btn btn-small", line);
    button.type = "button";
    button.textContent = "到这一格";
    button.addEventListener("click", () => {
      move(cell.r, cell.c);
      editor.focus({ preventScroll: true });
    });
  });
  const first = rows.findIndex((row) => row.cells.some((cell) => !cell.locked));
  move(Math.max(0, first), first < 0 ? 0 : rows[first].cells.findIndex((cell) => !cell.locked));
  say("共 " + rows.length + " 项；" + (changed.size ? changed.size + " 格还没有保存" : "选中一格直接打字"));
  // Who comes to type may type; a finger would bring up a keyboard over the page, and a notice is read first.
  if (window.matchMedia("(pointer: fine)").matches && !form.querySelector("[data-focus]")) editor.focus({ preventScroll: true });
}());
