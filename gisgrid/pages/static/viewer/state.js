/* What is being looked at, and the address that reproduces it. */

export const LEVELS = ["street", "community", "substation"];
export const PERIODS = ["today", "7d", "30d", "custom"];
export const COLUMNS = ["name", "coverage_ratio", "check_ins", "patrollers", "visits"];

const DEFAULTS = { level: "community", period: "30d", from: "", to: "", cell: "", sort: "coverage_ratio", lang: "zh-CN", view: "" };

/* What an address leaves out, where it depends on who looks: the level to begin at, the language. */
export function setDefaults(defaults) {
  Object.assign(DEFAULTS, defaults);
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const ALLOWED = {
  level: (value) => LEVELS.includes(value),
  period: (value) => PERIODS.includes(value),
  from: (value) => DAY.test(value),
  to: (value) => DAY.test(value),
  cell: (value) => value.length <= 64,
  sort: (value) => COLUMNS.includes(value.replace(/^-/, "")),
  lang: (value) => ["zh-CN", "en"].includes(value),
  view: (value) => /^-?\d+(\.\d+)?,-?\d+(\.\d+)?,\d+(\.\d+)?$/.test(value),
};

/* Read the query of an address; what is unknown or not allowed becomes the default. */
export function readState(search) {
  const asked = new URLSearchParams(search);
  const state = { ...DEFAULTS };
  for (const key of Object.keys(DEFAULTS)) {
    const value = asked.get(key);
    if (value !== null && ALLOWED[key](value)) state[key] = value;
  }
  return state;
}

/* Write the query of a state: only what differs from the default. */
export function searchOf(state) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(state)) if (value !== DEFAULTS[key]) query.set(key, value);
  const text = query.toString().replaceAll("%2C", ",");
  return text ? `?${text}` : location.pathname;
}
