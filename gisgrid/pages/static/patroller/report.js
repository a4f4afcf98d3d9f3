/* Reporting an incident: what, in which words, and where. */

import { element } from "../viewer/elements.js";
import { answerOf } from "./answers.js";
import { addIncident } from "./making.js";
import { measure } from "./position.js";
import { readLanguage, word } from "./words.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("report-dialog");
const form = byId("report-form");
const MOST_PHOTOS = 10;
let position = null;
let measuring = null;

/* `duty()` is who reports, `write(adding)` keeps the entry. */
export function takeReports(duty, write) {
  byId("report").addEventListener("click", open);
  byId("report-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => measuring?.enough());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!position) return;
    const { kind, description, photos } = form.elements;
    byId("report-send").disabled = true;
    const files = [...photos.files].slice(0, MOST_PHOTOS);
    try {
      await write(() => addIncident(duty(), position, kind.value, description.value.trim(), files));
    } catch {
      return showPosition(word("photoUnread")); // nothing was written down: what was typed stays
    }
    form.reset();
    dialog.close();
  });
}

async function open() {
  position = null;
  showPosition(word("reportNoPlace"));
  dialog.showModal();
  const { value } = await answerOf("kinds");
  fill(form.elements.kind, (value ?? []).filter((kind) => !kind.is_complaint)); // a complaint names its unit, on another page
  if (!value) showPosition(word("noKinds"));
  measuring = measure(take);
  await measuring.result.then(take, (error) => position || showPosition(word(error.message)));
}

function take(found) {
  position = found;
  showPosition(word("reportPlaced", Math.round(found.accuracy_m)));
}

function showPosition(text) {
  byId("report-place").textContent = text;
  byId("report-send").disabled = !position;
}

function fill(select, kinds) {
  const isEnglish = readLanguage() === "en";
  const groups = [...grouped(kinds).values()].map((held) => {
    const options = held.map((kind) => element("option", { value: kind.code }, isEnglish ? kind.name_en : kind.name_zh));
    return element("optgroup", { label: isEnglish ? held[0].class_en : held[0].class_zh }, ...options);
  });
  select.replaceChildren(element("option", { value: "" }, word("choose")), ...groups);
}

function grouped(kinds) {
  const found = new Map();
  for (const kind of kinds) found.set(kind.class_code, [...(found.get(kind.class_code) ?? []), kind]);
  return found;
}
