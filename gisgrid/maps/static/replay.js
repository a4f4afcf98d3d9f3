/* Patrols that walk again. Time in which nobody walked is left out: the range is seconds of walking. */
gisgrid.replay = function (map, block) {
  "use strict";

  var TAIL_S = 600; // so much of the way walked is drawn behind a patrol
  var STEP_MS = 1000; // between two steps where motion is not wanted
  var told = JSON.parse(document.getElementById(block).textContent);
  var isCalm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  var waited = 0;
  var walkers = told.patrols.map(walker);

  /* Fixes come as [seconds since the one before, longitude, latitude, 1 if nobody knows the way to the next]. */
  function walker(patrol) {
    var at = patrol.start, times = patrol.fixes.map(function (fix) { at += fix[0]; return at; });
    var shape = L.divIcon({ className: "mark walker " + patrol.css, html: gisgrid.element("span", "", patrol.sign), iconSize: [26, 26] });
    return {
      sign: patrol.sign, times: times, silent: patrol.fixes.map(function (fix) { return fix[3] === 1; }),
      places: patrol.fixes.map(function (fix) { return L.latLng(fix[2], fix[1]); }),
      mark: L.marker([0, 0], { icon: shape, pane: "signs", interactive: false, keyboard: false, zIndexOffset: 1000 }),
      tail: L.polyline([], { className: "tail " + patrol.css, pane: "marks", interactive: false })
    };
  }

  function moment(at) {
    var number = 0, length = function () { return told.spans[number].end - told.spans[number].start; };
    for (; number < told.spans.length - 1 && at > length(); number += 1) at -= length();
    var span = told.spans[number];
    return { at: span.start + Math.min(at, length()), clock: span.offset };
  }

  /* The number of the last fix at or before a time; -1 before the first. */
  function fixAt(times, at) {
    var low = -1, high = times.length - 1;
    while (low < high) {
      var middle = Math.ceil((low + high) / 2);
      if (times[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  function place(each, at) {
    var number = fixAt(each.times, at);
    if (number < 0 || at > each.times[each.times.length - 1]) return null;
    var from = each.places[number], to = each.places[number + 1];
    var silent = each.silent[number] && at > each.times[number];
    if (!to || silent || isCalm) return { number: number, latlng: from, silent: silent };
    var share = (at - each.times[number]) / (each.times[number + 1] - each.times[number] || 1);
    return { number: number, silent: false,
      latlng: L.latLng(from.lat + share * (to.lat - from.lat), from.lng + share * (to.lng - from.lng)) };
  }

  /* The way of the last minutes, broken where nobody knows it. */
  function tailOf(each, now, at) {
    var lines = [[]];
    for (var number = Math.max(fixAt(each.times, at - TAIL_S), 0); number <= now.number; number += 1) {
      lines[lines.length - 1].push(each.places[number]);
      if (each.silent[number]) lines.push([]);
    }
    if (!now.silent) lines[lines.length - 1].push(now.latlng);
    return lines;
  }

  function draw(each, at) {
    var now = place(each, at);
    if (!now) {
      each.mark.remove();
      each.tail.remove();
      return "";
    }
    each.mark.setLatLng(now.latlng).addTo(map);
    each.mark.getElement().classList.toggle("silent", now.silent);
    each.tail.setLatLngs(tailOf(each, now, at)).addTo(map);
    return "巡查 Patrol " + each.sign + (now.silent ? " 无定位 no fix " + Math.round((at - each.times[now.number]) / 60) + " min" : "");
  }

  function next(at, ms, speed) {
    if (!isCalm) return at + ms * speed / 1000;
    waited += ms;
    if (waited < STEP_MS) return at;
    waited = 0;
    var from = moment(at).at;
    var coming = walkers.map(function (each) { return each.times[fixAt(each.times, from + Math.max(speed, 1) - 1) + 1] - from; });
    coming = coming.filter(function (seconds) { return seconds > 0; });
    return at + Math.max(1, Math.min.apply(null, coming.concat(told.last)));
  }

  gisgrid.timeline(next, function (at, isPlaying) {
    map.getContainer().classList.toggle("replaying", at > 0);
    var now = moment(at);
    var shown = at > 0 ? walkers.map(function (each) { return draw(each, now.at); }).filter(Boolean) : [];
    if (at === 0) walkers.forEach(function (each) { each.mark.remove(); each.tail.remove(); });
    var seen = walkers.filter(function (each) { return map.hasLayer(each.mark); });
    if (isPlaying && seen.length && !seen.some(function (each) { return map.getBounds().contains(each.mark.getLatLng()); })) {
      map.panTo(seen[0].mark.getLatLng(), { animate: false });
    }
    var clock = new Date((now.at + now.clock) * 1000).toISOString();
    return clock.slice(0, 10) + " " + clock.slice(11, 19) + (shown.length ? "　" + shown.join("，") : "");
  });
};
