// Contacts that have failed for the last time, with their errors: retry one, some or all.

import { acting, button, sureButton } from "../shared/acting.js";
import { by, el, many, say } from "../shared/dom.js";
import { ask, path, site } from "../shared/site.js";
import { contactTable } from "./contact.js";

const MOST = 200;

let made = null;
const chosen = new Set();

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
  const mark = (contact) => {
    const box = el("input", { type: "checkbox", "aria-label": `Choose ${contact.contact_id}` });
    box.addEventListener("change", () =>
      box.checked ? chosen.add(contact.contact_id) : chosen.delete(contact.contact_id),
    );
    return site.mayAct("supervise") ? box : "";
  };
  const extra = { title: "Error", mark, text: (contact) => contact.error || "–" };
  const asks = () => ask(`/v1/parked?limit=${MOST}`);
  const table = contactTable(asks, `The longest parked first, at most ${MOST}`, "None is left.", extra);
  const { told, act } = acting(() => table.load());
  const some = button("Retry chosen", act, async () => {
    if (!chosen.size) throw new Error("choose some first");
    for (const id of [...chosen]) {
      await ask(path("contacts", id, "retry"), { method: "POST" });
      chosen.delete(id);
    }
  });
  const all = sureButton("Retry all", "Really all of them?", act, () => ask("/v1/parked/retry", { method: "POST" }));
  const actions = site.mayAct("supervise") ? [el("div", { class: "actions" }, some, all), told] : [];
  section.append(title, ...actions, table.node);
  return { title, table };
}
