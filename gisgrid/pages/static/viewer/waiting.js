/* The panel while there are no figures: being asked for, or not to be had because no grid was ever loaded. */

import { element } from "./elements.js";
import { word } from "./words.js";

const BARS = ["wide", "", "", ""];

/* Figures of `period` ({ first, last }) are on their way. */
export function fillLoading(panel, period) {
  const bars = BARS.map((css) => element("i", { className: `bone ${css}` }));
  panel.replaceChildren(
    element("p", { className: "when" }, `${period.first} – ${period.last}`),
    element("p", { className: "awaited" }, word("figuresComing")),
    element("div", { className: "bones", ariaHidden: "true" }, ...bars),
  );
}

/* A new installation: what to do first; `onLoaded()` is called once the reader has done it. */
export function fillStart(panel, onLoaded) {
  panel.replaceChildren(
    element("h2", {}, word("start")),
    element("p", { className: "hint" }, word("startWhy")),
    element("p", { className: "steps" }, element("code", {}, `gisgrid load ${word("files")}`)),
    element("div", { className: "buttons" }, element("button", { type: "button", onclick: onLoaded }, word("loaded"))),
  );
}
