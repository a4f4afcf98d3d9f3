/* What became of an entry, in words: { css, title, lines }. Doubts and checkpoints are told where the service tells them. */

import { clock, spelt, spoken, word } from "./words.js";

const STANDINGS = { counted: "good", withheld: "wait", quarantined: "wait", evidence: "good" };

export function verdictOf(entry) {
  if (entry.state === "waiting") return { css: "wait", title: word(entry.handedAt ? "handedIn" : "waiting"), lines: [] };
  if (entry.state !== "done") return { css: "bad", title: word(entry.state), lines: [spoken(entry.told.description)] };
  const { answer } = entry;
  if (entry.kind === "alarm") return { css: "good", title: word("sosReceived", clock(answer.received_at)), lines: [acknowledgement(answer)].filter(Boolean) };
  const css = STANDINGS[answer.standing] ?? "good";
  const title = word(STANDINGS[answer.standing] ? answer.standing : "received");
  return { css: answer.checkpoint?.counts === false ? "wait" : css, title, lines: [whereOf(answer), ...(answer.doubts ?? []).map(spelt), ...checkpointOf(answer.checkpoint)] };
}

export function acknowledgement(alarm) {
  return alarm.acknowledged_at ? word("sosAcknowledged", alarm.acknowledged_by ?? "", clock(alarm.acknowledged_at)) : "";
}

/* The finest cell in which something lies. */
function whereOf({ substation, community, street }) {
  return (substation ?? community ?? street)?.name ?? word("outside");
}

function checkpointOf(checkpoint) {
  return checkpoint ? [word("checkpoint", checkpoint.code, spelt(checkpoint))] : [];
}
