/* Every word of the page in both languages, see words/. A word is looked up by its key; {0}, {1} are filled in. Those of
   what is fetched later are learnt then. */

import * as spelling from "../pages/spelling.js";
import * as figures from "./words/figures.js";

export { rememberLanguage } from "../pages/spelling.js";

export const WORDS = { "zh-CN": { ...figures.zh }, en: { ...figures.en } };

export const LANGUAGES = Object.keys(WORDS);
const FEWEST_TOLD = 5;
let language = LANGUAGES[0];
let isPublic = false;

export function learn(...parts) {
  for (const { zh, en } of parts) {
    Object.assign(WORDS["zh-CN"], zh);
    Object.assign(WORDS.en, en);
  }
}

export function setLanguage(chosen) {
  language = LANGUAGES.includes(chosen) ? chosen : LANGUAGES[0];
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-zh]")) write(node, language === "en" ? node.dataset.en : node.dataset.zh);
  for (const node of document.querySelectorAll("[data-word]")) write(node, word(node.dataset.word));
  for (const node of document.querySelectorAll("[data-word-label]")) node.setAttribute("aria-label", word(node.dataset.wordLabel));
}

/* What stands there already need not be laid out again. */
function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function word(key, ...filled) {
  return WORDS[language][key].replace(/\{(\d)\}/g, (_, place) => filled[place]);
}

/* What the service says in both languages, in the one that is read. */
export function spoken(text) {
  return spelling.spoken(text, language);
}

export function spelt(told) {
  return spelling.spelt(told, language);
}

/* To the public a count that is too small to be told is null; to others one that is not known any more. */
export function count(value) {
  if (value !== null && value !== undefined) return number(value);
  return isPublic ? word("few", FEWEST_TOLD) : word("notAvailable");
}

export function speakToPublic() {
  isPublic = true;
}

const formats = new Map(); // to make one takes longer than to write a table

export function number(value, digits = 0) {
  const key = `${language} ${digits}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  return formats.get(key).format(Math.abs(value) < 0.5 / 10 ** digits ? 0 : value); // never "-0"
}

export function percent(ratio) {
  return ratio === null || ratio === undefined ? word("notAvailable") : `${number(ratio * 100, 1)} %`;
}

export function squareKilometres(metres) {
  return metres === null || metres === undefined ? word("notAvailable") : `${number(metres / 1e6, 2)} km²`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return word("notAvailable");
  return seconds < 5400 ? word("minutes", number(seconds / 60)) : word("hours", number(seconds / 3600, 1));
}
