/* Layers of the office's own: roads, buildings, addresses. What lies in view is asked for, as fine as the zoom shows. */

import { Problem, get } from "../api.js";
import { element } from "../elements.js";
import { spoken, word } from "../words.js";

const PANE = "own"; // between the cells and their lines; its height is in base.css
const POINTS_FROM = 17; // zoom: dots with their names would hide all else before
const AROUND = 0.3; // of the view, so that a small step needs no answer
const DOT = 3;

/* One layer for each of `settings.ownLayers`: { name, title_zh, title_en, kind }. */
export function create(stage) {
  return (stage.settings.ownLayers ?? []).map((layer) => one(stage, layer));
}

function one({ map, tell }, { name, title_zh, title_en, kind }) {
  let shown = null;
  let held = null; // { box, zoom } of what is shown
  let asking = null;
  const isTooFar = () => kind === "point" && Math.ceil(map.getZoom()) < POINTS_FROM;
  const title = () => (document.documentElement.lang === "en" ? title_en : title_zh);

  async function show() {
    if (!map.getPane(PANE)) map.createPane(PANE);
    map.off("moveend", follow).on("moveend", follow);
    if (!isTooFar()) return refresh();
    clear();
    tell(word("zoomInFor", title()));
  }

  function hide() {
    map.off("moveend", follow);
    asking?.abort();
    clear();
  }

  function clear() {
    shown?.remove();
    shown = held = null;
  }

  async function follow() {
    try {
      await refresh();
    } catch (error) {
      if (error instanceof Problem) tell(word("failed", error.code === "Offline" ? word("offline") : spoken(error.message)));
      else if (error.name !== "AbortError") throw error;
    }
  }

  async function refresh() {
    if (isTooFar()) return clear();
    const zoom = Math.ceil(map.getZoom());
    if (held?.zoom === zoom && held.box.contains(map.getBounds())) return;
    const box = map.getBounds().pad(AROUND);
    asking?.abort();
    asking = new AbortController();
    const found = await get(`api/layers/${encodeURIComponent(name)}`, { bbox: written(box), zoom: Math.min(zoom, 24) }, asking.signal);
    clear();
    held = { box, zoom };
    shown = drawn(found).addTo(map);
    if (found.note) tell(`${title()}：${spoken(found.note)}`);
  }

  function drawn(collection) {
    return L.geoJSON(collection, {
      pane: PANE,
      interactive: false,
      style: () => ({ className: `own own-${kind} own-is-${name}`, pane: PANE }),
      pointToLayer: (feature, place) => dot(feature.properties.name, place),
    });
  }

  function dot(text, place) {
    const made = L.circleMarker(place, { radius: DOT, pane: PANE, className: "own own-point", interactive: Boolean(text) });
    return text ? made.bindTooltip(() => element("span", {}, text)) : made;
  }

  return { id: `own-${name}`, word: "ownLayers", get title() { return title(); }, group: "ownLayers", isOnAtFirst: false, isFor: () => true, show, hide, legend: () => [{ css: `own-key own-${kind}`, text: title() }] };
}

function written(box) {
  const sides = [Math.max(box.getWest(), -180), Math.max(box.getSouth(), -90), Math.min(box.getEast(), 180), Math.min(box.getNorth(), 90)];
  return sides.map((degrees) => degrees.toFixed(6)).join(",");
}
