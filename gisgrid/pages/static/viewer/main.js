/* The viewer: reads the address, asks the service, shows map, panel and table; every choice goes back into the address. */

import { Problem, get } from "./api.js";
import { drawBase } from "./ground/base.js";
import { openCase } from "./cases/case.js";
import { loadCells } from "./ground/cells.js";
import { createControls } from "./bar/controls.js";
import { tellOnDuty } from "./beside/duty.js";
import { createFigures } from "./beside/figures.js";
import { createFound } from "./ground/found.js";
import { createGround } from "./ground/draw.js";
import { followLive } from "./live/follow.js";
import { LAYERS } from "./layers/all.js";
import { createLayers } from "./layers/choose.js";
import { METRICS, classIn, classesOf } from "./metrics.js";
import { periodOf, publicPeriod } from "./period.js";
import { askPurpose } from "./beside/purpose.js";
import { showSaved } from "./bar/saved.js";
import { createSearch } from "./bar/search.js";
import { createSide } from "./beside/side.js";
import { LEVELS, readState, searchOf, setDefaults } from "./state.js";
import { showLegend, showStatus } from "./status.js";
import { createTools } from "./bar/tools.js";
import { fillLoading, fillStart } from "./beside/waiting.js";
import { createWork } from "./cases/work.js";
import { setLanguage, speakToPublic, spoken, word } from "./words.js";

const SETTINGS = JSON.parse(document.getElementById("settings").textContent);
const NO_FIGURES = { grid: { id: null }, outside: null, definitions: [], notes: [], cells: [], cells_before: [] };
const map = window[document.querySelector(".map").id];
const may = (permission) => SETTINGS.may.includes(permission);

let state; // what is looked at
let cells = null; // the grid in force, see cells.js
let drawn = { id: null, day: "" }; // the layer set that `cells` are of (null until a report names it), and the day asked for
let report = null; // { period, figures, before: code → row, … } last answered
let hasFailed = false; // the last question: what is shown is of another
let isWaiting = false; // for the report of the state: the last one is not to be shown as if it were it
let asking = new AbortController();
let classes = []; // of the metric shown, see metrics.js

const side = createSide();
const ground = createGround(map, { lookOf, choose });
const stage = { map, settings: SETTINGS, choose, open: side.open, goBack: side.goBack, purpose: askPurpose, tell: say, pane, cells: () => cells, get, refresh };
stage.heal = () => (hasFailed ? show(null) : refresh()); // the service answers again
stage.openCase = (id, remark) => {
  openCase(stage, id, remark);
  change({ incident: String(id) }, { remember: false });
};
side.onBack(() => state.incident && change({ incident: "" }, { remember: false }));
const layers = createLayers(document.getElementById("layer-list"), stage, LAYERS, (ids) => change({ layers: ids }, { remember: false }), () => report && !isWaiting && showKey());
createWork(stage);
stage.live = followLive(stage, { onArrivals: flash, onIncidents: (changes, all, isFirst) => isFirst || layers.of("incidents")?.patch?.(changes), onDuty: tellOnDuty, onPositions: tellOnDuty });
const figures = createFigures(SETTINGS, { openCase: stage.openCase, choose, zoomTo, goDown, sort: (sort) => change({ sort }, { remember: false }) });

drawBase(map, SETTINGS.base);
setDefaults({ level: SETTINGS.level === "street" ? "community" : SETTINGS.level, lang: document.documentElement.lang, layers: layers.atFirst() });
if (SETTINGS.isPublic) speakToPublic();
state = readState(location.search);
const controls = createControls(SETTINGS, { change, depth: (code) => cells?.depth(code) ?? -1 });
const tools = createTools(stage, { change, state: () => state, cells: () => cells, choose: (cell, level) => change({ cell, level }, { remember: false }), zoomTo, whole: openWhole });

function say(text) {
  showStatus(text && "told", text);
}

/* A pane of the map for a layer's own renderer, above the cells; its height is in viewer.css. */
function pane(name) {
  if (!map.getPane(name)) map.createPane(name).classList.add("lifted");
  return name;
}

/* How a cell is drawn: its class, and what is written on it; cells without a row are not the reader's. */
function lookOf(code) {
  if (isWaiting || !report) return { css: "pending" };
  if (!may("coverage")) return { css: "bare" };
  const row = report.figures.get(code);
  return row ? { css: classIn(classes, row[state.metric], SETTINGS.notAvailable), row, before: report.before.get(code), metric: state.metric } : { css: "foreign" };
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
  side.goBack();
  change({ cell: code, level: LEVELS[Math.max(cells.depth(code), LEVELS.indexOf(state.level))] });
}

/* Something came in: the outline of its cell lights up, or of the one shown that it lies in. */
function flash(changes, all, isFirst) {
  if (!isFirst && cells) ground.flash(Object.keys(changes).flatMap((code) => cells.lineageOf(code).map((cell) => cell.code)));
}

function goDown(code) {
  side.goBack();
  change({ cell: code, level: LEVELS[cells.depth(code) + 1] });
  zoomTo(code);
}

function zoomTo(code) {
  map.fitBounds(L.geoJSON(cells.featureOf(code)).getBounds(), { padding: [30, 30] });
}

window.addEventListener("popstate", () => {
  const before = state;
  state = readState(location.search);
  show(before);
});

createSearch(document.getElementById("search"), {
  get, settings: SETTINGS, onPlace: createFound(map),
  onCell: (code) => { if (cells?.of(code)) { choose(code); zoomTo(code); } },
  onPerson: (ref) => (may("tracks") ? showTrackOf(ref) : location.assign(`/admin/people?${new URLSearchParams({ search: ref })}`)),
  onIncident: stage.openCase,
});

function showTrackOf(ref) {
  layers.of("tracks").choose(ref);
  layers.turnOn("tracks");
}

function rememberView() {
  const { lat, lng } = map.getCenter();
  state.view = `${lng.toFixed(5)},${lat.toFixed(5)},${map.getZoom()}`;
  history.replaceState(null, "", searchOf(state));
}

/* --- what the service says -------------------------------------------------------------------- */

/* Show the state; only what differs from `before` is asked for and drawn again. */
async function show(before) {
  const changed = (...keys) => !before || keys.some((key) => before[key] !== state[key]);
  setLanguage(state.lang);
  controls.show(state);
  stage.live.speak();
  tools.show(state);
  if (!SETTINGS.hasGrid) return showStart();
  try {
    if (cells && changed("level")) ground.drawCells(cells.byLevel[state.level]);
    if (changed("period", "from", "to", "group") || isWaiting) await load();
    else if (changed("level")) say(remark());
    if (report && !isWaiting) showReport();
    if (!before && state.incident) openCase(stage, Number(state.incident));
  } catch (error) {
    if (error instanceof Problem) showProblem(error);
    else if (error.name !== "AbortError") throw error;
  }
}

/* Ask for the figures of the state, and for the grid in force at its end; an older question under way is dropped.
   Days that are no period leave the last report in view. */
async function load() {
  asking.abort();
  asking = new AbortController();
  const now = new Date();
  const asked = SETTINGS.isPublic ? publicPeriod(now, SETTINGS.timezone) : periodOf(state, now, SETTINGS.timezone);
  const period = asked ?? report?.period ?? periodOf({ period: "30d" }, now, SETTINGS.timezone); // of an address that names none
  showWaiting(period);
  const { signal } = asking;
  const [answer] = await Promise.all([loadFigures(period, signal), cells ? null : loadGrid(period, signal)]);
  if (drawn.id !== answer.grid.id && drawn.day !== period.last) await loadGrid(period, signal);
  drawn = { id: answer.grid.id, day: period.last };
  report = readReport(answer, period);
  isWaiting = hasFailed = false;
  say(asked ? remark() : `${word("badDays")} ${stillShown()}`);
}

function loadFigures(period, signal) {
  if (!may("coverage")) return NO_FIGURES;
  return get("api/coverage", { level: "all", datetime: period.text, compare: !SETTINGS.isPublic && !period.isLong, plan: state.group.replace("plan:", "") }, signal);
}

function readReport(answer, period) {
  const rows = (list) => new Map(list.filter((row) => cells.of(row.code)).map((row) => [row.code, row]));
  return { ...answer, period, figures: rows(answer.cells), before: rows(answer.cells_before) };
}

/* What is to be said of figures before they are looked at. */
function remark() {
  if (!may("coverage")) return "";
  const rows = [...report.figures.values()];
  if (!rows.some((row) => row.level === state.level)) return word("noneOfYours", word(state.level));
  return (report.outside?.check_ins ?? 0) === 0 && rows.every((row) => row.check_ins === 0) ? word("noCheckIns") : "";
}

/* Ask once more for what is shown, without taking it away meanwhile: something has happened. */
async function refresh() {
  if (isWaiting || !report || document.hidden) return;
  const { signal } = asking;
  const answer = await loadFigures(report.period, signal).catch((error) => {
    if (error.name === "AbortError" || error instanceof Problem) return null; // the link's lamp tells of it
    throw error;
  });
  if (!answer || isWaiting || signal.aborted) return;
  report = readReport(answer, report.period);
  showReport();
}

async function loadGrid(period, signal) {
  const isFirst = cells === null;
  cells = await loadCells(period.last, signal);
  drawn = { id: null, day: period.last };
  document.getElementById("place").textContent = cells.place;
  document.getElementById("illustrative").hidden = !cells.isIllustrative;
  const within = cells.depth(state.cell);
  if (within > LEVELS.indexOf(state.level)) state.level = LEVELS[within];
  if (isFirst) openMap();
  ground.drawLand(cells.byLevel);
  ground.drawCells(cells.byLevel[state.level]);
  ground.colour();
}

/* --- what the page shows ---------------------------------------------------------------------- */

/* Nothing of another period stands on the page while this one is awaited. */
function showWaiting(period) {
  isWaiting = true;
  if (cells) ground.colour();
  fillLoading(side.home, period);
  figures.wait();
  showStatus("busy", word("loading"));
}

function stillShown() {
  return word("stillShown", report.period.first, report.period.last);
}

function openMap() {
  if (state.view) {
    const [longitude, latitude, zoom] = state.view.split(",").map(Number);
    map.setView(L.latLng(latitude, longitude), zoom, { animate: false });
  } else openWhole();
  map.on("moveend", rememberView);
}

function openWhole() {
  map.fitBounds(L.geoJSON(cells.byLevel.street).getBounds(), { padding: [16, 16], animate: false });
}

function showReport() {
  const shownRows = cells.at(state.level).map((cell) => report.figures.get(cell.code)).filter(Boolean);
  classes = classesOf(state.metric, shownRows.map((row) => row[state.metric]), SETTINGS.classes);
  if (state.cell && !cells.of(state.cell)) showStatus("told", word("noCell", state.cell));
  ground.colour();
  ground.choose(cells.featureOf(state.cell));
  const view = { period: report.period, cell: state.cell, level: state.level, lang: state.lang, signal: asking.signal };
  layers.show(view, state.layers);
  figures.show(side.home, { state, report, cells, lookOf, view });
  showKey();
  showSaved(SETTINGS, state, report.period);
  side.name(cells.of(state.cell)?.name ?? cells.street.name);
}

function showKey() {
  const isForeign = (cell) => !report.figures.has(cell.code);
  showLegend(classes, {
    metric: state.metric, notAvailable: SETTINGS.notAvailable, reachM: SETTINGS.reachM, hasPatterns: Boolean(state.patterns), layers: layers.legend(), mayCoverage: may("coverage"),
    hasForeign: cells.at(state.level).some(isForeign), onPatterns: (isOn) => change({ patterns: isOn ? "1" : "" }, { remember: false }),
  });
}

/* What was refused leaves the last report in view; a new installation is told how to begin. */
function showProblem(error) {
  hasFailed = true;
  isWaiting = false;
  side.home.replaceChildren();
  if (report) showReport();
  const told = word("failed", error.code === "Offline" ? word("offline") : spoken(error.message));
  const isStranger = error.code === "SignInNeeded"; // signed out meanwhile, or away too long
  const back = () => location.assign(`/sign-in?${new URLSearchParams({ next: location.pathname + location.search })}`);
  const way = isStranger ? { text: word("signIn"), act: back } : { text: word("retry"), act: () => show(null) };
  showStatus("failed", report ? `${told} ${stillShown()}` : told, way);
}

function showStart() {
  isWaiting = false;
  figures.hide();
  showStatus("", "");
  fillStart(side.home, SETTINGS, () => location.reload());
}

show(null);
