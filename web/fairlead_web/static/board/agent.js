// What can be done with an agent: its slots, its status, its session.

import { acting, button, choice, form, sureButton } from "../shared/acting.js";
import { el, keyed, say } from "../shared/dom.js";
import { ask, namesOf, path, site } from "../shared/site.js";
import { contactPanel } from "./contact.js";

const KEPT = ["missed", "error", "acw"];

export function agentPanel(name) {
  const slots = el("ul", { class: "slots" });
  const [none, below] = [el("p", { class: "hint" }, "Holds no contact."), el("div")];
  const { told, act } = acting();
  const actions = el("div", { class: "actions" });
  const node = el("div", { class: "panel" }, none, slots, actions, told, below);
  let shown = "";
  const show = (id) => {
    shown = shown === id ? "" : id;
    below.replaceChildren(...(shown ? [contactPanel(id)] : []));
  };
  const makeSlot = (slot) => {
    const kind = el("span");
    const words = site.may("contacts:read")
      ? el("button", { type: "button", onclick: () => show(slot.contact_id) }, slot.contact_id)
      : slot.contact_id;
    return {
      nodes: [el("li", {}, `${slot.channel} `, kind, " ", words)],
      update: (one) => say(kind, one.kind.replace("_", " ")),
    };
  };
  const clear = button("Clear kept slots", act, () =>
    ask(path("agents", name, "slots", "clear"), { method: "POST", body: {} }),
  );
  const update = (agent) => {
    none.hidden = agent.slots.length > 0;
    keyed(slots, agent.slots, (slot) => slot.token, makeSlot);
    clear.hidden = !agent.slots.some((slot) => KEPT.includes(slot.kind));
  };
  if (site.mayAct("supervise")) fillActions(name, act, actions, clear);
  update(site.agents.find((agent) => agent.name === name) ?? { slots: [] });
  return { node, update };
}

async function fillActions(name, act, actions, clear) {
  const seen = ["Available", "Offline", ...site.agents.map((agent) => agent.status)];
  const statuses = await namesOf("statuses", seen).catch(() => [...new Set(seen)]);
  const [toStatus, status] = choice("Status", [...new Set([...statuses, ...seen.slice(0, 2)])]);
  const [toWhen, when] = choice("when", ["now", "next"]);
  const sets = () =>
    ask(path("agents", name, "status"), { method: "PUT", body: { status: status.value, when: when.value } });
  const leaves = () => ask(path("agents", name, "session"), { method: "DELETE" });
  actions.append(
    form("Set status", act, sets, toStatus, toWhen),
    clear,
    sureButton("Sign out", "Really sign out?", act, leaves),
  );
}
