/* The list of what was done on this shift and what became of it, the newest first. */

import { element } from "../viewer/elements.js";
import { verdictOf } from "./verdicts.js";
import { clock, word } from "./words.js";

const SHOWN = 50;

/* `entries` in the order in which they were made; `onDismiss(entry)` removes one that was not taken. */
export function showEntries(list, entries, onDismiss) {
  const shown = entries.slice(-SHOWN).reverse();
  list.replaceChildren(...shown.map((entry) => line(entry, onDismiss)));
  if (!shown.length) list.append(element("li", { className: "none" }, word("noEntries")));
}

function line(entry, onDismiss) {
  const { css, title, lines } = verdictOf(entry);
  const told = lines.map((text) => element("p", {}, text));
  const made = element("li", { className: `entry ${css}` }, element("p", { className: "entry-head" }, element("strong", {}, title), element("span", {}, `${kindOf(entry)} ${clock(timeOf(entry))}`)), ...told);
  if (css === "bad") made.append(element("button", { type: "button", className: "quiet", onclick: () => onDismiss(entry) }, word("dismiss")));
  return made;
}

function kindOf(entry) {
  return word(entry.kind === "fix" && entry.body.is_track ? "track" : entry.kind);
}

function timeOf({ body }) {
  return body.fix_at ?? body.reported_at ?? body.raised_at ?? body.report.reported_at;
}
