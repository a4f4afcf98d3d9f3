/* Where the phone is: one good measurement for a check-in, and a stream of them while a track is recorded. */

const GOOD_M = 20;
const ENOUGH_MS = 10_000; // then the best so far will do
const LONGEST_MS = 30_000;
const FRESH_MS = 60_000;
const TRACK_MS = 15_000;
const TRACK_M = 20;
const TRACK_LEAST_MS = 3_000;
const EARTH_M = 6_371_008.8;
const PRECISE = { enableHighAccuracy: true, maximumAge: 0, timeout: LONGEST_MS };

let last = null;

/* A position as it is sent: { at, longitude, latitude, accuracy_m }, with the time of the measurement itself. */
function readPosition({ timestamp, coords }) {
  const at = new Date(timestamp);
  last = {
    at: (Number.isNaN(at.getTime()) ? new Date() : at).toISOString(),
    longitude: coords.longitude,
    latitude: coords.latitude,
    accuracy_m: coords.accuracy,
    seenAt: Date.now(),
  };
  return last;
}

/* The latest position, if it is not older than a minute. */
export function latest() {
  return last && Date.now() - last.seenAt < FRESH_MS ? last : null;
}

/* Measure once. `onProgress(position)` is told of each better one. Resolves with the first that is good, after ten seconds
   with the best so far, at once when `enough()` is called; rejects with barred, noSensor or noPosition. */
export function measure(onProgress) {
  let best = null;
  let end;
  const result = new Promise((resolve, reject) => { end = { resolve, reject }; });
  if (!navigator.geolocation) {
    end.reject(new Error("noSensor"));
    return { result, enough: () => null };
  }
  const finish = () => {
    navigator.geolocation.clearWatch(watch);
    timers.forEach(clearTimeout);
    if (best) end.resolve(best);
    else end.reject(new Error("noPosition"));
  };
  const take = (position) => {
    const found = readPosition(position);
    if (!best || found.accuracy_m <= best.accuracy_m) onProgress((best = found));
    if (found.accuracy_m <= GOOD_M || Date.now() - begun > ENOUGH_MS) finish();
  };
  const fail = (error) => {
    if (error.code !== error.PERMISSION_DENIED) return; // it goes on trying until the time is over
    best = null;
    end.reject(new Error("barred"));
    finish();
  };
  const begun = Date.now();
  const watch = navigator.geolocation.watchPosition(take, fail, PRECISE);
  const timers = [setTimeout(() => best && finish(), ENOUGH_MS), setTimeout(finish, LONGEST_MS)];
  return { result, enough: () => best && finish() };
}

/* Call `onFix(position)` while the page is in sight, at most every 15 s, sooner after 20 m. Returns what ends it. */
export function follow(onFix, onFail) {
  let former = null;
  let watch = null;
  const take = (position) => {
    const found = readPosition(position);
    if (former && !isDue(former, found)) return;
    former = found;
    onFix(found);
  };
  const watchWhileSeen = () => {
    if (document.hidden && watch !== null) {
      navigator.geolocation.clearWatch(watch);
      watch = null;
    } else if (!document.hidden && watch === null) watch = navigator.geolocation.watchPosition(take, onFail, PRECISE);
  };
  watchWhileSeen();
  document.addEventListener("visibilitychange", watchWhileSeen);
  return () => {
    document.removeEventListener("visibilitychange", watchWhileSeen);
    if (watch !== null) navigator.geolocation.clearWatch(watch);
  };
}

/* Whether a position is to be recorded after a former one. */
export function isDue(former, found) {
  const elapsed = Date.parse(found.at) - Date.parse(former.at);
  return elapsed >= TRACK_MS || (elapsed >= TRACK_LEAST_MS && metresBetween(former, found) >= TRACK_M);
}

/* Metres between two places, each with longitude and latitude, on a sphere: within half a per cent. */
export function metresBetween(a, b) {
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const [up, across] = [radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)];
  const h = Math.sin(up / 2) ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(across / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}
