/* What a map can be coloured by: the figures of the report, how each is written, and the classes it falls into. */

import { count, duration, number, percent, word } from "./words.js";

const KINDS = { ratio: percent, count, duration };

/* `good`: whether much of it is good ("high"), bad ("low") or neither (""). */
const metric = (kind, good, css) => ({ kind, good, css });
export const METRICS = {
  coverage_ratio: metric("ratio", "high", "c"),
  check_ins: metric("count", "", "c"),
  visits: metric("count", "", "c"),
  worst_idle_s: metric("duration", "low", "w"),
  rounds_ratio: metric("ratio", "high", "c"),
  rounds_missed: metric("count", "low", "w"),
  open_gaps: metric("count", "low", "w"),
  reported: metric("count", "", "c"),
  overdue: metric("count", "low", "w"),
  closing_ratio: metric("ratio", "high", "c"),
  in_time_ratio: metric("ratio", "high", "c"),
  response_s: metric("duration", "low", "w"),
};
const BESIDE = { dwell_s: metric("duration", "", ""), rounds_done: metric("count", "high", ""), closed: metric("count", "high", "") }; // told, but no map is coloured by them
const CLASSES = 6;
const HOUR_S = 3600;

export function written(name, value) {
  return KINDS[METRICS[name]?.kind ?? "count"](value);
}

/* The classes of a metric: [{ css, upper, label }], rising. Ratios have those of the service, the same on every map; others
   are cut at round numbers up to the greatest of `values`. */
export function classesOf(name, values, ratioClasses) {
  const { kind, css } = METRICS[name];
  if (kind === "ratio") return ratioClasses;
  const unit = kind === "duration" ? HOUR_S : 1;
  if (values.every((value) => value === null || value === undefined)) return [];
  const greatest = Math.max(0, ...values.map((value) => (value ?? 0) / unit));
  if (greatest === 0) return [{ css: `${css}0`, upper: Infinity, label: "0" }];
  const step = roundStep(greatest / CLASSES);
  const isEach = step === 1 && unit === 1; // few: each count is a class, none too
  const needed = Math.min(CLASSES, isEach ? greatest + 1 : Math.ceil(greatest / step));
  const first = css === "w" && needed < CLASSES && !isEach ? 1 : 0; // none of something bad is a class of its own
  const made = first ? [{ css: `${css}0`, upper: unit === 1 ? 1 : 1e-9, label: "0" }] : [];
  for (let at = 0; at < needed; at++) {
    const lower = first && at === 0 && unit === 1 ? 1 : at * step;
    const upper = (at + 1) * step;
    const last = at < needed - 1 ? upper - 1 : isEach ? greatest : upper;
    made.push({ css: `${css}${shade(at + first, needed + first)}`, upper: upper * unit, label: labelOf(lower, unit === 1 ? last : upper, unit) });
  }
  return made;
}

/* Few classes use the whole scale of shades. */
function shade(at, of) {
  return of === 1 ? 3 : Math.round((at * (CLASSES - 1)) / (of - 1));
}

function labelOf(lower, last, unit) {
  if (unit !== 1) return word("hours", `${number(lower)}–${number(last)}`);
  return lower === last ? number(lower) : `${number(lower)}–${number(last)}`;
}

function roundStep(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return power * [1, 2, 5, 10].find((it) => it * power >= Math.max(value, 1));
}

/* The class of a value. */
export function classIn(classes, value, notAvailable) {
  if (value === null || value === undefined) return notAvailable;
  return (classes.find((it) => value < it.upper) ?? classes.at(-1)).css;
}

/* What has changed since the period before: { text, good: true, false or null }; null where there is nothing to compare. */
export function changeOf(name, row, before) {
  const [now, then] = [row?.[name], before?.[name]];
  if (now === null || now === undefined || then === null || then === undefined) return null;
  const { kind, good } = METRICS[name] ?? BESIDE[name] ?? metric("count", "", "");
  const difference = now - then;
  const size = kind === "ratio" ? word("points", number(Math.abs(difference) * 100, 1)) : KINDS[kind](Math.abs(difference));
  const isNone = kind === "ratio" ? Math.abs(difference) < 0.0005 : Math.round(difference) === 0;
  const text = isNone ? "±0" : `${difference > 0 ? "▲" : "▼"} ${size}`;
  return { difference, text, good: isNone || !good ? null : (difference > 0) === (good === "high") };
}
