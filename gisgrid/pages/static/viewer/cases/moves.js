/* The moves of an incident that are open to whoever looks at it: a button each, and the form of what it needs. */

import { Problem, get, post } from "../api.js";
import { element } from "../elements.js";
import { field, select, sending, told } from "./fields.js";
import { daysBefore, localDay } from "../period.js";
import { number, word } from "../words.js";

/* Those that lead on stand first, see pages/incident_moves.py. */
const ONWARD = ["verify", "file", "dispatch", "accept", "finish", "pass", "fail", "evaluate", "resume", "settle"];
const REMARKS = ["file", "dispatch", "accept", "pass", "evaluate", "resume"]; // to which one may say something
const FIRST = { confirmed: "needConfirmed", fresh: "needFresh", extendable: "needExtendable", above: "needAbove" }; // what no field brings along
const FILES = { photo: ["needPhoto", "image/jpeg,image/png,image/webp"], document: ["needDocument", "application/pdf"] };
const UNITS = { normal: { hours: "unitNormalHours", days: "unitNormalDays" }, urgent: { hours: "unitUrgentHours", days: "unitUrgentDays" } };
const SHOWN = 4;
const LONGEST_SUSPENSION = 365;
const SCORES = ["5", "4", "3", "2", "1"];

const isEnglish = () => document.documentElement.lang === "en";
let departments = null;

/* `again(text)` loads the incident once more and says the text. */
export function showMoves(stage, box, case_) {
  const moves = [...case_.its.moves].sort((a, b) => rank(a) - rank(b));
  box.hidden = moves.length === 0;
  const place = element("div", { className: "move-place" });
  const buttons = moves.map((move) => button(stage, place, move, case_));
  const rest = buttons.slice(SHOWN);
  box.replaceChildren(
    element("h3", {}, word("caseMoves")),
    element("div", { className: "buttons" }, ...buttons.slice(0, SHOWN)),
    ...(rest.length ? [element("details", { className: "more" }, element("summary", {}, word("caseMore", rest.length)), element("div", { className: "buttons" }, ...rest))] : []),
    place,
  );
}

const rank = ({ move }) => (ONWARD.indexOf(move) + ONWARD.length + 1) % (ONWARD.length + 1);

function button(stage, place, move, case_) {
  const made = element("button", { type: "button", onclick: open }, isEnglish() ? move.en : move.zh);
  made.setAttribute("aria-expanded", "false");

  async function open() {
    const isOpen = made.getAttribute("aria-expanded") === "true";
    for (const other of place.parentElement.querySelectorAll("[aria-expanded]")) other.setAttribute("aria-expanded", "false");
    place.replaceChildren();
    if (isOpen) return;
    made.setAttribute("aria-expanded", "true");
    try {
      place.replaceChildren(await formOf(stage, move, case_, close));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      place.replaceChildren(element("p", { className: "failure", role: "alert" }, told(error)));
    }
    place.querySelector("select, textarea, input, button")?.focus();
  }

  function close() {
    place.replaceChildren();
    made.setAttribute("aria-expanded", "false");
    made.focus();
  }

  return made;
}

async function formOf(stage, move, case_, close) {
  const first = move.missing.filter((need) => FIRST[need]);
  if (first.length) return element("p", { className: "hint" }, word("moveFirst", first.map((need) => word(FIRST[need])).join("；")));
  const fields = await fieldsOf(stage, move, case_);
  const name = isEnglish() ? move.en : move.zh;
  return sending({ send: word("moveSend", name), fields, onSend: (sent) => send(stage, move, case_, sent), onGiveUp: close });
}

/* --- what a move asks for ------------------------------------------------------------------------- */

const FIELDS = {
  condition: async ({ settings }, { incident }) => field(word("moveCondition"), select("condition", conditions(await kindOf(incident, settings)), { required: true })),
  addressee: async ({ settings }, { incident }) => addressee(await allDepartments(), await kindOf(incident, settings)),
  cell: async (stage, { its }) => field(word("moveCell"), select("cell", its.neighbours.map((code) => [code, stage.cells()?.of(code)?.name ?? code]), { required: true })),
  into: async (_, { id }) => into(await get(`api/incidents/${id}/duplicates`, {}), id),
  until: async ({ settings }) => field(word("moveUntil"), element("input", { type: "date", name: "until", required: true, min: dayOn(settings, 1), max: dayOn(settings, LONGEST_SUSPENSION) })),
  score: async () => field(word("moveScore"), select("score", SCORES.map((each) => [each, each]))),
};

const dayOn = (settings, days) => daysBefore(localDay(new Date(), settings.timezone), -days);

async function fieldsOf(stage, move, case_) {
  const asked = await Promise.all(move.needs.filter((need) => FIELDS[need]).map((need) => FIELDS[need](stage, case_)));
  const must = move.needs.some((need) => need === "words" || need === "reason");
  const label = move.needs.includes("reason") ? "moveReason" : must ? "moveWords" : "moveRemark";
  const words = must || REMARKS.includes(move.move) ? [field(word(label), element("textarea", { name: "words", rows: 3, maxLength: 4000, required: must }))] : [];
  const files = move.missing.filter((need) => FILES[need]).map((need) => field(word(FILES[need][0]), element("input", { type: "file", name: need, required: true, accept: FILES[need][1] })));
  const near = move.needs.includes("near") ? [element("p", { className: "hint" }, word("moveNear"))] : [];
  return [...asked.flat(), ...words, ...files, ...near];
}

/* The kind of an incident, as of its day. */
async function kindOf({ kind, reported_at }, { timezone }) {
  const kinds = await get("api/incident-kinds", { day: localDay(new Date(reported_at), timezone) });
  return kinds.find((each) => each.code === kind);
}

function addressee(all, kind) {
  const department = select("department", [["", word("none")], ...all.map((each) => [each.code, isEnglish() ? each.en : each.zh])]);
  department.value = kind?.default_department ?? "";
  return [field(word("moveDepartment"), department), field(word("movePerson"), element("input", { name: "person", maxLength: 100, autocomplete: "off" }), word("movePersonHint"))];
}

function conditions(kind) {
  return (kind?.conditions ?? []).map((each) => [each.code, `${isEnglish() ? each.name_en : each.name_zh}（${number(each.limit)} ${word(UNITS[each.clock][each.unit])}）`]);
}

export function allDepartments() {
  departments ??= get("api/departments", {}).catch((error) => {
    departments = null;
    throw error;
  });
  return departments;
}

function into(found, id) {
  if (!found.length) return element("p", { className: "hint" }, word("moveNoneAlike"), " ", element("a", { href: `/incidents/${id}` }, word("casePage")));
  return field(word("moveInto"), select("into", found.map((each) => [String(each.id), word("moveAlike", each.number, Math.round(each.distance_m))]), { required: true }));
}

/* --- sending -------------------------------------------------------------------------------------- */

/* Whoever comes second is told, and sees the incident as it is now. */
async function send(stage, { move, needs, zh, en }, { id, its, again }, sent) {
  const value = (name) => sent[name]?.value.trim() ?? "";
  for (const need of Object.keys(FILES)) if (sent[need]?.files.length) await show(id, sent[need].files[0]);
  const position = needs.includes("near") ? await ownPosition() : {};
  const body = {
    move, revision: its.revision, words: value("words"), ...position,
    ...Object.fromEntries(["condition", "person", "cell", "until"].filter((name) => value(name)).map((name) => [name, value(name)])),
    ...Object.fromEntries(["into", "score"].filter((name) => value(name)).map((name) => [name, Number(value(name))])),
    ...(value("department") ? { departments: [value("department")] } : {}),
  };
  try {
    await post(`api/incidents/${id}/transitions`, body);
  } catch (error) {
    if (!(error instanceof Problem) || !["MovedMeanwhile", "IllegalMove"].includes(error.code)) throw error;
    return again(told(error));
  }
  return again(word("moveDone", isEnglish() ? en : zh));
}

function show(id, file) {
  const form = new FormData();
  form.append("file", file);
  form.append("shows", "done");
  return post(`api/incidents/${id}/exhibits`, form);
}

/* Where whoever moves it is, as the browser says; a Problem where it does not. */
function ownPosition() {
  return new Promise((done, failed) => {
    const none = () => failed(new Problem("NoPosition", word("moveNoPosition")));
    if (!navigator.geolocation) return none();
    navigator.geolocation.getCurrentPosition(({ coords }) => done({ longitude: coords.longitude, latitude: coords.latitude }), none, { enableHighAccuracy: true, timeout: 20000, maximumAge: 30000 });
  });
}
