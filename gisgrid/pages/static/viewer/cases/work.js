/* Work that begins at a place on the map: a right click, a long press, or the cross in the middle by keyboard. */

import { element } from "../elements.js";
import { drawOperation, openCheckpoint, openReport } from "./work_forms.js";
import { word } from "../words.js";

const LONG_MS = 600;
const STILL = 10; // pixels that a finger may tremble
const AGAIN_MS = 1200; // browsers make a right click of a long press, too
const DIGITS = 5;

/* What whoever looks may do at a place; the service refuses anything else. */
function actsOf({ settings }) {
  const may = (permission) => settings.may.includes(permission);
  return [
    ...(may("report") ? [{ word: "workReport", act: openReport }] : []),
    ...(may("plan") ? [{ word: "workCheckpoint", act: openCheckpoint }, { word: "workOperation", act: drawOperation }] : []),
  ];
}

export function createWork(stage) {
  const { map } = stage;
  const acts = actsOf(stage);
  if (!acts.length) return;
  const box = map.getContainer();
  const cross = element("div", { className: "cross", ariaHidden: "true" });
  const button = element("button", { type: "button", className: "work-here", id: "work-here", ariaPressed: "false" }, "✚");
  let openedAt = 0;

  const isDrawing = () => box.classList.contains("drawing");

  function openMenu(place) {
    if (isDrawing() || Date.now() - openedAt < AGAIN_MS) return;
    openedAt = Date.now();
    const choices = acts.map(({ word: name, act }) => element("button", { type: "button", onclick: () => { map.closePopup(menu); act(stage, place); } }, word(name)));
    const inside = element("div", { className: "work-menu" }, element("strong", {}, word("workHere")), element("small", {}, `${place.lng.toFixed(DIGITS)}, ${place.lat.toFixed(DIGITS)}`), ...choices);
    inside.addEventListener("keydown", step);
    const menu = L.popup({ className: "work-popup", autoPanPadding: [30, 30] }).setLatLng(place).setContent(inside).openOn(map);
    menu.once("remove", () => { openedAt = 0; });
    choices[0].focus({ preventScroll: true });
  }

  function step(event) {
    const choices = [...event.currentTarget.querySelectorAll("button")];
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      map.closePopup();
      box.focus();
    } else if (by) choices.at((choices.indexOf(document.activeElement) + by) % choices.length).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  map.on("contextmenu", ({ latlng }) => openMenu(latlng));

  /* --- a finger that stays --- */

  let waiting = 0;
  let began = null;

  function press(event) {
    lift();
    if (event.pointerType !== "touch" || !event.isPrimary || event.target.closest(".leaflet-control, .leaflet-popup, .leaflet-marker-icon")) return;
    began = { x: event.clientX, y: event.clientY };
    const place = map.mouseEventToLatLng(event);
    waiting = setTimeout(() => openMenu(place), LONG_MS);
  }

  function lift() {
    clearTimeout(waiting);
    began = null;
  }

  box.addEventListener("pointerdown", press);
  box.addEventListener("pointermove", (event) => {
    if (began && Math.hypot(event.clientX - began.x, event.clientY - began.y) > STILL) lift();
  });
  for (const name of ["pointerup", "pointercancel"]) box.addEventListener(name, lift);
  map.on("zoomstart movestart", lift);

  /* --- by keyboard: the map is moved under the cross --- */

  function aim(isOn) {
    button.setAttribute("aria-pressed", String(isOn));
    if (!isOn) {
      stage.tell("");
      return cross.remove();
    }
    box.append(cross);
    stage.tell(word("workAim"));
    box.focus();
  }

  const isAiming = () => cross.isConnected;

  function here() {
    aim(false);
    openMenu(map.getCenter());
  }

  button.addEventListener("click", () => (isAiming() ? here() : aim(true)));
  box.addEventListener("keydown", (event) => {
    if (!isAiming() || event.target !== box || !["Enter", "Escape"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Enter") return here();
    aim(false);
    button.focus();
  });
  button.dataset.wordLabel = "workHere";
  button.setAttribute("aria-label", word("workHere"));
  const Bar = L.Control.extend({ onAdd: () => element("div", { className: "leaflet-bar work-bar" }, button) });
  new Bar({ position: "topright" }).addTo(map);
  L.DomEvent.disableClickPropagation(button);
}
