/* Emergencies, kept up to date: a stream tells that something has changed, and what stands on the page is asked for
   anew; what somebody is writing stays. */

import { follow } from "../live/stream.js";
import { show } from "./screen.js";

async function anew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const there = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("anew");
  const here = document.getElementById("anew");
  if (there && here) here.replaceWith(document.adoptNode(there));
}

if (document.getElementById("emergencies")) {
  follow({
    query: "only=emergencies",
    names: ["emergencies"],
    onPatch: (name, change, states, isFirst) => {
      show(states.emergencies);
      if (!isFirst) anew();
    },
    onLink: () => {},
  });
}
