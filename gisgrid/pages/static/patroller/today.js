/* Today's round as the page has it: the last answers of the service, drawn on the map and told in the list. */

import { answerOf } from "./answers.js";
import { latest, measure } from "./position.js";
import { createMap, placesOf, showPlaces } from "./round.js";
import { suggestion } from "./suggested.js";
import { clock, dayOf, word } from "./words.js";

const byId = (id) => document.getElementById(id);
const map = createMap(byId("map"));
let answers = { ground: null, checkpoints: null, rounds: null };

/* Ask the service for what is old, for all of it with `anew`, and show it. */
export async function refreshToday(how) {
  const names = Object.keys(answers);
  const found = await Promise.all(names.map((name) => answerOf(name, how)));
  answers = Object.fromEntries(names.map((name, at) => [name, found[at]]));
  showToday();
}

export function showToday() {
  const { ground, checkpoints, rounds } = answers;
  const planned = rounds?.value?.day === dayOf(new Date()) ? rounds.value.rounds : null;
  const here = latest();
  const places = placesOf(planned, checkpoints?.value, here);
  byId("round-title").textContent = word(planned?.length ? "rounds" : "checkpoints");
  showPlaces(byId("places"), places, look);
  byId("round-told").textContent = remarksOn({ ground, checkpoints, planned, places }).join(" ");
  const isIllustrative = ground?.value?.features.some((feature) => feature.properties.is_illustrative);
  byId("illustrative").textContent = isIllustrative ? word("illustrative") : "";
  map.draw(ground?.value, places, here, suggestion()?.line);
}

function remarksOn({ ground, checkpoints, planned, places }) {
  return [
    planned && !planned.length ? word("noRounds") : "",
    places.length ? "" : word(ground?.value ? "noCheckpoints" : "noGround"),
    checkpoints?.isOld && checkpoints.at ? word("keptFrom", clock(checkpoints.at)) : "",
  ].filter(Boolean);
}

function look(place) {
  map.look(place);
  byId("map").scrollIntoView({ block: "nearest" });
}

export function showHere(position) {
  map.showHere(position);
}

/* Where the browser has leave already, find the place without being asked, for the map alone. */
export async function lookAround() {
  const leave = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (leave?.state !== "granted") return;
  await measure(showHere).result.catch(() => null);
  showToday();
}
