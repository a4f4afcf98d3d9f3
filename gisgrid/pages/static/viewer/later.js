/* What the page is beside its figures: layers, what goes on now, work, search, tools. It is fetched once the figures
   stand, so that they stand soon. */

import { drawSea } from "./ground/base.js";
import { createFound } from "./ground/found.js";
import { createLayers } from "./layers/choose.js";
import { createSearch } from "./bar/search.js";
import { createTools } from "./bar/tools.js";
import { createWork } from "./cases/work.js";
import { LAYERS } from "./layers/all.js";
import { askPurpose } from "./beside/purpose.js";
import { fillDuty, tellOnDuty } from "./beside/duty.js";
import { fillIncidentsOf } from "./beside/incidents.js";
import { followLive } from "./live/follow.js";
import { openCase } from "./cases/case.js";
import { showSaved } from "./bar/saved.js";
import "./words/later.js";

/* `stage` is what all of it works on, see main.js; `acts`: what the reader can do there. */
export function createLater(stage, acts) {
  const { settings } = stage;
  const may = (permission) => settings.may.includes(permission);
  stage.purpose = askPurpose;
  stage.openCase = (id, remark) => {
    openCase(stage, id, remark);
    acts.change({ incident: String(id) });
  };
  const layers = createLayers(document.getElementById("layer-list"), stage, LAYERS, { onChange: (ids) => acts.change({ layers: ids }, { remember: false }), onDrawn: acts.showKey });
  createWork(stage);
  drawSea(stage.map, settings, stage.get);
  stage.live = followLive(stage, { onArrivals: acts.flash, onIncidents: (changes, all, isFirst) => isFirst || layers.of("incidents")?.patch?.(changes), onDuty: tellOnDuty, onPositions: tellOnDuty });
  const tools = createTools(stage, acts);
  createSearch(document.getElementById("search"), {
    get: stage.get, settings, onPlace: createFound(stage.map),
    onCell: (code) => { if (stage.cells()?.of(code)) { acts.choose(code); acts.zoomTo(code); } },
    onPerson: (ref) => (may("tracks") ? showTrackOf(ref) : location.assign(`/admin/people?${new URLSearchParams({ search: ref })}`)),
    onIncident: stage.openCase,
  });

  function showTrackOf(ref) {
    layers.of("tracks").choose(ref);
    layers.turnOn("tracks");
  }

  /* The bar, in the language that is read. */
  function speak(state) {
    stage.live.speak();
    tools.show(state);
  }

  /* All that goes with a report. */
  function show(state, report, signal) {
    layers.show({ period: report.period, cell: state.cell, level: state.level, lang: state.lang, signal }, state.layers);
    showSaved(settings, state, report.period);
  }

  /* What else there is to say of the cell in the panel. */
  function tellOf(panel, cell, { report, cells }) {
    fillIncidentsOf(panel, cell, { settings, report, cells, signal: acts.signal(), openCase: stage.openCase });
    if (!may("coverage") || report.figures.has(cell.code)) fillDuty(panel.querySelector("#duty"), { settings, cell, cells, signal: acts.signal() });
  }

  return { speak, show, tellOf, legend: layers.legend, openCase: (id) => openCase(stage, id) };
}
