/* Gaps: rounds that were missed and are open, at their checkpoint or in their cell; how many, since when, who answers. */

import { get } from "../api.js";
import { element } from "../elements.js";
import { markAt } from "../ground/marks.js";
import { createTray } from "./tray.js";
import { number, word } from "../words.js";

const MOST = 1000, AGAIN_MS = 1_500, LISTED = 12;

export function create(stage) {
  const { map, settings } = stage;
  const marks = L.layerGroup();
  const tray = createTray("gaps", () => word("gapsOpen"));
  let view = null, off = null, timer = 0, chosen = "";

  async function show(next) {
    view = next;
    let isKnown = true; // what is told at once; what is first told later may be newer than what is loaded now
    off ??= stage.live.on("gaps", () => isKnown || soon());
    isKnown = false;
    await load();
  }

  async function load() {
    const [open, points] = await Promise.all([get("api/gaps", { open: true, limit: MOST }, view.signal), get("api/checkpoints", {}, view.signal)]);
    if (view) draw(open, new Map(points.features.map(({ geometry, properties }) => [properties.code, geometry.coordinates])));
  }

  function soon() {
    timer ||= setTimeout(() => {
      timer = 0;
      if (view) load().catch(() => {}); // the lamp tells that the service is away
    }, AGAIN_MS);
  }

  function draw({ gaps, numberMatched }, points) {
    marks.clearLayers();
    const places = new Map();
    for (const gap of gaps) {
      const key = `${gap.kind} ${gap.code}`;
      places.set(key, [...(places.get(key) ?? []), gap]);
    }
    for (const [key, its] of places) {
      const place = points.get(its[0].kind === "checkpoint" ? its[0].code : "") ?? middleOf(its[0].kind === "cell" ? its[0].code : its[0].cell_code);
      if (place) marks.addLayer(markAt(place, { css: `gap ${its.some((gap) => gap.level !== "substation") ? "up" : ""}`, sign: its.length > 1 ? number(its.length) : "!", told: () => [its[0].name, ...its.slice(0, 3).map(line)], act: () => open(key, its) }));
    }
    marks.addTo(map);
    if (chosen && places.has(chosen)) open(chosen, places.get(chosen));
    else fill([...places.values()].flat(), numberMatched);
  }

  function middleOf(code) {
    return stage.cells()?.of(code)?.label.slice(0, 2);
  }

  const day = (at) => new Intl.DateTimeFormat("zh-CN", { timeZone: settings.timezone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
  const line = (gap) => `${word("missedSince", day(gap.start_at))} · ${gap.plan.name} · ${word("answeredBy", word(gap.level))}`;

  /* What is missed at one place, or everywhere. */
  function open(key, its) {
    chosen = key;
    fill(its, its.length, element("button", { type: "button", className: "link", onclick: () => { chosen = ""; load(); } }, word("allOfThem")));
  }

  function fill(gaps, matched, back = null) {
    const items = gaps.slice(0, LISTED).map((gap) => element("li", {}, element("strong", {}, gap.name), element("span", {}, line(gap))));
    const list = items.length ? element("ul", { className: "tray-list" }, ...items) : element("p", {}, word("noGaps"));
    tray.fill(element("p", { className: "tray-line" }, word("gapsShown", number(matched)), " ", back, " ", element("a", { href: "/rounds/gaps" }, word("gapsPage"))), list);
  }

  function hide() {
    view = null;
    chosen = "";
    clearTimeout(timer);
    timer = 0;
    off?.();
    off = null;
    marks.remove();
    tray.clear();
  }

  const legend = () => [{ css: "mark gap", sign: "!", word: "gapHere" }, { css: "mark gap up", sign: "!", word: "gapUp" }];

  return { id: "gaps", word: "gapsOpen", group: "patrolLayers", isOnAtFirst: false, isFor: () => settings.may.includes("tracks"), show, hide, legend };
}
