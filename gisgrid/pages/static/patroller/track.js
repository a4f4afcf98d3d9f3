/* The way itself, recorded while the screen is on and this page in sight; volunteers are asked first. */

import { addFix } from "./making.js";
import { follow } from "./position.js";
import { ask } from "./send.js";
import { word } from "./words.js";

const byId = (id) => document.getElementById(id);
const box = byId("track");
let end = null;
let count = 0;
let lock = null;
let since = "";

/* `duty()` is who walks, `write(adding)` keeps the entry, `onFix(position)` shows it, `changed()` follows a consent. */
export function takeTracks({ duty, write, onFix, changed }) {
  box.addEventListener("change", () => {
    if (!box.checked) return stopTrack("");
    if (!duty()?.may_track) return offerConsent(duty());
    start(duty, write, onFix);
  });
  byId("track-agree").addEventListener("click", async () => {
    if (await agree()) await changed();
    byId("track-agree").hidden = true;
  });
  document.addEventListener("visibilitychange", () => {
    if (!end) return;
    tell(document.hidden ? word("trackPaused") : word("tracking", count));
    if (!document.hidden) stayAwake();
  });
}

function start(duty, write, onFix) {
  count = 0;
  since = new Date().toISOString();
  tell(word("tracking", count));
  stayAwake();
  const take = (position) => {
    onFix(position);
    write(() => addFix(duty(), position, { isTrack: true }), { canWait: true });
    tell(word("tracking", (count += 1)));
  };
  end = follow(take, (error) => error.code === error.PERMISSION_DENIED && stopTrack(word("barred")));
}

export function stopTrack(why) {
  end?.();
  end = null;
  lock?.release().catch(() => null);
  lock = null;
  box.checked = false;
  tell(why);
}

export function isTracking() {
  return end !== null;
}

/* Stop where the service takes no track of whoever walks. */
export function heedRefusals(entries, duty) {
  if (end && entries.some((entry) => entry.told?.code === "PointsOnly" && entry.madeAt >= since)) offerConsent(duty);
}

/* Say that tracks need a consent; whoever is signed in themselves can give it here. */
function offerConsent(duty) {
  const isOwn = duty?.sender.kind === "person";
  stopTrack(`${word("trackConsent")}${isOwn ? "" : ` ${word("trackAtSignOn")}`}`);
  byId("track-agree").hidden = !isOwn;
}

async function agree() {
  const { ok, body } = await ask("/api/notice", {});
  const consent = { covers: "track", version: body?.version };
  const answer = ok ? await ask("/api/me/consents", { method: "POST", body: JSON.stringify(consent) }) : {};
  tell(answer.ok ? "" : word("noAnswer"));
  return answer.ok;
}

function tell(text) {
  byId("track-told").textContent = text;
}

/* Nothing is recorded with the screen off: where the browser can, it is kept on meanwhile. */
async function stayAwake() {
  lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
}
