/* The panel: figures of the chosen cell, or of the whole street, with what has changed since the period before. */

import { element } from "../elements.js";
import { METRICS, changeOf, written } from "../metrics.js";
import { count, duration, percent, spelt, squareKilometres, word } from "../words.js";

const SHARES = { coverage_ratio: percent, rounds_ratio: percent, closing_ratio: percent, in_time_ratio: percent };
const TIMES = { dwell_s: duration, response_s: duration };
const AREAS = { covered_area_m2: squareKilometres, patrollable_area_m2: squareKilometres, area_m2: squareKilometres };
const WRITTEN = { ...SHARES, ...TIMES, ...AREAS };
const LED_BY = "coverage_ratio"; // what matters most
const PATROLS = ["check_ins", "patrollers", "visits", "dwell_s"];
const ROUNDS = ["rounds_done", "rounds_missed", "rounds_ratio", "open_gaps"];
const MATTERS = ["reported", "closed", "overdue", "closing_ratio", "in_time_ratio", "response_s"];
const GROUNDS = ["covered_area_m2", "patrollable_area_m2", "area_m2"];

/* `row`: the cell's figures, or undefined with `why` there are none; `lineage`: the chosen cell and its parents, topmost
   first; `actions`: choose(code), zoomTo(code), goDown(code). */
export function fillPanel(panel, { cell, row, before, why, lineage, report, settings, look, canGoDown, hint, actions }) {
  const parts = [
    trail(lineage, actions),
    element("h2", {}, cell.name, element("small", {}, cell.code)),
    element("p", { className: "when" }, `${report.period.first} – ${report.period.last}`, report.group ? element("strong", {}, ` · ${report.group.name}`) : null),
    ...(row ? figures(row, before, { report, settings, look }) : [element("p", { className: "awaited" }, why)]),
    buttons(cell, canGoDown, actions),
    element("div", { id: "incidents", className: "incidents" }),
    element("div", { id: "duty", className: "duty" }),
    hint && element("p", { className: "hint" }, hint),
  ];
  panel.replaceChildren(...parts.filter(Boolean));
}

function figures(row, before, { report, settings, look }) {
  const first = look.metric === LED_BY ? [] : [LED_BY]; // never left out
  const told = settings.isPublic ? [["patrols", [...first, "check_ins", "patrollers", "patrols", "visits", "dwell_s"]], ["area", GROUNDS]] : [["patrolled", [...first, ...PATROLS]], ["rounds", ROUNDS], ["incidents", MATTERS], ["area", GROUNDS]];
  return [
    headline(row, before, { settings, look }),
    seen(row, settings),
    settings.isPublic ? null : compared(row, before, report, settings),
    ...told.map(([title, names]) => element("section", { className: "group" }, element("h3", {}, word(title)), list(names, row, before, report.definitions))),
  ].filter(Boolean);
}

/* With what the figures are compared: what goes on is compared as far as it has come. */
function compared(row, before, { compared }, { timezone }) {
  const isCompared = ["check_ins", "coverage_ratio", "reported"].some((name) => changeOf(name, row, before));
  if (!compared || !isCompared) return element("p", { className: "hint none-before" }, word("noBefore"));
  const clock = clockOf(timezone);
  return element("p", { className: "when" }, word("sinceBefore", ...[compared.start, compared.end].map((time) => clock.format(new Date(time)))));
}

function list(names, row, before, definitions) {
  return element("dl", {}, ...names.map((name) => {
    const value = (WRITTEN[name] ?? count)(row[name]);
    const meaning = definitions.find((it) => it.name === name);
    return element("div", {}, element("dt", { title: meaning ? spelt(meaning) : "" }, word(name)), element("dd", {}, element("span", {}, value), change(name, row, before)));
  }));
}

function change(name, row, before) {
  const found = name in AREAS ? null : changeOf(name, row, before);
  if (!found) return null;
  return element("small", { className: `change ${found.good === null ? "" : found.good ? "good" : "bad"}` }, found.text);
}

function clockOf(timeZone) {
  return new Intl.DateTimeFormat("zh-CN", { timeZone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

function seen(row, settings) {
  if (!row.seen_last_at) return null;
  return element("p", { className: "when seen" }, word("seenLast", clockOf(settings.timezone).format(new Date(row.seen_last_at)), duration(row.worst_idle_s)));
}

function trail(lineage, actions) {
  const steps = lineage.slice(0, -1).map((cell) =>
    element("li", {}, element("button", { type: "button", className: "link", onclick: () => actions.choose(cell.code) }, cell.name)));
  return element("nav", { ariaLabel: word("level") }, element("ol", { className: "trail" }, ...steps));
}

/* The figure that the map is coloured by. */
function headline(row, before, { settings, look }) {
  const name = look.metric;
  const small = name === LED_BY ? bandOf(row) || word("reached", settings.reachM) : "";
  const parts = [element("strong", {}, written(name, row[name])), element("span", {}, word(name), element("small", {}, small), change(name, row, before))];
  return element("div", { className: "headline" }, ...parts, METRICS[name].kind === "ratio" ? share(row[name], look.css) : null);
}

function share(ratio, css) {
  const bar = element("span", { className: `bar-fill ${css}` });
  bar.style.setProperty("width", `${Math.min(1, ratio ?? 0) * 100}%`);
  return element("div", { className: "bar-track", ariaHidden: "true" }, bar);
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
