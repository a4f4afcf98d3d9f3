/* The rounds that are suggested today: one is chosen, its way and its places in order, and why each is in it. */

import { get } from "../api.js";
import { element } from "../elements.js";
import { markAt } from "../ground/marks.js";
import { createTray } from "./tray.js";
import { duration, number, word } from "../words.js";

const WHY = { gap: "whyGap", round: "whyRound", unseen: "whyUnseen" };

export function create(stage) {
  const { map, settings } = stage;
  const tray = createTray("suggested", () => word("suggested"));
  const drawn = L.layerGroup();
  let view = null, all = [], chosen = 0;

  async function show(next) {
    view = next;
    const { suggestions } = await get("api/suggestions", {}, view.signal);
    if (!view) return;
    all = suggestions;
    if (!all.some((each) => each.id === chosen)) chosen = all[0]?.id ?? 0;
    draw();
  }

  function draw() {
    drawn.clearLayers();
    const it = all.find((each) => each.id === chosen);
    for (const each of all) if (each !== it) drawn.addLayer(way(each, "suggested aside-way"));
    if (it) {
      drawn.addLayer(way(it, "suggested casing"));
      drawn.addLayer(way(it, "suggested"));
      drawn.addLayer(markAt([it.longitude, it.latitude], { css: "suggested-place start", sign: word("startSign"), told: () => [word("startHere"), who(it)] }));
      it.places.forEach((place, at) => drawn.addLayer(markAt([place.longitude, place.latitude], { css: "suggested-place", sign: number(at + 1), told: () => [`${at + 1}. ${place.name}`, why(place), word("arriveIn", duration(place.arrive_s), duration(place.stay_s))] })));
    }
    drawn.addTo(map);
    fill(it);
  }

  const way = (each, css) => L.polyline(each.line.map(([longitude, latitude]) => [latitude, longitude]), { className: css, pane: "lines", interactive: false });
  const why = (place) => place.why.map((each) => word(WHY[each])).join("、");
  const who = (each) => each.person_name || each.person;

  function fill(it) {
    const choices = all.map((each) => {
      const input = element("input", { type: "radio", name: "suggested", value: each.id, checked: each.id === chosen, id: `suggested-${each.id}` });
      input.addEventListener("change", () => {
        chosen = each.id;
        draw();
        document.getElementById(input.id)?.focus();
      });
      return element("li", {}, element("label", {}, input, element("span", {}, `${who(each)} · ${word("roundTakes", number(each.minutes), number(each.places.length))}`)));
    });
    const make = settings.may.includes("plan") ? element("a", { href: "/rounds/suggestions" }, word("suggestOne")) : element("a", { href: "/rounds/suggestions" }, word("allOfThem"));
    const places = it ? element("ol", { className: "tray-list" }, ...it.places.map((place) => element("li", {}, element("strong", {}, place.name), element("span", {}, why(place))))) : null;
    tray.fill(element("p", { className: "tray-line" }, all.length ? make : word("noSuggestion"), all.length ? null : " ", all.length ? null : make), element("ul", { className: "tray-list" }, ...choices), ...(places ? [places] : []));
  }

  function hide() {
    view = null;
    drawn.remove();
    tray.clear();
  }

  const legend = () => [{ css: "line suggested", word: "suggestedWay" }];

  return { id: "suggested", word: "suggested", group: "patrolLayers", isOnAtFirst: false, isFor: () => settings.may.includes("tracks"), show, hide, legend };
}
