/* The service worker of the page, its updates, and the sending that the browser does for a page that is closed. */

const CHECK_MS = 3_600_000;

/* Register the worker. `isBusy()` tells whether the page must not be loaded anew just now. */
export async function install(isBusy) {
  if (!("serviceWorker" in navigator)) return;
  const wasControlled = Boolean(navigator.serviceWorker.controller);
  if (wasControlled) navigator.serviceWorker.addEventListener("controllerchange", () => renew(isBusy));
  const registration = await navigator.serviceWorker.register("/patrol/worker.js", { scope: "/patrol", type: "module", updateViaCache: "none" }).catch(() => null);
  if (!registration) return;
  const check = () => registration.update().catch(() => null);
  setInterval(check, CHECK_MS);
  window.addEventListener("online", check);
}

/* Take the new page as soon as nothing is under way; the queue is on disk. */
function renew(isBusy) {
  if (!isBusy()) return location.reload();
  setTimeout(() => renew(isBusy), 1_000);
}

/* Ask the browser to have the queue sent when there is a network, even if the page is closed by then. */
export async function sendLater() {
  const registration = await navigator.serviceWorker?.getRegistration("/patrol").catch(() => null);
  await registration?.sync?.register("send").catch(() => null);
}
