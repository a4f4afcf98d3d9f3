/* Incidents: those that are open, and those of the period. Form, colour and sign tell how they stand; too many are squares. */

import { Problem, get } from "../api.js";
import { element } from "../elements.js";
import { stateOf } from "../live/follow.js";
import { number, word } from "../words.js";

const CLUSTERS = "static/maps/vendor/leaflet.markercluster/leaflet.markercluster.js";
const GROUPS = [
  { id: "new", sign: "+", word: "caseNew", states: ["reported", "verified", "filed"] },
  { id: "busy", sign: "…", word: "caseBusy", states: ["dispatched", "handling"] },
  { id: "check", sign: "?", word: "caseCheck", states: ["handled"] },
  { id: "rests", sign: "Ⅱ", word: "caseRests", states: ["suspended"] },
  { id: "over", sign: "✓", word: "caseOver", states: ["closed", "evaluated", "settled", "rejected", "merged"] },
];
const BY_STATE = new Map(GROUPS.flatMap((group) => group.states.map((state) => [state, group])));
const SIZE = [24, 24];
const AT_ONCE = 100, CHUNK_MS = 15; // of marks
const METRES = 111320; // in a degree of latitude: squares are drawn to a metre or so
let clusters = null; // the promise of the vendored code, which most pages do without

/* What could not be had leaves what is drawn: the lamp tells that the service is away. */
function leave(error) {
  if (error.name !== "AbortError" && !(error instanceof Problem)) throw error;
}

const rest = () => new Promise((go) => setTimeout(go));

function loadClusters() {
  clusters ??= new Promise((done, failed) => document.head.append(element("script", { src: CLUSTERS, onload: done, onerror: failed })));
  return clusters;
}

/* An icon that is made of elements anew each time, so that thousands of marks share a few. */
const Icon = L.DivIcon.extend({
  createIcon() {
    const made = element("div", {}, ...this.options.parts());
    this._setIconStyles(made, "icon");
    if (this.options.told) made.setAttribute("aria-label", this.options.told);
    return made;
  },
});

const Mark = L.Marker.extend({
  onAdd(map) {
    L.Marker.prototype.onAdd.call(this, map);
    const node = this.getElement();
    node.setAttribute("aria-label", tell(this.options.row, this.options.kinds).join("，"));
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      this.fire("click", { latlng: this.getLatLng() }, true);
    });
    return this;
  },
});

const icons = new Map();

function iconOf({ state, is_overdue }) {
  const group = BY_STATE.get(state);
  const css = `case-mark ${group.id}${is_overdue ? " late" : ""}`;
  if (!icons.has(css)) icons.set(css, new Icon({ className: css, iconSize: SIZE, parts: () => [element("span", {}, group.sign)] }));
  return icons.get(css);
}

function tell({ kind, state, light, is_overdue }, kinds) {
  const name = document.documentElement.lang === "en" ? kinds[kind].en : kinds[kind].zh;
  return [name, word(BY_STATE.get(state).word), is_overdue ? word("overdue") : light === "yellow" ? word("nearLimit") : ""].filter(Boolean);
}

function clusterIcon(cluster) {
  const marks = cluster.getAllChildMarkers();
  const late = marks.filter((mark) => mark.options.row.is_overdue).length;
  const size = marks.length < 10 ? 30 : marks.length < 100 ? 36 : 44;
  return new Icon({
    className: `cluster${late ? " late" : ""}`, iconSize: [size, size], told: word("caseCluster", number(marks.length), number(late)),
    parts: () => [element("span", {}, number(marks.length)), ...(late ? [element("b", {}, `!${number(late)}`)] : [])],
  });
}

export function create(stage) {
  const { map, settings } = stage;
  let drawn = null;
  let key = ""; // of what is drawn
  let view = null; // last asked for; null while the layer is off
  let areSquares = false;
  let withEnded = false; // a layer of its own: they would hide the others
  let kinds = {}; // code → what it is called
  const byId = new Map(); // id → mark
  let missed = null; // what happened while marks are being made

  map.on("incidentschanged", () => view && draw().catch(leave));

  async function show(next) {
    view = next;
    if (!drawn || key !== keyOf(view)) await draw();
  }

  const keyOf = ({ period, lang }) => `${period.text} ${lang} ${withEnded}`;

  async function draw() {
    const asked = view;
    const [answer] = await Promise.all([get("api/incidents/map", { datetime: asked.period.text }, asked.signal), loadClusters()]);
    if (view !== asked) return; // switched off, or to another period meanwhile
    key = keyOf(asked);
    areSquares = Boolean(answer.square_m);
    const rows = answer.rows.map((row) => Object.fromEntries(row.map((value, at) => [answer.columns[at], value])));
    kinds = answer.kinds ?? {};
    byId.clear();
    missed = {};
    const made = areSquares ? squares(rows, answer.square_m) : await marks(rows);
    const since = missed;
    missed = null;
    if (view !== asked) return;
    drawn?.remove();
    drawn = made.addTo(map);
    patch(since);
    if (areSquares) stage.tell(word("caseSquares", number(answer.numberMatched), answer.square_m));
  }

  const isShown = (row) => withEnded || BY_STATE.get(row.state).id !== "over";

  function markOf(row) {
    const mark = new Mark([row.latitude, row.longitude], { icon: iconOf(row), pane: "signs", riseOnHover: true, row, kinds });
    byId.set(row.id, mark);
    return mark;
  }

  /* Thousands of marks are made a few at a time, so that the page answers meanwhile. */
  async function marks(rows) {
    const group = L.markerClusterGroup({
      chunkedLoading: true, chunkInterval: CHUNK_MS, chunkDelay: CHUNK_MS, animate: false, showCoverageOnHover: false, maxClusterRadius: 48, iconCreateFunction: clusterIcon,
      clusterPane: "signs", spiderLegPolylineOptions: { pane: "marks", className: "spider-leg" },
    });
    const shown = rows.filter(isShown);
    for (let at = 0; at < shown.length; at += AT_ONCE) {
      group.addLayers(shown.slice(at, at + AT_ONCE).map(markOf));
      await rest();
    }
    group.bindTooltip((mark) => card(tell(mark.options.row, kinds)), { className: "card-tip" });
    group.on("click", ({ layer }) => stage.openCase(layer.options.row.id));
    return group;
  }

  /* Draw anew what was reported or moved just now; what ended and was not here is of another period. */
  function patch(changes) {
    if (missed) Object.assign(missed, changes);
    if (missed || !drawn || areSquares) return;
    for (const id of Object.keys(changes).map(Number)) {
      const its = stateOf("incidents")?.[id];
      const before = byId.get(id);
      if (!its || (!before && BY_STATE.get(its.state).id === "over")) continue;
      const hadFocus = before && before.getElement() === document.activeElement;
      if (before) drawn.removeLayer(before);
      kinds[its.kind] ??= { zh: its.kind_zh, en: its.kind_en };
      if (!isShown(its)) {
        byId.delete(id);
        continue;
      }
      const mark = markOf({ ...its, id });
      drawn.addLayer(mark);
      if (hadFocus) mark.getElement()?.focus();
    }
  }

  function squares(rows, metres) {
    const most = Math.max(...rows.map((row) => row.count));
    const half = metres / 2 / METRES;
    return L.layerGroup(rows.map((row) => {
      const wide = half / Math.cos((row.latitude * Math.PI) / 180);
      const corners = [[row.latitude - half, row.longitude - wide], [row.latitude + half, row.longitude + wide]];
      const step = Math.ceil((4 * row.count) / most);
      const square = L.rectangle(corners, { pane: "marks", className: `case-square s${step}${row.overdue ? " late" : ""}` });
      const words = word("caseCluster", number(row.count), number(row.overdue));
      square.bindTooltip(() => card([words]), { sticky: true, className: "card-tip" });
      square.on("add", () => {
        gisgrid.makeReachable(square, words);
        if (square.getElement().previousElementSibling) square.getElement().tabIndex = -1; // the arrow keys lead on
      });
      return square;
    }));
  }

  const card = ([title, ...rest]) => element("div", { className: "card" }, element("strong", {}, title), ...rest.map((text) => element("p", {}, text)));

  function hide() {
    view = null;
    drawn?.remove();
    drawn = null;
  }

  function legend() {
    if (areSquares) return [{ css: "case-square s4", word: "caseSquare" }];
    return [...GROUPS.filter(({ id }) => withEnded || id !== "over").map(({ id, sign, word: name }) => ({ css: `case-mark ${id}`, sign, word: name })), { css: "case-mark late", word: "overdue" }];
  }

  /* Those that ended, with the others. */
  async function turnEnded(isOn) {
    if (withEnded === isOn) return;
    withEnded = isOn;
    if (view && drawn) await draw();
  }

  const isFor = () => settings.may.includes("incidents") || settings.may.includes("report");
  return [
    { id: "ended", word: "endedIncidents", group: "incidentLayers", isOnAtFirst: false, isFor, show: () => turnEnded(true), hide: () => turnEnded(false), legend: () => [] },
    { id: "incidents", word: "openIncidents", group: "incidentLayers", isOnAtFirst: true, isFor, show, hide, legend, patch },
  ];
}
