/* The side of the map: the figures of a cell, or whatever was opened in their place, with the way back. */

import { element } from "../elements.js";
import { word } from "../words.js";

export function createSide() {
  const [home, opened, figures] = ["panel", "opened", "figures"].map((id) => document.getElementById(id));
  const side = home.parentElement;
  let name = "";
  let from = null; // what had the focus before
  let told = () => {}; // is told when the reader has put away what was open
  let gone = null; // what is to be done when what is open goes

  /* Put a node in place of the figures; `whenGone` is called when it is taken away again. */
  function open(node, whenGone) {
    if (opened.hidden) from = document.activeElement;
    leave();
    gone = whenGone;
    const back = element("button", { type: "button", className: "link back", onclick: goBack }, word("backTo", name));
    opened.replaceChildren(back, node);
    opened.hidden = false;
    home.hidden = true;
    figures.classList.add("behind");
    side.scrollTop = 0;
    back.focus({ preventScroll: true });
    back.scrollIntoView({ block: "start" }); // on a phone it lies below the map
  }

  function leave() {
    const act = gone;
    gone = null;
    act?.();
  }

  /* Put away what is open. */
  function close() {
    leave();
    opened.hidden = true;
    opened.replaceChildren();
    home.hidden = false;
    figures.classList.remove("behind");
    if (from?.isConnected) from.focus();
    from = null;
  }

  function goBack() {
    if (opened.hidden) return;
    close();
    told();
  }

  /* Whether there is something in what is open that the reader would have to type again. */
  function isTypedIn() {
    return [...opened.querySelectorAll("input, textarea")].some((it) => it.value !== it.defaultValue);
  }

  opened.addEventListener("keydown", (event) => {
    if (event.key === "Escape") goBack();
  });

  return { home, open, close, goBack, isTypedIn, onBack: (act) => { told = act; }, name: (text) => { name = text; } };
}
