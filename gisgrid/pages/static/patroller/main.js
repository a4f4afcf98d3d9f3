/* The page for patrollers: what is done is written down first and sent then. This file wires its parts together. */

import { forgetPersonal, forgetRounds } from "./answers.js";
import { say } from "./banners.js";
import { showDuty, takeSigning } from "./duty.js";
import { handIn } from "./handin.js";
import { install, sendLater } from "./install.js";
import { showEntries } from "./list.js";
import { addFix } from "./making.js";
import { createPace } from "./pace.js";
import { measure } from "./position.js";
import { takeReports } from "./report.js";
import { canScan, codeOf, scan } from "./scan.js";
import { askDuty, onChange, ownerOf, tellChange } from "./send.js";
import { askAbout, callForHelp, hold, isCall, keepCalling, showCall } from "./sos.js";
import { entries, kept, removeEntries, trim, trouble, unwritten } from "./store.js";
import { refreshSuggested, showSuggested, suggestAnew } from "./suggested.js";
import { refreshTasks, showTasks } from "./tasks.js";
import { lookAround, refreshToday, showHere, showToday } from "./today.js";
import { heedRefusals, isTracking, stopTrack, takeTracks } from "./track.js";
import { verdictOf } from "./verdicts.js";
import { chosenLanguage, readLanguage, rememberLanguage, setLanguage, word } from "./words.js";

const { withheldHours } = document.body.dataset;
const ROUND_MS = 120_000;
const CALL_MS = 10_000;
const byId = (id) => document.getElementById(id);
const code = byId("code");
let duty; // who is here; null for nobody, undefined until it is known
let all = []; // entries
let measuring = null;
let asked = null; // the call for help whose acknowledgement is awaited
let stopped = null; // why the last try to send stopped
let reported = 0; // of one's reports, how many the service has
let told = null; // the check-in that is spoken of beside the button

const send = createPace(() => all.some((entry) => entry.state === "waiting"), afterSending);

/* --- writing and sending ------------------------------------------------------------------------ */

/* Keep a new entry, then send it, at once unless it can wait for the next turn. Returns its id. A phone that cannot keep
   it says so, and it is sent all the same. */
async function write(adding, { canWait = false } = {}) {
  const { id, failed } = await adding();
  sayUnwritten(failed);
  await render();
  tellChange();
  if (!canWait) send();
  if (!navigator.onLine) sendLater();
  return id;
}

function sayUnwritten(failed) {
  if (failed) say("storage", word("notKept", word(failed.name === "QuotaExceededError" ? "full" : "broken")), { ways: [[byId("hand-in").textContent, handInNow]] });
  else if (!unwritten()) say("storage", "");
}

async function afterSending(stop) {
  const hadWaiting = all.some((entry) => entry.state === "waiting");
  stopped = stop;
  if (stop?.why === "signIn") sayWho(stop);
  else if (!stop || stop.why === "busy") say("who", "");
  sayUnwritten(stop?.failed ?? null);
  await trim().catch(() => null);
  await render();
  if (!stop && duty && hadWaiting) refreshBoth({ anew: true });
  if (stop?.why === "noAnswer") sendLater();
}

/* Say that the service does not know, or does not let in, whoever sends. */
function sayWho({ code: why }) {
  const count = all.filter((entry) => entry.state === "waiting").length;
  const ways = duty ? [[word("signIn"), "/sign-in?next=%2Fpatrol"], [word("enrol"), "/device"]] : []; // else they stand below
  if (why === "NotForYou") say("who", word("notAllowed"), { ways });
  else say("who", duty ? word("signInAgain", count) : word("signInFirst"), { ways });
}

/* --- what the page shows ------------------------------------------------------------------------ */

async function render() {
  all = await entries();
  if (trouble()) sayUnwritten(trouble());
  const isMine = (entry) => entry.owner === ownerOf(duty);
  const own = all.filter(isMine);
  const waiting = all.filter((entry) => entry.state === "waiting");
  showEntries(byId("entries"), own.filter(isOfNow), dismiss);
  const foreign = waiting.filter((entry) => !isMine(entry)).length;
  byId("foreign").textContent = foreign ? word("foreignWaiting", foreign) : "";
  showNetwork(waiting.length);
  asked = showCall(own);
  heedRefusals(own, duty);
  heedReports(own);
  tellVerdict();
}

/* What the service has taken is among what one reported. */
function heedReports(own) {
  const taken = own.filter((entry) => entry.kind === "incident" && entry.state === "done").length;
  if (taken > reported) refreshTasks(duty, { anew: true });
  reported = taken;
}

/* On a shared phone the list is that of the shift; what was not taken stays until somebody has seen it. */
function isOfNow(entry) {
  return duty?.sender.kind === "person" || entry.state !== "done" || entry.shift === (duty?.shift?.id ?? null);
}

async function dismiss(entry) {
  await removeEntries([entry.id]);
  tellChange();
}

function showNetwork(count) {
  const isOnline = navigator.onLine && stopped?.why !== "noAnswer";
  byId("network").className = `network ${isOnline ? "on" : "off"}`;
  byId("network").textContent = `${word(isOnline ? "online" : "offline")} · ${count ? word("waitingCount", count) : word("allSent")}`;
  const why = { busy: "busy", noAnswer: "noAnswer" }[stopped?.why];
  byId("network-told").textContent = count && why ? word(why) : "";
}

function speak(language) {
  setLanguage(language);
  byId("language").textContent = language === "en" ? "中文" : "English";
  byId("language").lang = language === "en" ? "zh-CN" : "en";
  showDuty(duty, withheldHours);
  showSuggested(duty);
  showToday();
  showTasks(duty);
  if (!measuring) showButton("");
  render();
}

function refreshBoth(how) {
  return Promise.all([refreshSuggested(duty, how).then(() => refreshToday(how)), refreshTasks(duty, how)]);
}

async function showAnew() {
  await refreshSuggested(duty, {});
  showToday();
}

/* --- who is on duty ----------------------------------------------------------------------------- */

async function refreshDuty() {
  const { duty: found, stop } = await askDuty();
  if (stop) return lackDuty(stop);
  say("who", "");
  const isSame = ownerOf(duty) === ownerOf(found) && duty?.shift?.id === found.shift?.id;
  const before = duty;
  duty = found;
  if (!isSame) await clearFormer(before);
  showDuty(duty, withheldHours);
  await refreshBoth({ anew: !isSame });
  await render();
}

/* Without an answer whoever was here last still is. */
function lackDuty(stop) {
  duty ??= null;
  showDuty(duty, withheldHours);
  if (stop.why === "signIn") sayWho(stop);
}

/* What the service has of whoever was here before goes; what waits, or was not taken, stays. */
async function clearFormer(before) {
  if (isTracking()) stopTrack("");
  if (before) await forgetRounds();
  const done = (await entries("done")).filter((entry) => !isCall(entry) && (entry.owner !== ownerOf(duty) || !isOfNow(entry)));
  await removeEntries(done.map((entry) => entry.id)).catch(() => null);
}

async function signOut() {
  await send();
  const count = all.filter((entry) => entry.state === "waiting" && entry.owner === ownerOf(duty)).length;
  if (count && !window.confirm(word("leaveWaiting", count))) return;
  const answer = await fetch("/sign-out", { method: "POST", redirect: "manual" }).catch(() => null);
  if (!answer) return say("who", word("needNetwork"));
  const mine = all.filter((entry) => entry.owner === ownerOf(duty) && entry.state !== "waiting");
  await removeEntries(mine.map((entry) => entry.id));
  await forgetPersonal();
  location.assign("/sign-in?next=%2Fpatrol");
}

/* Return who is here, once that is known; where it is nobody, say what to do. */
async function whoIsHere() {
  if (duty === undefined) await refreshDuty();
  if (!duty) sayWho({});
  return duty;
}

/* --- checking in -------------------------------------------------------------------------------- */

async function checkIn() {
  if (measuring) return measuring.enough();
  if (!(await whoIsHere())) return;
  told = null;
  tellPlace(word("measuring"));
  showButton(word("measuring"));
  measuring = measure((position) => {
    showButton(word("takeNow", Math.round(position.accuracy_m)));
    showHere(position);
  });
  try {
    const position = await measuring.result;
    told = await write(() => addFix(duty, position, { code: code.value.trim() }));
    code.value = "";
    navigator.vibrate?.(80);
  } catch (error) {
    tellPlace(word(error.message), "bad");
  }
  measuring = null;
  showButton("");
  tellVerdict();
}

function showButton(text) {
  byId("check-in-words").textContent = text || word("checkIn");
  byId("check-in").classList.toggle("busy", Boolean(text));
}

/* What became of the last check-in, beside the button. */
function tellVerdict() {
  const entry = all.find((each) => each.id === told);
  if (!entry || measuring) return;
  const { css, title, lines } = verdictOf(entry);
  const awaited = word(navigator.onLine ? "kept" : "keptOffline");
  const accuracy = word("metres", Math.round(entry.body.accuracy_m));
  tellPlace([entry.state === "waiting" ? awaited : title, ...lines, accuracy].join(" · "), css);
}

function tellPlace(text, css = "") {
  byId("check-in-told").textContent = text;
  byId("check-in-told").className = `told ${css}`;
}

async function scanCode() {
  try {
    code.value = (await scan(byId("scan-dialog"))) || code.value;
  } catch {
    tellPlace(word("scanFailed"), "bad");
  }
}

/* --- files, calls for help, beginning ----------------------------------------------------------- */

async function handInNow() {
  const names = await handIn();
  byId("hand-in-told").textContent = names.length ? word("handedFile", names.join(" + ")) : word("nothingToHand");
  tellChange();
}

function takeActs() {
  byId("check-in").addEventListener("click", checkIn);
  byId("scan").addEventListener("click", scanCode);
  byId("scan-close").addEventListener("click", () => byId("scan-dialog").close());
  byId("hand-in").addEventListener("click", handInNow);
  byId("suggest").addEventListener("click", () => suggestAnew(showAnew));
  byId("sign-out").addEventListener("click", signOut);
  byId("language").addEventListener("click", () => {
    const next = readLanguage() === "en" ? "zh-CN" : "en";
    rememberLanguage(next);
    speak(next);
  });
  hold(byId("sos"), async () => (await whoIsHere()) && callForHelp(duty, write), () => tellPlace(word("sosTooShort"), "bad"));
  keepCalling(() => all.some((entry) => entry.kind === "alarm" && entry.state === "waiting"));
  takeSigning(refreshDuty);
  takeReports(() => duty, write);
  takeTracks({ duty: () => duty, write, onFix: showHere, changed: refreshDuty });
  onChange(render);
  window.addEventListener("offline", render);
  window.addEventListener("online", () => refreshDuty());
  document.addEventListener("visibilitychange", () => !document.hidden && refreshDuty());
  setInterval(() => duty && !document.hidden && refreshBoth({}), ROUND_MS);
  setInterval(() => asked && askAbout(asked), CALL_MS);
  window.addEventListener("beforeunload", (event) => unwritten() && event.preventDefault());
}

async function begin() {
  takeActs();
  if (!window.isSecureContext) say("insecure", word("insecure"));
  if (location.hash) {
    code.value = codeOf(location.hash);
    history.replaceState(null, "", location.pathname);
  }
  byId("scan").hidden = !(await canScan());
  duty = (await kept("duty"))?.value;
  speak(chosenLanguage());
  navigator.storage?.persist?.().catch(() => null);
  install(() => measuring || isTracking() || document.querySelector("dialog[open]"));
  if (duty) await refreshBoth({});
  await refreshDuty();
  send();
  if (asked) askAbout(asked);
  lookAround();
}

begin();
