/* A choropleth through the parts of a period: the same shapes in other classes. The first part is the whole period. */
gisgrid.slider = function (map, block) {
  "use strict";

  var STAY_MS = 900;
  var told = JSON.parse(document.getElementById(block).textContent);
  var whole = told.parts[0].cells, shown = told.parts[0], waited = 0;

  /* Dress a cell, or its label, for the part that is shown. */
  function dress(layer) {
    var properties = layer.feature && layer.feature.properties;
    if (!properties || !whole[properties.code]) return;
    var figures = shown.cells[properties.code] || ["na", whole[properties.code][1].map(function () { return "n/a"; })];
    var shape = layer.getElement();
    told.classes.forEach(function (css) { shape.classList.toggle(css, css === figures[0]); });
    if (properties.rows) {
      properties.rows = properties.rows.map(function (row, number) { return [row[0], figures[1][number]]; });
      shape.setAttribute("aria-label", gisgrid.spoken(properties));
      if (layer.isTooltipOpen()) layer.getTooltip().update();
    } else {
      shape.querySelector("small").textContent = figures[1][0];
    }
  }

  map.on("layeradd", function (event) { dress(event.layer); });
  gisgrid.timeline(function (at, ms) {
    waited += ms;
    if (at > 0 && waited < STAY_MS) return at;
    waited = 0;
    return at + 1;
  }, function (at) {
    shown = told.parts[at];
    map.eachLayer(dress);
    gisgrid.thin(map);
    return shown.name;
  });
};
