/* What a duty screen shows of emergencies, and when it sounds: while one waits for whoever sits here, or for anybody. */

import { isHeard, offer, sound } from "./sounding.js";

const box = document.getElementById("emergencies"), button = document.getElementById("sound");
let shown = {};

const isLoud = (each) => each.is_called || each.acknowledged === 0;
const filled = (text, ...values) => values.reduce((words, value) => words.replace("{}", value), text);

function line([id, each]) {
  const item = document.createElement("li"), link = document.createElement("a");
  link.href = `/emergencies/${id}`;
  link.textContent = `${box.dataset.language === "en" ? each.kind_en : each.kind_zh} ${each.number ?? ""}`;
  item.append(link, ` ${filled(box.dataset.receipts, each.acknowledged, each.alerted)}`);
  if (each.is_called) {
    const mark = document.createElement("span");
    mark.className = "badge off";
    mark.textContent = box.dataset.yours;
    item.append(" ", mark);
  }
  return item;
}

export function show(emergencies) {
  shown = emergencies;
  const lines = Object.entries(shown).sort(([one], [other]) => other - one);
  box.hidden = lines.length === 0;
  box.querySelector("ul").replaceChildren(...lines.map(line));
  const isAlarm = Object.values(shown).some(isLoud);
  sound(isAlarm);
  button.classList.toggle("danger", isAlarm && !isHeard()); // a screen that ought to sound and is silent says so
}

if (box) offer(button, () => show(shown));
