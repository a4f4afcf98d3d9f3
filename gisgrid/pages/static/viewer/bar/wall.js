/* The board on the wall: dark, without controls, one cell after the other with its parts; a key or a touch stops it. */

import { element } from "../elements.js";
import { LEVELS } from "../state.js";

const STAY_MS = 12_000, REFRESH_MS = 60_000, CLOCK_MS = 1_000;

/* `choose(code, level)` shows a cell with its parts at that level, "" the whole; `leave(before)` is told when the reader
   takes over, with what of the state was shown before. */
export function createWall({ zone, state, cells, choose, zoomTo, whole, refresh, resize, leave }) {
  const time = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const clock = element("p", { className: "wall-clock" });
  let timers = [], at = 0;
  let theme = null, before = {}; // what it was before

  function stops() {
    return ["", ...cells().at("community").map((cell) => cell.code)];
  }

  function turn() {
    if (!cells() || !timers.length) return;
    const all = stops();
    const code = all[at % all.length];
    at += 1;
    choose(code, code ? LEVELS[2] : LEVELS[1]);
    if (code) zoomTo(code);
    else whole();
  }

  function tick() {
    clock.textContent = time.format(Date.now());
  }

  function begin() {
    const { cell, level, view } = state();
    before = { cell, level, view };
    theme = window.theme.isDark() ? "dark" : "light";
    window.theme.show("dark");
    document.body.classList.add("wall");
    document.querySelector(".bar-end").prepend(clock);
    resize();
    timers = [setInterval(turn, STAY_MS), setInterval(refresh, REFRESH_MS), setInterval(tick, CLOCK_MS)];
    at = 0;
    tick();
    setTimeout(turn); // whoever shows the board is still about it
  }

  function end() {
    timers.forEach(clearInterval);
    timers = [];
    clock.remove();
    window.theme.show(theme);
    document.body.classList.remove("wall");
    resize();
  }

  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => timers.length && leave(before));

  return { show: (isOn) => { if (isOn !== Boolean(timers.length)) (isOn ? begin : end)(); } };
}
