// The wallboard: what is asked when, and what is shown while the server does not answer.

import { by, clock, el, keyed, many, say, share, restate } from "../shared/dom.js";
import { askForToken, leave } from "../shared/entrance.js";
import { age, ask, site } from "../shared/site.js";
import { showTheme } from "../shared/theme.js";
import { showAgents } from "./agents.js";
import { showDay } from "./day.js";
import { follow } from "./events.js";
import { showParked } from "./parked.js";
import { showPicture } from "./picture.js";
import { drawArrivals, showQueues } from "./queues.js";
import { showSearch } from "./search.js";

const AGAIN_MS = 1_000; // the server reads the instance once a second, however many ask
const QUIET_MS = 5_000; // without events nothing changes but what time alone changes
const STALE_MS = 8_000;
const ARRIVALS_MS = 30_000;

let shown = null;
let askedAt = 0;
let arrivalsAt = 0;
let isAsking = false;
let isDirty = true;
let failure = null;
let isConnected = false;

async function look() {
  isAsking = true;
  isDirty = false;
  askedAt = Date.now();
  try {
    const told = await ask("/v1/measures/current");
    site.shownAt = Date.now();
    site.behindMs = told.at_us / 1_000 - site.shownAt;
    site.agents = told.agents;
    site.queues = told.queues;
    shown = told;
    failure = null;
    draw();
    if (Date.now() - arrivalsAt > ARRIVALS_MS) {
      arrivalsAt = Date.now();
      drawArrivals((await ask("/v1/measures?interval_min=1&since_min=30")).items);
    }
  } catch (problem) {
    failure = problem;
    if (problem.status === 401) close();
  } finally {
    isAsking = false;
    tell();
  }
}

function draw() {
  showTotals(shown);
  showQueues(shown.queues);
  showAgents(shown.agents);
  showParked(shown.parked);
}

function showTotals({ queues, measures, parked }) {
  const waiting = queues.filter((one) => one.in_queue);
  const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
  const [answered, abandoned] = [sum(queues, (one) => one.answered), sum(queues, (one) => one.abandoned)];
  const levels = queues.filter((one) => one.service_level !== null);
  const left = (one) => one.answered + one.abandoned;
  const late = waiting.filter((one) => age(one) > one.service_level_s).length;
  const level = sum(levels, left) ? sum(levels, (one) => one.service_level * left(one)) / sum(levels, left) : null;
  const totals = [
    ["Waiting", many(sum(queues, (one) => one.in_queue)), ""],
    ["Oldest", waiting.length ? clock(Math.max(...waiting.map(age))) : "–", late ? `bad late in ${late}` : ""],
    ["Service level", share(level), level === null ? "" : level >= 80 ? "good good" : "bad low"],
    [
      "Available",
      `${many(measures.available)} of ${many(measures.staffed)}`,
      waiting.length && !measures.staffed ? "bad nobody there" : "",
    ],
    ["On contact", many(measures.on_contact), ""],
    ["Abandoned", share(answered + abandoned ? (100 * abandoned) / (answered + abandoned) : null), ""],
    ["Parked", many(parked), parked ? "bad to be retried" : ""],
  ];
  keyed(
    by("totals"),
    totals,
    ([name]) => name,
    ([name]) => {
      const [figure, note] = [el("span", { class: "figure" }), el("span", { hidden: true })];
      const update = ([, text, told]) => {
        say(figure, text);
        const [kind, ...words] = told.split(" ");
        note.hidden = !told;
        restate(note, kind, words.join(" "));
      };
      return { nodes: [el("div", {}, el("dt", {}, name), el("dd", {}, figure, note))], update };
    },
  );
}

const isStale = () => shown !== null && (failure !== null || Date.now() - site.shownAt > STALE_MS);

function tell() {
  const stale = by("stale");
  const seconds = Math.round((Date.now() - site.shownAt) / 1_000);
  stale.hidden = !isStale();
  document.body.classList.toggle("stale", isStale());
  if (isStale()) {
    const why = failure?.message ?? "the server does not answer";
    say(
      stale,
      `Stale for ${seconds} s: ${why}. The figures are of ${new Date(site.shownAt).toLocaleTimeString("en-GB")}.`,
    );
  }
  if (isStale() || (shown === null && failure))
    restate(by("state"), "bad", shown ? "Stale" : `Not connected: ${failure.message}; trying again`);
  else if (isConnected) restate(by("state"), "good", "Live");
  else if (shown) restate(by("state"), "near", site.may("events") ? "Events reconnect" : "Every 5 s");
}

function tick() {
  say(by("clock"), new Date().toLocaleTimeString("en-GB"));
  const waitedMs = Date.now() - askedAt;
  if (!isAsking && !by("board").hidden && waitedMs >= (isDirty || failure ? AGAIN_MS : QUIET_MS)) look();
  else if (shown && !isStale()) draw();
  tell();
}

function close(refused = "") {
  by("board").hidden = true;
  restate(by("state"), "off", "Not signed in");
  askForToken(refused);
}

async function start() {
  try {
    await site.enter();
  } catch (problem) {
    if (problem.status === 401) return close();
    failure = problem;
    tell();
    setTimeout(start, 2_000);
    return;
  }
  by("entrance").hidden = true;
  if (!site.may("measures")) return close(`the token ${site.name} lacks the scope measures`);
  by("board").hidden = false;
  by("leave").hidden = site.name === "http";
  by("desk").hidden = !(site.agent || site.may("supervise"));
  by("rights").hidden = site.may("supervise") || site.isTv;
  say(by("rights"), "Read only");
  showSearch();
  showPicture();
  showDay();
  await look();
  if (site.may("events")) {
    follow(
      () => (isDirty = true),
      (connected) => {
        isConnected = connected;
        isDirty = true;
        tell();
      },
    );
  }
}

by("leave").addEventListener("click", leave);
by("full").hidden = !document.fullscreenEnabled;
by("full").addEventListener("click", () =>
  document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen(),
);
document.addEventListener("visibilitychange", () => (isDirty = true));

showTheme((theme) => `Theme: ${theme || "system"}`);
setInterval(tick, 1_000);
start();
