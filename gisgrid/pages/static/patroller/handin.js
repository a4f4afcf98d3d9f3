/* The queue as files for the station: each holds the very list that the service takes. Nothing is deleted by it. */

import { entries, settle } from "./store.js";

const FILES = { fix: "check-ins", incident: "incidents" };

/* Download what waits, a file for check-ins and one for incidents, and mark it as handed in. Returns the files' names. */
export async function handIn(now = new Date()) {
  const waiting = await entries("waiting");
  const names = [];
  for (const [kind, what] of Object.entries(FILES)) {
    const held = waiting.filter((entry) => entry.kind === kind);
    if (!held.length) continue;
    const name = `${what}-${stamp(now)}.json`;
    download(name, JSON.stringify(held.map(bodyOf), null, 1));
    await settle(held.map(({ id }) => ({ id, changes: { handedAt: now.toISOString() } })));
    names.push(name);
  }
  return names;
}

/* At the station nobody knows whose a check-in is, and in which phone it waits: when that sends it, too, it is known. */
function bodyOf({ kind, body, patroller, device }) {
  if (kind !== "fix") return body;
  return { ...body, ...(patroller && { patroller }), ...(device && { recorded_by: device }) };
}

function stamp(now) {
  const two = (number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

function download(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
