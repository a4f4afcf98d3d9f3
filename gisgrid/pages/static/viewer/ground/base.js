/* What lies under the cells: own land, nothing, or tiles; and the line that says whose map it is. */

import { Problem } from "../api.js";
import { element } from "../elements.js";
import { word } from "../words.js";

const SEA_ZOOM = 14;

/* `base`: { kind: "land", "none" or "tiles", url, minZoom, maxZoom, bounds, attribution, approval }; bounds are west,
   south, east, north. The cells let tiles be seen through them, by a class of the map. */
export function drawBase(map, base) {
  map.getContainer().classList.add(`over-${base.kind}`);
  if (base.kind === "tiles") map.once("moveend", () => tiles(base).addTo(map)); // the first view is of nowhere
  const said = [...sayOf("baseMap", word("baseMap"), base.attribution), ...sayOf("mapApproval", word("mapApproval"), base.approval)];
  if (said.length === 0) return;
  map.getContainer().classList.add("has-sources");
  map.getContainer().append(element("p", { className: "sources" }, ...said));
}

/* The sea round the land, as fine as is seen from near the cells. It is asked for when these stand. */
export async function drawSea(map, { base, hasSea }, get) {
  if (base.kind !== "land" || !hasSea) return;
  try {
    gisgrid.features(await get("api/layers/sea", { zoom: SEA_ZOOM }), { pane: "sea", copies: ["sea"] }).addTo(map);
  } catch (error) {
    if (!(error instanceof Problem)) throw error; // the map stands without it: what else could not be read is told
  }
}

function tiles({ url, minZoom, maxZoom, bounds }) {
  const [west, south, east, north] = bounds ?? [-180, -85, 180, 85];
  return L.tileLayer(url, { minZoom, maxNativeZoom: maxZoom, maxZoom: 20, bounds: [L.latLng(south, west), L.latLng(north, east)] });
}

/* A word that changes with the language, and what is told. */
function sayOf(key, called, text) {
  if (!text) return [];
  const said = element("b", {}, called);
  said.dataset.word = key;
  return [element("span", {}, said, text)];
}
