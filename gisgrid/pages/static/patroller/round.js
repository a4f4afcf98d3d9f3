/* Today's round: on a small map without tiles, and as a list that says the same. */

import { element } from "../viewer/elements.js";
import { metresBetween } from "./position.js";
import { clockToTheMinute, word } from "./words.js";

const STATES = { ahead: "wait", due: "due", done: "good", done_late: "good", unconfirmed: "wait", missed: "bad" };
const CLOSE_ZOOM = 16;

/* A map in `box`. `draw(ground, places, here, line)` draws anew, `line` being the suggested way, if there is one; `look(place)` goes to a place. */
export function createMap(box) {
  const map = L.map(box, { attributionControl: false, zoomControl: false, zoomSnap: 0.25 });
  L.control.zoom({ position: "topright", zoomInTitle: "＋", zoomOutTitle: "－" }).addTo(map);
  const [land, way, marks, self] = [0, 1, 2, 3].map(() => L.layerGroup().addTo(map));
  let isOpen = false;
  let shown = ""; // the suggested way that was last brought into sight

  function draw(ground, places, here, line) {
    land.clearLayers();
    way.clearLayers();
    if (line) drawWay(line);
    marks.clearLayers();
    if (ground) drawLand(land, ground);
    places.forEach((place, at) => drawPlace(marks, place, at));
    showHere(here);
    if (!isOpen && (ground || places.length)) {
      isOpen = true;
      fit(ground, places, here);
    }
  }

  function drawWay(line) {
    const drawn = L.polyline(line.map(([longitude, latitude]) => [latitude, longitude]), { className: "suggested-way", interactive: false }).addTo(way);
    if (shown === JSON.stringify(line)) return;
    shown = JSON.stringify(line);
    isOpen = true;
    map.fitBounds(drawn.getBounds(), { animate: false, maxZoom: CLOSE_ZOOM, paddingTopLeft: [16, 20], paddingBottomRight: [60, 16] });
  }

  function fit(ground, places, here) {
    const points = places.filter(isPoint).map((place) => L.latLng(place.latitude, place.longitude));
    if (here && points.length) points.push(L.latLng(here.latitude, here.longitude));
    const bounds = points.length ? L.latLngBounds(points) : L.geoJSON(ground).getBounds();
    if (bounds.isValid()) map.fitBounds(bounds, { animate: false, maxZoom: CLOSE_ZOOM, paddingTopLeft: [16, 20], paddingBottomRight: [60, 16] });
  }

  function showHere(here) {
    self.clearLayers();
    if (!here) return;
    const at = L.latLng(here.latitude, here.longitude);
    L.circle(at, { radius: here.accuracy_m, className: "here-reach", interactive: false }).addTo(self);
    L.circleMarker(at, { radius: 7, className: "here", interactive: false }).addTo(self);
  }

  const look = (place) => map.setView(L.latLng(place.latitude, place.longitude), Math.max(map.getZoom(), CLOSE_ZOOM));
  return { draw, showHere, look, resize: () => map.invalidateSize() };
}

function isPoint(place) {
  return typeof place.longitude === "number" && typeof place.latitude === "number";
}

function drawLand(group, ground) {
  for (const [level, css] of [["street", "land"], ["substation", "border substation"], ["community", "border community"], ["street", "border street"]]) {
    const features = ground.features.filter((feature) => feature.properties.level === level);
    L.geoJSON(features, { interactive: false, style: () => ({ className: css }) }).addTo(group);
  }
}

function drawPlace(group, place, at) {
  if (!isPoint(place)) return;
  const where = L.latLng(place.latitude, place.longitude);
  if (place.radius_m) L.circle(where, { radius: place.radius_m, className: "reach", interactive: false }).addTo(group);
  const sign = element("span", {}, String(at + 1));
  const icon = L.divIcon({ className: `mark place ${place.css}`, html: sign, iconSize: [22, 22] });
  L.marker(where, { icon, interactive: false, keyboard: false }).addTo(group);
}

/* Places of a round, or of checkpoints where there are no rounds, the nearest first. */
export function placesOf(rounds, checkpoints, here) {
  const found = rounds?.length ? rounds.map(ofRound) : (checkpoints?.features ?? []).map(ofCheckpoint);
  const away = (place) => (here && isPoint(place) ? metresBetween(here, place) : null);
  const told = found.map((place) => ({ ...place, away_m: away(place) }));
  return rounds?.length ? told : told.sort((a, b) => (a.away_m ?? 0) - (b.away_m ?? 0));
}

function ofRound({ plan, place, state, start_at, end_at, done_at }) {
  const times = [start_at, end_at].map(clockToTheMinute).join("–");
  return { ...place, css: STATES[state] ?? "wait", state: word(state), details: [plan.name, times], done_at };
}

function ofCheckpoint({ geometry, properties }) {
  const [longitude, latitude] = geometry.coordinates;
  return { ...properties, longitude, latitude, css: "plain", state: "", details: [] };
}

/* Show places as a list; `onLook(place)` is called for one that is pressed. */
export function showPlaces(list, places, onLook) {
  list.replaceChildren(...places.map((place, at) => line(place, at, onLook)));
}

function line(place, at, onLook) {
  const head = element("span", { className: "place-head" }, element("strong", {}, place.name || place.code), place.state ? element("span", { className: `state ${place.css}` }, place.state) : null);
  const told = place.done_at ? [word("doneAt", clockToTheMinute(place.done_at))] : [awayOf(place), ...wantsOf(place)];
  const words = [...place.details, ...told].filter(Boolean).map((text) => element("span", {}, text));
  const number = element("i", { className: `place-number ${place.css}`, ariaHidden: "true" }, String(at + 1));
  const button = element("button", { type: "button", className: "place-line", onclick: () => onLook(place), disabled: !isPoint(place) }, number, element("span", { className: "place-words" }, head, element("small", {}, ...words)));
  return element("li", {}, button);
}

function awayOf({ away_m, kind }) {
  if (kind === "cell") return word("anywhere");
  if (away_m === null) return "";
  return away_m < 995 ? word("away", Math.round(away_m)) : word("awayKm", (away_m / 1000).toFixed(1));
}

function wantsOf({ radius_m, dwell_s, needs_code }) {
  return [radius_m && word("within", Math.round(radius_m)), dwell_s ? word("stay", Math.ceil(dwell_s / 60)) : "", needs_code ? word("needsCode") : ""];
}
