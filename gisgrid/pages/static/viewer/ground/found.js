/* A place that was looked for: the map goes there, and a ring with its name stays until the next. */

import { element } from "../elements.js";

const NEAR = 17;
const RING = 11;

/* Return go(place, name, box): `place` is [longitude, latitude], `box` west, south, east, north, or null. */
export function createFound(map) {
  let shown = null;
  return function go([longitude, latitude], name, box) {
    shown?.remove();
    const place = L.latLng(latitude, longitude);
    if (box) map.fitBounds([L.latLng(box[1], box[0]), L.latLng(box[3], box[2])], { padding: [60, 60], maxZoom: NEAR });
    else map.setView(place, Math.max(map.getZoom(), NEAR));
    const ring = L.circleMarker(place, { radius: RING, className: "found-mark", pane: "marks", interactive: false });
    ring.bindTooltip(element("span", {}, name), { permanent: true, direction: "top", offset: [0, -RING], className: "found-place" });
    shown = ring.addTo(map);
  };
}
