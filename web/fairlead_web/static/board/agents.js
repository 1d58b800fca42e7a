// The table of agents who are signed in; a row opens what can be done.

import { byName, clock, el, many, restate, say, state } from "../shared/dom.js";
import { site } from "../shared/site.js";
import { agentPanel } from "./agent.js";
import { fill, opening } from "./rows.js";

const WIDTH = 7; // columns
const WORDS = { connected: "on contact", on_hold: "on hold", acw: "after-contact work", offered: "ringing" };

export function showAgents(agents) {
  fill(
    "agents",
    agents,
    (agent) => agent.name,
    makeRow,
    (agent) => `${agent.name} ${agent.status} ${agent.profile}`,
    (one, other) => byName(one.name, other.name),
  );
}

/** The shape and the words of an agent's state: what it does says more than its status. */
export function doing(agent) {
  if (agent.is_absent) return ["off", `${agent.status}, absent`];
  const kinds = new Set(agent.slots.map((slot) => slot.kind));
  if (kinds.has("error") || kinds.has("missed"))
    return ["bad", `${agent.status}, ${kinds.has("error") ? "error" : "missed"}`];
  const busy = Object.keys(WORDS).find((kind) => kinds.has(kind));
  if (agent.status_type !== "routable") return ["away", agent.status + (busy ? `, ${WORDS[busy]}` : "")];
  return busy ? ["busy", `${agent.status}, ${WORDS[busy]}`] : ["good", agent.status];
}

function slotsOf(agent) {
  const used = (channel) => agent.slots.filter((slot) => slot.channel === channel && slot.kind !== "paused").length;
  return Object.entries(agent.capacity).map(([channel, slots]) => `${channel} ${many(used(channel))}/${many(slots)}`);
}

function makeRow(first) {
  const [since, slots, next, profile, worker] = ["n", "slots", "", "", ""].map((name) => el("td", { class: name }));
  const status = state("off", "");
  const made = opening(first.name, [el("td", {}, status), since, slots, next, profile, worker], WIDTH, () =>
    agentPanel(first.name),
  );
  const update = (agent) => {
    restate(status, ...doing(agent));
    say(since, agent.status_us ? clock((site.nowUs() - agent.status_us) / 1e6) : "–");
    say(slots, slotsOf(agent).join("  "));
    say(next, agent.next_status || "–");
    say(profile, agent.profile);
    say(worker, agent.worker || "–");
    made.inside()?.update(agent);
  };
  return { nodes: made.nodes, update };
}
