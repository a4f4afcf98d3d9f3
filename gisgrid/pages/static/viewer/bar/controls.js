/* The bar of choices: level, metric, period, group, language. */

import { get } from "../api.js";
import { element } from "../elements.js";
import { METRICS } from "../metrics.js";
import { daysBefore, localDay } from "../period.js";
import { LEVELS, PERIODS } from "../state.js";
import { rememberLanguage, word } from "../words.js";

const MOST_PLANS = 100;

export function createControls(settings, { change, depth }) {
  const form = document.getElementById("controls");
  const language = document.getElementById("language");
  const filled = new Map(); // what each list holds
  let plans = [];
  let state = null;

  form.addEventListener("change", () => {
    const asked = Object.fromEntries(new FormData(form));
    if (asked.period !== "custom") Object.assign(asked, { from: "", to: "" });
    else if (state.period !== "custom") {
      const today = localDay(new Date(), settings.timezone);
      Object.assign(asked, { from: daysBefore(today, 6), to: today });
    }
    change(depth(state.cell) > LEVELS.indexOf(asked.level) ? { ...asked, cell: "" } : asked);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  language.addEventListener("click", () => {
    const lang = state.lang === "en" ? "zh-CN" : "en";
    rememberLanguage(lang);
    change({ lang }, { remember: false });
  });
  for (const name of ["metric", "period", "group"]) form.elements[name].closest("label").hidden = settings.isPublic || !settings.may.includes("coverage");

  /* Offer the plans whose people's figures can be looked at alone. */
  async function offerPlans() {
    if (!settings.may.includes("tracks")) return;
    const answer = await get("api/plans", { limit: MOST_PLANS }).catch(() => ({ plans: [] })); // a choice less, no more
    plans = answer.plans;
    if (state) show(state);
  }

  function show(next) {
    state = next;
    language.textContent = state.lang === "en" ? "中文" : "English";
    language.lang = state.lang === "en" ? "zh-CN" : "en";
    fill("metric", Object.keys(METRICS).map((name) => [name, word(name)]));
    fill("period", PERIODS.map((name) => [name, word(name)]));
    const known = plans.some((plan) => `plan:${plan.id}` === state.group) || !state.group;
    fill("group", [["", word("everybody")], ...plans.map((plan) => [`plan:${plan.id}`, plan.name]), ...(known ? [] : [[state.group, state.group]])]);
    form.elements.group.closest("label").hidden ||= plans.length === 0 && !state.group;
    if (plans.length) form.elements.group.closest("label").hidden = false;
    for (const key of ["level", "metric", "period", "from", "to", "group"]) form.elements[key].value = state[key];
    document.getElementById("days").hidden = settings.isPublic || state.period !== "custom";
    document.title = word("title");
  }

  function fill(name, choices) {
    const select = form.elements[name];
    const key = JSON.stringify(choices);
    if (filled.get(name) === key) return;
    filled.set(name, key);
    select.replaceChildren(...choices.map(([value, text]) => element("option", { value }, text)));
  }

  return { show, offerPlans };
}
