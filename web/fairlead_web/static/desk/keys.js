// One key for each thing to do, and the list of them.

import { by, el } from "../shared/dom.js";
import { keep, kept } from "../shared/kept.js";
import { t } from "./texts.js";

export const KEYS = {
  accept: "a",
  reject: "r",
  complete: "c",
  hold: "h",
  pause: "h",
  resume: "h",
  transfer: "t",
  retry_callback: "n",
  clear: "e",
};
const LISTED = ["accept", "reject", "hold", "transfer", "complete", "clear", "retry_callback"];
const CARDS = "#contacts > .card";

let isOn = kept(localStorage, "fairlead-keys") !== "off";

/** Whatever is written in a field is no shortcut. */
const isTyping = (node) => node.closest("input, select, textarea, dialog") !== null;

/** A key means the card in focus, or else the only one that has such a button; of several the first gets the focus. */
function press(key) {
  const buttonOf = (card) => card?.querySelector(`:scope > .actions button[data-key="${key}"]`);
  const focused = document.activeElement.closest(CARDS);
  if (buttonOf(focused)) return buttonOf(focused).click();
  const able = [...document.querySelectorAll(CARDS)].filter(buttonOf);
  if (able.length === 1) buttonOf(able[0]).click();
  else able[0]?.focus();
}

function walk(steps) {
  const cards = [...document.querySelectorAll(CARDS)];
  const at = cards.indexOf(document.activeElement.closest(CARDS));
  cards.at(at < 0 ? 0 : Math.min(cards.length - 1, Math.max(0, at + steps)))?.focus();
}

const PLACES = {
  s: () => by("status").focus(),
  w: () => by("worklist").querySelector("button")?.focus(),
  j: () => walk(1),
  k: () => walk(-1),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === "?") by("help").showModal();
  else if (!isOn) return;
  else if (PLACES[key]) PLACES[key]();
  else if (Object.values(KEYS).includes(key)) press(key);
  else return;
  event.preventDefault();
}

export function setUpKeys() {
  document.addEventListener("keydown", pressed);
  by("keys").addEventListener("click", () => by("help").showModal());
  const rows = [
    ...LISTED.map((action) => [KEYS[action], t(`key_${action}`)]),
    ["s", t("key_status")],
    ["w", t("key_worklist")],
    ["j", t("key_next")],
    ["k", t("key_previous")],
    ["?", t("key_help")],
  ];
  by("shortcuts").replaceChildren(
    ...rows.map(([key, words]) => el("div", {}, el("dt", {}, el("kbd", {}, key.toUpperCase())), el("dd", {}, words))),
  );
  by("keys-on").checked = isOn;
  by("keys-on").addEventListener("change", () => {
    isOn = by("keys-on").checked;
    keep(localStorage, "fairlead-keys", isOn ? "" : "off");
  });
}
