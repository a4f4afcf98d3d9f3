/* Unit squares by how many days each was seen on: one path a class, and a line that tells of the square pointed at. */
gisgrid.heat = function (map, block) {
  "use strict";

  var told = JSON.parse(document.getElementById(block).textContent);
  var paths = told.classes.map(function () { return []; });
  told.squares.forEach(function (square) {
    paths[classOf(square[4])].push([[square[1], square[0]], [square[3], square[0]], [square[3], square[2]], [square[1], square[2]]]);
  });
  paths.forEach(function (shapes, number) {
    if (!shapes.length) return;
    L.polygon(shapes.map(function (ring) { return [ring]; }), {
      className: "square " + told.classes[number].css, pane: "land", interactive: false, smoothFactor: 0
    }).addTo(map);
  });

  var line = L.control({ position: "topleft" });
  line.onAdd = function () { return gisgrid.element("div", "pointed", told.hint); };
  line.addTo(map);
  map.on("mousemove click", function (event) {
    var square = told.squares.find(function (each) {
      return each[0] <= event.latlng.lng && event.latlng.lng < each[2] && each[1] <= event.latlng.lat && event.latlng.lat < each[3];
    });
    line.getContainer().textContent = square ? told.seen.replace("#", square[4]) : told.hint;
  });

  function classOf(days) {
    var number = told.classes.findIndex(function (each) { return days < each.below; });
    return number < 0 ? told.classes.length - 1 : number;
  }
};
