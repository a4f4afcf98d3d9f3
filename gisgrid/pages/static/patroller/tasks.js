/* What waits for whoever is here, and what they reported that is still open: the last answers of the service, as a list. */

import { element } from "../viewer/elements.js";
import { answerOf } from "./answers.js";
import { clock, clockToTheMinute, readLanguage, word } from "./words.js";

const byId = (id) => document.getElementById(id);
let answers = { tasks: null, reported: null };

/* Ask the service for what is old, for all of it with `anew`, and show it. On a shared phone no line is a link: a case is
   opened under one's own account. */
export async function refreshTasks(duty, how) {
  const names = Object.keys(answers);
  const found = duty ? await Promise.all(names.map((name) => answerOf(name, how))) : names.map(() => null);
  answers = Object.fromEntries(names.map((name, at) => [name, found[at]]));
  showTasks(duty);
}

export function showTasks(duty) {
  const isOwn = duty?.sender.kind === "person";
  const tasks = answers.tasks?.value?.features ?? [];
  const known = new Set(tasks.map(({ id }) => id));
  const others = (answers.reported?.value?.features ?? []).filter(({ id }) => !known.has(id)).reverse();
  byId("tasks").replaceChildren(...tasks.map((each) => line(each, "toHandle", isOwn)), ...others.map((each) => line(each, "reportedByYou", isOwn)));
  const isOld = [answers.tasks, answers.reported].find((answer) => answer?.isOld && answer.at);
  const none = answers.tasks?.value && !tasks.length && !others.length ? word("noTasks") : "";
  byId("tasks-told").textContent = [none, isOld ? word("keptFrom", clock(isOld.at)) : ""].filter(Boolean).join(" ");
  byId("tasks-card").hidden = !duty;
}

function line({ id, properties }, whose, isOwn) {
  const isEnglish = readLanguage() === "en";
  const name = isEnglish ? properties.kind_en : properties.kind_zh;
  const state = isEnglish ? properties.state_en : properties.state_zh;
  const head = element("p", { className: "entry-head" }, element("strong", {}, name), element("span", {}, `${word(whose)} · ${state}`));
  const number = isOwn ? element("a", { href: `/incidents/${id}` }, properties.number) : properties.number;
  const due = properties.due_at ? ` · ${word("dueAt", clockToTheMinute(properties.due_at))}` : "";
  const told = [element("p", { className: "fine" }, number, due), ...(properties.description ? [element("p", {}, properties.description)] : [])];
  return element("li", { className: `entry ${properties.is_overdue ? "bad" : whose === "toHandle" ? "wait" : ""}` }, head, ...told);
}
