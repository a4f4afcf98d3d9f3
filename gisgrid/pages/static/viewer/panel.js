/* The panel: figures of the chosen cell, or of the whole street. */

import { element, terms } from "./elements.js";
import { count, duration, number, percent, squareKilometres, word } from "./words.js";

/* `row`: the cell's figures, or undefined with `why` there are none; `lineage`: the chosen cell and its parents, topmost
   first; `actions`: choose(code), zoomTo(code), goDown(code). */
export function fillPanel(panel, { cell, row, why, lineage, period, reachM, classOf, canGoDown, hint, actions }) {
  const parts = [
    trail(lineage, actions),
    element("h2", {}, cell.name, element("small", {}, cell.code)),
    element("p", { className: "when" }, `${period.first} – ${period.last}`),
    ...(row ? figures(row, classOf, reachM) : [element("p", { className: "awaited" }, why)]),
    buttons(cell, canGoDown, actions),
    element("div", { id: "incidents", className: "incidents" }),
    hint && element("p", { className: "hint" }, hint),
  ];
  panel.replaceChildren(...parts.filter(Boolean));
}

function figures(row, classOf, reachM) {
  return [
    headline(row, classOf, reachM),
    terms([
      [word("check_ins"), count(row.check_ins)],
      [word("patrollers"), count(row.patrollers)],
      [word("patrols"), count(row.patrols)],
      [word("visits"), count(row.visits)],
      [word("dwell"), duration(row.dwell_s)],
      [word("covered"), squareKilometres(row.covered_area_m2)],
      [word("patrollable"), squareKilometres(row.patrollable_area_m2)],
      [word("area"), squareKilometres(row.area_m2)],
    ]),
  ];
}

function trail(lineage, actions) {
  const steps = lineage.slice(0, -1).map((cell) =>
    element("li", {}, element("button", { type: "button", className: "link", onclick: () => actions.choose(cell.code) }, cell.name)));
  return element("nav", { ariaLabel: word("level") }, element("ol", { className: "trail" }, ...steps));
}

function headline(row, classOf, reachM) {
  const bar = element("span", { className: `bar-fill ${classOf(row)}` });
  bar.style.setProperty("width", `${Math.min(1, row.coverage_ratio ?? 0) * 100}%`);
  return element(
    "div", { className: "headline" },
    element("strong", {}, percent(row.coverage_ratio)),
    element("span", {}, word("coverage"), element("small", {}, bandOf(row) || word("reached", reachM))),
    element("div", { className: "bar-track", ariaHidden: "true" }, bar),
  );
}

/* What the accuracy of the fixes leaves open. */
function bandOf(row) {
  if (row.coverage_low === null || row.coverage_low === undefined) return "";
  return word("between", percent(row.coverage_low), percent(row.coverage_high));
}

function buttons({ code }, canGoDown, actions) {
  const made = [element("button", { type: "button", onclick: () => actions.zoomTo(code) }, word("zoomHere"))];
  if (canGoDown) made.push(element("button", { type: "button", onclick: () => actions.goDown(code) }, word("goDown")));
  return element("div", { className: "buttons" }, ...made);
}

/* The incidents of a cell: their number and the latest. `zone` is the service's. */
export function fillIncidents(box, { matched, features }, zone) {
  const time = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false });
  const english = document.documentElement.lang === "en";
  const lines = features.map(({ properties }) =>
    element(
      "li", {},
      element("time", { dateTime: properties.reported_at }, time.format(new Date(properties.reported_at))),
      element("span", {}, english ? properties.kind_en : properties.kind_zh),
    ));
  box.replaceChildren(
    element("h3", {}, word("incidents"), element("strong", {}, number(matched))),
    matched ? element("ul", {}, ...lines) : element("p", {}, word("noIncidents")),
  );
}

/* In place of the incidents of a cell for which others answer. */
export function fillNoIncidents(box) {
  box.replaceChildren(element("h3", {}, word("incidents")), element("p", {}, word("incidentsOfOthers")));
}
