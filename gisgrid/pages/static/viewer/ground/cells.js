/* The cells of the grid in force, as they were loaded: found by code, by level, by kinship. */

import { get } from "../api.js";
import { LEVELS } from "../state.js";

/* Load the grid of a day ("2026-11-01"). */
export async function loadCells(day, signal) {
  return cellsOf(await get("api/grid/outlines", { day }, signal));
}

function cellsOf(byLevel) {
  const features = Object.values(byLevel).flatMap((collection) => collection.features);
  const byCode = new Map(features.map((feature) => [feature.properties.code, feature]));
  const of = (code) => byCode.get(code)?.properties;
  const lineageOf = (code) => {
    const found = [];
    for (let each = of(code); each; each = of(each.parent_code)) found.unshift(each);
    return found;
  };
  return {
    byLevel,
    street: byLevel.street.features[0].properties,
    place: byLevel.street.features.map((it) => it.properties.name).join("、"),
    isIllustrative: features.some((it) => it.properties.is_illustrative),
    of,
    featureOf: (code) => byCode.get(code),
    depth: (code) => LEVELS.indexOf(of(code)?.level),
    lineageOf,
    isWithin: (code, whole) => lineageOf(code).some((it) => it.code === whole),
    at: (level) => byLevel[level].features.map((it) => it.properties),
  };
}
