/* The controls of a replay: play and pause, how fast, a slider over the time, the clock. They begin at rest. */

import { element } from "../elements.js";
import { word } from "../words.js";

const SPEEDS = [1, 10, 60, 300], USUAL = 60, STEPS = 400;

/* `first` and `last` are moments in ms; `onMoment(at)` is told each moment that is to be shown. Returns { node, stop() }. */
export function createReplay({ first, last, zone, onMoment }) {
  const format = new Intl.DateTimeFormat("zh-CN", { timeZone: zone, month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const step = Math.max(1, Math.round((last - first) / 1000 / STEPS));
  const length = Math.max(1, Math.ceil((last - first) / 1000));
  let at = first, speed = USUAL, frame = 0, then = 0;

  const play = element("button", { type: "button", className: "play", onclick: () => (frame ? pause() : start()) });
  const slider = element("input", { type: "range", min: 0, max: length, step, value: 0, ariaLabel: word("replayTime"), oninput: () => seek(first + Number(slider.value) * 1000) });
  const clock = element("output", { className: "clock" });
  const speeds = SPEEDS.map((each) => element("label", {}, element("input", { type: "radio", name: "speed", value: each, checked: each === USUAL, onchange: () => { speed = each; } }), element("span", {}, `×${each}`)));
  const node = element(
    "div", { className: "replay", role: "group", ariaLabel: word("replay") },
    element("div", { className: "replay-line" }, play, clock), slider,
    element("fieldset", { className: "segments" }, element("legend", { className: "unseen" }, word("replaySpeed")), ...speeds),
  );
  node.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target === play || event.target.type === "radio") return;
    event.preventDefault();
    play.click();
  });

  function start() {
    if (at >= last) at = first;
    then = performance.now();
    frame = requestAnimationFrame(run);
    name();
  }

  function run(now) {
    at = Math.min(last, at + (now - then) * speed);
    then = now;
    show();
    if (at < last) frame = requestAnimationFrame(run);
    else pause();
  }

  function pause() {
    cancelAnimationFrame(frame);
    frame = 0;
    name();
  }

  function seek(moment) {
    at = Math.min(last, moment);
    show();
  }

  function name() {
    play.textContent = frame ? `Ⅱ ${word("pause")}` : `▶ ${word("play")}`;
    play.dataset.state = frame ? "playing" : "paused";
  }

  function show() {
    const text = format.format(at);
    const value = String(Math.round((at - first) / 1000 / step) * step);
    if (slider.value !== value) slider.value = value;
    if (clock.textContent !== text) {
      clock.textContent = text;
      slider.setAttribute("aria-valuetext", text);
    }
    onMoment(at);
  }

  name();
  return { node, show, stop: pause };
}
