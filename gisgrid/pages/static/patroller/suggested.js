/* The round that is suggested for today: where to go next, in order. The last answer of the service, as a list; it is asked for
   anew with a button, which needs a network. */

import { element } from "../viewer/elements.js";
import { answerOf } from "./answers.js";
import { ask } from "./send.js";
import { keep } from "./store.js";
import { clock, clockToTheMinute, spoken, word } from "./words.js";

const byId = (id) => document.getElementById(id);
const MINUTES = 60;
let answer = null;

/* The suggested round while it holds; null for none. */
export function suggestion() {
  const value = answer?.value ?? null;
  return value && Date.parse(value.expires_at) > Date.now() ? value : null;
}

export async function refreshSuggested(duty, how) {
  answer = duty ? await answerOf("suggestion", how) : null;
  showSuggested(duty);
}

export function showSuggested(duty) {
  const found = suggestion();
  byId("suggested-card").hidden = !duty;
  byId("suggest").textContent = word(found ? "suggestAgain" : "suggest", MINUTES);
  byId("suggested").replaceChildren(...(found?.places ?? []).map(line));
  const how = found && word(found.is_by_ways ? "byWays" : "straight", found.detour);
  const sum = found && word("suggestedSum", found.places.length, minutes(found.total_s), clockToTheMinute(found.made_at));
  const old = answer?.isOld && answer.at && found ? word("keptFrom", clock(answer.at)) : "";
  byId("suggested-told").textContent = [sum ?? word("noSuggestion"), how, old].filter(Boolean).join(" ");
}

/* Ask the service for a round; `onDone` is called when there is one. */
export async function suggestAnew(onDone) {
  const button = byId("suggest");
  button.disabled = true;
  byId("suggest-failed").textContent = "";
  const made = await ask("/api/suggestions", { method: "POST", body: JSON.stringify({ minutes: MINUTES }) });
  button.disabled = false;
  if (!made.ok) {
    const told = made.stop?.told ?? made.body?.description;
    byId("suggest-failed").textContent = told ? spoken(told) : word("noAnswer");
    return;
  }
  await keep("suggestion", made.body);
  onDone();
}

const minutes = (seconds) => Math.ceil(seconds / 60);

function line(place, at) {
  const name = place.name || word("unseenGround", place.squares);
  const why = place.why.map((each) => word(`why_${each}`)).join(" · ");
  const told = [word("walkMin", minutes(place.walk_s)), place.stay_s ? word("stay", minutes(place.stay_s)) : "", word("arriveMin", minutes(place.arrive_s))];
  const number = element("i", { className: "place-number suggested", ariaHidden: "true" }, String(at + 1));
  const head = element("span", { className: "place-head" }, element("strong", {}, name), element("span", { className: "state plain" }, why));
  const words = told.filter(Boolean).map((text) => element("span", {}, text));
  return element("li", { className: "place-line" }, number, element("span", { className: "place-words" }, head, element("small", {}, ...words)));
}
