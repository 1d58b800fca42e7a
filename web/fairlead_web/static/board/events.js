// What has happened, newest first, and that something has: the figures are then asked for again.

import { by, el, say, timeOf } from "../shared/dom.js";
import { ask, site } from "../shared/site.js";

const MOST = 100;
const [BACK_S, LITTLE_S] = [600, 5]; // how far back; and how far where that is more than MOST_PAGES
const [PAGE, MOST_PAGES] = [1_000, 10];
const AGAIN_MS = 2_000;
// a contact's events have its profile, too, which says little
const SHOWN = ["contact", "queue", "channel", "agent", "profile", "change", "status", "reason", "error", "actor"];

let kept = []; // newest first
let isDrawn = true;
let heard = () => {};

/** The id that an event of so many seconds ago has. */
const idOf = (seconds) => `${Math.floor(site.nowUs() / 1_000) - seconds * 1_000}-0`;

/** Follows the stream: `happened` after each event, `changed` when the connection comes or goes. */
export async function follow(happened, changed) {
  let after;
  try {
    let page = { next_after: idOf(BACK_S), more: true };
    for (let number = 0; page.more; number += 1) {
      if (number === MOST_PAGES) [kept, page.next_after] = [[], idOf(LITTLE_S)];
      page = await ask(`/v1/events?limit=${PAGE}&after=${page.next_after}`);
      kept = [...page.items.reverse(), ...kept].slice(0, MOST);
    }
    after = page.next_after;
    isDrawn = false;
  } catch {
    setTimeout(() => follow(happened, changed), AGAIN_MS);
    return;
  }
  heard = happened;
  listen(after, changed);
}

function listen(after, changed) {
  const source = new EventSource(`/v1/events?after=${after}`);
  let last = after;
  source.onopen = () => changed(true);
  source.onmessage = (message) => {
    last = message.lastEventId;
    const event = JSON.parse(message.data);
    kept = [event, ...kept].slice(0, MOST);
    isDrawn = false;
    heard(event);
  };
  source.addEventListener("gap", () => {
    kept = [{ id: `gap ${last}`, event: "gap", at_us: site.nowUs(), reason: "events in between are gone" }, ...kept];
    isDrawn = false;
  });
  source.onerror = () => {
    changed(false);
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    setTimeout(() => listen(last, changed), AGAIN_MS); // it was answered with an error, after which it does not
  };
}

/** While somebody reads the list it stands still. */
function draw() {
  if (isDrawn) return;
  const list = by("events");
  const isRead = list.matches(":hover, :focus-within") && list.childElementCount > 0;
  by("held").hidden = !isRead;
  say(by("held"), "Held while you read; newer ones follow");
  if (isRead) return;
  isDrawn = true;
  by("events-none").hidden = kept.length > 0;
  const known = new Map([...list.children].map((node) => [node.dataset.event, node]));
  list.replaceChildren(...kept.map((event) => known.get(event.id) ?? row(event)));
}

function row(event) {
  const words = SHOWN.filter((name) => event[name] && !(name === "profile" && event.contact)).map((name) =>
    el("span", { class: name, title: name }, event[name]),
  );
  const time = el("time", {}, timeOf(event.at_us));
  const name = el("span", { class: "name" }, event.event.replace("contact.", "").replace(/[._]/g, " "));
  return el("li", { "data-event": event.id }, time, name, ...words);
}

setInterval(draw, 250);
