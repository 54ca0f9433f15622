"use strict";
// Numbers lead to the lines behind them; tables sort and filter. Text of logs is only ever put into
// text nodes. Without this script the page is whole, but still.

const { lines, findings, series } = JSON.parse(document.getElementById("data").textContent);
const [PATH, LINE, TEXT, TIME, FINDING, JOB, RECOVERED] = [0, 1, 2, 3, 4, 5, 6];
const [ID, CAUSE, HOST] = [0, 1, 2];
const AT_ONCE = 100;

const numbers = new Map(findings.map((finding, number) => [finding[ID], number]));

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// What an element's data says it counts, as a test of a line.

function inSeries(chart, place) {
  const names = series[chart];
  const column = chart === "cause" ? CAUSE : HOST;
  const others = names[place] === "others" && place === names.length - 1;
  const known = new Set(names);
  return (line) => {
    const name = findings[line[FINDING]][column];
    return others ? !known.has(name) : name === names[place];
  };
}

function test(asked) {
  const tests = [(line) => line[RECOVERED] === "recovered" in asked];
  if (asked.cause) tests.push((line) => findings[line[FINDING]][CAUSE] === asked.cause);
  if (asked.host) tests.push((line) => findings[line[FINDING]][HOST] === asked.host);
  if (asked.job) tests.push((line) => line[JOB] === asked.job);
  if (asked.findings) {
    const wanted = new Set(asked.findings.split(" ").map((id) => numbers.get(id)));
    tests.push((line) => wanted.has(line[FINDING]));
  }
  if (asked.series) {
    const [chart, place] = asked.series.split(" ");
    tests.push(inSeries(chart, Number(place)));
  }
  if (asked.from) tests.push((line) => {
    const day = line[TIME].slice(0, 10);
    return asked.from <= day && day <= asked.to;
  });
  return (line) => tests.every((holds) => holds(line));
}

// The lines behind a number.

const dialog = document.getElementById("lines");
const list = document.getElementById("lines-list");
const more = document.getElementById("more");
let waiting = [];

function item(line) {
  const made = element("li");
  const where = element("p", undefined, "where");
  if (line[TIME]) where.append(element("time", line[TIME].replace("T", " ").replace("Z", "")), " ");
  where.append(element("span", line[JOB], "job"), " ", `${line[PATH]}:${line[LINE]}`);
  made.append(where, element("code", line[TEXT], "line"));
  return made;
}

function showMore() {
  list.append(...waiting.splice(0, AT_ONCE).map(item));
  more.hidden = waiting.length === 0;
}

function show(title, counted, holds) {
  waiting = lines.filter(holds);
  const left = counted - waiting.length;
  document.getElementById("lines-title").textContent = title;
  document.getElementById("lines-note").textContent = left > 0
    ? `The latest ${waiting.length.toLocaleString("en")} of ${counted.toLocaleString("en")}; all of them are in --format csv.`
    : "Latest first.";
  list.replaceChildren();
  showMore();
  dialog.showModal();
  dialog.scrollTop = 0;
}

for (const link of document.querySelectorAll("a.number")) {
  link.setAttribute("role", "button");
  const open = (event) => {
    event.preventDefault();
    const title = link.textContent.replace(/\s+/g, " ").trim();
    const counted = Number((title.match(/[\d,]+(?= failure)/) ?? ["0"])[0].replaceAll(",", ""));
    show(title, counted, test(link.dataset));
  };
  link.addEventListener("click", open);
  link.addEventListener("keydown", (event) => {
    if (event.key === " ") open(event);
  });
}

for (const bar of document.querySelectorAll(".bar[data-series]")) {
  const chart = bar.closest("[data-chart]").dataset.chart;
  const place = series[chart].indexOf(bar.dataset.series);
  bar.addEventListener("click", () => {
    const title = bar.querySelector("title").textContent;
    const counted = Number(title.slice(title.lastIndexOf(" ") + 1).replaceAll(",", ""));
    show(title, counted, test({ series: `${chart} ${place}`, from: bar.dataset.from, to: bar.dataset.to }));
  });
}

more.addEventListener("click", showMore);
document.getElementById("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

// Sorting and filtering.

function value(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent.trim().toLowerCase() : Number(cell.dataset.value);
}

function sort(table, column, descending) {
  const body = table.tBodies[0];
  const keyed = [...body.rows].map((row) => [value(row, column), row]);
  const way = descending ? -1 : 1;
  keyed.sort(([a], [b]) => (a < b ? -way : a > b ? way : 0));
  body.append(...keyed.map(([, row]) => row));
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    if (place === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = element("button", head.textContent);
    button.type = "button";
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const sorted = head.getAttribute("aria-sort");
      const first = head.classList.contains("n") ? "ascending" : "descending";
      sort(table, column, sorted ? sorted === "ascending" : first === "ascending");
    });
  });
}

function makeFilter(table) {
  const label = element("label", "Filter ", "filter");
  const input = element("input");
  const told = element("output");
  input.type = "search";
  input.setAttribute("aria-label", `Filter ${table.dataset.name}`);
  label.append(input, told);
  table.closest(".box").before(label);
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const row of table.tBodies[0].rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      shown += row.hidden ? 0 : 1;
    }
    told.textContent = wanted ? ` ${shown} of ${table.tBodies[0].rows.length}` : "";
  });
}

for (const table of document.querySelectorAll("table.sorted")) {
  makeSortable(table);
  if (table.tBodies[0].rows.length > 5) makeFilter(table);
}
