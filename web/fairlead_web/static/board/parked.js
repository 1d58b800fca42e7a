// Contacts that have failed for the last time, with their errors: retry one, some or all.

import { button, sureButton } from "../shared/acting.js";
import { by, el, many, say } from "../shared/dom.js";
import { ask, path, site } from "../shared/site.js";
import { contactTable } from "./contact.js";
import { several } from "./several.js";

const MOST = 200;

let made = null;

export function showParked(count) {
  const section = by("parked");
  section.hidden = !count || site.isTv || !site.may("contacts:read");
  if (section.hidden) return;
  made ??= build(section);
  say(made.title, `Parked (${many(count)})`);
  made.table.update();
}

function build(section) {
  const title = el("h2", { id: "parked-title" });
  const mayRetry = site.mayAct("supervise");
  const { mark, seen, each, act, told, choice, count } = several(() => table.load());
  const extra = { title: "Error", text: (contact) => contact.error || "–", ...(mayRetry && { mark, seen }) };
  const asks = () => ask(`/v1/parked?limit=${MOST}`);
  const table = contactTable(asks, `The longest parked first, at most ${MOST}`, "None is left.", extra);
  const retry = (id) => ask(path("contacts", id, "retry"), { method: "POST" });
  const some = button("Retry chosen", act, () => each(retry));
  const all = sureButton("Retry all", "Really all of them?", act, () => ask("/v1/parked/retry", { method: "POST" }));
  const actions = mayRetry ? [el("div", { class: "actions" }, choice, some, all, count), told] : [];
  section.append(title, ...actions, table.node);
  return { title, table };
}
