/* Where patrollers are now: how long ago, how exactly, whither; who is silent. Only for a purpose that is said, and on record. */

import { dress, markAt } from "../ground/marks.js";
import { number, word } from "../words.js";

const AGES_MS = 15_000, OLD_MIN = 10;

export function create(stage) {
  const { map } = stage;
  const marks = new Map(); // ref → { mark, circle, who }
  let view = null, off = null, timer = 0, asking = false;

  async function show(next) {
    view = next;
    if (off) return redress();
    if (asking) return;
    asking = true;
    const purpose = await stage.purpose();
    asking = false;
    if (!view) return;
    if (!purpose) return stage.tell(word("needsPurpose"));
    off = stage.live.on("positions", hear);
    stage.live.watchPositions(purpose);
    timer = setInterval(redress, AGES_MS);
  }

  function hear(change, state, isFirst) {
    if (isFirst) for (const ref of [...marks.keys()]) if (!state[ref]?.position) take(ref);
    for (const [ref, who] of Object.entries(isFirst ? state : change)) {
      if (who?.position) put(ref, who);
      else take(ref);
    }
  }

  function put(ref, who) {
    const { longitude, latitude, accuracy_m: accuracy } = who.position;
    const known = marks.get(ref);
    if (!known) {
      const entry = { who };
      entry.mark = markAt([longitude, latitude], { ...looksOf(ref, entry) }).addTo(map);
      entry.circle = L.circle([latitude, longitude], { radius: accuracy ?? 0, className: "reach walker", pane: "marks", interactive: false }).addTo(map);
      marks.set(ref, entry);
      turn(entry);
      return;
    }
    known.who = who;
    known.mark.setLatLng([latitude, longitude]);
    known.circle.setLatLng([latitude, longitude]).setRadius(accuracy ?? 0);
    dress(known.mark, looksOf(ref, known));
    turn(known);
  }

  /* `entry.who` is asked for anew each time: what a card tells is of the moment at which it is read. */
  function looksOf(ref, entry) {
    const minutes = () => Math.max(0, Math.floor((Date.now() - Date.parse(entry.who.position.fix_at)) / 60_000));
    const age = () => (minutes() < 1 ? word("ageNow") : minutes() < 120 ? word("ageMinutes", number(minutes())) : word("ageHours", number(minutes() / 60)));
    const { is_silent: isSilent, position } = entry.who;
    const css = ["walker", isSilent ? "silent" : "", minutes() >= OLD_MIN ? "old" : "", typeof position.bearing_deg === "number" ? "heads" : ""].filter(Boolean).join(" ");
    const told = () => {
      const { position: at, is_silent: silent, device } = entry.who;
      return [
        ref, age(), at.cell?.name ?? word("outsideGrid"), at.accuracy_m === null ? "" : word("accuracy", number(at.accuracy_m)),
        silent ? word("isSilent") : "", typeof at.battery === "number" ? word("battery", number(at.battery * 100)) : "", device ?? "",
      ];
    };
    return { css, sign: isSilent ? "?" : [...ref][0], note: age(), told };
  }

  function turn({ mark, who }) {
    mark.getElement()?.style.setProperty("--bearing", `${who.position.bearing_deg ?? 0}deg`);
  }

  function redress() {
    for (const [ref, entry] of marks) dress(entry.mark, looksOf(ref, entry));
  }

  function take(ref) {
    const known = marks.get(ref);
    if (!known) return;
    known.mark.remove();
    known.circle.remove();
    marks.delete(ref);
  }

  function hide() {
    view = null;
    clearInterval(timer);
    if (off) stage.live.watchPositions(null);
    off?.();
    off = null;
    for (const ref of [...marks.keys()]) take(ref);
  }

  const legend = () => [{ css: "mark walker", sign: "人", word: "walker" }, { css: "mark walker silent", sign: "?", word: "walkerSilent" }, { css: "mark walker old", sign: "人", word: "walkerOld" }];

  return { id: "positions", word: "positions", group: "patrolLayers", isOnAtFirst: false, isFor: (settings) => settings.may.includes("tracks"), show, hide, legend };
}
