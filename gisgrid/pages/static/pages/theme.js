/* Light or dark, before anything is painted: as chosen in this browser, else as the system has it. */
var theme = (function () {
  "use strict";
  var KEY = "gisgrid-theme";
  var system = window.matchMedia("(prefers-color-scheme: dark)");
  var root = document.documentElement;

  function chosen() {
    try { return localStorage.getItem(KEY); } catch (error) { return null; } // a browser may forbid it: then the system's
  }

  function show(name) {
    root.dataset.theme = name || chosen() || (system.matches ? "dark" : "light");
  }

  function choose(name) {
    try { localStorage.setItem(KEY, name); } catch (error) { /* it holds for this page alone */ }
    show(name);
  }

  show();
  system.addEventListener("change", function () { show(); });
  return { show: show, choose: choose, isDark: function () { return root.dataset.theme === "dark"; } };
})();
