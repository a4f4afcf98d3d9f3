/* The cells on the map: drawn once a level, recoloured when figures come. Uses the map functions of static/maps/map.js. */

import { afterPaint } from "../elements.js";
import { written } from "../metrics.js";
import { word } from "../words.js";

const FLASH_MS = 1200;
const DIGITS = 5; // about a metre

/* `lookOf(code)` tells how a cell is drawn, `choose(code)` is called on click and Enter. */
export function createGround(map, { lookOf, choose: onChoose }) {
  const paths = new Map(); // code → layer of the level shown
  const base = L.layerGroup().addTo(map);
  const shown = L.layerGroup().addTo(map);
  const names = L.layerGroup().addTo(map);
  const lit = new WeakMap(); // element → the timer that puts it out
  const nameSoon = afterPaint(name);
  let outline = null, chosen = null;

  /* Draw what never changes while the grid is the same: land, and the borders of the levels above the finest. */
  function drawLand(byLevel) {
    base.clearLayers();
    base.addLayer(gisgrid.features(byLevel.street, { pane: "land", copies: ["rim rim-wide", "rim rim-narrow", "land"] }));
    base.addLayer(gisgrid.features(byLevel.community, { pane: "lines", copies: ["casing fine", "border community"] }));
    base.addLayer(gisgrid.features(byLevel.street, { pane: "lines", copies: ["casing", "border street"] }));
    choose(chosen); // its outline lies above the borders
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

  /* Colour the cells; their labels follow once that is painted. */
  function colour() {
    for (const [code, path] of paths) {
      const properties = path.feature.properties;
      const { css, row, metric } = lookOf(code);
      properties.rows = row ? [...new Set([metric, "coverage_ratio", "check_ins"])].map((name) => [word(name), written(name, row[name])]) : [];
      properties.text = css === "foreign" ? word("foreign") : "";
      const element = path.getElement();
      element.setAttribute("class", `cell ${css} leaflet-interactive`);
      element.setAttribute("aria-label", [properties.name, ...properties.rows.map((it) => it.join(" ")), properties.text].filter(Boolean).join("，"));
    }
    nameSoon();
  }

  function name() {
    const labels = [...paths].map(([code, { feature }]) => {
      const { css, row, metric } = lookOf(code);
      return labelOf(feature, css, row ? written(metric, row[metric]) : null);
    });
    names.clearLayers();
    names.addLayer(gisgrid.features({ type: "FeatureCollection", features: labels }, { pane: "labels", points: "label" }));
  }

  function labelOf(cell, css, text) {
    const [longitude, latitude, room] = cell.properties.label;
    return {
      type: "Feature",
      geometry: { type: "Point", coordinates: [longitude, latitude] },
      properties: { css: `label ${cell.properties.level} ${css}`, title: shortName(cell.properties.name), text, min_zoom: 0, room, rank: -room },
    };
  }

  /* Outline the chosen cell, of whatever level; undefined for none. */
  function choose(feature) {
    chosen = feature;
    outline?.remove();
    outline = feature && gisgrid.features(feature, { pane: "lines", copies: ["chosen-rim", "chosen"] }).addTo(map);
    for (const [code, path] of paths) path.getElement().setAttribute("aria-pressed", String(code === feature?.properties.code));
  }

  /* Light up the outlines of those of some cells that are shown for a moment, unless the reader wants nothing to move.
     They go on and off: to fade would paint the map without end while much comes in. */
  function flash(codes) {
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const code of new Set(codes)) light(paths.get(code)?.getElement());
  }

  function light(element) {
    if (!element) return;
    clearTimeout(lit.get(element));
    element.classList.add("lit");
    lit.set(element, setTimeout(() => element.classList.remove("lit"), FLASH_MS));
  }

  /* --- what of it is looked at --- */

  /* Features, with so many pixels free round them. */
  function lookAt(features, { rim, animate }) {
    const corners = features.flatMap(({ bbox: [west, south, east, north] }) => [[south, west], [north, east]]);
    map.fitBounds(L.latLngBounds(corners), { padding: [rim, rim], animate });
  }

  /* Centre and zoom as an address has them: "longitude,latitude,zoom". */
  function view() {
    const { lat, lng } = map.getCenter();
    return `${lng.toFixed(DIGITS)},${lat.toFixed(DIGITS)},${map.getZoom()}`;
  }

  function goTo(view) {
    const [longitude, latitude, zoom] = view.split(",").map(Number);
    map.setView(L.latLng(latitude, longitude), zoom, { animate: false });
  }

  return { drawLand, drawCells, colour, choose, flash, lookAt, view, goTo };
}

function shortName(name) {
  return name.length > 5 ? name.replace(/(居委会|工作分站)$/, "") : name;
}
