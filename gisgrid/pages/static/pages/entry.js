/* The form for an incident: a map to click on, and a field that finds the kind by a word. Without it the fields stay. */

const byId = (id) => document.getElementById(id);
const [longitude, latitude, cell] = ["longitude", "latitude", "cell"].map(byId);
const DIGITS = 6;
const CLOSE_ZOOM = 15;

/* --- the map -------------------------------------------------------------------------------------- */

let map = null;
let mark = null;
const outlines = new Map();

async function openMap() {
  const answer = await fetch("/api/grid/cells", { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || !window.L) return;
  const ground = await answer.json();
  if (!ground.features.length) return;
  byId("map").hidden = byId("map-hint").hidden = false;
  map = L.map(byId("map"), { attributionControl: false, zoomControl: false, zoomSnap: 0.25 });
  L.control.zoom({ position: "topright", zoomInTitle: "＋", zoomOutTitle: "－" }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  draw(ground);
  map.on("click", ({ latlng }) => take(latlng));
  showMark();
}

function draw({ features }) {
  for (const [level, css] of [["street", "land"], ["substation", "border substation"], ["community", "border community"], ["street", "border street"]]) {
    const held = features.filter((feature) => feature.properties.level === level);
    L.geoJSON(held, { interactive: false, style: () => ({ className: css }) }).addTo(map);
  }
  for (const feature of features) outlines.set(feature.properties.code, feature);
  map.fitBounds(L.geoJSON(features).getBounds(), { animate: false, padding: [8, 8] });
}

function take(at) {
  longitude.value = at.lng.toFixed(DIGITS);
  latitude.value = at.lat.toFixed(DIGITS);
  showMark();
}

/* The mark stands where the fields say. */
function showMark() {
  if (!map) return;
  mark?.remove();
  const [x, y] = [longitude, latitude].map((field) => (field.value.trim() ? Number(field.value) : NaN));
  if (Number.isNaN(x) || Number.isNaN(y)) return;
  mark = L.circleMarker(L.latLng(y, x), { radius: 9, className: "fault", interactive: false }).addTo(map);
  if (!map.getBounds().contains(mark.getLatLng())) map.setView(mark.getLatLng(), Math.max(map.getZoom(), CLOSE_ZOOM));
}

function lookAtCell() {
  const outline = outlines.get(cell.value);
  if (map && outline) map.fitBounds(L.geoJSON(outline).getBounds(), { padding: [16, 16] });
}

for (const field of [longitude, latitude]) field.addEventListener("input", showMark);
cell.addEventListener("change", lookAtCell);
openMap();

/* --- the kind ------------------------------------------------------------------------------------- */

const kind = byId("kind");
const words = byId("kind-words");
const options = [...kind.options].filter((option) => option.value);

/* A name once chosen or typed in full, or a part that only one name has, chooses the kind. */
function chooseKind() {
  const typed = words.value.trim().toLowerCase();
  const named = options.filter((option) => option.text.trim().toLowerCase() === typed);
  const found = named.length ? named : options.filter((option) => typed && option.text.toLowerCase().includes(typed));
  if (found.length === 1 || named.length) kind.value = found[0].value;
}

byId("kind-names").append(...options.map((option) => new Option(option.text.trim())));
byId("kind-search").hidden = false;
words.addEventListener("input", chooseKind);
words.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
