// The table of queues; a row opens the line of its contacts.

import { sureButton } from "../shared/acting.js";
import { by, byName, clock, el, many, restate, say, share, state, svg } from "../shared/dom.js";
import { age, ask, path, site } from "../shared/site.js";
import { contactTable, moving, prioritising } from "./contact.js";
import { fill, opening } from "./rows.js";
import { several } from "./several.js";

const WIDTH = 11; // columns
const NEAR = 0.75; // of the threshold
const GOOD_LEVEL = 80;
const MOST_IN_LINE = 100;

const keyOf = (queue) => `${queue.queue} ${queue.channel}`;
let arrivals = new Map();

const CHANNELS = ["voice", "chat", "task", "email"];
const inName = (one, other) =>
  byName(one.queue, other.queue) || CHANNELS.indexOf(one.channel) - CHANNELS.indexOf(other.channel);
/** How much of what a contact may wait the oldest has waited: what is over 1 is late. */
const lateness = (queue) => (queue.in_queue ? age(queue) / queue.service_level_s : -1);
const ORDERS = {
  name: inName,
  waiting: (one, other) => other.in_queue - one.in_queue || inName(one, other),
  oldest: (one, other) => lateness(other) - lateness(one) || inName(one, other),
  level: (one, other) => (one.service_level ?? 101) - (other.service_level ?? 101) || inName(one, other),
};

/** A wall cannot be scrolled: where there are many queues, the latest stand first. */
export function showQueues(queues) {
  const isLong = queues.length > 12;
  by("queues-sort").parentElement.hidden = site.isTv || !isLong;
  const order = site.isTv && isLong ? "oldest" : isLong ? by("queues-sort").value : "name";
  fill("queues", queues, keyOf, makeRow, keyOf, ORDERS[order]);
}

/** Takes the counts of 30 minutes, for the small pictures beside the queues. */
export function drawArrivals(rows) {
  arrivals = new Map();
  const nowMin = Math.floor(site.nowUs() / 60e6);
  for (const row of rows) {
    const minute = 29 - (nowMin - Math.floor(row.starts_us / 60e6));
    if (minute < 0 || minute > 29) continue;
    if (!arrivals.has(keyOf(row))) arrivals.set(keyOf(row), Array(30).fill(0));
    arrivals.get(keyOf(row))[minute] += row.queued;
  }
}

function waits(queue) {
  if (!queue.in_queue) return ["off", "–"];
  const waited = age(queue);
  const kind = waited > queue.service_level_s ? "bad" : waited > NEAR * queue.service_level_s ? "near" : "good";
  return [kind, `${clock(waited)} ${{ bad: "late", near: "soon late", good: "in time" }[kind]}`];
}

function makeRow(first) {
  const cell = (className = "n") => el("td", { class: className });
  const [waiting, speed, handle, answered, abandoned, agents] = Array.from({ length: 6 }, () => cell());
  const [oldest, level] = [state("off", "–"), state("off", "–")];
  const picture = cell("spark");
  const cells = [
    el("td", {}, first.channel),
    waiting,
    el("td", { class: "oldest" }, oldest),
    el("td", { class: "n" }, level),
    speed,
    handle,
    answered,
    abandoned,
    agents,
    picture,
  ];
  const made = opening(
    first.queue,
    cells,
    WIDTH,
    site.may("contacts:read") && (() => line(first.queue, first.channel)),
  );
  let drawn = null;
  const update = (queue) => {
    say(waiting, many(queue.in_queue));
    waiting.classList.toggle("some", queue.in_queue > 0);
    restate(oldest, ...waits(queue));
    const isLow = queue.service_level !== null && queue.service_level < GOOD_LEVEL;
    restate(level, queue.service_level === null ? "off" : isLow ? "bad" : "good", share(queue.service_level));
    level.title = `answered within ${queue.service_level_s} s` + (isLow ? ": low" : "");
    say(speed, queue.answer_speed_s === null ? "–" : clock(queue.answer_speed_s));
    say(handle, queue.handle_s === null ? "–" : clock(queue.handle_s));
    say(answered, many(queue.answered));
    say(abandoned, many(queue.abandoned));
    say(agents, queue.queue.startsWith("@") ? "–" : `${many(queue.agents_available)}/${many(queue.agents_staffed)}`);
    const counts = arrivals.get(keyOf(queue));
    if (counts !== drawn) {
      drawn = counts;
      picture.replaceChildren(...(counts ? [spark(counts)] : []));
    }
    made.inside()?.update();
  };
  return { nodes: made.nodes, update };
}

function spark(counts) {
  const most = Math.max(1, ...counts);
  const total = counts.reduce((sum, one) => sum + one, 0);
  const told = `${many(total)} contacts in 30 minutes, at most ${many(most)} in one`;
  const bars = counts.flatMap((count, minute) => {
    const height = Math.max(2, (16 * count) / most);
    return count ? [svg("rect", { x: 4 * minute, y: 17 - height, width: 3, height })] : [];
  });
  const ground = svg("rect", { x: 0, y: 17, width: 120, height: 1, class: "ground" });
  return svg(
    "svg",
    { viewBox: "0 0 120 18", role: "img", "aria-label": told },
    svg("title", {}, told),
    ground,
    ...bars,
  );
}

/** The first contacts of a queue, in order, and what is done with several of them. */
function line(queue, channel) {
  const asks = () => ask(`${path("queues", queue, "line")}?channel=${channel}&limit=${MOST_IN_LINE}`);
  const [maySupervise, mayWrite] = ["supervise", "contacts:write"].map((scope) => site.mayAct(scope));
  const chosen = several(() => table.load());
  const bar = el("div", { hidden: true });
  const extra = maySupervise || mayWrite ? { mark: chosen.mark, seen: chosen.seen, bar } : {};
  const table = contactTable(asks, `Waiting in ${queue}, ${channel}, in order`, "Nobody waits here.", extra);
  if (extra.bar) fillBar(bar, queue, chosen, maySupervise, mayWrite);
  return table;
}

async function fillBar(bar, queue, { each, act, told, choice, count }, maySupervise, mayWrite) {
  const of = (id, action) => path("contacts", id, action);
  const moves = (body) => each((id) => ask(of(id, "move"), { method: "POST", body }));
  const sets = (body) => each((id) => ask(path("contacts", id), { method: "PATCH", body }));
  const ends = () => each((id) => ask(of(id, "stop"), { method: "POST" }));
  const forms = maySupervise ? await moving("Move chosen", queue, act, moves) : [];
  if (mayWrite) forms.push(prioritising("Set chosen", 5, act, sets));
  if (maySupervise) forms.push(sureButton("End chosen", "Really end them?", act, ends));
  bar.append(el("div", { class: "actions" }, choice, ...forms, count), told);
}
