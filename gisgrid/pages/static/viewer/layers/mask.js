/* The patrollable ground. */

import { get } from "../api.js";

export function create({ map }) {
  let drawn = null;

  async function show(view) {
    if (drawn) return;
    const shape = await get("api/grid/patrollable", {}, view.signal);
    hide();
    drawn = gisgrid.features(shape, { pane: "mask", copies: ["mask"] }).addTo(map);
  }

  function hide() {
    drawn?.remove();
    drawn = null;
  }

  return { id: "mask", word: "mask", group: "groundLayers", isOnAtFirst: false, isFor: () => true, show, hide, legend: () => [{ css: "mask", word: "mask" }] };
}
