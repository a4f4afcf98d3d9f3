/* Parts of forms: labelled fields, choices, and a form that tells what the service says against it. */

import { Problem } from "../api.js";
import { element } from "../elements.js";
import { spoken, word } from "../words.js";

let made = 0;

/* What a Problem says, in the language that is read. */
export function told(problem) {
  return problem.code === "Offline" ? word("offline") : spoken(problem.message);
}

export function field(label, control, hint) {
  control.id ||= `field-${++made}`;
  const note = hint ? element("small", { id: `${control.id}-hint` }, hint) : null;
  if (note) control.setAttribute("aria-describedby", note.id);
  return element("div", { className: "field" }, element("label", { htmlFor: control.id }, label), control, note);
}

/* `choices`: [[value, text], …]. */
export function select(name, choices, properties = {}) {
  return element("select", { name, ...properties }, ...choices.map(([value, text]) => element("option", { value }, text)));
}

/* Terms and their values: [[term, value], …]. */
export function pairs(rows) {
  return element("dl", { className: "pairs" }, ...rows.map(([term, value]) => element("div", {}, element("dt", {}, term), element("dd", {}, value))));
}

/* Kinds by class, in the order of their table. */
export function kindGroups(kinds, isEnglish) {
  const groups = new Map();
  for (const kind of kinds) groups.set(kind.class_code, [...(groups.get(kind.class_code) ?? []), kind]);
  return [...groups.values()].map((held) =>
    element(
      "optgroup", { label: isEnglish ? held[0].class_en : held[0].class_zh },
      ...held.map((kind) => element("option", { value: kind.code }, isEnglish ? kind.name_en : kind.name_zh)),
    ));
}

/* A form whose button sends: `onSend(fields)` may throw a Problem, which is told in the form, and what was typed stays. */
export function sending({ send, fields, onSend, onGiveUp }) {
  const failure = element("p", { className: "failure", hidden: true });
  failure.setAttribute("role", "alert");
  const button = element("button", { className: "act" }, send);
  const giveUp = onGiveUp && element("button", { type: "button", onclick: onGiveUp }, word("giveUp"));
  const form = element("form", { className: "work-form" }, ...fields, failure, element("div", { className: "buttons" }, button, giveUp));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    failure.hidden = true;
    try {
      await onSend(form.elements);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      failure.textContent = told(error);
      failure.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
  return form;
}
