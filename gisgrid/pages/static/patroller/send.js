/* Sends what waits, in order and in batches, and writes down the answer for each entry: nothing leaves the queue without
   one. Used by the page, and by its service worker while no page is open. Sending twice does no harm: storing is idempotent. */

import { dropFile, entries, fileOf, keep, settle } from "./store.js";

export const AT_ONCE = 100;
const PATHS = { alarm: "/api/alarms", fix: "/api/check-ins", incident: "/api/incidents" };
const PATIENCE_MS = 30_000;
const PHOTO_PATIENCE_MS = 240_000;
const CHANNEL = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("gisgrid-patrol");
const listeners = new Set();

/* Whose an entry is: nobody sends what another has made. A shared phone stays one when it is enrolled anew. */
export function ownerOf(duty) {
  if (!duty) return null;
  return duty.sender.kind === "device" ? "device" : `person:${duty.sender.id}`;
}

/* Call `act` whenever entries were changed, here, in another tab or in the service worker. */
export function onChange(act) {
  listeners.add(act);
  CHANNEL?.addEventListener("message", act);
}

export function tellChange() {
  listeners.forEach((act) => act());
  CHANNEL?.postMessage("changed");
}

/* Send the calls for help, whatever else is being sent: whoever is in need waits for no lock and is not asked who they are. */
export function sendAlarms() {
  return sendKind("alarm", () => true);
}

/* Send all that waits. Returns null when nothing is left to be sent from here, else why it stopped:
   { why: "noAnswer"|"busy"|"signIn"|"elsewhere", afterS, told }. Two tabs never send check-ins at the same time. */
export async function sendAll() {
  const stop = await sendAlarms();
  if (stop) return stop;
  if (!navigator.locks) return sendRest();
  return navigator.locks.request("gisgrid-patrol-send", { ifAvailable: true }, (lock) => (lock ? sendRest() : { why: "elsewhere", afterS: 0 }));
}

async function sendRest() {
  if (!(await entries("waiting")).length) return null;
  const { duty, stop: unknown } = await askDuty();
  if (unknown) return unknown;
  const isOwn = (entry) => entry.owner === ownerOf(duty);
  return (await sendKind("fix", isOwn)) ?? (await sendKind("incident", isOwn)) ?? (await sendPhotos(isOwn));
}

/* --- photos ------------------------------------------------------------------------------------- */

/* Send the photos of reports that were answered, one at a time. One whose report is still to be sent waits for it. */
async function sendPhotos(isOwn) {
  const waiting = (await entries("waiting")).filter((entry) => entry.kind === "photo" && isOwn(entry));
  for (const photo of waiting) {
    const { stop, change } = await sendPhoto(photo);
    if (stop) return stop;
    await settle([{ id: photo.id, rev: photo.rev, changes: { ...change, answeredAt: new Date().toISOString() } }]);
    if (change.state === "done") await dropFile(photo);
    tellChange();
  }
  return null;
}

/* The report is sent with it once more, which stores nothing twice and tells the number of the incident: a photo is never
   lost because its report has left the list. */
async function sendPhoto(photo) {
  const reported = await ask(PATHS.incident, { method: "POST", body: JSON.stringify(photo.body.report) });
  if (reported.stop) return reported;
  if (!reported.ok || !reported.body.id) return { change: { state: "refused", told: toldBy(reported.body) } };
  const file = await fileOf(photo).catch(() => undefined);
  if (file === undefined) return { stop: { why: "noAnswer", afterS: 0 } }; // the phone's store is not to be read just now
  if (!file) return { change: { state: "refused", told: { code: "Gone", description: GONE } } };
  const form = new FormData();
  form.append("shows", "found");
  form.append("file", new Blob([file.bytes], { type: file.type }), "photo");
  const answer = await ask(`${PATHS.incident}/${reported.body.id}/exhibits`, { method: "POST", body: form, isForm: true });
  if (answer.stop) return answer;
  if (!answer.ok) return { change: { state: "refused", told: toldBy(answer.body) } };
  return { change: { state: "done", answer: { number: reported.body.number, status: "stored" } } };
}

const GONE = "手机里已没有这张照片 / the phone has not got this photo any more";

function toldBy({ code, description }) {
  return { code, description };
}

/* --- asking ------------------------------------------------------------------------------------- */

/* Ask who sends from here; the answer is kept for use without a network. */
export async function askDuty() {
  const answer = await ask("/api/duty", {});
  if (answer.stop) return answer;
  if (!answer.ok) return { stop: { why: "signIn", told: answer.body.description, code: answer.body.code } };
  if (!answer.body) return { stop: { why: "signIn", code: "NotForYou" } }; // somebody who does not walk
  await keep("duty", answer.body);
  return { duty: answer.body };
}

async function sendKind(kind, mayBeSent) {
  const limit = kind === "alarm" ? 1 : AT_ONCE;
  let most = limit;
  for (;;) {
    const waiting = (await entries("waiting")).filter((entry) => entry.kind === kind && mayBeSent(entry));
    if (!waiting.length) return null;
    const batch = waiting.slice(0, most);
    const { stop, changes, isTooMuch } = await post(kind, batch);
    if (stop) return stop;
    if (isTooMuch) {
      most = Math.ceil(batch.length / 2);
      continue;
    }
    await settle(changes);
    most = Math.min(limit, most * 2);
    tellChange();
  }
}

async function post(kind, batch) {
  const bodies = batch.map((entry) => entry.body);
  const answer = await ask(PATHS[kind], { method: "POST", body: JSON.stringify(kind === "alarm" ? bodies[0] : bodies) });
  if (answer.stop) return answer;
  if (answer.ok) {
    const answers = Array.isArray(answer.body) ? answer.body : [answer.body];
    if (answers.length !== batch.length) return { stop: { why: "noAnswer", afterS: 0 } };
    const another = answers.find((each) => each.code === "NotYourOwn");
    if (another) return { stop: { why: "signIn", told: another.description, code: another.code } };
    return { changes: batch.map((entry, at) => answered(entry, answers[at])) };
  }
  if (batch.length > 1) return { isTooMuch: true }; // which of them it is shows when they are sent in smaller parts
  return { changes: [refused(batch[0], answer.status === 409 ? "conflict" : "refused", answer.body)] };
}

/* Ask the service. Returns { ok, status, body }, or { stop } where it is no answer of the service's to this request. */
export async function ask(path, { isForm = false, ...options }) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), isForm ? PHOTO_PATIENCE_MS : PATIENCE_MS);
  try {
    const headers = { Accept: "application/json", ...(isForm ? {} : { "Content-Type": "application/json" }) };
    const answer = await fetch(path, { ...options, headers, signal: giveUp.signal, redirect: "error", cache: "no-store" });
    const body = await answer.json();
    const isOurs = answer.ok || (typeof body?.code === "string" && typeof body?.description === "string"); // a hotel's network answers, too
    if (!isOurs || (answer.status >= 500 && answer.status !== 503)) return { stop: { why: "noAnswer", afterS: secondsOf(answer) } };
    if ([503, 429, 408].includes(answer.status)) return { stop: { why: "busy", afterS: secondsOf(answer), told: body.description } };
    if ([401, 403].includes(answer.status)) return { stop: { why: "signIn", told: body.description, code: body.code } };
    return { ok: answer.ok, status: answer.status, body };
  } catch {
    return { stop: { why: "noAnswer", afterS: 0 } };
  } finally {
    clearTimeout(timer);
  }
}

/* Retry-After in seconds: a number, or a date. */
export function secondsOf(answer) {
  const said = answer.headers.get("Retry-After") ?? "";
  if (/^\d+$/.test(said)) return Number(said);
  const at = Date.parse(said);
  return Number.isNaN(at) ? 0 : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

function answered(entry, answer) {
  if (answer.status === "refused" || answer.status === "conflict") return refused(entry, answer.status, answer);
  return { id: entry.id, rev: entry.rev, changes: { state: "done", answer, answeredAt: new Date().toISOString() } };
}

function refused(entry, state, { code, description }) {
  return { id: entry.id, rev: entry.rev, changes: { state, told: { code, description }, answeredAt: new Date().toISOString() } };
}
