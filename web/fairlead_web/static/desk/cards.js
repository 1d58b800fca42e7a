// A card for each slot: what is in it, how long still, and what can be done.

import { acting, sureButton } from "../shared/acting.js";
import { by, clock, el, keyed, restate, say, state } from "../shared/dom.js";
import { KEYS } from "./keys.js";
import { act, clear, session } from "./session.js";
import { t, toldOf } from "./texts.js";

const LOOKS = {
  offered: "near",
  connected: "busy",
  on_hold: "away",
  paused: "away",
  acw: "off",
  missed: "bad",
  error: "bad",
};
const ORDER = Object.keys(LOOKS);
const WITH_US = ["connected", "on_hold"];

/** What rings stands first. */
export function showCards(slots) {
  const sorted = slots.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.token - b.token);
  const focused = document.activeElement;
  const wasInside = by("contacts").contains(focused);
  keyed(by("contacts"), sorted, (slot) => slot.token, makeCard);
  if (!wasInside || document.activeElement === focused) return;
  if (focused.isConnected) focused.focus(); // it was moved
  else (by("contacts").querySelector(".card") ?? by("main")).focus();
}

function actionsOf({ kind, channel, contact }) {
  if (kind === "offered") return ["accept", "reject"];
  const retries = WITH_US.includes(kind) && contact?.callback_tries !== null ? ["retry_callback"] : [];
  if (kind === "connected") return ["complete", channel === "task" ? "pause" : "hold", "transfer", ...retries];
  if (kind === "on_hold") return ["resume", "complete", "transfer", ...retries];
  return kind === "paused" ? ["resume", "complete"] : ["clear"];
}

function makeCard(first) {
  const title = `card-${first.token}`;
  const [status, timer] = [state("off", ""), el("span", { class: "timer" })];
  const bar = el("progress", { "aria-hidden": "true", hidden: true });
  const [facts, payload] = [el("dl", { class: "facts" }), el("div", { class: "payload" })];
  const buttons = el("div", { class: "actions" });
  const { told, act: does } = acting(null, toldOf);
  const handOn = transferForm(() => slot, does);
  const head = el("h3", { id: title }, status, " ", el("b"), ` ${t(first.channel)}`);
  const card = el(
    "article",
    { class: "card", tabindex: "-1", "aria-labelledby": title },
    el("header", {}, head, timer),
    bar,
    facts,
    payload,
    buttons,
    handOn.node,
    told,
  );
  let [slot, drawn, windowS] = [first, "", 0];

  const perform = async (action) => {
    const one = slot;
    if (action === "clear") await clear(one);
    else {
      const desk = await act(one, action);
      if (desk.fenced.includes(one.contact_id)) throw new Error(t("fenced"));
    }
    if (action === "accept" && card.isConnected) card.focus();
  };

  const drawButtons = () => {
    const actions = actionsOf(slot);
    const wanted = `${slot.kind} ${actions}`;
    if (wanted === drawn) return;
    drawn = wanted;
    const hadFocus = buttons.contains(document.activeElement);
    buttons.replaceChildren(...actions.map((action) => makeButton(action, slot)));
    handOn.node.hidden = true;
    if (hadFocus) card.focus();
  };

  const makeButton = (action, { kind, contact }) => {
    const isLast = action === "retry_callback" && contact.callback_tries === 0;
    const key = KEYS[action];
    const caption = t(isLast ? "retry_last" : action === "clear" ? `clear_${kind}` : action);
    const made = isLast
      ? sureButton(caption, t("retry_sure"), does, () => perform(action))
      : el("button", { type: "button", class: action }, caption);
    made.dataset.key = key;
    made.setAttribute("aria-keyshortcuts", key.toUpperCase());
    if (action === "transfer") {
      made.setAttribute("aria-expanded", "false");
      made.addEventListener("click", () => handOn.toggle(made));
    } else if (!isLast) made.addEventListener("click", () => does(made, () => perform(action)));
    return made;
  };

  const tick = () => {
    const { deadline_us: endsUs, contact } = slot;
    const leftS = endsUs ? Math.max(0, (endsUs - session.nowUs()) / 1e6) : null;
    const isRinging = slot.kind === "offered";
    bar.hidden = leftS === null || !(isRinging || slot.kind === "acw");
    if (!bar.hidden) {
      windowS = Math.max(windowS, leftS);
      bar.max = windowS;
      bar.value = leftS;
    }
    if (leftS !== null && slot.kind !== "connected") say(timer, t("left", { time: clock(Math.ceil(leftS)) }));
    else say(timer, contact?.connected_us ? clock((session.nowUs() - contact.connected_us) / 1e6) : "");
  };

  const update = (next) => {
    if (next.kind !== slot.kind) windowS = 0;
    slot = next;
    restate(status, LOOKS[slot.kind], t(slot.kind));
    card.className = `card ${slot.kind}`;
    say(head.querySelector("b"), slot.contact?.queue ?? "");
    drawFacts(facts, slot);
    drawPayload(payload, slot.contact?.payload ?? null);
    drawButtons();
    tick();
  };
  return { nodes: [card], update };
}

function drawFacts(facts, { contact_id: id, contact }) {
  const rows = [["contact", id]];
  if (contact) {
    const waitedUs = (contact.connected_us ?? session.nowUs()) - contact.queued_us;
    rows.push(
      ["customer", contact.customer],
      ["waited", clock(waitedUs / 1e6)],
      ["attempt", contact.attempt > 1 ? String(contact.attempt) : ""],
      ["callback", contact.callback_tries === null ? "" : t("tries", { n: contact.callback_tries })],
      ["direction", contact.direction === "outbound" ? t("outbound") : ""],
    );
  }
  const known = rows.filter(([, text]) => text).map(([name, text]) => [name, t(name), text]);
  const attributes = Object.entries(contact?.attributes ?? {}).map(([name, text]) => [`of ${name}`, name, text]);
  fillFacts(facts, [...known, ...attributes]);
}

function fillFacts(facts, rows) {
  keyed(
    facts,
    rows,
    ([key]) => key,
    ([, name]) => {
      const value = el("dd");
      const update = ([, , text]) => say(value, text);
      return { nodes: [el("div", {}, el("dt", {}, name), value)], update };
    },
  );
}

/** A payload of names and plain values as a list, any other as text. */
function drawPayload(box, payload) {
  const text = JSON.stringify(payload);
  if (box.dataset.drawn === text) return;
  box.dataset.drawn = text;
  box.hidden = payload === null;
  if (payload === null) return;
  const rows = typeof payload === "object" && !Array.isArray(payload) ? Object.entries(payload) : [];
  const isPlain = rows.length > 0 && rows.every(([, value]) => value === null || typeof value !== "object");
  const shown = typeof payload === "string" ? payload : JSON.stringify(payload, null, 2);
  const list = el("dl", { class: "facts" });
  if (isPlain) fillFacts(list, rows.map(([name, value]) => [name, name, String(value)]));
  const title = t("payload");
  box.replaceChildren(
    el("h4", {}, title),
    isPlain ? list : el("pre", { tabindex: "0", role: "group", "aria-label": title }, shown),
  );
}

function transferForm(slotOf, does) {
  const pattern = "@?[A-Za-z0-9][A-Za-z0-9._\\-]*";
  const input = el("input", { list: "targets", required: true, maxlength: 65, pattern });
  const button = el("button", { type: "submit" }, t("transfer"));
  const node = el("form", { class: "act", hidden: true }, el("label", {}, t("transfer_to"), " ", input), button);
  let opener = null;
  const close = () => {
    node.hidden = true;
    opener?.setAttribute("aria-expanded", "false");
  };
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    does(button, async () => {
      await act(slotOf(), "transfer", { queue: input.value.trim() });
      close();
    });
  });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close();
    opener?.focus();
  });
  const toggle = (by) => {
    opener = by;
    node.hidden = !node.hidden;
    by.setAttribute("aria-expanded", String(!node.hidden));
    if (!node.hidden) input.focus();
  };
  return { node, toggle };
}
