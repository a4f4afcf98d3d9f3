/* The cells of the chosen level as a sortable table: the figure on the map, its change, and the ones that go with it. */

import { element } from "../elements.js";
import { changeOf, written } from "../metrics.js";
import { word } from "../words.js";

const BESIDE = ["coverage_ratio", "check_ins", "visits", "rounds_missed", "open_gaps", "overdue"];
const TOLD_TO_ALL = ["coverage_ratio", "check_ins", "visits"];

/* Fill `table` with rows of the report; `sort` is a column, with a minus for falling. What is not known comes last. */
export function fillTable(table, rows, { sort, metric, before, chosen, lookOf, isPublic, onSort, onChoose }) {
  const columns = ["name", metric, ...(before.size ? ["change"] : []), ...(isPublic ? TOLD_TO_ALL : BESIDE).filter((name) => name !== metric)];
  const falling = sort.startsWith("-");
  const column = sort.replace("-", "");
  const changes = new Map(rows.map((row) => [row.code, changeOf(metric, row, before.get(row.code))]));
  const valueOf = (row) => (column === "change" ? changes.get(row.code)?.difference : row[column]) ?? null;
  const focused = table.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  const lines = sorted(rows, valueOf, falling).map((row) => line(row, { columns, change: changes.get(row.code), chosen, lookOf, onChoose }));
  table.replaceChildren(head(columns, { metric, column, falling, onSort }), element("tbody", {}, ...lines));
  if (focused) [...table.querySelectorAll("button")].find((button) => button.dataset.key === focused)?.focus();
}

function head(columns, { metric, column, falling, onSort }) {
  const cells = columns.map((each) => {
    const next = each === column && !falling ? `-${each}` : each;
    const button = element("button", { type: "button", onclick: () => onSort(next) }, word(each));
    button.dataset.key = `sort ${each}`;
    const cell = element("th", { scope: "col", className: each === metric ? "shown" : "" }, button);
    if (each === column) cell.setAttribute("aria-sort", falling ? "descending" : "ascending");
    return cell;
  });
  return element("thead", {}, element("tr", {}, ...cells));
}

function line(row, { columns, change, chosen, lookOf, onChoose }) {
  const button = element("button", { type: "button", onclick: () => onChoose(row.code) }, row.name);
  button.dataset.key = row.code;
  const swatch = element("i", { className: `swatch ${lookOf(row.code).css}`, ariaHidden: "true" });
  const made = element("tr", {}, element("th", { scope: "row" }, swatch, button), ...columns.slice(1).map((name) => (name === "change" ? changed(change) : element("td", {}, written(name, row[name])))));
  if (row.code === chosen) made.setAttribute("aria-current", "true");
  return made;
}

function changed(change) {
  return element("td", { className: `change ${change?.good === true ? "good" : change?.good === false ? "bad" : ""}` }, change?.text ?? word("notAvailable"));
}

function sorted(rows, valueOf, falling) {
  const sign = falling ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [one, other] = [valueOf(a), valueOf(b)];
    if (one === null || other === null) return (one === null) - (other === null) || a.code.localeCompare(b.code);
    const order = typeof one === "string" ? one.localeCompare(other, "zh-CN") : one - other;
    return sign * order || a.code.localeCompare(b.code);
  });
}
