/* The layers over the cells: a list to choose from, each switched on and off, drawn again when the view changes. */

import { Problem } from "../api.js";
import { element } from "../elements.js";
import { spoken, word } from "../words.js";

/* `modules`: those of layers/, each with `create(stage)`; see all.js. `onChange(ids)` is told what is on ("": as at first),
   `onDrawn()` that something was drawn, whose legend may be another now. */
export function createLayers(box, stage, modules, { onChange, onDrawn }) {
  const layers = modules.flatMap((each) => each.create(stage)).filter((layer) => layer.isFor(stage.settings));
  const atFirst = layers.filter((layer) => layer.isOnAtFirst).map((layer) => layer.id);
  const on = new Set();
  let view = null;

  async function draw(layer) {
    try {
      await layer.show(view);
      onDrawn();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof Problem)) throw error;
      stage.tell(word("failed", error.code === "Offline" ? word("offline") : spoken(error.message)));
    }
  }

  function turn(layer, isOn) {
    if (isOn === on.has(layer.id)) return;
    if (isOn) on.add(layer.id);
    else on.delete(layer.id);
    if (!isOn) layer.hide();
    else if (view) draw(layer);
  }

  /* What is on, as the address has it. */
  function tell() {
    const ids = layers.filter((layer) => on.has(layer.id)).map((layer) => layer.id);
    onChange(ids.join() === atFirst.join() ? "" : ids.join() || "none");
  }

  /* Draw those that are on for a view, and none else. `ids`: "a,b", "none", or "" for those that are on at first. */
  function show(next, ids) {
    view = next;
    const wanted = new Set(ids ? ids.split(",") : atFirst);
    for (const layer of layers) {
      const was = on.has(layer.id);
      turn(layer, wanted.has(layer.id));
      if (was && on.has(layer.id)) draw(layer);
    }
    list();
  }

  function list() {
    const focused = document.activeElement?.id;
    const groups = [...new Set(layers.map((layer) => layer.group))];
    box.replaceChildren(...groups.map((group) =>
      element("fieldset", {}, element("legend", {}, word(group)), ...layers.filter((layer) => layer.group === group).map(choice))));
    if (focused?.startsWith("layer-")) document.getElementById(focused)?.focus();
    box.closest("details").hidden = layers.length === 0;
  }

  function choice(layer) {
    const input = element("input", { type: "checkbox", id: `layer-${layer.id}`, checked: on.has(layer.id) });
    input.addEventListener("change", () => {
      turn(layer, input.checked);
      tell();
    });
    return element("label", {}, input, element("span", {}, layer.title ?? word(layer.word)));
  }

  return {
    show, of: (id) => layers.find((layer) => layer.id === id), isOn: (id) => on.has(id),
    turnOn: (id) => { turn(layers.find((layer) => layer.id === id), true); list(); tell(); },
    legend: () => layers.filter((layer) => on.has(layer.id)).flatMap((layer) => layer.legend()),
  };
}
