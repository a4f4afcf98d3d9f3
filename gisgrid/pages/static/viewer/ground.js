/* The cells on the map: drawn once a level, recoloured when figures come. Uses the map functions of static/maps/map.js. */

import { labelPlace } from "./labels.js";
import { count, percent, word } from "./words.js";

/* `classOf(row)` gives the colour class of a cell with that row of the report, or none; `onChoose(code)` is called on click and Enter. */
export function createGround(map, classOf, onChoose) {
  const paths = new Map(); // code → layer of the level shown
  const base = L.layerGroup().addTo(map);
  const shown = L.layerGroup().addTo(map);
  const names = L.layerGroup().addTo(map);
  let outline = null;

  /* Draw what never changes while the grid is the same: land, and the borders of the levels above the finest. */
  function drawLand(byLevel) {
    base.clearLayers();
    base.addLayer(gisgrid.features(byLevel.street, { pane: "land", copies: ["rim rim-wide", "rim rim-narrow", "land"] }));
    base.addLayer(gisgrid.features(byLevel.community, { pane: "lines", copies: ["casing fine", "border community"] }));
    base.addLayer(gisgrid.features(byLevel.street, { pane: "lines", copies: ["casing", "border street"] }));
  }

  function drawCells(collection) {
    shown.clearLayers();
    paths.clear();
    const cells = collection.features.map((cell) => ({ ...cell, properties: { ...cell.properties, css: "cell pending", title: cell.properties.name, rows: [] } }));
    const layer = gisgrid.features({ type: "FeatureCollection", features: cells }, { pane: "cells", card: "tooltip" });
    layer.eachLayer((path) => {
      paths.set(path.feature.properties.code, path);
      path.on("click", () => onChoose(path.feature.properties.code));
    });
    shown.addLayer(layer);
  }

  /* Colour and label the cells; `figures` maps codes to rows of the report, or is null while they are awaited. */
  function colour(figures) {
    const labels = [];
    for (const [code, path] of paths) {
      const properties = path.feature.properties;
      const row = figures?.get(code);
      const css = figures ? classOf(row) : "pending";
      properties.rows = row ? [[word("coverage"), percent(row.coverage_ratio)], [word("check_ins"), count(row.check_ins)]] : [];
      properties.text = css === "foreign" ? word("foreign") : "";
      const element = path.getElement();
      element.setAttribute("class", `cell ${css} leaflet-interactive`);
      element.setAttribute("aria-label", [properties.name, ...properties.rows.map((it) => it.join(" ")), properties.text].filter(Boolean).join("，"));
      labels.push(labelOf(path.feature, css, row));
    }
    names.clearLayers();
    names.addLayer(gisgrid.features({ type: "FeatureCollection", features: labels }, { pane: "labels", points: "label" }));
  }

  function labelOf(cell, css, row) {
    cell.label ??= labelPlace(cell.geometry);
    const text = row ? percent(row.coverage_ratio) : null;
    return {
      type: "Feature",
      geometry: { type: "Point", coordinates: cell.label.place },
      properties: { css: `label ${cell.properties.level} ${css}`, title: shortName(cell.properties.name), text, min_zoom: 0, room: cell.label.room, rank: -cell.label.room },
    };
  }

  /* Outline the chosen cell, of whatever level; null for none. */
  function choose(feature) {
    outline?.remove();
    outline = feature && gisgrid.features(feature, { pane: "lines", copies: ["chosen-rim", "chosen"] }).addTo(map);
    for (const [code, path] of paths) path.getElement().setAttribute("aria-pressed", String(code === feature?.properties.code));
  }

  return { drawLand, drawCells, colour, choose };
}

function shortName(name) {
  return name.length > 5 ? name.replace(/(居委会|工作分站)$/, "") : name;
}
