/* The viewer: reads the address, shows map, panel and table of what it names; every choice goes back into the address. */

import { Problem, get } from "./api.js";
import { createControls } from "./bar/controls.js";
import { createFigures } from "./beside/figures.js";
import { createSide } from "./beside/side.js";
import { fillLoading, fillStart } from "./beside/waiting.js";
import { afterPaint, nextFrame } from "./elements.js";
import { drawBase } from "./ground/base.js";
import { createGround } from "./ground/draw.js";
import { classIn, classesOf } from "./metrics.js";
import { setToday } from "./period.js";
import { createReports } from "./reports.js";
import { LEVELS, readState, searchOf, setDefaults } from "./state.js";
import { showLegend, showStatus } from "./status.js";
import { setLanguage, speakToPublic, spoken, word } from "./words.js";

const SETTINGS = JSON.parse(document.getElementById("settings").textContent);
const map = window[document.querySelector(".map").id];
const LATEST_MS = 1000; // after the figures: what comes later waits no longer
const mayCoverage = SETTINGS.may.includes("coverage");

let state; // what is looked at
let classes = []; // of the metric shown, see metrics.js
let later = null; // what is fetched once the figures stand, see later.js

const reports = createReports(SETTINGS, { onWaiting: showWaiting, onGrid: showGrid });
const side = createSide();
const ground = createGround(map, { lookOf, choose });
const stage = {
  map, settings: SETTINGS, choose, open: side.open, goBack: side.goBack, tell: say, pane, cells: () => reports.cells, get, refresh,
  heal,
};
side.onBack(() => state.incident && change({ incident: "" }));
const figures = createFigures(SETTINGS, { choose, zoomTo, goDown, sort: (sort) => change({ sort }, { remember: false }) });

drawBase(map, SETTINGS.base);
setToday(SETTINGS.today);
setDefaults({ level: SETTINGS.level === "street" ? "community" : SETTINGS.level, lang: document.documentElement.lang });
if (SETTINGS.isPublic) speakToPublic();
state = readState(location.search);
const controls = createControls(SETTINGS, { change, depth: (code) => reports.cells?.depth(code) ?? -1 });

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
  const { report, isWaiting } = reports;
  if (isWaiting || !report) return { css: "pending" };
  if (!mayCoverage) return { css: "bare" };
  const row = report.figures.get(code);
  return row ? { css: classIn(classes, row[state.metric], SETTINGS.notAvailable), row, before: report.before.get(code), metric: state.metric } : { css: "foreign" };
}

/* --- what the reader does --------------------------------------------------------------------- */

function change(changes, { remember = true } = {}) {
  const before = state;
  state = { ...state, ...changes };
  const isOther = searchOf(state) !== searchOf(before);
  history[remember && isOther ? "pushState" : "replaceState"](null, "", searchOf(state));
  show(before);
}

/* A cell above the level shown stays above it: its parts are shown. One below takes the map down to its level. */
function choose(code) {
  goTo(code, LEVELS[Math.max(reports.cells.depth(code), LEVELS.indexOf(state.level))]);
}

function goDown(code) {
  goTo(code, LEVELS[reports.cells.depth(code) + 1]);
  zoomTo(code);
}

function goTo(cell, level) {
  side.close();
  change({ cell, level, incident: "" });
}

function zoomTo(code) {
  ground.lookAt([reports.cells.featureOf(code)], { rim: 30 });
}

/* Something came in: the outline of its cell lights up, or of the one shown that it lies in. */
function flash(changes, all, isFirst) {
  const { cells } = reports;
  if (!isFirst && cells) ground.flash(Object.keys(changes).flatMap((code) => cells.lineageOf(code).map((cell) => cell.code)));
}

window.addEventListener("popstate", () => {
  const before = state;
  state = readState(location.search);
  show(before);
  if (reports.cells && state.view !== before.view) lookAround();
  if (state.incident === before.incident) return;
  if (state.incident) later?.openCase(Number(state.incident));
  else side.close();
});

function rememberView() {
  state.view = ground.view();
  history.replaceState(null, "", searchOf(state));
}

/* --- what is shown ---------------------------------------------------------------------------- */

/* Show the state; only what differs from `before` is asked for and drawn again. */
async function show(before) {
  const changed = (...keys) => !before || keys.some((key) => before[key] !== state[key]);
  if (changed("lang")) setLanguage(state.lang);
  controls.show(state);
  if (changed("lang", "wall")) later?.speak(state);
  if (before && changed("lang") && state.incident && !side.isTypedIn()) later?.openCase(Number(state.incident));
  if (!SETTINGS.hasGrid) return showStart();
  try {
    if (reports.cells && changed("level")) ground.drawCells(reports.cells.byLevel[state.level]);
    const isAnother = changed("period", "from", "to", "group") || reports.isWaiting;
    if (isAnother) say((await reports.load(state)) ? remark() : `${word("badDays")} ${stillShown()}`);
    else if (changed("level")) say(remark());
    if (reports.report && !reports.isWaiting) showReport({ isRepainted: isAnother || changed("level", "metric", "lang"), isAtOnce: !before });
  } catch (error) {
    if (error instanceof Problem) showProblem(error);
    else if (error.name !== "AbortError") throw error;
  }
}

/* What has happened since is shown without taking away what stands there meanwhile. */
async function refresh() {
  if (!document.hidden && (await reports.again(state))) showReport();
}

/* The service answers again: what was missed meanwhile may be more than the stream tells of. */
function heal() {
  if (reports.hasFailed) show(null);
  else refresh();
  map.fire("incidentschanged");
  if (state.incident && document.querySelector("#opened article > .failure:only-child")) later.openCase(Number(state.incident));
}

/* What is to be said of figures before they are looked at. */
function remark() {
  if (!mayCoverage) return "";
  const { report } = reports;
  const rows = [...report.figures.values()];
  if (!rows.some((row) => row.level === state.level)) return word("noneOfYours", word(state.level));
  return (report.outside?.check_ins ?? 0) === 0 && rows.every((row) => row.check_ins === 0) ? word("noCheckIns") : "";
}

/* Nothing of another period stands on the page while this one is awaited. */
function showWaiting(period) {
  if (reports.cells) ground.colour();
  fillLoading(side.home, period);
  figures.wait();
  showStatus("busy", word("loading"));
}

function showGrid(cells, isFirst) {
  document.getElementById("place").textContent = cells.place;
  document.getElementById("illustrative").hidden = !cells.isIllustrative;
  const within = cells.depth(state.cell);
  if (within > LEVELS.indexOf(state.level)) state.level = LEVELS[within];
  if (isFirst) openMap();
  else ground.drawLand(cells.byLevel);
  ground.drawCells(cells.byLevel[state.level]);
  setTimeout(() => reports.isWaiting && ground.colour()); // names, if the figures that bring them are not there yet
}

function stillShown() {
  const { first, last } = reports.report.period;
  return word("stillShown", first, last);
}

function openMap() {
  lookAround();
  map.on("moveend", rememberView);
}

/* The map as the address has it. */
function lookAround() {
  if (state.view) ground.goTo(state.view);
  else openWhole();
}

/* The ground that the reader answers for, else all of it. */
function openWhole() {
  const own = SETTINGS.own.map((code) => reports.cells.featureOf(code)).filter(Boolean);
  ground.lookAt(own.length ? own : reports.cells.byLevel.street.features, { rim: 16, animate: false });
}

/* The map answers at once; what stands beside it may follow once that is painted. */
function showReport({ isRepainted = true, isAtOnce = true } = {}) {
  const { cells, report } = reports;
  const rows = cells.at(state.level).map((cell) => report.figures.get(cell.code)).filter(Boolean);
  classes = classesOf(state.metric, rows.map((row) => row[state.metric]), SETTINGS.classes);
  if (isRepainted) ground.colour();
  ground.choose(cells.featureOf(state.cell));
  if (isAtOnce) showSide();
  else showSideSoon();
}

const showSideSoon = afterPaint(() => reports.isWaiting || showSide());

function showSide() {
  const { cells, report } = reports;
  if (state.cell && !cells.of(state.cell)) showStatus("told", word("noCell", state.cell));
  side.name(cells.of(state.cell)?.name ?? cells.street.name);
  figures.show(side.home, { state, report, cells, lookOf });
  showOver();
}

/* What lies over the cells, and the legend of it all. */
function showOver() {
  later?.show(state, reports.report, reports.signal);
  showKey();
}

function showKey() {
  const { cells, report, isWaiting } = reports;
  if (!report || isWaiting) return;
  const isForeign = (cell) => !report.figures.has(cell.code);
  showLegend(classes, {
    metric: state.metric, notAvailable: SETTINGS.notAvailable, reachM: SETTINGS.reachM, hasPatterns: Boolean(state.patterns), layers: later?.legend() ?? [], mayCoverage,
    hasForeign: cells.at(state.level).some(isForeign), onPatterns: (isOn) => change({ patterns: isOn ? "1" : "" }, { remember: false }),
  });
}

/* What was refused leaves the last report in view; a new installation is told how to begin. */
function showProblem(error) {
  reports.fail();
  side.home.replaceChildren();
  if (reports.report) showReport();
  const isStranger = error.code === "SignInNeeded"; // signed out meanwhile, or away too long
  const told = isStranger ? word("linkEnded") : word("failed", error.code === "Offline" ? word("offline") : spoken(error.message));
  const back = () => location.assign(`/sign-in?${new URLSearchParams({ next: location.pathname + location.search })}`);
  const way = isStranger ? { text: word("signIn"), act: back } : { text: word("retry"), act: () => show(null) };
  showStatus("failed", reports.report ? `${told.replace(/[。.]$/, "")}${word("stop")}${stillShown()}` : told, way);
}

function showStart() {
  figures.hide();
  showStatus("", "");
  fillStart(side.home, SETTINGS, () => location.reload());
}

/* --- what comes after it ---------------------------------------------------------------------- */

async function showLater() {
  const fetched = fetchLater();
  if (reports.cells) ground.drawLand(reports.cells.byLevel);
  const { createLater } = await fetched;
  later = createLater(stage, { change, choose, zoomTo, flash, showKey, state: () => state, signal: () => reports.signal, whole: openWhole, lookAround });
  later.speak(state);
  controls.offerPlans();
  figures.also(later.tellOf);
  if (reports.report && !reports.isWaiting) showOver();
  if (state.incident) later.openCase(Number(state.incident));
}

/* All its files at once: found one by one by their imports they would take several rounds. */
function fetchLater() {
  document.head.append(...SETTINGS.later.map((href) => Object.assign(document.createElement("link"), { rel: "modulepreload", href })));
  return import("./later.js").catch((error) => {
    showStatus("failed", word("failed", word("offline")), { text: word("retry"), act: () => location.reload() });
    throw error;
  });
}

/* Once what was drawn is painted and the browser has nothing better to do. */
const atRest = () => nextFrame().then(nextFrame).then(() => new Promise((come) => (window.requestIdleCallback ?? setTimeout)(come, { timeout: LATEST_MS })));

show(null).then(atRest).then(showLater);
