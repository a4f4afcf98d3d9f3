/* Who sends from here and who is on duty; signing on and off. */

import { element } from "../viewer/elements.js";
import { ask } from "./send.js";
import { say } from "./banners.js";
import { clockToTheMinute, spelt, spoken, word } from "./words.js";

const byId = (id) => document.getElementById(id);
const dialog = byId("sign-on-dialog");
const form = byId("sign-on-form");
let version = ""; // of the notice that is shown
let onChanged = () => null;
let isShared = true;

/* Show a duty, or that nobody is known here (null), or that it is not known yet (undefined). `withheldHours`: how long
   check-ins wait for a late sign-on. */
export function showDuty(duty, withheldHours) {
  const { sender } = duty ?? {};
  const shift = duty?.shift && Date.parse(duty.shift.ended_at) > Date.now() ? duty.shift : null; // without a network it ends all the same
  isShared = sender?.kind !== "person";
  const off = isShared ? word("nobody") : word("offDuty");
  const nobody = duty === undefined ? "…" : word("unknownSender");
  byId("duty-who").textContent = !duty ? nobody : shift ? word("onDuty", shift.person) : off;
  const sends = sender && word(isShared ? "phone" : "account", sender.called);
  byId("duty-detail").textContent = [sends, shift && word("since", clockToTheMinute(shift.started_at))].filter(Boolean).join(" · ");
  byId("duty-hint").textContent = duty?.waiting ? word("awaits", duty.waiting) : duty && !shift ? word("whoever", withheldHours) : "";
  byId("duty").className = `card duty ${shift ? "on" : "off"}`;
  byId("sign-on").hidden = !duty || (Boolean(shift) && !isShared);
  byId("sign-on").className = shift ? "quiet" : "act";
  byId("sign-on").textContent = word(shift ? "another" : "signOn");
  byId("sign-off").hidden = !shift;
  byId("sign-out").hidden = !sender || isShared;
  byId("late").hidden = !duty || !isShared;
  byId("ways-in").hidden = duty !== null;
}

/* `changed()` is called after somebody has signed on or off. */
export function takeSigning(changed) {
  onChanged = changed;
  byId("sign-on").addEventListener("click", openDialog);
  byId("sign-off").addEventListener("click", signOff);
  byId("sign-on-close").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signOn();
  });
}

export function openDialog() {
  form.reset();
  version = "";
  for (const id of ["notice", "accept-line"]) byId(id).hidden = true;
  byId("sign-on-who").hidden = !isShared;
  tell("");
  dialog.showModal();
}

async function signOn() {
  const { person, pin, started_at, track, is_accepted } = form.elements;
  const body = { track: track.checked };
  if (isShared) Object.assign(body, { person: person.value.trim(), pin: pin.value });
  if (started_at.value) body.started_at = new Date(started_at.value).toISOString();
  if (version && is_accepted.checked) body.notice_version = version;
  const answer = await ask("/api/shifts", { method: "POST", body: JSON.stringify(body) });
  if (answer.ok) {
    dialog.close();
    form.reset();
    return onChanged();
  }
  if (answer.body?.code === "NoticeNeeded") return showNotice();
  tell(wordsOf(answer));
}

async function signOff() {
  const answer = await ask("/api/shifts/end", { method: "POST", body: "{}" });
  say("duty", answer.ok ? "" : wordsOf(answer));
  await onChanged();
}

function wordsOf({ stop, body }) {
  return stop?.told || body ? spoken(stop?.told ?? body.description) : word("needNetwork");
}

function tell(text) {
  byId("sign-on-told").hidden = !text;
  byId("sign-on-told").textContent = text;
}

async function showNotice() {
  const { ok, body } = await ask("/api/notice", {});
  if (!ok) return tell(word("needNetwork"));
  version = body.version;
  const text = document.documentElement.lang === "en" ? body.en : body.zh;
  byId("notice").replaceChildren(...articles(text), element("p", { className: "fine" }, version));
  for (const id of ["notice", "accept-line"]) byId(id).hidden = false;
  byId("sign-on-more").open = true;
  tell("");
  byId("notice").focus();
}

/* The notice's Markdown: a title, then items that begin with a term; see pages/articles.py. */
export function articles(text) {
  const [title, ...items] = text.trim().split(/\n(?=- )/);
  const join = document.documentElement.lang === "en" ? " " : "";
  const points = items.map((item) => {
    const [, term = "", rest] = /^- (?:\*\*([^*]+)\*\*)?([^]*)$/.exec(item);
    const told = spelt({ zh: `${term}${rest}`, en: `${term}${rest}` }).replace(/\s*\n\s*/g, join);
    return element("li", {}, element("strong", {}, term), told.slice(term.length));
  });
  return [element("h3", {}, title.replace(/[*\n]/g, "").trim()), element("ul", {}, ...points)];
}
