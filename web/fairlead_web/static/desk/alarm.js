// Says that somebody rings: the title, a tone until it is answered, a notification while nobody sees the page.

import { by, say } from "../shared/dom.js";
import { keep, kept } from "../shared/kept.js";
import { session } from "./session.js";
import { t } from "./texts.js";

const EVERY_MS = 3_000;
const TONES = [
  [660, 0],
  [880, 0.22],
]; // Hz, after so many seconds
const TONE_S = 0.18;

let speaker = null;
let offers = [];
let told = new Set(); // tokens of offers that were told
let isOn = kept(localStorage, "fairlead-sound") !== "off";

/** Browsers play nothing before somebody has pressed something. */
function wake() {
  if (speaker?.state === "running") return;
  speaker ??= new AudioContext();
  speaker.onstatechange = show;
  speaker.resume();
  show();
}

/** What rings now. */
export function ring(slots) {
  offers = slots;
  const fresh = slots.filter((slot) => !told.has(slot.token));
  told = new Set(slots.map((slot) => slot.token));
  const [first] = slots;
  document.title = first ? `(${slots.length}) ${first.contact?.queue ?? ""} | Fairlead` : `${t("desk")} | Fairlead`;
  say(by("ringing"), slots.map(words).join(". "));
  if (!fresh.length) return;
  if (session.leads) {
    sound();
    if (document.hidden) fresh.forEach(notify);
  }
}

const words = (slot) => t("rings", { channel: t(slot.channel), queue: slot.contact?.queue ?? "" });

function sound() {
  if (!isOn || speaker?.state !== "running") return;
  for (const [pitch, afterS] of TONES) {
    const [tone, level, at] = [speaker.createOscillator(), speaker.createGain(), speaker.currentTime + afterS];
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0.0001, at);
    level.gain.exponentialRampToValueAtTime(0.2, at + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, at + TONE_S);
    tone.connect(level).connect(speaker.destination);
    tone.start(at);
    tone.stop(at + TONE_S);
  }
  by("sound").dataset.played = String(1 + Number(by("sound").dataset.played ?? 0));
}

function notify(slot) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(words(slot), { tag: `fairlead-${slot.token}`, lang: document.documentElement.lang });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}

function show() {
  const isAsleep = speaker?.state !== "running";
  say(by("sound"), t(!isOn ? "sound_off" : isAsleep ? "sound_asleep" : "sound_on"));
  by("sound").setAttribute("aria-pressed", String(isOn));
  by("notify").hidden = !("Notification" in window) || Notification.permission !== "default";
}

export function setUpAlarm() {
  for (const gesture of ["click", "keydown"]) addEventListener(gesture, wake); // the caption may move what is pressed
  by("sound").addEventListener("click", () => {
    isOn = !isOn;
    keep(localStorage, "fairlead-sound", isOn ? "" : "off");
    wake();
    show();
  });
  by("notify").addEventListener("click", async () => {
    await Notification.requestPermission();
    show();
  });
  setInterval(() => offers.length && session.leads && sound(), EVERY_MS);
  show();
}
