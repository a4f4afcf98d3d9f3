/* What is being looked at, and the address that reproduces it. */

import { METRICS } from "./metrics.js";

export const LEVELS = ["street", "community", "substation"];
export const PERIODS = ["today", "yesterday", "7d", "30d", "month", "lastMonth", "custom"];

const DEFAULTS = {
  level: "community", metric: "coverage_ratio", period: "30d", from: "", to: "", group: "", cell: "", incident: "", sort: "", layers: "", view: "", patterns: "", wall: "", lang: "zh-CN",
};

/* What an address leaves out, where it depends on who looks: the level to begin at, the language. */
export function setDefaults(defaults) {
  Object.assign(DEFAULTS, defaults);
}

const NAMES = Object.keys(METRICS);
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const isSwitch = (value) => value === "1" || value === "";
const ALLOWED = {
  level: (value) => LEVELS.includes(value),
  metric: (value) => NAMES.includes(value),
  period: (value) => PERIODS.includes(value),
  from: (value) => DAY.test(value),
  to: (value) => DAY.test(value),
  group: (value) => /^plan:\d{1,15}$/.test(value),
  cell: (value) => value.length <= 64,
  incident: (value) => /^\d{1,15}$/.test(value),
  sort: (value) => /^-?(name|change)$/.test(value) || NAMES.includes(value.replace(/^-/, "")),
  layers: (value) => /^[\w.,-]{0,400}$/.test(value),
  view: (value) => /^-?\d+(\.\d+)?,-?\d+(\.\d+)?,\d+(\.\d+)?$/.test(value) && Math.abs(Number(value.split(",")[1])) < 90,
  patterns: isSwitch,
  wall: isSwitch,
  lang: (value) => ["zh-CN", "en"].includes(value),
};

/* Read the query of an address; what is unknown or not allowed becomes the default. */
export function readState(search) {
  const asked = new URLSearchParams(search);
  const state = { ...DEFAULTS };
  for (const key of Object.keys(DEFAULTS)) {
    const value = asked.get(key);
    if (value !== null && ALLOWED[key](value)) state[key] = value;
  }
  if (!asked.has("period") && state.from && state.to) state.period = "custom";
  return state;
}

/* Write the query of a state: only what differs from the default. */
export function searchOf(state) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) if (value !== DEFAULTS[key]) query.set(key, value);
  const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text ? `?${text}` : location.pathname;
}
