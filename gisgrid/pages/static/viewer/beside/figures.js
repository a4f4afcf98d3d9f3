/* The figures beside the map: those of the chosen cell in the panel, those of the cells of the level as a table. */

import { fillPanel } from "./panel.js";
import { LEVELS } from "../state.js";
import { showDefinitions } from "../status.js";
import { fillTable } from "./table.js";
import { word } from "../words.js";

export function createFigures(settings, { choose, zoomTo, goDown, sort }) {
  const [box, table, foreign] = ["figures", "table", "foreign"].map((id) => document.getElementById(id));
  let filledFor = []; // what the panel was filled for
  let inPanel = null; // what `tellMore` is told of it
  let tellMore = null;
  let toldOf = ""; // the code of the cell in the panel
  const mayCoverage = settings.may.includes("coverage");

  /* What stands there is to go: other figures are asked for. */
  function wait() {
    filledFor = [];
    inPanel = null;
    box.classList.add("awaited");
    box.ariaBusy = "true";
  }

  function show(panel, { state, report, cells, lookOf }) {
    box.classList.remove("awaited");
    box.ariaBusy = "false";
    const shown = cells.of(state.cell) ?? homeOf(report, cells);
    const depth = cells.depth(shown.code);
    const canGoDown = depth >= LEVELS.indexOf(state.level) && depth < LEVELS.length - 1;
    const key = [shown.code, report, state.cell, state.metric, state.lang, canGoDown];
    if (key.some((each, at) => each !== filledFor[at])) {
      filledFor = key;
      inPanel = [panel, shown, { report, cells }];
      fill(panel, shown, { state, report, cells, lookOf, canGoDown });
      tellMore?.(...inPanel);
    }
    box.hidden = !mayCoverage;
    if (mayCoverage) showTable(depth < LEVELS.indexOf(state.level) ? shown : cells.street, { state, report, cells, lookOf });
  }

  /* From now on `tell(panel, cell, { report, cells })` says what else there is to say of the cell in the panel. */
  function also(tell) {
    tellMore = tell;
    if (inPanel) tellMore(...inPanel);
  }

  /* Who is on one of its buttons stays there. */
  function fill(panel, shown, { state, report, cells, lookOf, canGoDown }) {
    const focused = panel.contains(document.activeElement) ? document.activeElement.textContent : null;
    fillPanel(panel, {
      cell: shown, row: report.figures.get(shown.code), before: report.before.get(shown.code), why: whyNoFigures(shown, report), lineage: cells.lineageOf(shown.code), report, settings, look: lookOf(shown.code),
      canGoDown, hint: state.cell || !mayCoverage ? null : word("hint"), actions: { choose, zoomTo, goDown },
    });
    if (shown.code !== toldOf) panel.parentElement.scrollTop = 0; // another cell is read from its name on
    toldOf = shown.code;
    if (focused !== null) [...panel.querySelectorAll("button")].find((button) => button.textContent === focused)?.focus({ preventScroll: true });
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

  return { wait, show, also, hide: () => { box.hidden = true; } };
}
