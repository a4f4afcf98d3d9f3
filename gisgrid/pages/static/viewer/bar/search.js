/* One box to find anything: a combobox whose list is grouped into cells, places, people and incidents. */

import { Problem } from "../api.js";
import { element } from "../elements.js";
import { number, spoken, word } from "../words.js";

const PAUSE_MS = 200;
const GROUPS = {
  cells: () => word("cellsFound"), places: () => word("placesFound"), people: () => word("peopleFound"), incidents: () => word("incidentsFound"),
};

/* Fill `form` with the box. `onPlace` is called with [longitude, latitude], a name, and a box or null; the others with
   the code of a cell, a sign-in name, the number of an incident. */
export function createSearch(form, { get, settings, onCell, onPlace, onPerson, onIncident }) {
  const acts = {
    cell: (hit) => onCell(hit.ref), place: (hit) => onPlace(hit.point, hit.name, hit.bbox), checkpoint: (hit) => onPlace(hit.point, hit.name, hit.bbox),
    person: (hit) => onPerson(hit.ref), incident: (hit) => onIncident(hit.ref),
  };
  const input = element("input", { type: "search", id: "search-words", autocomplete: "off", maxLength: 100, spellcheck: false });
  const list = element("div", { id: "search-list", hidden: true });
  const told = element("p", { id: "search-told", hidden: true });
  const state = { asking: null, waiting: 0, asked: "", options: [], at: -1 };
  prepare();

  function prepare() {
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "search-list" };
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
    list.setAttribute("role", "listbox");
    told.setAttribute("role", "status");
    for (const part of [input, list]) {
      part.dataset.wordLabel = "search";
      part.setAttribute("aria-label", word("search"));
    }
    form.append(input, element("div", { className: "found" }, list, told));
    input.addEventListener("input", () => {
      clearTimeout(state.waiting);
      state.waiting = setTimeout(ask, PAUSE_MS);
    });
    input.addEventListener("keydown", onKey);
    input.addEventListener("focus", () => { if (state.asked && state.asked === input.value.trim()) open(); });
    form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) close(); });
    form.addEventListener("submit", (event) => { event.preventDefault(); chooseOrAsk(); });
    const hint = () => { input.placeholder = word("searchHint"); };
    new MutationObserver(hint).observe(document.documentElement, { attributeFilter: ["lang"] });
    hint();
  }

  async function ask() {
    const words = input.value.trim();
    state.asking?.abort();
    if (!words) return forget();
    state.asking = new AbortController();
    try {
      const { groups } = await get("api/search", { q: words }, state.asking.signal);
      state.asked = words;
      fill(groups, words);
    } catch (error) {
      if (error instanceof Problem) tell(error.code === "Offline" ? word("offline") : spoken(error.message));
      else if (error.name !== "AbortError") throw error;
    }
  }

  function fill(groups, words) {
    state.options = [];
    state.at = -1;
    list.replaceChildren(...groups.map(groupOf));
    const count = state.options.length;
    const more = groups.some((group) => group.is_more) ? ` ${word("searchMore")}` : "";
    tell(count ? word("searchFound", number(count)) + more : word("searchEmpty", words));
    mark(-1);
    open();
  }

  function groupOf({ kind, hits }) {
    const heading = element("p", { id: `search-${kind}`, className: "heading" }, GROUPS[kind]());
    heading.setAttribute("role", "presentation");
    const group = element("div", {}, heading, ...hits.map(optionOf));
    group.setAttribute("role", "group");
    group.setAttribute("aria-labelledby", heading.id);
    return group;
  }

  function optionOf(hit) {
    const english = document.documentElement.lang === "en";
    const about = [english ? hit.note_en : hit.note_zh, hit.where.length ? word("placeOf", hit.where.join(" › ")) : ""].filter(Boolean).join(" · ");
    const option = element("div", { id: `search-${state.options.length}`, className: "option" }, element("span", {}, hit.name), element("small", {}, about));
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    option.addEventListener("click", () => choose(hit));
    state.options.push({ option, hit });
    return option;
  }

  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing) return; // a word is still being put together, of which Enter and the arrows are part
    if (step && !list.hidden && state.options.length) {
      event.preventDefault();
      mark((state.at + step + state.options.length + (state.at < 0 && step < 0 ? 1 : 0)) % state.options.length);
    } else if (step && state.options.length) {
      event.preventDefault();
      open();
    } else if (event.key === "Escape") {
      if (list.hidden && told.hidden) input.value = "";
      close();
      event.preventDefault();
    }
  }

  async function chooseOrAsk() {
    clearTimeout(state.waiting);
    if (state.asked !== input.value.trim()) await ask();
    const found = state.options[Math.max(state.at, 0)];
    if (found && state.asked === input.value.trim()) choose(found.hit);
  }

  function choose(hit) {
    input.value = hit.name;
    state.asked = "";
    close();
    acts[hit.kind](hit);
  }

  function mark(at) {
    state.at = at;
    state.options.forEach(({ option }, each) => option.setAttribute("aria-selected", String(each === at)));
    if (at < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `search-${at}`);
    state.options[at].option.scrollIntoView({ block: "nearest" });
  }

  function tell(text) {
    told.textContent = text;
    told.hidden = false;
  }

  function open() {
    list.hidden = state.options.length === 0;
    told.hidden = told.textContent === "";
    input.setAttribute("aria-expanded", String(!list.hidden));
  }

  function close() {
    list.hidden = told.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  }

  function forget() {
    state.options = [];
    state.asked = told.textContent = "";
    close();
  }
}
