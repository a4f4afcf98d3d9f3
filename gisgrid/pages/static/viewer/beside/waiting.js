/* The panel while there are no figures: being asked for, or not to be had because no grid was ever loaded. */

import { element } from "../elements.js";
import { word } from "../words.js";

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

/* A new installation: what to do first, in order; `onLoaded()` is called once the reader has loaded a grid. What needs a
   grid is not to be seen, see viewer.css. */
export function fillStart(panel, settings, onLoaded) {
  const link = (href, text) => element("a", { href }, text);
  const step = (title, why, ...parts) => element("li", {}, element("strong", {}, title), element("p", {}, why), ...parts.filter(Boolean));
  const code = (text) => element("code", {}, text);
  const mayManage = settings.may.includes("manage");
  document.body.classList.add("without-grid");
  panel.replaceChildren(
    element("h2", {}, word("start")),
    element("p", { className: "hint" }, word("startWhy")),
    element("ol", { className: "steps" },
      step(word("startGrid"), word("startGridWhy"), code(`.venv/bin/gisgrid check ${word("files")}`), code(`.venv/bin/gisgrid load ${word("files")}`), element("p", {}, word("startSample")), code("GISGRID_HOME=/tmp/gisgrid make run")),
      step(word("startPeople"), word("startPeopleWhy"), mayManage ? link("/admin/people", word("startPeopleLink")) : code("gisgrid staff add")),
      step(word("startPhones"), word("startPhonesWhy"), mayManage ? link("/admin/devices", word("startPhonesLink")) : null, " ", link("/install", word("startInstall"))),
      step(word("startManual"), word("startManualWhy"), link("/manual", word("startRead")), " ", link("/docs", word("startApi")))),
    element("div", { className: "buttons" }, element("button", { type: "button", onclick: onLoaded }, word("loaded"))),
  );
}
