/* A sound for whoever watches: browsers let a page sound only once somebody has touched it, hence the button. */

const REMEMBERED = "gisgrid-sound";
const EVERY_MS = 1_600, LONG_S = 0.35, HIGH_HZ = 880, LOW_HZ = 660;

let context = null, timer = 0;

function tone(at, hertz) {
  const source = context.createOscillator(), gain = context.createGain();
  source.frequency.value = hertz;
  gain.gain.setValueAtTime(0.3, at);
  gain.gain.exponentialRampToValueAtTime(0.001, at + LONG_S);
  source.connect(gain).connect(context.destination);
  source.start(at);
  source.stop(at + LONG_S);
}

function beep() {
  tone(context.currentTime, HIGH_HZ);
  tone(context.currentTime + LONG_S, LOW_HZ);
}

/* Sound until told otherwise; before the button was pressed there is nothing to be heard. */
export function sound(isOn) {
  document.documentElement.dataset.sounding = String(isOn && context !== null);
  if (!isOn || !context) {
    clearInterval(timer);
    timer = 0;
  } else if (!timer) {
    beep();
    timer = setInterval(beep, EVERY_MS);
  }
}

/* Let a button turn the sound on and off; `changed` is called afterwards. Whoever turned it on has it on the next page,
   too, as soon as the browser lets it: at once, or when they touch the page. */
export function offer(button, changed) {
  button.hidden = !("AudioContext" in window);
  const turn = (isOn) => {
    sound(false);
    context?.close();
    context = isOn ? new AudioContext() : null;
    button.setAttribute("aria-pressed", String(isOn));
    button.textContent = isOn ? button.dataset.on : button.dataset.off;
    changed();
  };
  button.addEventListener("click", () => {
    const isOn = button.getAttribute("aria-pressed") !== "true";
    localStorage.setItem(REMEMBERED, isOn ? "on" : "");
    turn(isOn);
    if (isOn) beep();
  });
  if (button.hidden || localStorage.getItem(REMEMBERED) !== "on") return;
  turn(true);
  if (context.state === "suspended") document.addEventListener("pointerdown", () => context?.resume(), { once: true });
}

/* Whether anything could be heard now. */
export const isHeard = () => context?.state === "running";
