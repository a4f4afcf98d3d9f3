/* Checkpoints, and how the rounds of today stand at each; from near, the ground within which a visit counts. */

import { get } from "../api.js";
import { markAt } from "../ground/marks.js";
import { word } from "../words.js";

const NEAR = 15, AGAIN_MS = 10_000;
const LOOKS = {
  missed: { css: "checkpoint missed", sign: "✕", word: "pointMissed" },
  due: { css: "checkpoint due", sign: "…", word: "pointDue" },
  visited: { css: "checkpoint visited", sign: "✓", word: "pointVisited" },
  none: { css: "checkpoint", sign: "", word: "pointNone" },
};
const COMES_TO = { missed: "missed", due: "due", unconfirmed: "due", ahead: "due", done: "visited", done_late: "visited" };

export function create(stage) {
  const { map, settings } = stage;
  const mayRounds = settings.may.includes("tracks");
  const marks = L.layerGroup();
  const reaches = L.layerGroup();
  let view = null, off = [], timer = 0, lang = "";

  map.on("checkpointschanged", () => view && load());

  async function show(next) {
    const isNew = !view;
    view = next;
    if (isNew) {
      off = ["gaps", "arrivals"].map((name) => stage.live.on(name, (change, state, isFirst) => isFirst || soon()));
      map.on("zoomend", showReaches);
    }
    if (isNew || lang !== view.lang) await load();
  }

  async function load() {
    lang = view.lang;
    const { signal } = view;
    const [points, today] = await Promise.all([get("api/checkpoints", {}, signal), mayRounds ? get("api/rounds", {}, signal) : { rounds: [] }]);
    if (view) draw(points.features, today.rounds);
  }

  /* Something came in: how the rounds stand may be another, and is asked now and then at most. */
  function soon() {
    if (mayRounds) timer ||= setTimeout(() => {
      timer = 0;
      if (view) load().catch(() => {}); // the lamp tells that the service is away
    }, AGAIN_MS);
  }

  function draw(points, rounds) {
    const focused = document.activeElement?.getAttribute("aria-label");
    marks.clearLayers();
    reaches.clearLayers();
    for (const { geometry, properties } of points) {
      const its = rounds.filter((each) => each.place.kind === "checkpoint" && each.place.code === properties.code);
      const look = LOOKS[stateOf(its)];
      const told = () => [properties.name, properties.code, word(look.word), ...its.map(line), word("pointRadius", properties.radius_m)];
      marks.addLayer(markAt(geometry.coordinates, { ...look, told }));
      reaches.addLayer(L.circle([...geometry.coordinates].reverse(), { radius: properties.radius_m, className: "reach", pane: "lines", interactive: false }));
    }
    marks.addTo(map);
    showReaches();
    if (focused && document.activeElement === document.body) map.getContainer().querySelector(`.mark[aria-label="${CSS.escape(focused)}"]`)?.focus();
  }

  const line = (each) => `${clock(each.start_at)}–${clock(each.end_at)} ${each.plan.name}${each.done_at ? ` ✓ ${clock(each.done_at)}` : ""}`;
  const clock = (at) => new Intl.DateTimeFormat("zh-CN", { timeZone: settings.timezone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));

  function showReaches() {
    if (view && map.getZoom() >= NEAR) reaches.addTo(map);
    else reaches.remove();
  }

  function hide() {
    view = null;
    clearTimeout(timer);
    timer = 0;
    for (const each of off) each();
    map.off("zoomend", showReaches);
    marks.remove();
    reaches.remove();
  }

  function legend() {
    const shown = mayRounds ? ["visited", "due", "missed", "none"] : ["none"];
    return shown.map((state) => ({ css: `mark ${LOOKS[state].css}`, sign: LOOKS[state].sign, word: LOOKS[state].word }));
  }

  return { id: "checkpoints", word: "checkpoints", group: "patrolLayers", isOnAtFirst: false, isFor: () => !settings.isPublic, show, hide, legend };
}

/* How a checkpoint stands by its rounds of today: what is worst comes first. */
export function stateOf(rounds) {
  const found = new Set(rounds.map((each) => COMES_TO[each.state]));
  return ["missed", "due", "visited"].find((state) => found.has(state)) ?? "none";
}
