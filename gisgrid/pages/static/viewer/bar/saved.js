/* Maps to take along: files of what is looked at, made by the service, that open without it. */

import { element } from "../elements.js";
import { word } from "../words.js";

const FILES = { grid: "grid", coverage: "coverage", comparison: "coverage", heat: "coverage", incidents: "incidents" }; // and who may have them
const LEAST_DAYS = { heat: 7 };
const DAY_MS = 86_400_000;

/* Show the links for a view of `state`; `period`: { first, last, text }. */
export function showSaved(settings, state, period) {
  const days = (Date.parse(period.last) - Date.parse(period.first)) / DAY_MS + 1;
  const names = Object.keys(FILES).filter((name) => settings.may.includes(FILES[name]) && days >= (LEAST_DAYS[name] ?? 1) && !(settings.isPublic && name === "comparison"));
  const query = (name) => (name === "grid" ? "" : `?${new URLSearchParams({ datetime: period.text, ...(["coverage", "comparison"].includes(name) ? { level: state.level } : {}) })}`);
  document.getElementById("file-list").replaceChildren(...names.map((name) => element("li", {}, element("a", { href: `maps/${name}.html${query(name)}`, download: "" }, word(`saved-${name}`)))));
}
