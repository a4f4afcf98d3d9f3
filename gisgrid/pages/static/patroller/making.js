/* Entries as they are made: what is sent of a check-in, an incident, a call for help. */

import { addEntry, addWithPhotos } from "./store.js";
import { ownerOf } from "./send.js";

/* A random identifier; browsers give one ready-made on https alone. */
export function randomId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/* Write a check-in down at a position. Somebody's own says whose it is: another who signs in meanwhile cannot send it. */
export function addFix(duty, position, { code, isTrack = false } = {}) {
  const { at, longitude, latitude, accuracy_m } = position;
  const body = { client_id: randomId(), fix_at: at, longitude, latitude, accuracy_m };
  if (duty.sender.kind === "person") body.patroller = duty.patroller;
  if (code) body.code = code;
  if (isTrack) body.is_track = true;
  return add("fix", duty, body);
}

/* Write a report down, and its photos, files as the browser hands them over. A file that cannot be read is told by a throw. */
export async function addIncident(duty, position, kind, description, files = []) {
  const { longitude, latitude } = position;
  const report = { client_id: randomId(), kind, description, reported_at: new Date().toISOString(), longitude, latitude };
  const photos = await Promise.all(files.map(async (file) => {
    const entry = made("photo", duty, { client_id: randomId(), report });
    return { entry, bytes: await file.arrayBuffer(), type: file.type };
  }));
  return addWithPhotos(made("incident", duty, report), photos);
}

/* A call for help, with the position if one is known at once. */
export function addAlarm(duty, position) {
  return add("alarm", duty, { client_id: randomId(), raised_at: new Date().toISOString(), ...placeOf(position) });
}

export function placeOf(position) {
  if (!position) return {};
  const { longitude, latitude, accuracy_m } = position;
  return { longitude, latitude, accuracy_m };
}

function add(kind, duty, body) {
  return addEntry(made(kind, duty, body));
}

function made(kind, duty, body) {
  const { sender, shift, patroller } = duty;
  const device = sender.kind === "device" ? sender.id : null;
  return { kind, owner: ownerOf(duty), shift: shift?.id ?? null, patroller, device, body };
}
