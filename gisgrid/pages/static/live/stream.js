/* What goes on now, kept up to date by one stream for the whole browser: of several windows the one looked at last has it
   and passes on what it hears, the others ask now and then and take over when it goes, and a hidden one does nothing. Where no stream comes through,
   this one asks, too. */

const POLL_MS = 5_000, ELSEWHERE_MS = 15_000, TRY_AGAIN_MS = 30_000, TOUCH_MS = 300_000, CUTS = 3;

/* Follow some sources. `query` is that of the address (`only=…&purpose=…`), `names` are the sources one wants to hear of.
   `onPatch(name, change, states, isFirst)`: what has changed of a source (null: gone), all states so far, and whether it
   is the first that is known of it. `onLink(state)`: connecting, open, polling, elsewhere (another window has the stream),
   cut, ended (signed out). Returns { ask(query, names), close() }: what to follow instead; no more. */
export function follow({ query, names, onPatch, onLink }) {
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("gisgrid-live") : null;
  const listening = new AbortController();
  let asked = query, wanted = names, states = {}, whole = new Set();
  let stream = null, timer = 0, cuts = 0, isElsewhere = false, isEnded = false, touchedAt = Date.now();

  /* --- what is known ----------------------------------------------------------------------------- */

  function apply(name, change) {
    if (!wanted.includes(name)) return;
    const before = states[name], state = { ...before };
    for (const [key, value] of Object.entries(change)) {
      if (value === null) delete state[key];
      else state[key] = value;
    }
    states = { ...states, [name]: state };
    onPatch(name, change, states, before === undefined);
  }

  /* A state as a whole: what of it is new is told, as if it had come bit by bit. */
  function replace(name, state) {
    const before = states[name];
    const change = Object.fromEntries(Object.entries(state).filter(([key, value]) => !before || JSON.stringify(before[key]) !== JSON.stringify(value)));
    for (const key of Object.keys(before ?? {})) if (!(key in state)) change[key] = null;
    if (!before || Object.keys(change).length) apply(name, change);
  }

  function hear(name, change) {
    if (whole.delete(name)) replace(name, change);
    else apply(name, change);
    channel?.postMessage({ name, change });
  }

  /* --- where it comes from ----------------------------------------------------------------------- */

  function open() {
    stop();
    if (isEnded || document.hidden) return;
    isElsewhere = false;
    channel?.postMessage("mine");
    stream = new EventSource(`/api/live?${asked}`);
    stream.onopen = () => {
      whole = new Set(wanted);
      cuts = 0;
      onLink("open");
    };
    stream.onerror = cut;
    stream.addEventListener("end", end);
    for (const name of wanted) stream.addEventListener(name, (event) => hear(name, JSON.parse(event.data)));
  }

  /* The browser tries again by itself, but for a refusal; whether it is one, and what goes on meanwhile, is asked. */
  function cut() {
    cuts += 1;
    onLink("cut");
    if (stream?.readyState === EventSource.CLOSED || cuts >= CUTS) {
      stop();
      timer = setTimeout(poll, 1_000, Date.now() + TRY_AGAIN_MS);
    }
  }

  async function poll(until) {
    await now(isElsewhere ? "elsewhere" : "polling");
    if (isEnded || document.hidden || stream || listening.signal.aborted) return;
    if (!isElsewhere && Date.now() > until) open();
    else timer = setTimeout(poll, isElsewhere ? ELSEWHERE_MS : POLL_MS, until);
  }

  async function now(state) {
    try {
      const answer = await fetch(`/api/live/now?${asked}`, { headers: { Accept: "application/json" }, signal: listening.signal });
      if (answer.status === 401 || answer.status === 403) return end();
      if (!answer.ok) return onLink("cut");
      const told = await answer.json();
      if (stream) return;
      onLink(state);
      for (const [name, each] of Object.entries(told.states)) replace(name, each);
    } catch {
      if (!stream && !listening.signal.aborted) onLink("cut");
    }
  }

  function end() {
    stop();
    isEnded = true;
    onLink("ended");
  }

  function stop() {
    stream?.close();
    stream = null;
    clearTimeout(timer);
  }

  /* This window goes, or nobody looks at it any more: another one may have the stream. */
  function letGo() {
    if (stream) channel?.postMessage("free");
    stop();
  }

  /* Another window has the stream now, or passes on what it heard, or has gone. */
  function stepBack({ data }) {
    if (data === "free") return isElsewhere && open();
    if (data !== "mine") return isElsewhere && !isEnded && states[data.name] && apply(data.name, data.change);
    if (!stream && !timer) return;
    stop();
    isElsewhere = true;
    poll(0);
  }

  /* A browser that nobody touches is signed out in time; looking on without a click is no request, so a touch makes one. */
  function touch() {
    if (isElsewhere) open();
    if (Date.now() - touchedAt < TOUCH_MS || isEnded) return;
    touchedAt = Date.now();
    now("open");
  }

  const on = (target, kind, act) => target.addEventListener(kind, act, { signal: listening.signal });
  if (channel) on(channel, "message", stepBack);
  on(document, "visibilitychange", () => (document.hidden ? letGo() : open()));
  on(window, "pagehide", letGo);
  on(window, "focus", () => isElsewhere && open());
  on(window, "offline", () => onLink("cut"));
  on(window, "online", open);
  for (const kind of ["pointerdown", "keydown"]) on(document, kind, touch);
  onLink("connecting");
  open();

  function ask(otherQuery, otherNames) {
    [asked, wanted] = [otherQuery, otherNames];
    states = Object.fromEntries(Object.entries(states).filter(([name]) => wanted.includes(name)));
    open();
  }

  function close() {
    stop();
    listening.abort();
    channel?.close();
  }

  return { ask, close };
}
