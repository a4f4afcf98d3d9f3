/* The line over the map that says what is going on and what to do, the legend, and the definitions. */

import { element } from "./elements.js";
import { number, spelt, word } from "./words.js";

const [status, key, parts] = ["status", "key", "key-parts"].map((id) => document.getElementById(id));

key.open = window.matchMedia("(min-width: 481px)").matches; // on a phone it would hide the map

/* `kind`: busy, told, failed, or empty to hide; `button` { text, act } offers a way on. */
export function showStatus(kind, text, button) {
  status.hidden = !kind;
  status.className = `status ${kind}`;
  status.replaceChildren(element("span", {}, text));
  if (button) status.append(element("button", { type: "button", onclick: button.act }, button.text));
}

/* `hasForeign`: whether cells for which others answer are on the map; `layers`: what lies over them, see layers.js. */
export function showLegend(classes, { metric, notAvailable, reachM, hasPatterns, hasForeign, layers, mayCoverage, onPatterns }) {
  const swatch = (css, sign) => element("i", { className: `swatch ${css}`, ariaHidden: "true" }, sign);
  const line = (css, label) => element("li", {}, swatch(css), label);
  const patterns = element("input", { type: "checkbox", id: "patterns", checked: hasPatterns, onchange: () => onPatterns(patterns.checked) });
  const wasFocused = document.activeElement?.id === "patterns";
  const scale = [
    element("h2", {}, word(metric), metric === "coverage_ratio" ? element("small", {}, word("reached", reachM)) : null),
    element("ul", { className: "scale" }, ...classes.map((it) => line(it.css, it.label)), line(notAvailable, word("notAvailable")), hasForeign ? line("foreign", word("foreign")) : null),
    element("label", { className: "fine" }, patterns, word("patterns")),
  ];
  const over = layers.map((it) => element("li", {}, swatch(it.css, it.sign ?? ""), it.text ?? word(it.word)));
  parts.replaceChildren(...(mayCoverage ? scale : []), ...(over.length ? [element("ul", { className: "upon" }, ...over)] : []));
  key.hidden = !parts.hasChildNodes();
  document.body.classList.toggle("patterned", hasPatterns);
  if (wasFocused) patterns.focus();
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
