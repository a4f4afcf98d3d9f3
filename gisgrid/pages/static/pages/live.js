/* Who is on duty, kept up to date by one stream for the whole browser: of several windows the one looked at last has it,
   the others ask now and then, and a hidden one does nothing. Where no stream comes through, this one asks, too. */

const POLL_MS = 5_000, ELSEWHERE_MS = 15_000, TRY_AGAIN_MS = 30_000, AGES_MS = 10_000, TOUCH_MS = 300_000, CUTS = 3;

const page = document.getElementById("live");
const words = document.getElementById("words").dataset;
const query = `purpose=${encodeURIComponent(page.dataset.purpose)}`;
const channel = "BroadcastChannel" in window ? new BroadcastChannel("gisgrid-live") : null;
const byId = (id) => document.getElementById(id);
const said = (name, ...values) => values.reduce((text, value) => text.replace("{}", value), words[name]);

let states = {}, stream = null, timer = 0, cuts = 0, isElsewhere = false, isEnded = false, touchedAt = Date.now();

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

/* --- where it comes from ------------------------------------------------------------------------- */

function patch(name, change) {
  const state = { ...states[name] };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete state[key];
    else state[key] = value;
  }
  states = { ...states, [name]: state };
  draw();
}

function open() {
  stop();
  if (isEnded || document.hidden) return;
  isElsewhere = false;
  channel?.postMessage("mine");
  stream = new EventSource(`/api/live?${query}`);
  stream.onopen = () => {
    states = {};
    cuts = 0;
    show("open");
  };
  stream.onerror = cut;
  stream.addEventListener("end", end);
  for (const name of ["duty", "alarms", "positions", "rounds", "doubts"]) stream.addEventListener(name, (event) => patch(name, JSON.parse(event.data)));
}

/* The browser tries again by itself, but for a refusal; whether it is one, and what goes on meanwhile, is asked. */
function cut() {
  cuts += 1;
  show("cut");
  if (stream?.readyState === EventSource.CLOSED || cuts >= CUTS) {
    stop();
    timer = setTimeout(poll, 1_000, Date.now() + TRY_AGAIN_MS);
  }
}

async function poll(until) {
  await ask(isElsewhere ? "elsewhere" : "polling");
  if (isEnded || document.hidden) return;
  if (!isElsewhere && Date.now() > until) open();
  else timer = setTimeout(poll, isElsewhere ? ELSEWHERE_MS : POLL_MS, until);
}

async function ask(state) {
  try {
    const answer = await fetch(`/api/live/now?${query}`, { headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 403) return end();
    if (!answer.ok) return show("cut");
    const told = await answer.json();
    if (stream) return;
    states = told.states;
    show(state);
    draw();
  } catch {
    if (!stream) show("cut");
  }
}

function end() {
  stop();
  isEnded = true;
  show("ended");
}

function stop() {
  stream?.close();
  stream = null;
  clearTimeout(timer);
}

function stepBack() {
  if (!stream && !timer) return;
  stop();
  isElsewhere = true;
  poll(0);
}

/* A browser that nobody touches is signed out in time; looking on without a click is no request, so a touch makes one. */
function touch() {
  if (isElsewhere) open();
  if (Date.now() - touchedAt < TOUCH_MS || isEnded) return;
  touchedAt = Date.now();
  ask("open");
}

channel?.addEventListener("message", stepBack);
document.addEventListener("visibilitychange", () => (document.hidden ? stop() : open()));
window.addEventListener("focus", () => isElsewhere && open());
window.addEventListener("offline", () => show("cut"));
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, touch);
setInterval(draw, AGES_MS);
open();
