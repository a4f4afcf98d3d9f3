/* Marks of the patrol layers: a sign in a shape, reached by keyboard, with a card that tells more. */

import { element } from "../elements.js";

/* `css` gives shape and colour, `sign` is a letter in it, `note` stands below it; `told()` gives the lines of the card, the
   first of which is its title. `act()` is what a click or Enter does. */
export function markAt([longitude, latitude], { css, sign, note, told, act, pane = "signs" }) {
  const mark = L.marker([latitude, longitude], { icon: iconOf(css, sign, note), pane, riseOnHover: true, keyboard: true });
  mark.bindTooltip(() => cardOf(told()), { className: "card-tip", direction: "top", offset: [0, -8] });
  mark.on("add", () => {
    gisgrid.makeReachable(mark, wordsOf(told));
    if (act) mark.getElement().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    });
  });
  if (act) mark.on("click", act);
  return mark;
}

/* Change what a mark looks like, where that is another; it stays the same to whoever is on it. */
export function dress(mark, { css, sign, note, told }) {
  const node = mark.getElement();
  if (!node) return;
  const kept = node.className.split(" ").filter((each) => each.startsWith("leaflet-")).join(" ");
  const wanted = `${kept} mark ${css}`;
  if (node.className !== wanted) node.className = wanted;
  if (node.firstChild.textContent !== sign) node.firstChild.textContent = sign;
  if ((node.lastChild.tagName === "SMALL" ? node.lastChild.textContent : "") !== (note ?? "")) {
    node.querySelector("small")?.remove();
    if (note) node.append(element("small", {}, note));
  }
  name(mark, told);
}

function name(mark, told) {
  const words = wordsOf(told);
  if (mark.getElement().getAttribute("aria-label") !== words) mark.getElement().setAttribute("aria-label", words);
}

const wordsOf = (told) => told().filter(Boolean).join("，");

function iconOf(css, sign, note) {
  const parts = document.createDocumentFragment();
  parts.append(element("span", {}, sign));
  if (note) parts.append(element("small", {}, note));
  return new Icon({ className: `mark ${css}`, iconSize: [22, 22], parts });
}

/* An icon of several nodes; Leaflet's own takes one, or markup. */
const Icon = L.DivIcon.extend({
  createIcon() {
    const made = element("div", {}, this.options.parts.cloneNode(true));
    this._setIconStyles(made, "icon");
    return made;
  },
});

export function cardOf([title, ...lines]) {
  return element("div", { className: "card" }, element("strong", {}, title), ...lines.filter(Boolean).map((line) => element("p", {}, line)));
}
