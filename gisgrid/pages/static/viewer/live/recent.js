/* The newest of what has happened, as a short list: check-ins by cell, incidents, gaps; each can be opened. */

import { element } from "../elements.js";
import { number, word } from "../words.js";

const MOST = 20, TOGETHER_MS = 120_000;

export function createRecent(stage) {
  const box = document.getElementById("recent");
  const list = element("ol", {});
  const title = element("summary", {});
  const items = new Map(); // key → { at, node, write }
  let counts = {};
  box.replaceChildren(title, list);

  const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: stage.settings.timezone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const cellName = (code) => stage.cells()?.of(code)?.name ?? code ?? "";
  const isEnglish = () => document.documentElement.lang === "en";

  /* `opener(text)` makes what opens it: a link or a button. */
  function put(key, more) {
    const before = items.get(key);
    const item = { node: before?.node ?? element("li", {}), at: Date.now(), more: more(before) };
    items.delete(key);
    items.set(key, item);
    write(item);
    if (!item.node.contains(document.activeElement)) list.prepend(item.node);
    while (items.size > MOST) {
      const [oldest, { node }] = items.entries().next().value;
      items.delete(oldest);
      node.remove();
    }
  }

  function write({ node, at, more }) {
    const text = more.text();
    const kept = node.querySelector("a, button");
    if (kept) kept.textContent = text;
    else node.replaceChildren(element("time", {}), more.href ? element("a", { href: more.href, onclick: more.act }, text) : element("button", { type: "button", className: "link", onclick: more.act }, text));
    node.className = more.css;
    node.firstChild.textContent = clock.format(at);
  }

  function arrived(change, state, isFirst) {
    for (const [code, now] of isFirst ? [] : Object.entries(change)) {
      const more = (now ?? 0) - (counts[code] ?? 0);
      if (more > 0) put(`cell ${code}`, (before) => {
        const sum = more + (before && Date.now() - before.at < TOGETHER_MS ? before.more.sum : 0);
        return { sum, css: "arrival", text: () => word("newCheckIns", cellName(code), number(sum)), act: () => stage.choose(code) };
      });
    }
    counts = { ...state };
  }

  function moved(change, isFirst) {
    for (const [id, row] of isFirst ? [] : Object.entries(change).reverse()) {
      if (row) put(`incident ${id}`, () => ({
        css: `incident${row.is_overdue ? " late" : ""}`, href: `/incidents/${id}`, act: (event) => openCase(event, id),
        text: () => [isEnglish() ? row.kind_en : row.kind_zh, isEnglish() ? row.state_en : row.state_zh, row.number].filter(Boolean).join(" · "),
      }));
    }
  }

  /* Beside the map. */
  function openCase(event, id) {
    event.preventDefault();
    stage.openCase(id);
  }

  function missed(change, isFirst) {
    for (const [id, gap] of isFirst ? [] : Object.entries(change)) {
      if (gap) put(`gap ${id}`, () => ({ css: "gap", href: "/rounds/gaps", text: () => word("newGap", gap.place, cellName(gap.cell)) }));
    }
  }

  function hear(name, change, state, isFirst) {
    if (name === "arrivals") arrived(change, state, isFirst);
    if (name === "incidents") moved(change, isFirst);
    if (name === "gaps") missed(change, isFirst);
    box.hidden = items.size === 0;
    title.textContent = word("justNow", number(items.size));
  }

  function speak() {
    title.textContent = word("justNow", number(items.size));
    for (const item of items.values()) write(item);
  }

  return { hear, speak };
}
