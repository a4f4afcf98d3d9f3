/* Who is on duty, kept up to date. */

import { follow } from "../live/stream.js";
import { show as showEmergencies } from "./screen.js";

const AGES_MS = 10_000, NAMES = ["duty", "alarms", "positions", "rounds", "doubts", "emergencies"];

const page = document.getElementById("live");
const words = document.getElementById("words").dataset;
const byId = (id) => document.getElementById(id);
const said = (name, ...values) => values.reduce((text, value) => text.replace("{}", value), words[name]);

let states = {};

/* --- what is shown ------------------------------------------------------------------------------ */

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null));
  return made;
}

function show(state) {
  const line = byId("link");
  if (line.dataset.state === state) return;
  line.dataset.state = state;
  line.textContent = line.dataset[state];
  line.classList.toggle("done", state === "open");
  line.classList.toggle("failed", state === "cut" || state === "ended");
  byId("again").hidden = state !== "ended";
}

const minutesSince = (moment) => Math.max(0, Math.floor((Date.now() - Date.parse(moment)) / 60_000));

function ago(moment) {
  const minutes = minutesSince(moment);
  if (minutes < 1) return said("now");
  return minutes < 120 ? said("minutes", minutes) : said("hours", Math.floor(minutes / 60));
}

const clock = (moment) => new Date(moment).toLocaleTimeString(page.dataset.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.dataset.zone });

function place({ position, is_elsewhere: isElsewhere }) {
  if (!position) return [element("span", "none", said(isElsewhere ? "elsewhere" : "none"))];
  const accuracy = position.accuracy_m === null ? "" : ` ${said("accuracy", Math.round(position.accuracy_m))}`;
  const where = `${position.longitude.toFixed(5)}, ${position.latitude.toFixed(5)}${accuracy}`;
  return [position.cell?.name ?? said("outside"), element("p", "fine", where)];
}

function heard(who) {
  const since = who.alive_at && who.alive_at > who.since ? who.alive_at : who.since;
  if (who.is_silent) return element("p", "", element("span", "badge off", said("silent", minutesSince(since))));
  return who.alive_at ? element("p", "fine", said("heard", ago(who.alive_at))) : null;
}

function row([ref, who]) {
  const battery = who.position?.battery;
  const name = element("th", "", ref, element("p", "fine", said("since", clock(who.since))));
  name.scope = "row";
  return element(
    "tr", who.is_silent ? "silent" : "", name, element("td", "", ...place(who)),
    element("td", "", who.position ? ago(who.position.fix_at) : "", heard(who)),
    element("td", "", who.device ?? said("own"), typeof battery === "number" ? element("p", "fine", said("battery", Math.round(battery * 100))) : null),
  );
}

function draw() {
  const people = Object.entries(states.positions ?? {});
  people.sort(([a, one], [b, other]) => other.is_silent - one.is_silent || a.localeCompare(b, "zh-CN"));
  byId("people").querySelector("tbody").replaceChildren(...people.map(row));
  byId("people").hidden = people.length === 0;
  byId("nobody").hidden = people.length > 0 || !states.positions;
  if (states.duty) byId("counts").textContent = said("counts", states.duty.on_duty, states.duty.silent);
  showEmergencies(states.emergencies ?? {});
  const alarms = Object.values(states.alarms ?? {});
  byId("alarms").hidden = alarms.length === 0;
  byId("alarms").querySelector("ul").replaceChildren(...alarms.map((call) => element("li", "", `${call.name ?? call.patroller ?? call.device} ${clock(call.raised_at)}`, call.words ? ` ${call.words}` : "")));
  const counts = [...byId("rounds").querySelectorAll("[data-state]")];
  for (const count of counts) count.textContent = states.rounds?.[count.dataset.state] ?? 0;
  byId("rounds").hidden = counts.every((count) => count.textContent === "0");
  byId("doubts").hidden = !states.doubts?.waiting;
  byId("waiting").textContent = states.doubts?.waiting ?? "";
  byId("newest").textContent = states.doubts?.newest ? said("newest", clock(states.doubts.newest.received_at)) : "";
}

/* --- kept up to date ----------------------------------------------------------------------------- */

follow({
  query: `purpose=${encodeURIComponent(page.dataset.purpose)}&only=${NAMES.join(",")}`,
  names: NAMES,
  onPatch: (name, change, all) => {
    states = all;
    draw();
  },
  onLink: show,
});
setInterval(draw, AGES_MS);
