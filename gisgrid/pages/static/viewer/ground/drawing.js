/* A line or an area that is drawn on the map: with clicks, or by keyboard with a cross in the middle of the map.

   A click or the space bar adds a corner, Backspace removes the last, Enter or a double click ends it, Escape gives up.
   Places are L.LatLng. */

import { element } from "../elements.js";

const FEWEST = { line: 2, area: 3 };
const APART = 6; // pixels: a double click is two clicks, and sets one corner

/* `kind`: "line" or "area". `onChange(places)` is called with every corner, `onDone(places)` with enough of them,
   `onCancel()` where it was given up. Returns { add(place), places(), finish(), stop() }. */
export function createDrawing(map, { kind, onChange, onDone, onCancel }) {
  const places = [];
  const box = map.getContainer();
  const shape = (kind === "area" ? L.polygon : L.polyline)([], { pane: "marks", interactive: false, className: `drawn ${kind}` }).addTo(map);
  const next = L.polyline([], { pane: "marks", interactive: false, className: "drawn next" }).addTo(map);
  const corners = L.layerGroup().addTo(map);
  const cross = element("div", { className: "cross", ariaHidden: "true" });
  const zoomed = map.doubleClickZoom.enabled();
  const heard = { click: ({ latlng }) => add(latlng), dblclick: finish, mousemove: ({ latlng }) => lead(latlng), move: () => lead(map.getCenter()) };

  map.doubleClickZoom.disable();
  map.on(heard);
  box.classList.add("drawing");
  box.append(cross);
  box.addEventListener("keydown", press);
  box.focus();

  function add(place) {
    const last = places.at(-1);
    if (last && map.latLngToContainerPoint(last).distanceTo(map.latLngToContainerPoint(place)) < APART) return;
    places.push(place);
    draw();
  }

  function removeLast() {
    places.pop();
    draw();
  }

  function draw() {
    shape.setLatLngs(places);
    corners.clearLayers();
    for (const place of places) corners.addLayer(L.circleMarker(place, { radius: 5, pane: "marks", interactive: false, className: "drawn corner" }));
    next.setLatLngs([]);
    onChange?.([...places]);
  }

  /* From the last corner to where the next would be. */
  function lead(place) {
    next.setLatLngs(places.length ? [places.at(-1), place, ...(kind === "area" && places.length > 1 ? [places[0]] : [])] : []);
  }

  function press(event) {
    const act = { " ": () => add(map.getCenter()), Backspace: removeLast, Enter: finish, Escape: cancel }[event.key];
    if (!act || event.target !== box) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /* Too few corners are no shape: drawing goes on. */
  function finish() {
    if (places.length < FEWEST[kind]) return;
    stop();
    onDone([...places]);
  }

  function cancel() {
    stop();
    onCancel?.();
  }

  /* Take everything off the map. */
  function stop() {
    map.off(heard);
    if (zoomed) map.doubleClickZoom.enable();
    box.classList.remove("drawing");
    box.removeEventListener("keydown", press);
    for (const drawn of [shape, next, corners, cross]) drawn.remove();
  }

  return { add, places: () => [...places], finish, stop };
}
