/* An incident in the side panel: what, where, when, how it stands and how long it may take, and its moves. */

import { Problem, get } from "../api.js";
import { element } from "../elements.js";
import { pairs, told } from "./fields.js";
import { allDepartments, showMoves } from "./moves.js";
import { number, word } from "../words.js";

const LAST_STEPS = 4;
const DAY_S = { normal: 8 * 3600, urgent: 24 * 3600 }; // of each clock, see incidents/clock.py
const LIGHTS = {
  green: ["●", "lightGreen"], yellow: ["▲", "lightYellow"], red: ["!", "lightRed"],
  paused: ["‖", "lightPaused"], stopped: ["■", "lightStopped"], none: ["–", "lightNone"],
};
const CLOSE_ZOOM = 16;

/* Open the incident of a row. It is loaded anew after each move, and where somebody else was quicker. */
export function openCase(stage, id, remark = "") {
  const box = element("article", { className: "case" }, element("p", { className: "awaited" }, word("loading")));
  stage.open(box);
  return fill(stage, box, id, remark);
}

async function fill(stage, box, id, remark) {
  let answers;
  try {
    answers = await Promise.all([get(`api/incidents/${id}`, {}), get(`api/incidents/${id}/case`, {}), allDepartments()]);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    box.replaceChildren(element("p", { className: "failure", role: "alert" }, remark && error.code === "NoSuchIncident" ? word("caseGone", remark) : told(error)));
    return;
  }
  const [{ properties, geometry }, its, departments] = answers;
  const moves = element("section", { className: "moves" });
  const again = (text) => {
    stage.map.fire("incidentschanged");
    return fill(stage, box, id, text);
  };
  const parts = [
    ...head(stage, properties, its, remark),
    properties.description && element("p", { className: "case-words" }, properties.description),
    limit(its.clock),
    facts(stage, its, departments),
    photos(id, its.exhibits),
    steps(its.steps, stage.settings.timezone),
    moves,
    element("p", { className: "buttons" }, goThere(stage, geometry), element("a", { href: `/incidents/${id}` }, word("casePage"))),
  ];
  box.replaceChildren(...parts.filter(Boolean));
  if (remark) box.firstChild.focus(); // what had the focus is gone
  showMoves(stage, moves, { incident: properties, id, its, again });
}

const isEnglish = () => document.documentElement.lang === "en";
const inLanguage = (zh, en) => (isEnglish() ? en : zh);

export function localTime(text, zone) {
  return new Intl.DateTimeFormat("zh-CN", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hour12: false }).format(new Date(text));
}

/* Time of a clock: "1 天 3 小时". */
function lasting(seconds, clock) {
  const days = Math.floor(seconds / DAY_S[clock]);
  const hours = Math.floor((seconds % DAY_S[clock]) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const parts = [[days, clock === "normal" ? "workingDays" : "wholeDays"], [hours, "wholeHours"], [minutes, "minutes"]].filter(([count]) => count > 0);
  return (parts.length ? parts.slice(0, 2) : [[0, "minutes"]]).map(([count, name]) => word(name, number(count))).join(" ");
}

function head(stage, properties, its, remark) {
  const status = element("p", { className: "case-remark" }, remark);
  status.setAttribute("role", "status");
  return [
    element("h2", { tabIndex: -1 }, inLanguage(properties.kind_zh, properties.kind_en), element("small", {}, its.number)),
    status,
    element("p", { className: "signs" }, element("strong", { className: `case-state ${its.state}` }, inLanguage(its.state_zh, its.state_en)), light(its.clock)),
    element("p", { className: "when" }, `${localTime(properties.reported_at, stage.settings.timezone)} · ${where(stage, properties)}`),
  ];
}

function where(stage, { street_code, community_code, substation_code }) {
  const codes = [street_code, community_code, substation_code].filter(Boolean);
  return codes.map((code) => stage.cells()?.of(code)?.name ?? code).slice(-2).join(" › ") || word("caseOutside");
}

function light({ state }) {
  const [sign, name] = LIGHTS[state];
  return element("span", { className: `case-light ${state}` }, element("span", { ariaHidden: "true" }, sign), ` ${word(name)}`);
}

/* How much of its time is left, or by how much it is over. */
function limit(clock) {
  if (!clock.allowed_s || ["stopped", "none"].includes(clock.state)) return null;
  const left = clock.allowed_s - clock.used_s;
  const bar = element("progress", { max: clock.allowed_s, value: Math.min(clock.used_s, clock.allowed_s), className: clock.state, ariaLabel: word("caseLimit") });
  const text = left >= 0 ? word("caseLeft", lasting(left, clock.clock), lasting(clock.allowed_s, clock.clock)) : word("caseLate", lasting(-left, clock.clock));
  return element("div", { className: "case-limit" }, element("strong", {}, text), bar);
}

function facts(stage, its, departments) {
  const answering = its.answering_code ? (stage.cells()?.of(its.answering_code)?.name ?? its.answering_code) : word("street");
  const rows = [
    [word("caseAnswers"), answering],
    [word("caseHandler"), its.handler],
    [word("caseDepartment"), its.departments.map((code) => called(departments, code)).join("、")],
    [word("caseContact"), its.contact],
    [word("caseOutsideNumber"), its.outside_number],
  ].filter(([, value]) => value);
  return pairs(rows);
}

function called(departments, code) {
  const its = departments.find((each) => each.code === code);
  return its ? inLanguage(its.zh, its.en) : code;
}

function photos(id, exhibits) {
  if (!exhibits.length) return null;
  const shown = exhibits.map((each, at) => {
    const address = `/api/incidents/${id}/exhibits/${each.id}`;
    const words = each.caption || word(each.shows === "done" ? "photoDone" : "photoFound", at + 1);
    const inside = each.media_type.startsWith("image/") ? element("img", { src: address, alt: words, loading: "lazy" }) : element("span", {}, words);
    return element("li", {}, element("a", { href: address, target: "_blank", rel: "noopener" }, inside));
  });
  return element("ul", { className: "exhibits" }, ...shown);
}

function steps(all, zone) {
  const lines = all.slice(-LAST_STEPS).reverse().map((step) =>
    element(
      "li", {},
      element("time", { dateTime: step.made_at }, localTime(step.made_at, zone)),
      element("span", {}, [inLanguage(step.zh, step.en), step.by].filter(Boolean).join(" · ")),
      step.words ? element("small", {}, step.words) : null,
    ));
  return element("section", { className: "case-steps" }, element("h3", {}, word("caseSteps")), element("ol", {}, ...lines));
}

function goThere(stage, { coordinates: [longitude, latitude] }) {
  const go = () => stage.map.setView([latitude, longitude], Math.max(stage.map.getZoom(), CLOSE_ZOOM));
  return element("button", { type: "button", onclick: go }, word("caseThere"));
}
