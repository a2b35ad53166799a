// Draws every figure[data-chart] from the table inside it. The table stays the truth: it moves into a
// fold under the picture, and clicking a shape follows the link in its cell. Colours come from the tokens.
(function () {
  "use strict";
  if (!window.echarts) return;

  const LIGHTS = { overdue: "--red", due_soon: "--amber-bar", unreported: "--amber-bar", normal: "--green", standing: "--grey-bar",
    closed: "--blue", undated: "--line-strong" };
  const OTHERS = ["--action", "--grey-bar", "--green", "--ink", "--line-strong"];
  const token = (name) => window.getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const list = (items, act) => Array.prototype.map.call(items, act);

  const read = (table) => {
    const heads = list(table.tHead ? table.tHead.rows[0].cells : [], (cell) => ({ name: cell.textContent.trim(), light: cell.dataset.light }));
    const rows = list(table.tBodies[0].rows, (row) => ({
      name: row.cells[0].textContent.trim(),
      light: row.dataset.light,
      cells: list(row.cells, (cell) => {
        const link = cell.querySelector("a");
        const number = parseFloat(cell.textContent.replace(/[,%\s]/g, ""));
        return { value: isNaN(number) ? null : number, href: link ? link.href : "" };
      }),
    }));
    return { heads, rows };
  };

  const colour = (light, index) => token(LIGHTS[light] || OTHERS[index % OTHERS.length]);

  const lines = (data, text) => {
    const label = { color: text.muted, fontFamily: text.font, fontSize: text.size };
    const shapes = ["circle", "rect", "diamond", "triangle"];
    return {
      xAxis: { type: "category", data: data.rows.map((row) => row.name), axisTick: { show: false },
        axisLine: { lineStyle: { color: token("--line-strong") } }, axisLabel: label },
      yAxis: { type: "value", minInterval: 1, axisLabel: label, splitLine: { lineStyle: { color: token("--line") } } },
      grid: { left: 8, right: 24, top: data.heads.length > 2 ? 40 : 24, bottom: 4, containLabel: true },
      legend: data.heads.length > 2 ? { top: 0, left: 0, itemWidth: 14, itemHeight: 10, textStyle: label } : undefined,
      series: data.heads.slice(1).map((head, index) => ({
        name: head.name,
        type: "line",
        symbol: shapes[index % shapes.length],
        symbolSize: 7,
        lineStyle: { width: 2, type: head.light === "due_soon" || index > 3 ? "dashed" : "solid" },
        itemStyle: { color: colour(head.light, index) },
        label: { show: data.heads.length === 2, position: "top", color: text.ink, fontFamily: text.font, fontSize: text.size },
        data: data.rows.map((row) => row.cells[index + 1] || { value: null, href: "" }),
      })),
    };
  };

  const option = (data) => {
    const unit = parseFloat(window.getComputedStyle(document.documentElement).fontSize) / 16;
    const text = { ink: token("--ink"), muted: token("--muted"), font: token("--fonts"), size: Math.round(13 * unit) };
    return Object.assign({
      animation: false,
      textStyle: { fontFamily: text.font, color: text.ink },
      // richText draws into the picture; the html kind would need inline styles.
      tooltip: { renderMode: "richText", confine: true, trigger: "item", backgroundColor: token("--card"), borderColor: token("--line-strong"),
        textStyle: { color: text.ink, fontSize: text.size, fontFamily: text.font } },
    }, lines(data, text));
  };

  const draw = (figure) => {
    const table = figure.querySelector("table");
    if (!table || !table.tBodies.length || !table.tBodies[0].rows.length) return;
    const data = read(table);
    const caption = figure.querySelector("figcaption");
    const picture = document.createElement("div");
    picture.className = "chart-picture" + (figure.hasAttribute("data-tall") ? " chart-tall" : "");
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", (caption ? caption.textContent.trim() : "图") + "，数据见下方的表");
    if (caption && figure.dataset.unit) {
      const unit = document.createElement("span");
      unit.className = "count";
      unit.textContent = " 单位：" + figure.dataset.unit;
      caption.appendChild(unit);
    }
    const fold = document.createElement("details");
    const words = document.createElement("summary");
    words.textContent = "查看数据表";
    fold.appendChild(words);
    table.parentNode.insertBefore(picture, table);
    table.parentNode.insertBefore(fold, table);
    fold.appendChild(table);

    const chart = window.echarts.init(picture, null, { renderer: "svg" });
    const paint = () => chart.setOption(option(data), true);
    paint();
    chart.on("click", (event) => { if (event.data && event.data.href) window.location.assign(event.data.href); });
    window.addEventListener("resize", () => chart.resize());
    document.addEventListener("modechange", () => { chart.resize(); paint(); });
    window.addEventListener("beforeprint", () => {
      fold.open = true;
      chart.resize();
      // A sheet may want it smaller than the screen: with a view box it scales instead of being cut off.
      const drawing = picture.querySelector("svg");
      if (drawing) drawing.setAttribute("viewBox", "0 0 " + drawing.getAttribute("width") + " " + drawing.getAttribute("height"));
    });
  };

  list(document.querySelectorAll("figure[data-chart]"), draw);
}());
