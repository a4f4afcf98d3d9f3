/* Maps of one page that show the same ground and the same layers, and point at the same cell. */
gisgrid.side = function (maps) {
  "use strict";

  var isLed = false;

  function follow(map) {
    if (isLed) return;
    isLed = true;
    maps.forEach(function (other) {
      if (other !== map) other.setView(map.getCenter(), map.getZoom(), { animate: false });
    });
    isLed = false;
  }

  /* What is chosen in the control of one map is chosen in the others. */
  function choose(map, name, isShown) {
    maps.forEach(function (other) {
      if (other === map) return;
      other.getContainer().querySelectorAll(".leaflet-control-layers-list label").forEach(function (label) {
        var input = label.querySelector("input");
        if (label.textContent.trim() === name.trim() && input.checked !== isShown) input.click();
      });
    });
  }

  function point(map, target, isPointed) {
    var code = target.getAttribute && target.getAttribute("data-code");
    if (!code) return;
    maps.forEach(function (other) {
      if (other === map) return;
      other.getContainer().querySelectorAll("path[data-code]").forEach(function (shape) {
        if (shape.getAttribute("data-code") === code) shape.classList.toggle("twin", isPointed);
      });
    });
  }

  maps.forEach(function (map) {
    map.on("move", function () { follow(map); });
    map.on("baselayerchange overlayadd", function (event) { choose(map, event.name, true); });
    map.on("overlayremove", function (event) { choose(map, event.name, false); });
    [["mouseover", true], ["focusin", true], ["mouseout", false], ["focusout", false]].forEach(function (each) {
      map.getContainer().addEventListener(each[0], function (event) { point(map, event.target, each[1]); });
    });
  });
  follow(maps[0]);
};
