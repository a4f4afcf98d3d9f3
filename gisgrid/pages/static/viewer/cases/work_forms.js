/* The forms of what is done at a place: an incident reported, a checkpoint made, a special operation drawn. */

import { get, post } from "../api.js";
import { createDrawing } from "../ground/drawing.js";
import { element } from "../elements.js";
import { field, kindGroups, sending } from "./fields.js";
import { daysBefore, localDay } from "../period.js";
import { number, word } from "../words.js";

const RADIUS_M = 50;
const MOST_PHOTOS = 10;
const DAYS = 7; // an operation lasts so long, unless something else is typed
const GRACE_MIN = 60;
const DIGITS = 6;
const isEnglish = () => document.documentElement.lang === "en";
const rounded = (degrees) => Number(degrees.toFixed(DIGITS));

/* Open a form in the panel, with what it is about on the map for as long as it is there. */
function open(stage, title, shape, form) {
  shape.addTo(stage.map);
  stage.open(element("article", { className: "work" }, element("h2", {}, title), form), () => shape.remove());
  form.querySelector("input, select")?.focus();
}

const markAt = (place) => L.circleMarker(place, { radius: 9, pane: "marks", interactive: false, className: "work-place" });

/* Where it is: the cell, as soon as the service has said which, and whether it lies in none. */
function at(place) {
  const where = { longitude: rounded(place.lng), latitude: rounded(place.lat) };
  const line = element("p", { className: "when" }, `${where.longitude}, ${where.latitude}`);
  get("api/grid/locate", where).then(
    ({ substation, community, street }) => {
      const cell = substation ?? community ?? street;
      line.prepend(element(cell ? "b" : "strong", { className: cell ? "" : "urgent" }, cell?.name ?? word("workOutside")), " · ");
    },
    () => {}, // what is said of it is told again once it is sent
  );
  return line;
}

/* --- an incident ---------------------------------------------------------------------------------- */

export async function openReport(stage, place) {
  const kinds = (await get("api/incident-kinds", {}).catch(() => [])).filter((kind) => !kind.is_complaint); // a complaint names its unit, on a page of its own
  const kind = element("select", { name: "kind", required: true });
  fillKinds(kind, kinds);
  const find = element("input", { type: "search", autocomplete: "off" });
  const urgent = element("p", { className: "urgent", hidden: true }, word("workUrgent"));
  const photos = element("input", { type: "file", name: "photos", multiple: true, accept: "image/jpeg,image/png,image/webp" });
  find.addEventListener("input", () => narrow(kind, kinds, find.value));
  kind.addEventListener("change", () => { urgent.hidden = !kinds.find((each) => each.code === kind.value)?.is_emergency; });
  const fields = [
    at(place), field(word("workFindKind"), find), field(word("workKind"), kind), urgent,
    field(word("workDescription"), element("textarea", { name: "description", rows: 4, maxLength: 4000 })),
    field(word("workPhotos"), photos),
    element("p", { className: "hint" }, element("a", { href: "/incidents/new" }, word("workFullEntry"))),
  ];
  const client_id = `map-${Date.now()}-${Math.random().toString(36).slice(2)}`; // sent twice it is stored once
  const form = sending({ send: word("workReportSend"), fields, onSend: (sent) => report(stage, place, client_id, sent), onGiveUp: stage.goBack });
  open(stage, word("workReport"), markAt(place), form);
}

/* The kinds alone whose names hold a word can be chosen; the only one is. */
function narrow(kind, kinds, text) {
  const words = text.trim().toLowerCase();
  const found = kinds.filter((each) => `${each.name_zh} ${each.name_en} ${each.class_zh} ${each.class_en}`.toLowerCase().includes(words));
  const chosen = kind.value;
  fillKinds(kind, found);
  kind.value = words && found.length === 1 ? found[0].code : found.some((each) => each.code === chosen) ? chosen : "";
  kind.dispatchEvent(new Event("change"));
}

function fillKinds(kind, kinds) {
  kind.replaceChildren(element("option", { value: "" }, word("choose")), ...kindGroups(kinds, isEnglish()));
}

async function report(stage, place, client_id, sent) {
  const where = { longitude: rounded(place.lng), latitude: rounded(place.lat) };
  const body = { kind: sent.kind.value, description: sent.description.value.trim(), reported_at: new Date().toISOString(), client_id, source: stage.settings.may.includes("check_in") ? "patrol" : "staff", ...where };
  const { id, number: called } = await post("api/incidents", body);
  for (const file of [...sent.photos.files].slice(0, MOST_PHOTOS)) {
    const photo = new FormData();
    photo.append("file", file);
    photo.append("shows", "found");
    await post(`api/incidents/${id}/exhibits`, photo);
  }
  stage.map.fire("incidentschanged");
  stage.openCase(id, word("workReported", called));
}

/* --- a checkpoint --------------------------------------------------------------------------------- */

export function openCheckpoint(stage, place) {
  const fields = [
    at(place),
    field(word("workCode"), element("input", { name: "code", required: true, maxLength: 60, pattern: "[\\p{L}\\p{N}_.:\\-]+", autocomplete: "off" }), word("workCodeHint")),
    field(word("workName"), element("input", { name: "name", required: true, maxLength: 100, autocomplete: "off" })),
    field(word("workRadius"), element("input", { type: "number", name: "radius", required: true, min: 5, max: 1000, value: RADIUS_M })),
  ];
  const reach = L.circle(place, { radius: RADIUS_M, pane: "marks", interactive: false, className: "reach" });
  const form = sending({ send: word("workSave"), fields, onSend: (sent) => make(stage, place, sent), onGiveUp: stage.goBack });
  form.elements.radius.addEventListener("input", ({ target }) => reach.setRadius(Number(target.value) || 0));
  open(stage, word("workCheckpoint"), L.layerGroup([reach, markAt(place)]), form);
}

async function make(stage, place, sent) {
  const { properties } = await post("api/checkpoints", {
    code: sent.code.value.trim(), name: sent.name.value.trim(), radius_m: Number(sent.radius.value), longitude: rounded(place.lng), latitude: rounded(place.lat),
  });
  stage.map.fire("checkpointschanged");
  stage.goBack();
  stage.tell(word("workPlaced", properties.name, properties.code));
}

/* --- the area of a special operation -------------------------------------------------------------- */

export function drawOperation(stage, place) {
  const end = element("button", { type: "button", onclick: () => drawing.finish() }, word("workDrawn"));
  const giveUp = element("button", { type: "button", onclick: () => { drawing.stop(); stage.goBack(); } }, word("giveUp"));
  const status = element("p", { className: "when" }, word("workCorners", 0));
  status.setAttribute("role", "status");
  const drawing = createDrawing(stage.map, {
    kind: "area",
    onChange: (places) => { status.textContent = word("workCorners", number(places.length)); },
    onDone: (places) => openOperation(stage, places),
    onCancel: stage.goBack,
  });
  const told = element("article", { className: "work" }, element("h2", {}, word("workOperation")), element("p", { className: "hint" }, word("workDraw")), status, element("p", { className: "buttons" }, end, giveUp));
  stage.open(told, drawing.stop);
  stage.map.getContainer().focus();
  drawing.add(place);
}

function openOperation(stage, places) {
  const today = localDay(new Date(), stage.settings.timezone);
  const day = (name, value) => element("input", { type: "date", name, required: true, min: today, value });
  const fields = [
    field(word("workName"), element("input", { name: "name", required: true, maxLength: 100, autocomplete: "off" })),
    element("div", { className: "pair" }, field(word("workFirst"), day("first", today)), field(word("workLast"), day("last", daysBefore(today, 1 - DAYS)))),
    element("div", { className: "pair" }, field(word("workFrom"), element("input", { type: "time", name: "from", required: true, value: "08:00" })), field(word("workHours"), element("input", { type: "number", name: "hours", required: true, min: 1, max: 24, value: 8 }))),
    element("p", { className: "hint" }, word("workPlaces")),
  ];
  const form = sending({ send: word("workSave"), fields, onSend: (sent) => plan(stage, places, sent), onGiveUp: stage.goBack });
  open(stage, word("workOperation"), L.polygon(places, { pane: "marks", interactive: false, className: "drawn area" }), form);
}

async function plan(stage, places, sent) {
  const ring = [...places, places[0]].map(({ lng, lat }) => [rounded(lng), rounded(lat)]);
  const made = await post("api/plans", {
    name: sent.name.value.trim(), is_operation: true, area: { type: "Polygon", coordinates: [ring] },
    first_day: sent.first.value, last_day: sent.last.value, at: [sent.from.value.slice(0, 5)], duration_min: 60 * Number(sent.hours.value), grace_min: GRACE_MIN,
  });
  stage.map.fire("planschanged");
  stage.goBack();
  stage.tell(word("workPlanned", made.name, number(made.places.length)));
}
