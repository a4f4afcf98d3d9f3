/* Where the ground was seen, and how often: 100 m squares (or blocks of them) by the number of days. */

import { get } from "../api.js";
import { number, word } from "../words.js";

const SHADES = 5;

export function create({ map, pane }) {
  const renderer = L.canvas({ pane: pane("heat"), padding: 0.2 });
  let drawn = null;
  let shown = "";
  let told = null;

  async function show(view) {
    if (drawn && shown === view.period.text) return;
    told = await get("api/coverage/squares", { datetime: view.period.text }, view.signal);
    hide();
    shown = view.period.text;
    drawn = L.layerGroup(told.squares.map(square)).addTo(map);
    map.getContainer().classList.add("under-heat"); // the cells are dimmed: on dark ones warm squares are lost
  }

  function square([west, south, east, north, days]) {
    const colour = getComputedStyle(map.getContainer()).getPropertyValue(`--h${shadeOf(days)}`).trim(); // a canvas knows no classes
    return L.rectangle([[south, west], [north, east]], { renderer, interactive: false, stroke: false, fillColor: colour, fillOpacity: 0.72 });
  }

  function shadeOf(days) {
    return Math.min(SHADES - 1, Math.floor(((days - 1) * SHADES) / Math.max(told.most, SHADES)));
  }

  function hide() {
    drawn?.remove();
    drawn = null;
    map.getContainer().classList.remove("under-heat");
  }

  function legend() {
    if (!told) return [];
    return [{ css: "heat-scale", text: word("heatScale", number(told.side_m), number(told.most), number(told.of_days)) }];
  }

  return { id: "heat", word: "heat", group: "patrolLayers", isOnAtFirst: false, isFor: (settings) => settings.may.includes("coverage"), show, hide, legend };
}
