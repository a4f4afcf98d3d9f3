/* What has to be said loudly, above everything else: one banner a matter, until it is no longer so. */

import { element } from "../viewer/elements.js";

const shown = new Map(); // matter → { css, text, ways }
const box = document.getElementById("banners");

/* Say something of a matter, or nothing more of it where `text` is empty. `ways`: [[text, act or address], …]. */
export function say(matter, text, { css = "failed", ways = [] } = {}) {
  const before = shown.get(matter);
  if (text && before?.text === text) return;
  if (text) shown.set(matter, { css, text, ways });
  else if (!shown.delete(matter)) return;
  box.replaceChildren(...[...shown.values()].map(banner));
}

function banner({ css, text, ways }) {
  return element("div", { className: `banner ${css}` }, element("p", {}, text), ...ways.map(([words, way]) => wayOn(words, way)));
}

function wayOn(words, way) {
  if (typeof way === "string") return element("a", { className: "quiet", href: way }, words);
  return element("button", { type: "button", className: "quiet", onclick: way }, words);
}
