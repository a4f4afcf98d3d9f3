/* The tools of the map: ruler, light or dark, full screen, print, and the board on the wall that goes round by itself. */

import { element } from "../elements.js";
import { createRuler } from "./ruler.js";
import { createWall } from "./wall.js";
import { word } from "../words.js";

export function createTools(stage, { change, state, zoomTo, whole, lookAround }) {
  const bar = document.getElementById("tools");
  const resize = () => stage.map.invalidateSize({ animate: false });
  const wall = createWall({
    zone: stage.settings.timezone, state, cells: stage.cells, choose: (cell, level) => change({ cell, level }, { remember: false }), zoomTo, whole, refresh: stage.refresh, resize, leave,
  });

  let ruler = null;

  const tools = [
    { id: "ruler", act: toggleRuler, isOn: () => Boolean(ruler) },
    { id: "dark", act: () => theme.choose(theme.isDark() ? "light" : "dark"), isOn: () => theme.isDark() },
    { id: "full", act: toggleFull, isOn: () => Boolean(document.fullscreenElement), isFor: () => document.fullscreenEnabled },
    { id: "print", act: () => window.print() },
    { id: "wall", act: () => change({ wall: "1" }) },
  ];

  /* What is printed is the map as a whole, sized for the sheet. */
  window.addEventListener("beforeprint", resize);
  window.addEventListener("afterprint", resize);
  window.matchMedia("print").addEventListener("change", resize);
  document.addEventListener("fullscreenchange", () => show(state()));

  function toggleRuler() {
    if (ruler) {
      ruler.stop();
      ruler = null;
      stage.tell("");
    } else ruler = createRuler(stage.map, { tell: stage.tell, onEnd: () => { ruler = null; show(state()); } });
  }

  function leave(before) {
    change({ wall: "", ...before });
    lookAround();
  }

  function toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen();
  }

  function show(next) {
    const focused = document.activeElement?.id;
    bar.replaceChildren(...tools.filter((tool) => tool.isFor?.() ?? true).map(button));
    if (focused?.startsWith("tool-")) document.getElementById(focused)?.focus();
    wall.show(Boolean(next.wall));
  }

  function button(tool) {
    const made = element("button", { type: "button", id: `tool-${tool.id}`, className: "plain", onclick: () => { tool.act(); show(state()); } }, word(tool.id));
    if (tool.isOn) made.setAttribute("aria-pressed", String(tool.isOn()));
    return made;
  }

  return { show };
}
