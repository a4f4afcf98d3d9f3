/* The button that turns the page dark or light again; theme.js does it and remembers. Without script it is not there. */

const button = document.getElementById("dark-light");

button.addEventListener("click", () => window.theme.choose(window.theme.isDark() ? "light" : "dark"));
button.hidden = false;
