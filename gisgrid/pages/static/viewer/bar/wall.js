/* The board on the wall: dark, without controls, one cell after the other with its parts; a key or a touch stops it. */

import { LEVELS } from "../state.js";

const STAY_MS = 12_000, REFRESH_MS = 60_000;

/* `choose(code, level)` shows a cell with its parts at that level, "" the whole; `leave()` is told when the reader takes over. */
export function createWall({ cells, choose, zoomTo, whole, refresh, leave }) {
  let turning = 0, refreshing = 0, at = 0;
  let theme = null; // what it was before

  function stops() {
    return ["", ...cells().at("community").map((cell) => cell.code)];
  }

  function turn() {
    if (!cells()) return;
    const all = stops();
    const code = all[at % all.length];
    at += 1;
    choose(code, code ? LEVELS[2] : LEVELS[1]);
    if (code) zoomTo(code);
    else whole();
  }

  function begin() {
    theme = window.theme.isDark() ? "dark" : "light";
    window.theme.show("dark");
    document.body.classList.add("wall");
    at = 0;
    turning = setInterval(turn, STAY_MS);
    refreshing = setInterval(refresh, REFRESH_MS);
  }

  function end() {
    clearInterval(turning);
    clearInterval(refreshing);
    turning = 0;
    window.theme.show(theme);
    document.body.classList.remove("wall");
  }

  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, (event) => {
    if (turning && !event.target.closest?.("#tools")) leave();
  });

  return { show: (isOn) => { if (isOn !== Boolean(turning)) (isOn ? begin : end)(); } };
}
