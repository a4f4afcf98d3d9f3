/* The figures beside the map: those of the chosen cell in the panel, those of the cells of the level as a table. */

import { fillDuty } from "./duty.js";
import { fillIncidentsOf } from "./incidents.js";
import { fillPanel } from "./panel.js";
import { LEVELS } from "../state.js";
import { showDefinitions } from "../status.js";
import { fillTable } from "./table.js";
import { word } from "../words.js";

export function createFigures(settings, { openCase, choose, zoomTo, goDown, sort }) {
  const [box, table, foreign] = ["figures", "table", "foreign"].map((id) => document.getElementById(id));
  const mayCoverage = settings.may.includes("coverage");

  function wait() {
    box.classList.add("awaited");
    box.ariaBusy = "true";
  }

  function show(panel, { state, report, cells, lookOf, view }) {
    box.classList.remove("awaited");
    box.ariaBusy = "false";
    const shown = cells.of(state.cell) ?? homeOf(report, cells);
    const depth = cells.depth(shown.code);
    fillPanel(panel, {
      cell: shown, row: report.figures.get(shown.code), before: report.before.get(shown.code), why: whyNoFigures(shown, report), lineage: cells.lineageOf(shown.code), report, settings, look: lookOf(shown.code),
      canGoDown: depth >= LEVELS.indexOf(state.level) && depth < LEVELS.length - 1,
      hint: state.cell || !mayCoverage ? null : word("hint"), actions: { choose, zoomTo, goDown },
    });
    fillIncidentsOf(panel, shown, { settings, report, cells, openCase, signal: view.signal });
    if (!mayCoverage || report.figures.has(shown.code)) fillDuty(panel.querySelector("#duty"), { cell: shown, cells, settings, signal: view.signal });
    box.hidden = !mayCoverage;
    if (mayCoverage) showTable(depth < LEVELS.indexOf(state.level) ? shown : cells.street, { state, report, cells, lookOf });
  }

  /* The parts of a cell above the level, else of the street: the reader's own; how many others there are is told below. */
  function showTable(whole, { state, report, cells, lookOf }) {
    document.getElementById("table-title").textContent = word("of", whole.name, word(state.level));
    const parts = cells.at(state.level).filter((cell) => cells.isWithin(cell.code, whole.code));
    const rows = parts.map((cell) => report.figures.get(cell.code)).filter(Boolean);
    table.hidden = rows.length === 0;
    foreign.hidden = parts.length === rows.length;
    foreign.textContent = word("othersCells", parts.length - rows.length);
    fillTable(table, rows, { sort: state.sort || state.metric, metric: state.metric, before: report.before, chosen: state.cell, lookOf, isPublic: settings.isPublic, onSort: sort, onChoose: choose });
    showDefinitions(report);
  }

  /* The cells at the highest level that the reader answers for. */
  function ownCells(report) {
    return [...report.figures.values()].filter((row) => row.level === settings.level);
  }

  /* Whose figures stand in the panel while no cell is chosen: the street's, or those of the only cell one answers for. */
  function homeOf(report, cells) {
    const own = ownCells(report);
    return own.length === 1 ? cells.of(own[0].code) : cells.street;
  }

  function whyNoFigures(shown, report) {
    if (!mayCoverage) return word("noFigures");
    const own = ownCells(report).length;
    return own && shown.level === "street" ? word("yours", word(settings.level), own) : word("notYours");
  }

  return { wait, show, hide: () => { box.hidden = true; } };
}
