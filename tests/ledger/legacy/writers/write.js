// The sheets of sheets.json by writers of npm: npm install xlsx excel4node write-excel-file exceljs; node write.js
const fs = require("fs");
const path = require("path");
const sheets = JSON.parse(fs.readFileSync(path.join(__dirname, "sheets.json"), "utf-8"));

function sheetjs(file, { rows, merges }, bookType) {
  const XLSX = require("xlsx");
  const sheet = XLSX.utils.aoa_to_sheet(rows);
  sheet["!merges"] = merges.map(([top, left, bottom, right]) => ({
    s: { r: top - 1, c: left - 1 },
    e: { r: bottom - 1, c: right - 1 },
  }));
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, sheet, "台账");
  XLSX.writeFile(book, file, { bookType, codepage: 936 });
}

function excel4node(file, { rows, merges }) {
  const book = new (require("excel4node").Workbook)();
  const sheet = book.addWorksheet("台账");
  rows.forEach((row, at) =>
    row.forEach((value, column) => {
      const cell = sheet.cell(at + 1, column + 1);
      if (typeof value === "number") cell.number(value);
      else if (value) cell.string(value);
    }),
  );
  merges.forEach(([top, left, bottom, right]) => sheet.cell(top, left, bottom, right, true));
  book.write(file);
}

async function exceljs(file, { rows, merges }) {
  const book = new (require("exceljs").Workbook)();
  const sheet = book.addWorksheet("台账");
  rows.forEach((row) => sheet.addRow(row));
  merges.forEach((area) => sheet.mergeCells(...area));
  await book.xlsx.writeFile(file);
}

async function writeExcelFile(file, { rows }) {
  const write = require("write-excel-file/node");
  const data = rows.map((row) => row.map((value) => (value === "" || value === null ? null : { value })));
  const written = await (write.default || write)(data, { filePath: file, sheet: "台账" });
  if (written && written.toFile) await written.toFile(file);
}

async function main() {
  for (const [name, sheet] of Object.entries(sheets)) {
    const file = path.join(__dirname, name);
    if (name.includes("sheetjs-biff8")) sheetjs(file, sheet, "biff8");
    else if (name.endsWith(".csv")) sheetjs(file, sheet, "csv");
    else if (name.includes("excel4node")) excel4node(file, sheet);
    else if (name.includes("exceljs")) await exceljs(file, sheet);
    else if (name.includes("write-excel-file")) await writeExcelFile(file, sheet);
  }
}

main();
