/* What goes on now, in the viewer: how the connection stands, and whoever wants to hear of a source hears of it, once a
   frame at most. */

import { follow } from "../../live/stream.js";
import { element } from "../elements.js";
import { createRecent } from "./recent.js";
import { word } from "../words.js";

const NEEDS = { duty: "coverage", arrivals: "coverage", gaps: "tracks", incidents: "incidents" };
const NEWS = ["arrivals", "incidents", "gaps"]; // what changes the figures
const SOON_MS = 1_000, REFRESH_MS = 30_000; // figures are asked for so soon, and no more often
let states = {};

/* What is known now of a source; undefined before anything was told. */
export function stateOf(name) {
  return states[name];
}

/* Follow what the reader may hear of. Each handler gets (change, state, isFirst): what of a source has changed since it
   was last called (null: gone), all of it, and whether it is the first that is heard.
   Returns { on(name, act), watchPositions(purpose) }: `on` adds a handler and returns what takes it away again;
   `watchPositions` asks for where people are, too, for a purpose, or no longer for null. */
export function followLive(stage, { onArrivals, onIncidents, onGaps, onDuty, onPositions }) {
  const handlers = new Map(Object.entries({ arrivals: onArrivals, incidents: onIncidents, gaps: onGaps, duty: onDuty, positions: onPositions }).map(([name, act]) => [name, new Set(act ? [act] : [])]));
  const own = Object.keys(NEEDS).filter((name) => stage.settings.may.includes(NEEDS[name]));
  if (stage.settings.isPublic || own.length === 0) return { on: () => () => {}, watchPositions: () => {}, speak: () => {} };
  const lamp = createLamp();
  const recent = createRecent(stage);
  const waiting = new Map(); // source → { change, isFirst }
  let frame = 0, wasCut = false;

  function flush() {
    frame = 0;
    const told = [...waiting];
    waiting.clear();
    for (const [name, { change, isFirst }] of told) {
      recent.hear(name, change, states[name], isFirst);
      for (const act of handlers.get(name) ?? []) act(change, states[name], isFirst);
    }
    if (told.some(([name, { isFirst }]) => NEWS.includes(name) && !isFirst)) refreshSoon();
  }

  const queryOf = (names, purpose) => new URLSearchParams({ only: names.join(","), ...(purpose ? { purpose } : {}) });

  const stream = follow({
    query: queryOf(own, null),
    names: own,
    onPatch: (name, change, all, isFirst) => {
      states = all;
      const before = waiting.get(name);
      waiting.set(name, { change: { ...before?.change, ...change }, isFirst: isFirst || Boolean(before?.isFirst) });
      frame ||= requestAnimationFrame(flush);
    },
    onLink: (state) => {
      lamp.show(state);
      if (state === "open" && wasCut) stage.heal?.();
      wasCut = state === "cut" || (wasCut && state !== "open");
    },
  });

  let refreshing = 0, refreshedAt = 0;
  function refreshSoon() {
    refreshing ||= setTimeout(() => {
      refreshing = 0;
      refreshedAt = Date.now();
      stage.refresh?.();
    }, Math.max(SOON_MS, refreshedAt + REFRESH_MS - Date.now()));
  }

  function on(name, act) {
    handlers.get(name).add(act);
    if (states[name]) act(states[name], states[name], true);
    return () => handlers.get(name).delete(act);
  }

  function watchPositions(purpose) {
    const names = purpose ? [...own, "positions"] : own;
    stream.ask(queryOf(names, purpose), names);
  }

  function speak() {
    lamp.speak();
    recent.speak();
  }

  return { on, watchPositions, speak };
}

/* A small lamp in the bar that says how the connection stands. */
function createLamp() {
  const lamp = document.getElementById("link");
  const WORDS = { connecting: "linkConnecting", open: "linkOpen", polling: "linkPolling", elsewhere: "linkElsewhere", cut: "linkCut", ended: "linkEnded" };
  let shown = "";

  function speak() {
    if (!shown) return;
    const text = word(WORDS[shown]);
    const again = () => `/sign-in?${new URLSearchParams({ next: location.pathname + location.search })}`;
    lamp.replaceChildren(element("i", { ariaHidden: "true" }), shown === "ended" ? element("a", { href: again() }, text) : element("span", {}, text));
  }

  function show(state) {
    if (state === shown) return;
    shown = state;
    lamp.hidden = false;
    lamp.dataset.state = state;
    speak();
  }

  return { show, speak };
}
