/* The ruler: how long a line is, measured on the ellipsoid's sphere as Leaflet does; by mouse, touch and keyboard. */

import { createDrawing } from "../ground/drawing.js";
import { number, word } from "../words.js";

const KILOMETRE = 1000;
let drawn = null;

/* `tell(text)` shows what is measured; `onEnd()` is called when measuring is over. Returns { stop() }. */
export function createRuler(map, { tell, onEnd }) {
  const end = (text) => {
    tell(text);
    onEnd();
  };
  drawn?.remove();
  tell(word("rulerHint"));
  return createDrawing(map, {
    kind: "line",
    onChange: (places) => tell(places.length > 1 ? said(places) : word("rulerHint")),
    onDone: (places) => {
      drawn?.remove();
      drawn = L.polyline(places, { pane: "marks", interactive: false, className: "drawn line" }).addTo(map); // until the next
      end(said(places));
    },
    onCancel: () => end(""),
  });
}

function said(places) {
  const legs = places.slice(1).map((place, at) => place.distanceTo(places[at]));
  return word("rulerSays", written(legs.reduce((sum, each) => sum + each, 0)), written(legs.at(-1)));
}

function written(metres) {
  return metres < KILOMETRE ? word("metres", number(metres)) : word("kilometres", number(metres / KILOMETRE, 2));
}
