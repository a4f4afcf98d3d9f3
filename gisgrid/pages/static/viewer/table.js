/* The cells of the chosen level as a sortable table. */

import { element } from "./elements.js";
import { COLUMNS } from "./state.js";
import { count, percent, word } from "./words.js";

const HEADINGS = { name: "name", coverage_ratio: "coverage", check_ins: "check_ins", patrollers: "patrollers", visits: "visits" };

/* Fill `table` with rows of the report; `sort` is a column, with a minus for falling. Empty ratios come last. */
export function fillTable(table, rows, { sort, chosen, classOf, onSort, onChoose }) {
  const falling = sort.startsWith("-");
  const column = sort.replace("-", "");
  const focused = table.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  table.replaceChildren(head(column, falling, onSort), element("tbody", {}, ...sorted(rows, column, falling).map((row) => line(row, chosen, classOf, onChoose))));
  if (focused) [...table.querySelectorAll("button")].find((button) => button.dataset.key === focused)?.focus();
}

function head(column, falling, onSort) {
  const cells = COLUMNS.map((each) => {
    const next = each === column && !falling ? `-${each}` : each;
    const button = element("button", { type: "button", onclick: () => onSort(next) }, word(HEADINGS[each]));
    button.dataset.key = `sort ${each}`;
    const cell = element("th", { scope: "col" }, button);
    if (each === column) cell.setAttribute("aria-sort", falling ? "descending" : "ascending");
    return cell;
  });
  return element("thead", {}, element("tr", {}, ...cells));
}

function line(row, chosen, classOf, onChoose) {
  const button = element("button", { type: "button", onclick: () => onChoose(row.code) }, row.name);
  button.dataset.key = row.code;
  const swatch = element("i", { className: `swatch ${classOf(row)}`, ariaHidden: "true" });
  const made = element(
    "tr", {},
    element("th", { scope: "row" }, swatch, button),
    element("td", {}, percent(row.coverage_ratio)),
    ...["check_ins", "patrollers", "visits"].map((key) => element("td", {}, count(row[key]))),
  );
  if (row.code === chosen) made.setAttribute("aria-current", "true");
  return made;
}

function sorted(rows, column, falling) {
  const sign = falling ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [one, other] = [a[column] ?? null, b[column] ?? null];
    if (one === null || other === null) return (one === null) - (other === null);
    const order = typeof one === "string" ? one.localeCompare(other, "zh-CN") : one - other;
    return sign * order || a.code.localeCompare(b.code);
  });
}
