/* The service's answers that the page keeps for use without a network, each asked for again when it is old. */

import { ask } from "./send.js";
import { forget, keep, kept } from "./store.js";

const MINUTE = 60_000;
const ANSWERS = {
  ground: { path: "/api/grid/cells", age: 24 * 60 * MINUTE },
  kinds: { path: "/api/incident-kinds", age: 24 * 60 * MINUTE },
  checkpoints: { path: "/api/checkpoints", age: 10 * MINUTE },
  tasks: { path: "/api/incidents?waiting=true&limit=50", age: MINUTE },
  reported: { path: "/api/incidents?mine=true&state=open&limit=50", age: MINUTE },
  rounds: { path: "/api/me/rounds", age: MINUTE },
  suggestion: { path: "/api/me/suggestion", age: MINUTE },
};
const PERSONAL = ["duty", "rounds", "suggestion", "checkpoints", "tasks", "reported"];

/* Return { value, at, isOld } of an answer: a fresh one if it can be had, else the last. A 404 is kept as null: there is none. */
export async function answerOf(name, { anew = false } = {}) {
  const { path, age } = ANSWERS[name];
  const last = await kept(name);
  if (last && !anew && Date.now() - Date.parse(last.at) < age) return { ...last, isOld: false };
  const answer = await ask(path, {});
  if (answer.stop) return last ? { ...last, isOld: true } : { value: null, at: null, isOld: true };
  const value = answer.ok ? answer.body : null;
  await keep(name, value);
  return { value, at: new Date().toISOString(), isOld: false };
}

/* Forget what is somebody's own. */
export function forgetPersonal() {
  return forget(...PERSONAL);
}

/* What must be looked at again when another is on duty. */
export function forgetRounds() {
  return forget("rounds", "suggestion", "checkpoints", "tasks", "reported");
}
