/* The words behind the # of an address go into the form, and out of the address at once: neither history nor a server
   keeps them. Where the form says `data-sends` it is sent without waiting for its button. */

const box = document.querySelector("[data-fragment]");

function take() {
  const words = location.hash.slice(1);
  if (!words) return;
  history.replaceState(null, "", location.pathname);
  box.querySelector("input").value = words;
  box.hidden = true;
  if (box.dataset.fragment === "sends") box.closest("form").requestSubmit();
}

take();
window.addEventListener("hashchange", take);
