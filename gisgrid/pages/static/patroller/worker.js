/* The service worker: the page from its own store, so that it opens without a network, and the queue sent while no page is
   open. SHELL { version, files } is put before this file when it is served: another content is another version.
   Answers of the service are never kept here; what the page keeps of them it keeps itself. */

import { entries } from "/static/patroller/store.js";
import { sendAll } from "/static/patroller/send.js";

const CACHES = "patroller-";
const CACHE = `${CACHES}${SHELL.version}`;
const FILES = new Set(SHELL.files);

self.addEventListener("install", (event) => event.waitUntil(fill().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(empty().then(() => self.clients.claim())));

async function fill() {
  const cache = await caches.open(CACHE);
  await cache.addAll(SHELL.files.map((path) => new Request(path, { cache: "reload" })));
}

async function empty() {
  const old = (await caches.keys()).filter((name) => name.startsWith(CACHES) && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method === "GET" && origin === self.location.origin && FILES.has(pathname)) event.respondWith(shell(pathname, event.request));
});

async function shell(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

/* The browser says that there is a network; where something is left it is asked to say so again. */
self.addEventListener("sync", (event) => {
  if (event.tag === "send") event.waitUntil(sendRest());
});

async function sendRest() {
  const stop = await sendAll();
  if (stop && stop.why !== "signIn" && (await entries("waiting")).length) throw new Error(stop.why);
}
