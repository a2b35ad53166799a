// The copy opened and saved by the writers of npm: npm install exceljs xlsx xlsx-populate; node rewrite.js SOURCE FOLDER
const [source, folder] = process.argv.slice(2);

async function main() {
  const ExcelJS = require("exceljs");
  const book = new ExcelJS.Workbook();
  await book.xlsx.readFile(source);
  await book.xlsx.writeFile(`${folder}/exceljs.xlsx`);

  const XLSX = require("xlsx");
  for (const [name, options] of [["sheetjs", {}], ["sheetjs-shared", { bookSST: true, compression: true }]]) {
    const read = XLSX.readFile(source, { cellStyles: true, cellDates: name === "sheetjs" });
    XLSX.writeFile(read, `${folder}/${name}.xlsx`, options);
  }

  const populate = require("xlsx-populate");
  const other = await populate.fromFileAsync(source);
  await other.toFileAsync(`${folder}/xlsx-populate.xlsx`);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
