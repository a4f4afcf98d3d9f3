/* The track of one person in the period, for a purpose that is said: its line, dotted where nobody knows the way, and a
   replay of it. */

import { Problem, get } from "../api.js";
import { element } from "../elements.js";
import { createReplay } from "./replay.js";
import { fixesOf, near, partsOf, placeAt } from "./track.js";
import { createTray } from "./tray.js";
import { number, spoken, word } from "../words.js";

const MOST = 10_000, TAIL = 60;

export function create(stage) {
  const { map, settings } = stage;
  const limits = { gapS: settings.gapS, lengthM: settings.lengthM };
  const tray = createTray("tracks", () => word("tracks"));
  const lines = L.layerGroup();
  let view = null, purpose = null, asked = "", drawnFor = "", namedFor = "", walkersOf = [], replay = null, walker = null, tail = null, asking = false;

  async function show(next) {
    view = next;
    if (!purpose) {
      if (asking) return;
      asking = true;
      purpose = await stage.purpose();
      asking = false;
      if (!view) return;
      if (!purpose) return stage.tell(word("needsPurpose"));
    }
    const key = `${asked} ${view.period.text} ${view.lang}`;
    if (key === drawnFor) return;
    drawnFor = key;
    if (namedFor !== view.period.text) await name();
    if (asked) await load();
    else fill();
  }

  /* Whose tracks there are. */
  async function name() {
    namedFor = view.period.text;
    walkersOf = (await get("api/walkers", { datetime: namedFor, purpose }, view.signal)).walkers;
  }

  async function load() {
    clear();
    fill(element("p", { role: "status" }, word("loading")));
    try {
      const answer = await get("api/check-ins", { patroller: asked, datetime: view.period.text, purpose, limit: MOST }, view.signal);
      if (!view) return;
      if (answer.numberMatched > MOST) return fill(told(word("trackTooLong", number(answer.numberMatched), number(MOST))));
      const fixes = fixesOf(answer.features);
      if (fixes.length === 0) return fill(told(word("noTrack", asked)));
      draw(fixes);
    } catch (error) {
      drawnFor = "";
      if (!(error instanceof Problem)) throw error;
      fill(told(error.code === "Offline" ? word("offline") : spoken(error.message)));
    }
  }

  const told = (text) => element("p", { className: "told-line", role: "status" }, text);

  function draw(fixes) {
    const places = (run) => run.map((fix) => [fix.latitude, fix.longitude]);
    const { known, silences } = partsOf(fixes, limits);
    const line = (runs, css) => L.polyline(runs.map(places), { className: css, pane: "marks", interactive: false });
    lines.addLayer(line(known, "casing track-casing")).addLayer(line(silences, "silence p1")).addLayer(line(known, "track p1 whole"));
    tail = L.polyline([], { className: "track p1 tail", pane: "marks", interactive: false, smoothFactor: 0 });
    walker = L.circleMarker(places(fixes)[0], { radius: 8, className: "walker-now p1", pane: "marks", interactive: false });
    lines.addLayer(tail).addLayer(walker).addTo(map);
    map.fitBounds(L.latLngBounds(places(near(fixes))), { padding: [50, 50], maxZoom: 16 });
    replay = createReplay({ first: fixes[0].at, last: fixes.at(-1).at, zone: settings.timezone, onMoment: (at) => moment(fixes, at) });
    const marks = element("p", { className: "tray-line" }, word("trackOf", asked, number(fixes.length), number(silences.length)));
    fill(marks, replay.node);
    replay.show();
  }

  function moment(fixes, at) {
    const { longitude, latitude, index, isKnown } = placeAt(fixes, at, limits);
    walker.setLatLng([latitude, longitude]);
    walker.getElement()?.classList.toggle("unknown", !isKnown);
    const last = partsOf(fixes.slice(Math.max(0, index - TAIL), index + 1), limits).known.at(-1) ?? [];
    const isOn = isKnown && last.at(-1) === fixes[index];
    tail.setLatLngs(isOn ? [...last.map((fix) => [fix.latitude, fix.longitude]), [latitude, longitude]] : []);
  }

  /* What the layer is handled with: whose track, and below it whatever there is to say of it. */
  function fill(...below) {
    const names = walkersOf;
    const input = element("input", { type: "text", name: "patroller", value: asked, required: true, maxLength: 100, autocomplete: "off", id: "track-of" });
    input.setAttribute("list", "track-names");
    const form = element(
      "form", { className: "tray-form" },
      element("label", {}, element("span", {}, word("trackWhose")), input),
      element("datalist", { id: "track-names" }, ...names.map((name) => element("option", { value: name }))),
      element("button", { className: "plain" }, word("showTrack")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      asked = input.value.trim();
      drawnFor = "";
      if (asked) show(view);
    });
    const isTyping = document.activeElement?.id === "track-of";
    tray.fill(form, element("p", { className: "fine" }, word("trackPeriod", view.period.first, view.period.last)), ...below);
    if (isTyping) document.getElementById("track-of").focus();
  }

  function clear() {
    replay?.stop();
    replay = null;
    lines.clearLayers();
  }

  function hide() {
    view = null;
    drawnFor = "";
    clear();
    lines.remove();
    tray.clear();
  }

  /* Whose track is to be shown. */
  function choose(ref) {
    asked = ref;
    drawnFor = "";
    if (view) show(view);
  }

  const legend = () => [{ css: "line track p1", word: "trackKnown" }, { css: "line silence p1", word: "trackSilent" }];

  return { id: "tracks", word: "tracks", group: "patrolLayers", isOnAtFirst: false, isFor: () => settings.may.includes("tracks"), show, hide, legend, choose };
}
