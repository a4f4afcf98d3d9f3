/* Whoever looks at where named people are says what for; it is recorded, and they can read it. Asked once a sitting. */

import { element } from "../elements.js";
import { word } from "../words.js";

const KEY = "gisgrid-purpose";
const SHORTEST = 5, LONGEST = 200;

let asking = null;

/* Return what was said, or ask for it; null if the reader gives up. */
export function askPurpose() {
  const said = sessionStorage.getItem(KEY);
  if (said) return Promise.resolve(said);
  asking ??= new Promise(ask).finally(() => { asking = null; }); // several layers may ask at once
  return asking;
}

function ask(answer) {
  const input = element("input", { type: "text", name: "purpose", required: true, minLength: SHORTEST, maxLength: LONGEST, autocomplete: "off" });
  const form = element(
    "form", { method: "dialog" },
    element("h2", {}, word("purpose")), element("p", {}, word("purposeWhy")),
    element("label", {}, word("purposeFor"), input),
    element("div", { className: "buttons" }, element("button", { value: "said" }, word("goOn")), element("button", { value: "", formNoValidate: true }, word("giveUp"))),
  );
  const dialog = element("dialog", { className: "dialog" }, form);
  dialog.addEventListener("close", () => {
    const text = dialog.returnValue === "said" ? input.value.trim() : "";
    if (text) sessionStorage.setItem(KEY, text);
    dialog.remove();
    answer(text || null);
  });
  document.body.append(dialog);
  dialog.showModal();
  input.focus();
}
