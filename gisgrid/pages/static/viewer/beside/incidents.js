/* The incidents of a cell in its panel: how many, and the latest. */

import { Problem, get } from "../api.js";
import { element } from "../elements.js";
import { number, spoken, word } from "../words.js";

const LATEST = 5;
let told = null; // { code, nodes }: what stood there last, until there is something newer

/* A number of incidents is told of the reader's own cells alone: of others it would be false. */
export async function fillIncidentsOf(panel, cell, { settings, report, cells, openCase, signal }) {
  const box = panel.querySelector("#incidents");
  if (!settings.may.includes("incidents")) return;
  if (!settings.incidentsIn.some((code) => code === null || cells.isWithin(cell.code, code))) {
    if (!settings.may.includes("coverage") || report.figures.has(cell.code)) fillNone(box);
    return;
  }
  if (told?.code === cell.code) box.replaceChildren(...told.nodes);
  const asked = { cell: cell.code, state: "open", limit: LATEST };
  try {
    const first = await get("api/incidents", asked, signal);
    const matched = first.numberMatched;
    const latest = matched > LATEST ? await get("api/incidents", { ...asked, offset: matched - LATEST }, signal) : first;
    told = { code: cell.code, nodes: fill(matched, latest.features.reverse(), settings.timezone, openCase) };
    box.replaceChildren(...told.nodes);
  } catch (error) {
    if (error instanceof Problem) box.textContent = error.code === "Offline" ? word("offline") : spoken(error.message);
    else if (error.name !== "AbortError") throw error;
  }
}

/* `zone` is the service's. */
function fill(matched, features, zone, openCase) {
  const time = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false });
  const english = document.documentElement.lang === "en";
  const lines = features.map(({ id, properties }) =>
    element(
      "li", {},
      element("time", { dateTime: properties.reported_at }, time.format(new Date(properties.reported_at))),
      element("a", { href: `/incidents/${id}`, onclick: (event) => opened(event, id, openCase) }, english ? properties.kind_en : properties.kind_zh),
    ));
  return [
    element("h3", {}, word("openIncidents"), element("strong", {}, number(matched)), element("a", { href: "/incidents?show=open" }, word("allOfThem"))),
    matched ? element("ul", {}, ...lines) : element("p", {}, word("noOpenIncidents")),
  ];
}

/* Beside the map, unless the reader wants a window of its own. */
function opened(event, id, openCase) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openCase(id);
}

/* In place of the incidents of a cell for which others answer. */
function fillNone(box) {
  box.replaceChildren(element("h3", {}, word("incidents")), element("p", {}, word("incidentsOfOthers")));
}
