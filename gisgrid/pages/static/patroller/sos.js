/* The call for help: a button that is held, the call sent at once, and what became of it. */

import { measure, latest } from "./position.js";
import { addAlarm, placeOf } from "./making.js";
import { ask, sendAlarms, tellChange } from "./send.js";
import { entries, settle } from "./store.js";
import { acknowledgement } from "./verdicts.js";
import { clock, spoken, word } from "./words.js";

export const HOLD_MS = 2_000;
const AGAIN_MS = 5_000;
const LATELY_MS = 12 * 3_600_000;
const byId = (id) => document.getElementById(id);

/* Call `onHeld` when a button was held for two seconds, by finger or by key; `onShort` when it was let go before. */
export function hold(button, onHeld, onShort) {
  let timer = null;
  const begin = () => {
    if (timer !== null) return;
    button.classList.add("holding");
    navigator.vibrate?.(60);
    timer = setTimeout(() => {
      stop();
      navigator.vibrate?.([200, 100, 200]);
      onHeld();
    }, HOLD_MS);
  };
  const stop = () => {
    clearTimeout(timer);
    timer = null;
    button.classList.remove("holding");
  };
  const release = () => {
    if (timer === null) return;
    stop();
    onShort();
  };
  button.addEventListener("pointerdown", (event) => event.button === 0 && begin());
  for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"]) button.addEventListener(name, release);
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (!event.repeat) begin();
  });
  button.addEventListener("keyup", release);
}

/* Call for help: written down and sent at once, with the position that is known; else it is measured meanwhile, since the
   call may be on its way for long, and sent after it. */
export async function callForHelp(duty, write) {
  const known = latest();
  const measured = known ? null : measure(() => null).result.catch(() => null);
  const id = await write(() => addAlarm(duty, known));
  const sent = sendAlarms();
  const position = await measured;
  if (position) await amend(id, position);
  await sent; // never overtaken by the place
  if (position) await sendAlarms();
}

/* Call again and again while the service has not answered. */
export function keepCalling(isWaiting) {
  setInterval(() => isWaiting() && sendAlarms(), AGAIN_MS);
}

async function amend(id, position) {
  const entry = (await entries()).find((each) => each.id === id);
  if (!entry || entry.state === "refused") return;
  const changes = { body: { ...entry.body, ...placeOf(position) }, rev: entry.rev + 1, state: "waiting" };
  await settle([{ id, changes }]);
  tellChange();
}

/* Whether an entry is a call for help of late that is not put away. */
export function isCall(entry) {
  return entry.kind === "alarm" && !entry.putAway && Date.now() - Date.parse(entry.madeAt) < LATELY_MS;
}

/* Show the latest call. Returns it while it waits to be acknowledged. */
export function showCall(all) {
  const [entry] = all.filter(isCall).slice(-1);
  const panel = byId("sos-panel");
  panel.hidden = !entry;
  if (!entry) return null;
  const { answer, state, body, told } = entry;
  const lines = [];
  if (state === "refused" || state === "conflict") lines.push(word("sosRefused", spoken(told.description)));
  else if (!answer) lines.push(word("sosNotYet"));
  else lines.push(word("sosReceived", clock(answer.received_at)), acknowledgement(answer) || word("sosUnanswered"));
  lines.push(body.longitude === undefined ? word("sosNoPlace") : word("sosPlaced", Math.round(body.accuracy_m)));
  panel.className = `card sos-panel ${answer?.acknowledged_at ? "good" : answer ? "wait" : "bad"}`;
  const box = byId("sos-lines");
  if (box.textContent !== lines.join("\n")) box.textContent = lines.join("\n");
  byId("sos-away").hidden = !(answer?.acknowledged_at || state === "refused");
  byId("sos-away").onclick = () => settle([{ id: entry.id, changes: { putAway: true } }]).then(tellChange);
  return answer && !answer.acknowledged_at ? entry : null;
}

/* Ask whether somebody has acknowledged a call. */
export async function askAbout(entry) {
  const { ok, body } = await ask(`/api/alarms/${entry.answer.id}`, {});
  if (!ok || !body.acknowledged_at) return;
  await settle([{ id: entry.id, changes: { answer: { ...entry.answer, ...body } } }]);
  tellChange();
}
