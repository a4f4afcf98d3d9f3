/* The viewer: reads the address, asks the service, shows map, panel and table; every choice goes back into the address. */

import { Problem, get } from "./api.js";
import { createGround } from "./ground.js";
import { fillIncidents, fillNoIncidents, fillPanel } from "./panel.js";
import { daysBefore, localDay, periodOf, publicPeriod } from "./period.js";
import { LEVELS, readState, searchOf, setDefaults } from "./state.js";
import { showDefinitions, showLegend, showStatus } from "./status.js";
import { fillTable } from "./table.js";
import { fillLoading, fillStart } from "./waiting.js";
import { rememberLanguage, setLanguage, speakToPublic, spoken, word } from "./words.js";

const LATEST = 5; // incidents listed in the panel
const NO_FIGURES = { grid: { id: null }, outside: null, definitions: [], notes: [], cells: [] };
const SETTINGS = JSON.parse(document.getElementById("settings").textContent);
const [controls, panel, figures, table, key, language] = ["controls", "panel", "figures", "table", "key", "language"].map((id) => document.getElementById(id));
const map = window[document.querySelector(".map").id];
const ground = createGround(map, classOf, choose);

setDefaults({ level: SETTINGS.level === "street" ? "community" : SETTINGS.level, lang: document.documentElement.lang });
if (SETTINGS.isPublic) speakToPublic();
document.getElementById("periods").hidden = SETTINGS.isPublic;
let state = readState(location.search);
let cells = null; // level → GeoJSON
let byCode = new Map(); // code → properties, all levels
let drawn = { id: null, day: "" }; // the layer set that `cells` are of (null until a report names it), and the day asked for
let report = null; // { period, figures: code → row, … } last answered
let isWaiting = false; // for the report of the state: the last one is not to be shown as if it were it
let asking = new AbortController();

/* The colour class of a cell with that row of the report; cells without one are not the reader's. */
function classOf(row) {
  if (!may("coverage")) return "bare";
  if (!row) return "foreign";
  const ratio = row.coverage_ratio;
  if (ratio === null || ratio === undefined) return SETTINGS.notAvailable;
  return (SETTINGS.classes.find((it) => ratio < it.upper) ?? SETTINGS.classes.at(-1)).css;
}

function may(permission) {
  return SETTINGS.may.includes(permission);
}

function levelOf(code) {
  return byCode.get(code)?.level;
}

function depth(code) {
  return LEVELS.indexOf(levelOf(code));
}

/* --- what the reader does --------------------------------------------------------------------- */

function change(changes, { remember = true } = {}) {
  const before = state;
  state = { ...state, ...changes };
  history[remember ? "pushState" : "replaceState"](null, "", searchOf(state));
  show(before);
}

/* A cell above the level shown stays above it: its parts are shown. One below takes the map down to its level. */
function choose(code) {
  change({ cell: code, level: LEVELS[Math.max(depth(code), LEVELS.indexOf(state.level))] });
}

function goDown(code) {
  change({ cell: code, level: LEVELS[depth(code) + 1] });
  zoomTo(code);
}

function zoomTo(code) {
  map.fitBounds(L.geoJSON(featureOf(code)).getBounds(), { padding: [30, 30] });
}

function featureOf(code) {
  return cells[byCode.get(code).level].features.find((it) => it.properties.code === code);
}

controls.addEventListener("change", () => {
  const asked = Object.fromEntries(new FormData(controls));
  if (asked.period !== "custom") Object.assign(asked, { from: "", to: "" });
  else if (state.period !== "custom") {
    const today = localDay(new Date(), SETTINGS.timezone);
    Object.assign(asked, { from: daysBefore(today, 6), to: today });
  }
  change(depth(state.cell) > LEVELS.indexOf(asked.level) ? { ...asked, cell: "" } : asked);
});
controls.addEventListener("submit", (event) => event.preventDefault());
language.addEventListener("click", () => {
  const lang = state.lang === "en" ? "zh-CN" : "en";
  rememberLanguage(lang);
  change({ lang }, { remember: false });
});
window.addEventListener("popstate", () => {
  const before = state;
  state = readState(location.search);
  show(before);
});

function rememberView() {
  const { lat, lng } = map.getCenter();
  state.view = `${lng.toFixed(5)},${lat.toFixed(5)},${map.getZoom()}`;
  history.replaceState(null, "", searchOf(state));
}

/* --- what the service says -------------------------------------------------------------------- */

/* Show the state; only what differs from `before` is asked for and drawn again. */
async function show(before) {
  const changed = (...keys) => !before || keys.some((key) => before[key] !== state[key]);
  showControls();
  try {
    if (cells && changed("level")) ground.drawCells(cells[state.level]);
    if (changed("level", "period", "from", "to") || (byCode.has(state.cell) && (isWaiting || !report?.levels.has(levelOf(state.cell))))) await load();
    else if (changed("lang") && !isWaiting) ground.colour(report?.figures);
    if (report && !isWaiting) showReport();
  } catch (error) {
    if (error instanceof Problem) await showProblem(error);
    else if (error.name !== "AbortError") throw error;
  }
}

/* Ask for the figures of the state, and for the grid in force at its end; an older question under way is dropped.
   Days that are no period leave the last report in view. */
async function load() {
  asking.abort();
  asking = new AbortController();
  const asked = SETTINGS.isPublic ? publicPeriod(new Date(), SETTINGS.timezone) : periodOf(state, new Date(), SETTINGS.timezone);
  const period = asked ?? report?.period;
  if (!period) return showStatus("told", word("badDays"));
  showWaiting(period);
  const { signal } = asking;
  if (!cells && state.cell) await loadGrid(period, signal); // its level is not known before
  const levels = new Set([SETTINGS.level, state.level, levelOf(state.cell) ?? SETTINGS.level]);
  const [answers] = await Promise.all([loadFigures(levels, period, signal), cells ? null : loadGrid(period, signal)]);
  const { grid, outside, definitions, notes } = answers[0];
  if (drawn.id !== grid.id && drawn.day !== period.last) await loadGrid(period, signal);
  drawn = { id: grid.id, day: period.last };
  const rows = answers.flatMap((answer) => answer.cells).filter((row) => byCode.has(row.code));
  report = { period, levels, outside, definitions, notes, figures: new Map(rows.map((row) => [row.code, row])) };
  stopWaiting();
  const told = asked ? remarkOn(answers[0].cells, outside) : `${word("badDays")} ${stillShown()}`;
  showStatus(told && "told", told);
}

/* What is to be said of figures before they are looked at; `top` are those of the highest level that the reader has. */
function remarkOn(top, outside) {
  if (!may("coverage")) return "";
  if (![...report.figures.values()].some((row) => row.level === state.level)) return word("noneOfYours", word(state.level));
  return (outside?.check_ins ?? 0) === 0 && top.every((row) => row.check_ins === 0) ? word("noCheckIns") : "";
}

function loadFigures(levels, period, signal) {
  if (!may("coverage")) return [NO_FIGURES];
  return Promise.all([...levels].map((level) => get("api/coverage", { level, datetime: period.text }, signal)));
}

async function loadGrid(period, signal) {
  const answers = await Promise.all(LEVELS.map((level) => get("api/grid/cells", { level, day: period.last }, signal)));
  const isFirst = cells === null;
  drawn = { id: null, day: period.last };
  cells = Object.fromEntries(LEVELS.map((level, at) => [level, answers[at]]));
  byCode = new Map(answers.flatMap((answer) => answer.features.map((feature) => [feature.properties.code, feature.properties])));
  document.getElementById("place").textContent = cells.street.features.map((it) => it.properties.name).join("、");
  document.getElementById("illustrative").hidden = ![...byCode.values()].some((cell) => cell.is_illustrative);
  if (isFirst) openMap();
  ground.drawLand(cells);
  ground.drawCells(cells[state.level]);
  ground.colour(null);
}

/* A number of incidents is told of the reader's own cells alone: of others it would be false. */
function showIncidents(cell) {
  const box = panel.querySelector("#incidents");
  if (!may("incidents")) return;
  if (SETTINGS.incidentsIn.some((code) => code === null || lineageOf(cell).some((it) => it.code === code))) loadIncidents(cell.code, box);
  else if (!may("coverage") || report.figures.has(cell.code)) fillNoIncidents(box);
}

async function loadIncidents(cell, box) {
  const { signal } = asking;
  const asked = { cell, datetime: report.period.text, limit: LATEST };
  try {
    const first = await get("api/incidents", asked, signal);
    const matched = first.numberMatched;
    const latest = matched > LATEST ? await get("api/incidents", { ...asked, offset: matched - LATEST }, signal) : first;
    fillIncidents(box, { matched, features: latest.features.reverse() }, SETTINGS.timezone);
  } catch (error) {
    if (error instanceof Problem) box.textContent = said(error);
    else if (error.name !== "AbortError") throw error;
  }
}

/* --- what the page shows ---------------------------------------------------------------------- */

function showControls() {
  setLanguage(state.lang);
  language.textContent = state.lang === "en" ? "中文" : "English";
  language.lang = state.lang === "en" ? "zh-CN" : "en";
  for (const key of ["level", "period", "from", "to"]) controls.elements[key].value = state[key];
  document.getElementById("days").hidden = SETTINGS.isPublic || state.period !== "custom";
  document.title = word("title");
}

/* Nothing of another period stands on the page while this one is awaited. */
function showWaiting(period) {
  isWaiting = true;
  if (cells) ground.colour(null);
  fillLoading(panel, period);
  showKey(false);
  key.hidden = !may("coverage");
  figures.classList.add("awaited");
  figures.ariaBusy = "true";
  showStatus("busy", word("loading"));
}

function showKey(hasForeign) {
  showLegend(SETTINGS.classes, { notAvailable: SETTINGS.notAvailable, reachM: SETTINGS.reachM, hasForeign });
}

function stopWaiting() {
  isWaiting = false;
  if (cells) ground.colour(report?.figures);
  figures.classList.remove("awaited");
  figures.ariaBusy = "false";
}

function stillShown() {
  return word("stillShown", report.period.first, report.period.last);
}

function openMap() {
  if (state.view) {
    const [longitude, latitude, zoom] = state.view.split(",").map(Number);
    map.setView(L.latLng(latitude, longitude), zoom, { animate: false });
  } else map.fitBounds(L.geoJSON(cells.street).getBounds(), { padding: [16, 16], animate: false });
  map.on("moveend", rememberView);
}

function showReport() {
  const street = cells.street.features[0].properties;
  const chosen = byCode.get(state.cell);
  const shown = chosen ?? homeOf(street);
  if (state.cell && !chosen) showStatus("told", word("noCell", state.cell));
  ground.choose(chosen ? featureOf(chosen.code) : null);
  fillPanel(panel, {
    cell: shown, row: report.figures.get(shown.code), why: whyNoFigures(shown), lineage: lineageOf(shown), period: report.period, reachM: SETTINGS.reachM, classOf,
    canGoDown: depth(shown.code) >= LEVELS.indexOf(state.level) && depth(shown.code) < LEVELS.length - 1,
    hint: chosen || !may("coverage") ? null : word("hint"), actions: { choose, zoomTo, goDown },
  });
  showIncidents(shown);
  figures.hidden = key.hidden = !may("coverage");
  if (figures.hidden) return;
  const whole = depth(shown.code) < LEVELS.indexOf(state.level) ? shown : street; // the parts of a cell above the level, else of the street
  document.getElementById("table-title").textContent = word("of", whole.name, word(state.level));
  const parts = cells[state.level].features.map((it) => it.properties).filter((cell) => lineageOf(cell).some((it) => it.code === whole.code));
  const rows = parts.map((cell) => report.figures.get(cell.code)).filter(Boolean);
  table.hidden = rows.length === 0;
  showForeign(parts.length - rows.length);
  showKey(cells[state.level].features.some((it) => !report.figures.has(it.properties.code)));
  fillTable(table, rows, { sort: state.sort, chosen: state.cell, classOf, onSort: (sort) => change({ sort }, { remember: false }), onChoose: choose });
  showDefinitions(report);
}

/* The table has the reader's own cells; how many others there are is told below it. */
function showForeign(count) {
  const told = document.getElementById("foreign");
  told.hidden = count === 0;
  told.textContent = word("othersCells", count);
}

/* The cells at the highest level that the reader answers for. */
function ownCells() {
  return [...report.figures.values()].filter((row) => row.level === SETTINGS.level);
}

/* Whose figures stand in the panel while no cell is chosen: the street's, or those of the only cell one answers for. */
function homeOf(street) {
  const own = ownCells();
  return own.length === 1 ? byCode.get(own[0].code) : street;
}

function whyNoFigures(shown) {
  if (!may("coverage")) return word("noFigures");
  const own = ownCells().length;
  return own && shown.level === "street" ? word("yours", word(SETTINGS.level), own) : word("notYours");
}

function lineageOf(cell) {
  const found = [];
  for (let each = cell; each; each = byCode.get(each.parent_code)) found.unshift(each);
  return found;
}

/* What was refused leaves the last report in view; a new installation is told how to begin. */
async function showProblem(error) {
  if (error.code === "NoGrid" && !cells && !(await hasGrid())) return showStart();
  stopWaiting();
  panel.replaceChildren();
  if (report) showReport();
  const told = word("failed", said(error));
  const isStranger = error.code === "SignInNeeded"; // signed out meanwhile, or away too long
  const back = () => location.assign(`/sign-in?${new URLSearchParams({ next: location.pathname + location.search })}`);
  const way = isStranger ? { text: word("signIn"), act: back } : { text: word("retry"), act: () => show(null) };
  showStatus("failed", report ? `${told} ${stillShown()}` : told, way);
}

/* Whether there is a grid of any day. */
async function hasGrid() {
  return get("api/grid/cells", { level: "street" }).then(() => true, (error) => error.code !== "NoGrid");
}

function showStart() {
  isWaiting = false;
  key.hidden = true;
  showStatus("", "");
  fillStart(panel, () => show(null));
}

function said(error) {
  return error.code === "Offline" ? word("offline") : spoken(error.message);
}

show(null);
