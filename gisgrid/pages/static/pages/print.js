/* Buttons that print the page; without this it is printed from the browser's menu. */

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
