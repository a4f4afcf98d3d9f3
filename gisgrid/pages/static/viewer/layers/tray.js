/* The tray beside the map: where a layer puts what it is handled with, above the figures; each layer has a part of it. */

import { element } from "../elements.js";

export function createTray(id, title) {
  const tray = document.getElementById("tray");
  let part = null;

  function fill(...nodes) {
    const made = element("section", { className: `tray-part ${id}`, ariaLabel: title() }, element("h2", {}, title()), ...nodes);
    if (part) part.replaceWith(made);
    else tray.append(made);
    part = made;
    tray.hidden = false;
  }

  function clear() {
    part?.remove();
    part = null;
    tray.hidden = !tray.hasChildNodes();
  }

  return { fill, clear };
}
