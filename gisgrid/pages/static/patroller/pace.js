/* When to send: at once when there is something new or a network again; else every 15 seconds, more seldom the longer it
   fails, and never before the service wants to be asked again. */

import { sendAll } from "./send.js";

const EVERY_S = 15;
const SELDOM_S = 300;
const TICK_MS = 1_000;

/* Seconds until the next try after so many failures in a row, of which the last named `afterS`, 0 if it named no time. */
export function pauseS(failures, afterS) {
  if (failures === 1 && afterS > 0) return afterS;
  return Math.max(afterS, Math.min(SELDOM_S, EVERY_S * 2 ** Math.max(0, failures - 1)));
}

/* `hasWaiting()` tells whether there is anything to send, `onEnd(stop)` is called after each try. Returns what tries now. */
export function createPace(hasWaiting, onEnd) {
  let failures = 0;
  let nextAt = 0;
  let notBefore = 0;
  let running = null;
  let isAsked = false;

  async function attempt() {
    do {
      isAsked = false;
      const stop = await sendAll().catch((failed) => ({ why: "storage", afterS: 0, failed }));
      failures = stop && stop.why !== "elsewhere" ? failures + 1 : 0;
      const pause = pauseS(failures, stop?.afterS ?? 0) * 1000;
      nextAt = Date.now() + pause;
      notBefore = stop?.afterS ? nextAt : 0;
      await onEnd(stop);
      if (stop) return;
    } while (isAsked); // something was written down meanwhile
  }

  function send() {
    if (running) {
      isAsked = true;
      return running;
    }
    if (Date.now() < notBefore) return Promise.resolve();
    running = attempt().finally(() => { running = null; });
    return running;
  }

  setInterval(() => navigator.onLine && Date.now() >= nextAt && hasWaiting() && send(), TICK_MS);
  window.addEventListener("online", () => send());
  return send;
}
