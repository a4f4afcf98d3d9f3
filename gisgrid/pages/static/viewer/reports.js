/* The report of a period and the grid in force at its end, as the service gives them. */

import { Problem, get } from "./api.js";
import { loadCells } from "./ground/cells.js";
import { periodOf, publicPeriod } from "./period.js";

const NO_FIGURES = { grid: { id: null }, outside: null, definitions: [], notes: [], cells: [], cells_before: [] };

/* `onWaiting(period)` is told that a report is asked for, `onGrid(cells, isFirst)` that there is another grid. */
export function createReports(settings, { onWaiting, onGrid }) {
  const mayCoverage = settings.may.includes("coverage");
  let drawn = { id: null, day: "" }; // the layer set of the cells (null until a report names it), and the day asked for
  let asking = new AbortController();
  const held = {
    cells: null, // see ground/cells.js
    report: null, // { period, compared: { start, end }, figures, before: code → row, … } last answered
    isWaiting: false, // for the report of the state: the last one is not to be shown as if it were it
    hasFailed: false, // the last question: what is shown is of another
    signal: asking.signal,
    load, again, fail,
  };

  /* Ask for the figures of a state; an older question under way is dropped. Days that are no period leave the last
     report in view. Returns whether they are one. */
  async function load(state) {
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    held.signal = signal;
    const now = new Date();
    const asked = settings.isPublic ? publicPeriod(now, settings.timezone) : periodOf(state, now, settings.timezone);
    const period = asked ?? held.report?.period ?? periodOf({ period: "30d" }, now, settings.timezone); // of an address that names none
    held.isWaiting = true;
    onWaiting(period);
    const [answer] = await Promise.all([figuresOf(state, period, signal), held.cells ? null : loadGrid(period, signal)]);
    if (drawn.id !== answer.grid.id && drawn.day !== period.last) await loadGrid(period, signal);
    drawn = { id: answer.grid.id, day: period.last };
    held.report = read(answer, period);
    held.isWaiting = held.hasFailed = false;
    return Boolean(asked);
  }

  /* Ask once more for what is shown, without taking it away meanwhile. Returns whether there is something newer. */
  async function again(state) {
    if (held.isWaiting || !held.report) return false;
    const { signal } = asking;
    const { period } = held.report;
    const answer = await figuresOf(state, period, signal).catch((error) => {
      if (error.name === "AbortError" || error instanceof Problem) return null; // the link's lamp tells of it
      throw error;
    });
    if (!answer || held.isWaiting || signal.aborted) return false;
    held.report = read(answer, period);
    return true;
  }

  function fail() {
    held.hasFailed = true;
    held.isWaiting = false;
  }

  function figuresOf(state, period, signal) {
    if (!mayCoverage) return NO_FIGURES;
    return get("api/coverage", { level: "all", datetime: period.text, compare: !settings.isPublic && !period.isLong, plan: state.group.replace("plan:", "") }, signal);
  }

  function read(answer, period) {
    const rows = (list) => new Map(list.filter((row) => held.cells.of(row.code)).map((row) => [row.code, row]));
    return { ...answer, period, compared: answer.before, figures: rows(answer.cells), before: rows(answer.cells_before) };
  }

  async function loadGrid(period, signal) {
    const isFirst = held.cells === null;
    held.cells = await loadCells(period.last, signal);
    drawn = { id: null, day: period.last };
    onGrid(held.cells, isFirst);
  }

  return held;
}
