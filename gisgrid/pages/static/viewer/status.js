/* The line over the map that says what is going on and what to do, the legend, and the definitions. */

import { element } from "./elements.js";
import { number, spelt, word } from "./words.js";

const status = document.getElementById("status");

/* `kind`: busy, told, failed, or empty to hide; `button` { text, act } offers a way on. */
export function showStatus(kind, text, button) {
  status.hidden = !kind;
  status.className = `status ${kind}`;
  status.replaceChildren(element("span", {}, text));
  if (button) status.append(element("button", { type: "button", onclick: button.act }, button.text));
}

/* `hasForeign`: whether cells for which others answer are on the map. */
export function showLegend(classes, { notAvailable, reachM, hasForeign }) {
  const line = (css, label) => element("li", {}, element("i", { className: `swatch ${css}`, ariaHidden: "true" }), label);
  document.getElementById("key").replaceChildren(
    element("h2", {}, word("coverage"), element("small", {}, word("reached", reachM))),
    element("ul", {}, ...classes.map((it) => line(it.css, it.label)), line(notAvailable, word("notAvailable")), hasForeign ? line("foreign", word("foreign")) : null),
  );
}

/* What the figures mean, in the words of the report. */
export function showDefinitions({ definitions, notes, outside }) {
  const remarks = [...notes.map(spelt), ...(outside?.check_ins ? [word("outside", number(outside.check_ins))] : [])];
  const box = document.getElementById("definitions");
  box.replaceChildren(
    element("summary", {}, word("definitions")),
    element("ul", {}, ...remarks.map((text) => element("li", {}, text))),
    element("ul", {}, ...definitions.map((it) => element("li", {}, spelt(it)))),
  );
  box.hidden = false;
}
