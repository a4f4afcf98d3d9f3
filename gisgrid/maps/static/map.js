/* What every map of gisgrid does in a browser: panes, layers, cards, labels, keyboard.
   Text is only ever set as textContent, so nothing that is handed in becomes markup. */
var gisgrid = (function () {
  "use strict";

  var SVG = "http://www.w3.org/2000/svg";
  var PANES = ["sea", "land", "cells", "mask", "lines", "labels", "marks", "signs"]; // bottom to top; heights are in map.css
  var FORMS = [{ css: "", reach: 4 }, { css: "small", reach: 5 }, { css: "brief", reach: 3, isFixed: true }]; // reach: width a label may have, in distances to the edge
  var SHIFTS = [[0, 0], [0, -1], [0, 1], [-1, 0], [1, 0], [-1, -1], [1, -1], [-1, 1], [1, 1], [0, -1.7], [0, 1.7], [-1.7, 0], [1.7, 0]]; // across, down
  var BROAD = /^(rim|casing)/; // lines so broad that they need not be as exact as the others: to thin out their points takes most of the drawing
  var DENSITY = [20, 16, 12, 9, 7, 5]; // distance of the dots of each class, in pixels
  var LINE = 1.25; // height of a label's line, in sizes of its letters, and the width of its lines: as in map.css
  var MARK = 18, TARGET = 24; // pixels: a mark, and one that keys and fingers reach
  var WIDEST = 12;
  var FAR = 11.75; // below this zoom small things are left out

  function element(tag, className, text) {
    var made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = text;
    return made;
  }

  function makeMap(id, options) {
    drawPatterns();
    var map = L.map(id, options);
    PANES.forEach(function (name) { map.createPane(name); });
    L.control.zoom({ position: "topright", zoomInTitle: "放大 Zoom in", zoomOutTitle: "缩小 Zoom out" }).addTo(map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
    var waiting = 0;
    map.on("zoomend layeradd layerremove", function () {
      waiting = waiting || requestAnimationFrame(function () {
        waiting = 0;
        thin(map);
      });
    });
    goToPlaces(map);
    showAlone(map);
    return map;
  }

  /* The hatching of cells without a figure, and for each class of colour a pattern, the denser the higher. */
  function drawPatterns() {
    if (document.getElementById("hatch")) return;
    var svg = svgElement("svg", { class: "patterns", "aria-hidden": "true" });
    svg.appendChild(pattern("hatch", 6, [["line", { x1: 0, y1: 0, x2: 0, y2: 6 }]]));
    ["c", "w"].forEach(function (scale) {
      DENSITY.forEach(function (size, at) {
        svg.appendChild(pattern("pattern-" + scale + at, size, at === 0 ? [] : [["circle", { cx: size / 2, cy: size / 2, r: 1.2 }]]));
      });
    });
    document.body.appendChild(svg);
  }

  function pattern(id, size, shapes) {
    var made = svgElement("pattern", { id: id, width: size, height: size, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    [["rect", { width: size, height: size }]].concat(shapes).forEach(function (shape) { made.appendChild(svgElement(shape[0], shape[1])); });
    return made;
  }

  function svgElement(tag, attributes) {
    var made = document.createElementNS(SVG, tag);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }

  /* A layer from the JSON block `id` (or from a collection itself); see maps/layers.py for the properties. */
  function features(source, options) {
    var collection = typeof source === "string" ? JSON.parse(document.getElementById(source).textContent) : source;
    if (!options.copies) return draw(collection, options);
    return L.layerGroup(copies(draw(collection, options, options.copies[0]), options));
  }

  /* The same shapes, drawn again in other styles: their places are read once. */
  function copies(first, options) {
    return options.copies.map(function (css, number) {
      if (number === 0) return first;
      return L.layerGroup(first.getLayers().map(function (shape) { return new shape.constructor(shape.getLatLngs(), styleOf(css, options)); }));
    });
  }

  function styleOf(css, options) {
    return { className: css, pane: options.pane, interactive: false, smoothFactor: BROAD.test(css) ? 3 : 1 };
  }

  function draw(collection, options, css) {
    return L.geoJSON(collection, {
      pane: options.pane,
      interactive: Boolean(options.card),
      style: function (feature) { return { className: css || feature.properties.css, pane: options.pane, smoothFactor: BROAD.test(css) ? 3 : 1 }; },
      pointToLayer: function (feature, latlng) { return point(feature.properties, latlng, options); },
      onEachFeature: function (feature, layer) { if (options.card) describe(layer, feature.properties, options); }
    });
  }

  function point(properties, latlng, options) {
    if (options.points === "label") return label(properties, latlng, options.pane);
    if (options.points === "icon") return icon(properties, latlng, options);
    var dot = L.circleMarker(latlng, { radius: properties.size || 4, pane: options.pane, interactive: Boolean(options.card) });
    if (!properties.radius_m) return dot;
    var reach = L.circle(latlng, { radius: properties.radius_m, className: "reach", pane: options.pane, interactive: false });
    dot.on("add", function (event) { reach.addTo(event.target._map); });
    dot.on("remove", function () { reach.remove(); });
    return dot;
  }

  function icon(properties, latlng, options) {
    var size = options.keys === false ? MARK : TARGET;
    var shape = L.divIcon({ className: "mark " + properties.css, html: element("span", "", properties.sign), iconSize: [size, size] });
    return L.marker(latlng, { icon: shape, pane: options.pane, riseOnHover: true, keyboard: options.keys !== false });
  }

  function label(properties, latlng, pane) {
    var words = element("div", "label-words");
    words.appendChild(element("span", "", properties.title));
    if (properties.text) words.appendChild(element("small", "", properties.text));
    var shape = L.divIcon({ className: properties.css, html: words, iconSize: [0, 0] });
    var made = L.marker(latlng, { icon: shape, pane: pane, interactive: false, keyboard: false });
    made.options.rank = properties.rank;
    made.options.minZoom = properties.min_zoom;
    made.options.room = properties.room;
    made.on("add", function () { made.getElement().setAttribute("aria-hidden", "true"); });
    return made;
  }

  /* A label needs room in its cell, and gives way to those before it in rank wherever two would touch. It stands
     beside marks rather than under them, and where it is too wide it shrinks, at last to its figure. */
  function thin(map) {
    map.getContainer().classList.toggle("far", map.getZoom() < FAR);
    var markers = [], marks = [], taken = [];
    map.eachLayer(function (layer) {
      if (layer.options.rank !== undefined) markers.push(layer);
      else if (layer instanceof L.Marker && layer.getElement()) marks.push(boxOfMark(map, layer));
    });
    markers.sort(function (a, b) { return a.options.rank - b.options.rank; });
    measure(map, markers);
    markers.forEach(function (marker) {
      var chosen = map.getZoom() >= marker.options.minZoom ? fitted(map, marker, taken, marks) : undefined;
      marker.getElement().classList.toggle("hidden", !chosen);
      if (!chosen) return;
      wear(marker.getElement(), chosen.form);
      marker.getElement().firstChild.style.margin = chosen.down + "px 0 0 " + chosen.across + "px";
      taken.push(chosen);
    });
  }

  /* How large labels are in each of their forms. They are reckoned from the styles of one label of a kind, for to ask the
     page would lay it out. */
  function measure(map, markers) {
    var unknown = markers.filter(function (marker) { return !marker.sizes || marker.sizes.text !== marker.getElement().textContent; });
    if (!unknown.length) return;
    var room = map.getPane("labels").appendChild(element("div", "measured"));
    var kinds = {};
    unknown.forEach(function (marker) {
      var kind = marker.options.icon.options.className.split(" ")[1];
      var written = kinds[kind] = kinds[kind] || FORMS.map(function (form) { return stylesOf(room, kind, form); });
      var texts = Array.prototype.map.call(marker.getElement().querySelectorAll("span, small"), function (part) { return part.textContent; });
      marker.sizes = written.map(function (styles) { return sizeOf(texts, styles); });
      marker.sizes.text = marker.getElement().textContent;
    });
    room.remove();
  }

  /* How name and figure of a kind of label are written in one of its forms: { font, spacing, size } each, null where it
     is left out; `most` is the width at which lines are broken, `rim` what is beside them. */
  function stylesOf(room, kind, form) {
    var label = element("div", "label " + kind), words = label.appendChild(element("div", "label-words"));
    var parts = ["span", "small"].map(function (tag) { return words.appendChild(element(tag)); });
    room.appendChild(label);
    wear(label, form);
    var written = parts.map(function (part) {
      var style = getComputedStyle(part);
      if (style.display === "none") return null;
      return { font: style.fontWeight + " " + style.fontSize + " " + style.fontFamily, spacing: parseFloat(style.letterSpacing) || 0, size: parseFloat(style.fontSize) };
    });
    var around = getComputedStyle(words);
    return { parts: written, most: WIDEST * parseFloat(around.fontSize), rim: 2 * parseFloat(around.paddingLeft) };
  }

  var pen = document.createElement("canvas").getContext("2d");

  function sizeOf(texts, styles) {
    var size = { width: 0, height: 0 };
    texts.forEach(function (text, at) {
      var style = styles.parts[at];
      if (!style) return;
      pen.font = style.font;
      text.split("\n").forEach(function (line) {
        var width = pen.measureText(line).width + style.spacing * line.length;
        size.width = Math.max(size.width, Math.min(width, styles.most));
        size.height += LINE * style.size * Math.max(1, Math.ceil(width / styles.most));
      });
    });
    size.width += size.width && styles.rim;
    return size;
  }

  function boxOfMark(map, mark) {
    var at = map.latLngToLayerPoint(mark.getLatLng());
    var style = mark.getElement().style; // what Leaflet wrote there: to ask for the box would lay out the page
    var left = at.x + (parseFloat(style.marginLeft) || 0), top = at.y + (parseFloat(style.marginTop) || 0);
    return { left: left, right: left + (parseFloat(style.width) || 0), top: top, bottom: top + (parseFloat(style.height) || 0) };
  }

  /* The first form and place of a label that fit, off the marks if that can be, else the least under them; or undefined. */
  function fitted(map, marker, taken, marks) {
    var room = pixels(map, marker);
    var at = map.latLngToLayerPoint(marker.getLatLng());
    var isFree = function (boxes) { return function (box) { return !boxes.some(function (other) { return touch(other, box); }); }; };
    var places = [].concat.apply([], FORMS.map(function (form, number) {
      var size = marker.sizes[number];
      if (size.width === 0 || size.width >= form.reach * room) return [];
      return boxesOf(at, size, form, room, marks.length && !form.isFixed ? SHIFTS : [[0, 0]]);
    })).filter(isFree(taken));
    return places.find(isFree(marks)) || leastCovered(places.filter(function (box) { return !box.form.isFixed; }), marks);
  }

  function leastCovered(boxes, marks) {
    var covered = function (box) {
      return marks.reduce(function (sum, mark) {
        var across = Math.min(box.right, mark.right) - Math.max(box.left, mark.left);
        var down = Math.min(box.bottom, mark.bottom) - Math.max(box.top, mark.top);
        return sum + Math.max(0, across) * Math.max(0, down);
      }, 0);
    };
    return boxes.map(function (box) { return { box: box, covered: covered(box) }; })
      .reduce(function (best, each) { return each.covered < best.covered ? each : best; }, { covered: Infinity }).box;
  }

  function wear(label, form) {
    FORMS.forEach(function (each) { if (each.css) label.classList.toggle(each.css, each === form); });
    label.firstChild.style.margin = 0;
  }

  /* Where a label in one of its forms could stand: round its place, or a little beside it. */
  function boxesOf(at, size, form, room, shifts) {
    return shifts.map(function (shift) {
      var across = shift[0] * Math.min(room, 40), down = shift[1] * Math.min(room, 24);
      var left = at.x + across - size.width / 2, top = at.y + down - size.height / 2;
      return { left: left, right: left + size.width, top: top, bottom: top + size.height, form: form, across: across, down: down };
    });
  }

  function pixels(map, marker) {
    var place = marker.getLatLng();
    var beside = L.latLng(place.lat, place.lng + marker.options.room);
    return map.latLngToLayerPoint(place).distanceTo(map.latLngToLayerPoint(beside));
  }

  function touch(a, b) {
    return a.left < b.right + 3 && b.left < a.right + 3 && a.top < b.bottom + 1 && b.top < a.bottom + 1;
  }

  /* The card of a feature, and its place in the tab order, unless what it tells is told elsewhere: `keys` is false. */
  function describe(layer, properties, options) {
    var card = function () { return cardOf(properties); };
    if (options.card === "popup") layer.bindPopup(card, { maxWidth: 320, autoPanPadding: [40, 40] });
    else layer.bindTooltip(card, { sticky: true, className: "card-tip" });
    layer.on("add", function () {
      if (options.keys === false) layer.getElement().setAttribute("aria-hidden", "true");
      else makeReachable(layer, spoken(properties));
    });
  }

  function cardOf(properties) {
    var card = element("div", "card");
    card.appendChild(element("strong", "", properties.title));
    var list = element("dl");
    (properties.rows || []).forEach(function (row) {
      list.appendChild(element("dt", "", row[0]));
      list.appendChild(element("dd", "", row[1]));
    });
    card.appendChild(list);
    if (properties.text) card.appendChild(element("p", "", properties.text));
    return card;
  }

  function spoken(properties) {
    var rows = (properties.rows || []).map(function (row) { return row.join(" "); });
    return [].concat(properties.sign || [], properties.title, rows, properties.text || []).join("，");
  }

  /* Enter and the space bar do what a click does; of dots, which may be hundreds, one is in the tab order and the
     arrow keys go on from there. */
  function makeReachable(layer, words) {
    var shape = layer.getElement && layer.getElement();
    if (!shape) return;
    if (layer.feature && layer.feature.properties.code) shape.setAttribute("data-code", layer.feature.properties.code);
    shape.setAttribute("tabindex", layer instanceof L.CircleMarker && shape.previousElementSibling ? "-1" : "0");
    shape.setAttribute("role", "button");
    shape.setAttribute("aria-label", words);
    if (layer instanceof L.Marker) return; // Leaflet listens for Enter there itself
    shape.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") {
        layer.fire("click", { latlng: layer.getCenter ? layer.getCenter() : layer.getLatLng() });
      } else if (!stepTo(event.key, shape)) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  function stepTo(key, shape) {
    var forward = key === "ArrowRight" || key === "ArrowDown";
    if (!forward && key !== "ArrowLeft" && key !== "ArrowUp") return false;
    var next = shape;
    do next = forward ? next.nextElementSibling : next.previousElementSibling; while (next && !next.hasAttribute("tabindex"));
    if (next) next.focus();
    return true;
  }

  function clusterIcon(cluster) {
    var count = cluster.getChildCount();
    var size = count < 10 ? 28 : count < 100 ? 34 : 42;
    return L.divIcon({ className: "cluster", html: element("span", "", String(count)), iconSize: [size, size] });
  }

  function goToPlaces(map) {
    document.querySelectorAll("button[data-longitude]").forEach(function (button) {
      button.addEventListener("click", function () {
        map.setView(L.latLng(Number(button.dataset.latitude), Number(button.dataset.longitude)), 17);
      });
    });
  }

  /* A legend's button shows what it stands for alone; pressed again, everything. */
  function showAlone(map) {
    var buttons = document.querySelectorAll("button[data-only]");
    var only = "";
    var apply = function () {
      buttons.forEach(function (button) {
        button.setAttribute("aria-pressed", String(button.dataset.only === only));
        map.getContainer().querySelectorAll("." + button.dataset.only).forEach(function (shape) {
          shape.classList.toggle("aside", only !== "" && button.dataset.only !== only);
        });
      });
    };
    buttons.forEach(function (button) {
      button.addEventListener("click", function () {
        only = button.dataset.only === only ? "" : button.dataset.only;
        apply();
      });
    });
    map.on("layeradd", apply);
  }

  return { map: makeMap, features: features, clusterIcon: clusterIcon, makeReachable: makeReachable, thin: thin,
    spoken: spoken, element: element };
})();
