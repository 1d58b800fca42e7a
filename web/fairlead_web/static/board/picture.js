// The configuration as a picture: which profile serves which queue.

import { by, el, svg } from "../shared/dom.js";
import { ask, site } from "../shared/site.js";
import { changing } from "./plan.js";

const [WIDE, HIGH, GAP, BOX] = [760, 30, 14, 250];

export function showPicture() {
  const section = by("picture");
  section.hidden = !site.mayAct("configuration:read");
  if (section.hidden || section.childElementCount) return;
  const inside = el("div", { class: "wide" });
  const details = el("details", {}, el("summary", {}, "Configuration: who serves what"), inside);
  const draw = async () => {
    try {
      inside.replaceChildren(...drawn(await ask("/v1/configuration")));
    } catch (problem) {
      inside.replaceChildren(el("p", { class: "problem" }, problem.message));
    }
  };
  details.addEventListener("toggle", () => details.open && draw());
  if (site.mayAct("configuration:write")) details.append(changing(draw));
  section.append(details);
}

/** What each entry of the profiles says of one queue: its channels, priority and delay. */
function servings({ profiles = {} }) {
  return Object.entries(profiles).flatMap(([profile, { entries = [] }]) =>
    entries.map((entry) => {
      const channels = entry.channels ?? [entry.channel ?? "voice"];
      const delay = entry.delay_s ? `, after ${entry.delay_s} s` : "";
      const how = delay + (entry.manual_only ? ", by hand" : "");
      const told = `${channels.join(", ")} at priority ${entry.priority ?? 1}${how}`;
      return { profile, queue: entry.queue, told };
    }),
  );
}

function drawn(configuration) {
  const [profiles, queues] = [configuration.profiles ?? {}, configuration.queues ?? {}].map((one) =>
    Object.keys(one).sort(),
  );
  const agents = Object.values(configuration.agents ?? {});
  const served = servings(configuration);
  const slots = (name) =>
    Object.entries(configuration.profiles[name].channels ?? {}).map(([one, { slots: most = 1 }]) => `${one} ${most}`);
  const told = (name) => `${agents.filter((one) => one.profile === name).length} agents; ${slots(name).join(", ")}`;
  const yOf = (place) => place * (HIGH + GAP) + 24;
  const box = (x, place, name, text) =>
    svg(
      "g",
      {},
      svg("title", {}, `${name}: ${text}`),
      svg("rect", { x, y: yOf(place), width: BOX, height: HIGH, rx: 5 }),
      svg("text", { x: x + 10, y: yOf(place) + 19 }, short(name)),
    );
  const lines = served
    .filter((one) => queues.includes(one.queue))
    .map((one) => {
      const [from, to] = [yOf(profiles.indexOf(one.profile)) + HIGH / 2, yOf(queues.indexOf(one.queue)) + HIGH / 2];
      const bend = WIDE / 2;
      const d = `M ${BOX} ${from} C ${bend} ${from}, ${bend} ${to}, ${WIDE - BOX} ${to}`;
      return svg("path", { d }, svg("title", {}, `${one.profile} serves ${one.queue}: ${one.told}`));
    });
  const height = yOf(Math.max(profiles.length, queues.length, 1));
  const picture = svg(
    "svg",
    {
      viewBox: `0 0 ${WIDE} ${height}`,
      role: "img",
      class: "picture",
      "aria-label": "Profiles and the queues that they serve, as in the list below",
    },
    svg("text", { x: 0, y: 12, class: "head" }, "Profiles"),
    svg("text", { x: WIDE - BOX, y: 12, class: "head" }, "Queues"),
    ...lines,
    ...profiles.map((name, place) => box(0, place, name, told(name))),
    ...queues.map((name, place) =>
      box(WIDE - BOX, place, name, `within ${configuration.queues[name].service_level_s ?? 20} s`),
    ),
  );
  const rows = queues.map((queue) => {
    const by = served.filter((one) => one.queue === queue).map((one) => `${one.profile} (${one.told})`);
    return el("li", {}, el("b", {}, queue), `: ${by.join("; ") || "nobody serves it"}`);
  });
  return [picture, el("ul", {}, ...rows)];
}

/** Long names differ at their ends most often. */
const short = (name) => (name.length > 30 ? `${name.slice(0, 14)}…${name.slice(-15)}` : name);
