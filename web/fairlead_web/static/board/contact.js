// Contacts: tables of them, and all about one: why it waits, what can be done, what has happened to it.

import { acting, button, choice, form, sureButton } from "../shared/acting.js";
import { clock, el, keyed, say, timeOf } from "../shared/dom.js";
import { ask, namesOf, path, site } from "../shared/site.js";

const AGAIN_MS = 2_000;
const WIDTH = 6; // columns
const NUMBERS = new Set(["Age", "Priority", "Attempts"]);
const LATELY = 40; // events of a timeline

/** Lists that are open ask again while they are: `update` is called each second. */
function again(asks) {
  let askedAt = Date.now();
  let isAsking = false;
  return async () => {
    if (isAsking || Date.now() - askedAt < AGAIN_MS) return;
    isAsking = true;
    await asks();
    askedAt = Date.now();
    isAsking = false;
  };
}

const stepOf = (contact) => contact.criteria[contact.step] ?? (contact.criteria.length ? "no more steps" : "–");
const textOf = (attributes) =>
  Object.entries(attributes)
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ") || "–";

/**
 * A table of the contacts that `asks` answers. `extra`: what stands in the place of the step, {title, text}; a box
 * before each contact, {mark, seen}; what stands above the table while there are any, {bar}.
 */
export function contactTable(asks, title, none, extra = {}) {
  const [told, body] = [el("p", { class: "hint", role: "status" }, "Asking"), el("tbody")];
  const titles = ["Contact", "Age", extra.title ?? "Step", "Priority", "Attempts", "Attributes"];
  const headOf = (text) => el("th", { scope: "col", class: NUMBERS.has(text) ? "n" : "" }, text);
  const head = el("tr", {}, ...titles.map(headOf));
  const table = el("table", { hidden: true }, el("caption", {}, title), el("thead", {}, head), body);
  const load = async () => {
    try {
      const { items } = await asks();
      table.hidden = !items.length;
      told.hidden = items.length > 0;
      say(told, none);
      if (extra.bar) extra.bar.hidden = !items.length;
      keyed(
        body,
        items,
        (one) => one.contact_id,
        (one) => makeRow(one, load, extra),
      );
      extra.seen?.(items);
    } catch (problem) {
      told.hidden = false;
      say(told, problem.message);
    }
  };
  const reload = again(load);
  load();
  const node = el("div", { class: "inside" }, extra.bar, told, el("div", { class: "wide" }, table));
  return { node, load, update: () => reload() };
}

function makeRow(first, changed, extra) {
  const [age, step, priority, attempts, attributes] = ["n", "", "n", "n", "attributes"].map((name) =>
    el("td", { class: name }),
  );
  const below = el("td", { colspan: WIDTH });
  const detail = el("tr", { class: "detail", hidden: true }, below);
  const opens = el("button", { type: "button", class: "opens", "aria-expanded": "false" }, first.contact_id);
  opens.addEventListener("click", () => {
    detail.hidden = !detail.hidden;
    opens.setAttribute("aria-expanded", String(!detail.hidden));
    below.replaceChildren(...(detail.hidden ? [] : [contactPanel(first.contact_id, changed)]));
  });
  const head = el("th", { scope: "row" }, ...(extra.mark ? [extra.mark(first), " "] : []), opens);
  const row = el("tr", {}, head, age, step, priority, attempts, attributes);
  const update = (contact) => {
    say(age, clock((site.nowUs() - contact.queued_us) / 1e6));
    say(step, extra.text ? extra.text(contact) : stepOf(contact));
    say(priority, String(contact.priority));
    say(attempts, String(contact.attempts));
    say(attributes, textOf(contact.attributes));
  };
  return { nodes: [row, detail], update };
}

/** All about a contact. */
export function contactPanel(id, changed) {
  const node = el("div", { class: "panel" }, el("p", { class: "hint", role: "status" }, "Asking"));
  const load = async () => {
    const got = (asked) => asked.catch((problem) => problem);
    const [record, life] = await Promise.all([
      got(ask(path("contacts", id))),
      got(ask(path("contacts", id, "timeline"))),
    ]);
    if (record instanceof Error && life instanceof Error) {
      node.replaceChildren(el("p", { class: "problem", role: "alert" }, record.message));
      return;
    }
    const isRecord = !(record instanceof Error);
    const waits = isRecord && ["queued", "offered"].includes(record.state);
    const why = waits ? await got(ask(path("contacts", id, "explanation"))) : null;
    node.replaceChildren(
      facts(id, isRecord ? record : null, life),
      ...(why ? [explained(why)] : []),
      ...(isRecord
        ? [
            await actions(record, async () => {
              await load();
              await changed?.();
            }),
          ]
        : []),
      ...(life instanceof Error ? [] : [timeline(life)]),
    );
  };
  load();
  return node;
}

function facts(id, record, life) {
  const rows = record
    ? [
        ["Contact", id],
        ["State", record.state.replaceAll("_", " ")],
        ["Queue", `${record.queue}, ${record.channel}`],
        ["Agent", record.agent],
        ["Customer", record.customer],
        ["Error", record.error],
        ["Steps", record.criteria.map((one, place) => (place === record.step ? `now ${one}` : one)).join("; ")],
        ["Refused by", record.refused_by.join(", ")],
        ["Attributes", record.attributes && textOf(record.attributes)],
      ]
    : [
        ["Contact", id],
        ["State", `${life.state}; its record is gone`],
      ];
  const shown = rows.filter(([, text]) => text && text !== "–");
  return el(
    "dl",
    { class: "facts" },
    ...shown.map(([name, text]) => el("div", {}, el("dt", {}, name), el("dd", {}, text))),
  );
}

function explained(why) {
  if (why instanceof Error) return el("p", { class: "problem" }, why.message);
  const list = el("ul");
  for (const name of why.nothing_stops) list.append(el("li", {}, `${name}: nothing stops it`));
  for (const profile of why.profiles) {
    const stopped = new Map(); // reason -> agents: hundreds may have the same
    for (const { agent, why_not } of profile.agents) {
      const told = why_not?.told.replace(`agent '${agent}' `, "");
      if (told) stopped.set(told, [...(stopped.get(told) ?? []), agent]);
    }
    for (const [told, agents] of stopped) {
      const first = agents.slice(0, 8).join(", ") + (agents.length > 8 ? ` and ${agents.length - 8} more` : "");
      list.append(el("li", {}, `${first} (${profile.profile}): ${told}`));
    }
    if (!profile.agents.length) list.append(el("li", {}, `${profile.profile}: has no agents`));
  }
  if (!list.childElementCount) list.append(el("li", {}, "No routing profile serves this queue on this channel."));
  const { estimate } = why;
  const when =
    estimate?.wait_s == null ? "" : `, answered in about ${clock(estimate.wait_s)} (confidence ${estimate.confidence})`;
  const place = estimate ? el("p", {}, `Place ${estimate.position} in line${when}.`) : null;
  return el("section", {}, el("h3", {}, "Why this waits"), place, list);
}

async function actions(contact, then) {
  const { told, act } = acting(then);
  const of = (action) => path("contacts", contact.contact_id, action);
  const forms = [];
  const isQueued = ["queued", "offered"].includes(contact.state);
  if (isQueued && site.mayAct("supervise")) {
    forms.push(...(await moving("Move", contact.queue, act, (body) => ask(of("move"), { method: "POST", body }))));
    const [toAgent, agent] = choice(
      "Assign to",
      site.agents.map((one) => one.name),
    );
    const assigns = () => ask(of("assign"), { method: "POST", body: { agent: agent.value } });
    if (site.agents.length) forms.push(form("Assign", act, assigns, toAgent));
  }
  if (isQueued && site.mayAct("contacts:write")) {
    const sets = (body) => ask(path("contacts", contact.contact_id), { method: "PATCH", body });
    forms.push(prioritising("Set", contact.priority, act, sets));
  }
  if (contact.state === "parked" && site.mayAct("supervise")) {
    forms.push(button("Retry", act, () => ask(of("retry"), { method: "POST" })));
  }
  if (!["completed", "abandoned", "expired", "stopped"].includes(contact.state) && site.mayAct("supervise")) {
    forms.push(sureButton("End contact", "Really end it?", act, () => ask(of("stop"), { method: "POST" })));
  }
  return el("div", {}, el("div", { class: "actions" }, ...forms), told);
}

/** A form that moves to another queue than this one, if there is any; `moves` is given what the server is to be told. */
export async function moving(caption, from, act, moves) {
  const seen = site.queues.map((one) => one.queue);
  const queues = (await namesOf("queues", seen)).filter((name) => name !== from);
  const [toQueue, queue] = choice("Move to", queues);
  const [toPlace, rank] = choice("place", ["back", "front", "keep"]);
  const does = () => moves({ queue: queue.value, rank: rank.value });
  return queues.length ? [form(caption, act, does, toQueue, toPlace)] : [];
}

/** A form that sets a priority; `sets` is given what the server is to be told. */
export function prioritising(caption, now, act, sets) {
  const number = el("input", { type: "number", min: 1, max: 99, required: true, value: now });
  return form(caption, act, () => sets({ priority: Number(number.value) }), el("label", {}, "Priority ", number));
}

function timeline(life) {
  const events = life.events.slice(-LATELY);
  const items = events.map((event) => {
    const { id: _, event: name, at_us: at, contact: __, ...fields } = event;
    const known = ["queue", "agent", "reason", "error", "status", "actor"].filter((one) => fields[one]);
    const words = known.map((one) => el("span", { class: one, title: one }, String(fields[one])));
    return el(
      "li",
      {},
      el("time", {}, timeOf(at)),
      el("span", { class: "name" }, name.replace("contact.", "").replaceAll("_", " ")),
      ...words,
    );
  });
  const times = Object.entries(life.times_us).map(([state, us]) => `${clock(us / 1e6)} ${state.replaceAll("_", " ")}`);
  const hints = [
    times.join(", "),
    life.is_trimmed ? "it began before the first event that is kept" : "",
    life.events.length > LATELY ? `the last ${LATELY} events` : "",
  ].filter(Boolean);
  return el(
    "section",
    {},
    el("h3", {}, "Timeline"),
    el("p", { class: "hint" }, hints.join("; ")),
    el("ol", { class: "events whole" }, ...items),
  );
}
