/* What goes on in a cell today, in its panel: rounds that are due, gaps that are open, who is on duty now. */

import { Problem, get } from "../api.js";
import { element } from "../elements.js";
import { stateOf } from "../live/follow.js";
import { number, spoken, word } from "../words.js";

const MOST = 5, GAPS = 1000;
const STATES = { due: "roundDue", unconfirmed: "roundUnconfirmed", ahead: "roundAhead", missed: "roundMissed", done: "roundDone", done_late: "roundDoneLate" };
let shown = null; // { box, cell, cells, lists }: where the numbers of those on duty stand, and what stands below them

/* Fill a box for a cell of the grid `cells`; for those who may see rounds, else with the numbers on duty alone. */
export async function fillDuty(box, { cell, cells, settings, signal }) {
  const now = element("p", { className: "now" });
  const lists = shown?.cell.code === cell.code ? shown.lists : []; // they stay until there are newer ones
  const mine = { box: now, cell, cells, lists };
  shown = mine;
  box.replaceChildren(now, ...lists);
  tellOnDuty();
  if (!settings.may.includes("tracks")) return;
  try {
    const [due, open] = await Promise.all([get("api/rounds", { cell: cell.code }, signal), get("api/gaps", { cell: cell.code, open: true, limit: GAPS }, signal)]);
    mine.lists = [...rounds(due.rounds, settings), ...gaps(open, settings)];
    box.replaceChildren(now, ...mine.lists);
  } catch (error) {
    if (error instanceof Problem) box.append(element("p", {}, error.code === "Offline" ? word("offline") : spoken(error.message)));
    else if (error.name !== "AbortError") throw error;
  }
}

/* Say anew who is on duty in the cell that is shown: how many, and who, where it was said what for. */
export function tellOnDuty() {
  const counts = stateOf("duty")?.cells;
  if (!shown || !counts) return;
  const { box, cell, cells } = shown;
  const isHere = (code) => cells.isWithin(code, cell.code);
  const there = Object.entries(counts).filter(([code]) => isHere(code)).reduce((sum, [, count]) => sum + count, 0);
  const who = Object.entries(stateOf("positions") ?? {}).filter(([, each]) => each.position?.cell && isHere(each.position.cell.code)).map(([name]) => name);
  box.replaceChildren(word("onDutyHere", number(there)), ...(who.length ? [element("span", {}, who.join("、"))] : []));
}

function rounds(all, settings) {
  const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: settings.timezone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const counts = Object.keys(STATES).map((state) => [state, all.filter((each) => each.state === state).length]).filter(([, count]) => count);
  const open = all.filter((each) => ["due", "unconfirmed", "ahead"].includes(each.state));
  const lines = open.slice(0, MOST).map((each) =>
    element("li", {}, element("time", {}, `${clock.format(new Date(each.start_at))}–${clock.format(new Date(each.end_at))}`), element("span", {}, each.place.name), element("small", {}, word(STATES[each.state]))));
  return [
    element("h3", {}, word("roundsToday"), element("strong", {}, number(all.length)), element("a", { href: "/rounds" }, word("allOfThem"))),
    all.length ? element("p", {}, counts.map(([state, count]) => `${word(STATES[state])} ${number(count)}`).join(" · ")) : element("p", {}, word("noRounds")),
    ...(lines.length ? [element("ul", {}, ...lines)] : []),
  ];
}

function gaps({ gaps: open, numberMatched }, settings) {
  const day = new Intl.DateTimeFormat("zh-CN", { timeZone: settings.timezone, month: "2-digit", day: "2-digit" });
  const lines = open.slice(0, MOST).map((gap) => element("li", {}, element("time", {}, day.format(new Date(gap.start_at))), element("span", {}, gap.name), element("small", {}, word("answeredBy", word(gap.level)))));
  return [
    element("h3", {}, word("gapsOpen"), element("strong", {}, number(numberMatched)), element("a", { href: "/rounds/gaps" }, word("allOfThem"))),
    ...(lines.length ? [element("ul", {}, ...lines)] : [element("p", {}, word("noGaps"))]),
  ];
}
