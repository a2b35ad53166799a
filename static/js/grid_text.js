// Blocks of cells as WPS and Excel put them on the clipboard: tabs between cells, lines between rows, quotes around
// what holds either. Knows no page.
(function () {
  "use strict";

  const parse = (text) => {
    const rows = [];
    let row = [];
    let cell = "";
    let quoted = false;
    const plain = text.replace(/\r\n?/g, "\n");
    for (let at = 0; at < plain.length; at += 1) {
      const sign = plain[at];
      if (quoted) {
        if (sign !== '"') cell += sign;
        else if (plain[at + 1] === '"') { cell += '"'; at += 1; }
        else quoted = false;
      } else if (sign === '"' && cell === "" && closes(plain, at)) quoted = true;
      else if (sign === "\t") { row.push(cell); cell = ""; }
      else if (sign === "\n") { rows.push(row.concat(cell)); row = []; cell = ""; }
      else cell += sign;
    }
    if (cell !== "" || row.length) rows.push(row.concat(cell));
    return rows;
  };

  // A quote that begins a cell encloses it only where another ends it: 12" stays as it is, and so does "甲"和乙.
  const closes = (text, from) => {
    for (let at = from + 1; at < text.length; at += 1) {
      if (text[at] !== '"') continue;
      if (text[at + 1] === '"') at += 1;
      else return at + 1 === text.length || text[at + 1] === "\t" || text[at + 1] === "\n";
    }
    return false;
  };

  const format = (rows) => rows.map((row) => row.map((cell) => (/["\t\n]/.test(cell) ? '"' + cell.replace(/"/g, '""') + '"' : cell)).join("\t")).join("\n");

  window.gridText = { parse, format };
}());
