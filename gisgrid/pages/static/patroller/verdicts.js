/* What became of an entry, in words: { css, title, lines }. Doubts and checkpoints are told where the service tells them. */

import { clock, spelt, spoken, word } from "./words.js";

const STANDINGS = { counted: "good", withheld: "wait", quarantined: "wait", evidence: "good" };

export function verdictOf(entry) {
  if (entry.state === "waiting") return { css: "wait", title: word(entry.handedAt ? "handedIn" : "waiting"), lines: [] };
  if (entry.state !== "done") return { css: "bad", title: word(entry.state), lines: [spoken(entry.told.description)] };
  const { answer } = entry;
  if (entry.kind === "photo") return { css: "good", title: word("received"), lines: [word("ofCase", answer.number ?? "")] };
  if (entry.kind === "alarm") return { css: "good", title: word("sosReceived", clock(answer.received_at)), lines: [acknowledgement(answer)].filter(Boolean) };
  const isMissed = answer.standing === "counted" && answer.checkpoint?.counts === false;
  const title = word(isMissed ? "notAtCheckpoint" : STANDINGS[answer.standing] ? answer.standing : "received");
  return { css: isMissed ? "wait" : (STANDINGS[answer.standing] ?? "good"), title, lines: linesOf(answer) };
}

export function acknowledgement(alarm) {
  return alarm.acknowledged_at ? word("sosAcknowledged", alarm.acknowledged_by ?? "", clock(alarm.acknowledged_at)) : "";
}

function linesOf(answer) {
  const doubts = (answer.doubts ?? []).filter(({ flag }) => flag !== "outside"); // the place says so
  return [whereOf(answer), ...(answer.number ? [word("ofCase", answer.number)] : []), ...doubts.map(spelt), ...checkpointOf(answer.checkpoint)];
}

/* The finest cell in which something lies. */
function whereOf({ substation, community, street }) {
  return (substation ?? community ?? street)?.name ?? word("outside");
}

function checkpointOf(checkpoint) {
  return checkpoint ? [word("checkpoint", checkpoint.name, spelt(checkpoint))] : [];
}
