/* The areas of special operations, of those that have a day in the period or are still to come. */

import { get } from "../api.js";
import { element } from "../elements.js";
import { pairs } from "../cases/fields.js";
import { number, word } from "../words.js";

const MOST = 1000;

export function create(stage) {
  const { map, settings } = stage;
  let drawn = null;
  let view = null; // last asked for; null while the layer is off

  map.on("planschanged", () => view && draw());

  async function show(next) {
    const isKnown = drawn && next.period.text === view?.period.text && next.lang === view.lang;
    view = next;
    if (!isKnown) await draw();
  }

  async function draw() {
    const asked = view;
    const { plans } = await get("api/plans", { limit: MOST }, asked.signal);
    if (view !== asked) return;
    drawn?.remove();
    drawn = L.layerGroup(plans.filter((plan) => plan.area && !plan.ended_at && plan.last_day >= asked.period.first).map(areaOf)).addTo(map);
  }

  function areaOf(plan) {
    const [rim, area] = ["operation-rim", "operation"].map((className) => L.geoJSON(plan.area, { style: { className, pane: "lines" } }).getLayers()[0]);
    const days = `${plan.first_day} – ${plan.last_day}`;
    area.bindTooltip(() => element("div", {}, plan.name, element("small", {}, days)), { permanent: true, direction: "center", className: "operation-name" });
    area.on("add", () => gisgrid.makeReachable(area, `${plan.name}，${days}`));
    area.on("click", (event) => {
      L.DomEvent.stop(event);
      open(plan, days);
    });
    return L.layerGroup([rim, area]);
  }

  function open(plan, days) {
    const rows = [[word("workDays"), days], [word("workFrom"), plan.at.join("、")], [word("workPlaceCount"), number(plan.places.length)]];
    const page = element("a", { href: `/rounds/plans/${plan.id}` }, word("workPlanPage"));
    stage.open(element("article", { className: "work" }, element("h2", {}, plan.name), pairs(rows), element("p", { className: "buttons" }, page)));
  }

  function hide() {
    view = null;
    drawn?.remove();
    drawn = null;
  }

  return {
    id: "operations", word: "operations", group: "patrolLayers", isOnAtFirst: true,
    isFor: () => settings.may.includes("tracks"), show, hide, legend: () => (drawn?.getLayers().length ? [{ css: "operation", word: "operations" }] : []),
  };
}
