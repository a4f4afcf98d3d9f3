/* A track in its parts: where it is known, where nobody knows the way, and where somebody was at a moment. Pure. */

const METRES_A_DEGREE = 111_320; // of latitude, good to 1 %: this only decides how a line is drawn

/* Fixes of the service as { at (ms), longitude, latitude, accuracy_m }, in their order; those without a place are left out. */
export function fixesOf(features) {
  return features
    .filter(({ geometry, properties }) => geometry && properties.standing !== "quarantined")
    .map(({ geometry: { coordinates: [longitude, latitude] }, properties }) => ({ at: Date.parse(properties.fix_at), longitude, latitude, accuracy_m: properties.accuracy_m }));
}

/* Those among which a track is looked at: without the outermost hundredth each way, so that one wrong fix does not make the
   rest a speck; as in the generated maps. */
export function near(fixes) {
  const sides = ["longitude", "latitude"].map((name) => {
    const sorted = fixes.map((fix) => fix[name]).sort((a, b) => a - b);
    return { name, least: sorted[Math.floor(0.01 * (sorted.length - 1))], most: sorted[Math.ceil(0.99 * (sorted.length - 1))] };
  });
  const found = fixes.filter((fix) => sides.every(({ name, least, most }) => fix[name] >= least && fix[name] <= most));
  return found.length ? found : fixes;
}

/* The lines of a track: { known: [[fix, …], …], silences: [[fix, fix], …] }. Silent is what lies between fixes more than
   `gapS` seconds or `lengthM` metres apart, as in the generated maps. */
export function partsOf(fixes, { gapS, lengthM }) {
  const known = [], silences = [];
  let run = fixes.slice(0, 1);
  for (let at = 1; at < fixes.length; at++) {
    const [before, after] = [fixes[at - 1], fixes[at]];
    if (isSilent(before, after, { gapS, lengthM })) {
      silences.push([before, after]);
      known.push(run);
      run = [after];
    } else run.push(after);
  }
  if (run.length) known.push(run);
  return { known: known.filter((each) => each.length > 1), silences };
}

export function isSilent(before, after, { gapS, lengthM }) {
  const across = (after.longitude - before.longitude) * Math.cos((before.latitude * Math.PI) / 180);
  return after.at - before.at > gapS * 1000 || Math.hypot(across, after.latitude - before.latitude) * METRES_A_DEGREE > lengthM;
}

/* Which fix is the last one not after a moment; -1 before the first. */
export function indexAt(fixes, at) {
  let [low, high] = [0, fixes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fixes[middle].at <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/* Where somebody was at a moment: between two fixes on the way from one to the other, in a silence still at the last. */
export function placeAt(fixes, at, limits) {
  const index = Math.max(0, indexAt(fixes, at));
  const [before, after] = [fixes[index], fixes[index + 1]];
  if (!after || at <= before.at) return { ...before, index, isKnown: true };
  if (isSilent(before, after, limits)) return { ...before, index, isKnown: false };
  const share = (at - before.at) / (after.at - before.at);
  return { longitude: before.longitude + share * (after.longitude - before.longitude), latitude: before.latitude + share * (after.latitude - before.latitude), index, isKnown: true };
}
