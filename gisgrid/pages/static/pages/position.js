/* Fills longitude and latitude of a form from where the browser is, when its button is pressed; without it they are typed. */

const PRECISE = { enableHighAccuracy: true, maximumAge: 0, timeout: 30_000 };
const DIGITS = 7;

for (const line of document.querySelectorAll("[data-position]")) {
  if (!navigator.geolocation || !window.isSecureContext) continue;
  line.hidden = false;
  line.querySelector("button").addEventListener("click", () => take(line));
}

function take(line) {
  const { elements } = line.closest("form");
  const told = line.querySelector("[role=status]");
  told.textContent = told.dataset.measuring;
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      elements.longitude.value = coords.longitude.toFixed(DIGITS);
      elements.latitude.value = coords.latitude.toFixed(DIGITS);
      told.textContent = told.dataset.found.replace("{}", Math.round(coords.accuracy));
      for (const field of [elements.longitude, elements.latitude]) field.dispatchEvent(new Event("input", { bubbles: true }));
    },
    () => { told.textContent = told.dataset.failed; },
    PRECISE,
  );
}
