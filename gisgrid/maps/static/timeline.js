/* The controls of a map through time: play and pause, a range, a speed, and what is told of the moment shown.
   `step(at, ms, speed)` says where the range goes next, `show(at)` draws it and returns what is told. Nothing plays of
   itself. */
gisgrid.timeline = function (step, show) {
  "use strict";

  var bar = document.querySelector(".timeline");
  var button = bar.querySelector("button"), range = bar.querySelector("input"), speed = bar.querySelector("select");
  var told = bar.querySelector("output");
  var last = Number(range.max), at = 0, before = 0, isPlaying = false;

  function go(value) {
    at = Math.max(0, Math.min(value, last));
    range.value = at;
    told.textContent = show(at, isPlaying);
    range.setAttribute("aria-valuetext", told.textContent);
  }

  function play(wanted) {
    isPlaying = wanted;
    button.setAttribute("aria-pressed", String(isPlaying));
    button.textContent = isPlaying ? "暂停 Pause" : "播放 Play";
    if (!isPlaying) return;
    before = performance.now();
    if (at >= last) go(0);
    requestAnimationFrame(frame);
  }

  function frame(now) {
    if (!isPlaying) return;
    var passed = Math.max(0, Math.min(now - before, 1000)); // a page in the background stands still
    before = now;
    var next = step(at, passed, speed ? Number(speed.value) : 1);
    if (next !== at) go(next);
    if (at >= last) play(false);
    else requestAnimationFrame(frame);
  }

  button.addEventListener("click", function () { play(!isPlaying); });
  range.addEventListener("input", function () { go(Number(range.value)); });
  go(0);
};
