// The agent's session over HTTP. All tabs of this browser share it: one of them leads, which keeps the session alive,
// follows its events and tells the others. The server numbers the requests; the epoch is all that is kept here.

import { keep, kept } from "../shared/kept.js";
import { ask, path, site } from "../shared/site.js";

const LEASE_S = 15;
const BEAT_MS = (LEASE_S * 1_000) / 3;
const AGAIN_MS = 1_000;
const PATIENCE_MS = 2 * LEASE_S * 1_000; // later whatever was asked for is with somebody else
const KEPT = "fairlead-session";
const ENDS = ["agent.lost", "agent.signed_out"];
const ENDED_WITHIN_S = 600; // how far back it is looked for why a session has ended

export const session = {
  agent: "",
  epoch: 0,
  desk: null,
  isLost: false, // no answer comes
  heardAt: 0,
  leads: false,
  leaseMs: LEASE_S * 1_000,
  changed: () => {},
  ended: () => {},
  rescinded: () => {}, // what rang here rings no more: another was first, or it has gone

  nowUs() {
    return (Date.now() + aheadMs) * 1_000;
  },
};

let aheadMs = 0;
let over = new AbortController();
let stream = null; // of the tab that leads
let [asked, taken] = [0, 0]; // requests: an answer that was overtaken by that of a later one is not shown
let [isLooking, isDirty] = [false, false];

const siblings = new BroadcastChannel("fairlead-desk");
siblings.onmessage = ({ data }) => {
  if (data.epoch !== session.epoch) return;
  if (data.rescinded) session.rescinded(data.rescinded);
  if (data.isLost) lose();
  else look();
};

const tellSiblings = () => session.leads && siblings.postMessage({ epoch: session.epoch, isLost: session.isLost });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const unanswered = (problem) => !problem.status || problem.status === 429 || problem.status >= 500;
const of = (...parts) => path("agents", session.agent, "session", ...parts);

/** The name of this browser: its other tabs go on with the session that one of them has begun. */
function client() {
  const known = kept(localStorage, "fairlead-client");
  const name = known || `browser-${crypto.randomUUID().slice(0, 8)}`;
  if (!known) keep(localStorage, "fairlead-client", name);
  return name;
}

const isOurs = (holder) => holder === `web/${client()}`;

/** Repeats what is not answered: by its key or its contact's token it is done once. */
async function patiently(asks) {
  for (const endsAt = Date.now() + PATIENCE_MS; ; await pause(AGAIN_MS)) {
    try {
      return await asks();
    } catch (problem) {
      if (!unanswered(problem) || Date.now() > endsAt) throw problem;
      lose();
    }
  }
}

/** Begins a session, or goes on with that of another tab. Raises Problem: agent-signed-in: another machine has it. */
export async function signIn(agent, { profile = "", takesOver = false } = {}) {
  session.agent = agent;
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  const body = { client: client(), take_over: takesOver, lease_s: LEASE_S, ...(profile && { profile }) };
  try {
    enter(await patiently(() => ask(of(), { method: "POST", body, headers })));
  } catch (problem) {
    if (problem.type !== "agent-signed-in" || !isOurs(problem.told.holder)) throw problem;
    enter(await ask(`${of()}?epoch=${problem.told.epoch}`));
  }
}

/** Goes on with the session that this tab had before it was loaded, or that another tab has. False: there is none. */
export async function resume() {
  const { agent = "", epoch } = JSON.parse(kept(sessionStorage, KEPT) || "{}");
  session.agent = site.agent || agent;
  if (!session.agent) return false;
  const isKept = epoch && agent === session.agent;
  try {
    const desk = await patiently(() => ask(of() + (isKept ? `?epoch=${epoch}` : "")));
    if (!isKept && !isOurs(desk.holder)) return false;
    enter(desk);
    return true;
  } catch (problem) {
    if (problem.status !== 409 && problem.status !== 404) throw problem;
    if (isKept) await end();
    return Boolean(session.desk);
  }
}

function enter(desk) {
  over = new AbortController();
  session.epoch = desk.epoch;
  keep(sessionStorage, KEPT, JSON.stringify({ agent: session.agent, epoch: desk.epoch }));
  take(++asked, desk);
  const name = `fairlead ${session.agent} ${session.epoch}`;
  navigator.locks.request(name, { signal: over.signal }, () => lead(over.signal)).catch(() => {});
}

/** Until the session is over, or the tab is closed and another one leads. */
function lead(signal) {
  session.leads = true;
  const beats = new Worker(new URL("./heartbeat.js", import.meta.url));
  beats.onmessage = ({ data: status }) => {
    if (status === 204 && session.isLost) heard();
    else if (status && status < 500) look(); // also when all is well: no event tells what Redis has forgotten
    else lose();
  };
  beats.postMessage({ path: of("heartbeat"), epoch: session.epoch, everyMs: BEAT_MS });
  follow(signal);
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      session.leads = false;
      beats.terminate();
      resolve();
    });
  });
}

function follow(signal) {
  stream?.close();
  const source = new EventSource(of("events"));
  stream = source;
  signal.addEventListener("abort", () => source.close());
  source.onopen = look; // what has happened before it was open
  source.onmessage = ({ data }) => {
    const told = JSON.parse(data);
    if (told.event === "contact.rescinded") rescind(told);
    if (told.event === "contact.abandoned") rescind({ ...told, reason: "gone" });
    look();
  };
  source.onerror = () => {
    look();
    const isShut = source === stream && source.readyState === EventSource.CLOSED;
    if (isShut && !signal.aborted) setTimeout(() => follow(signal), AGAIN_MS);
  };
}

function rescind(told) {
  session.rescinded(told);
  siblings.postMessage({ epoch: session.epoch, rescinded: told });
}

/** Asks how it stands, again when something happens meanwhile. */
export async function look() {
  isDirty = true;
  if (isLooking) return;
  isLooking = true;
  while (isDirty && !over.signal.aborted) {
    isDirty = false;
    const number = ++asked;
    try {
      take(number, await ask(`${of()}?epoch=${session.epoch}`));
    } catch (problem) {
      if (!unanswered(problem)) await end(problem);
      else {
        lose();
        isDirty = true;
        await pause(AGAIN_MS);
      }
    }
  }
  isLooking = false;
}

function take(number, desk) {
  if (number < taken) return;
  taken = number;
  session.desk = desk;
  aheadMs = desk.at_us / 1_000 - Date.now();
  heard();
  session.changed();
}

function heard() {
  session.heardAt = Date.now();
  const wasLost = session.isLost;
  session.isLost = false;
  if (wasLost) {
    if (session.leads) follow(over.signal); // the old one may have died without a word
    look();
    session.changed();
  }
  tellSiblings();
}

function lose() {
  if (session.isLost || over.signal.aborted) return;
  session.isLost = true;
  tellSiblings();
  session.changed();
}

/** The session is over here. */
async function end(problem = null) {
  if (over.signal.aborted) return;
  over.abort();
  keep(sessionStorage, KEPT, "");
  session.desk = null;
  session.isLost = false;
  session.changed();
  if (problem && problem.status !== 409) return session.ended({ why: "problem", problem });
  try {
    const now = await ask(of());
    if (isOurs(now.holder)) return enter(now); // another tab of this browser has begun it anew
    session.ended({ why: "elsewhere", holder: now.holder });
  } catch {
    session.ended(await lastEnd().catch(() => ({ why: "lost" })));
  }
}

async function lastEnd() {
  const after = `${Math.max(0, Math.floor(session.nowUs() / 1_000) - ENDED_WITHIN_S * 1_000)}-0`;
  const { items } = await ask(`${of("events")}?limit=1000&after=${after}`);
  const last = items.findLast((one) => ENDS.includes(one.event));
  return { why: last?.event === "agent.signed_out" ? "signed_out" : "lost", actor: last?.actor ?? "" };
}

/** One request about the session; answers the desk after it. Raises Problem. */
async function request(where, body = {}) {
  try {
    const number = ++asked;
    const desk = await patiently(() =>
      ask(of(...where), { method: "POST", body: { epoch: session.epoch, ...body } }),
    );
    take(number, desk);
    return desk;
  } catch (problem) {
    if (!unanswered(problem)) look(); // it stands otherwise than was shown
    throw problem;
  }
}

export const act = (slot, action, more = {}) =>
  request(["contacts", slot.contact_id, action], { token: slot.token, ...more });
export const clear = (slot) => request(["slots", slot.token, "clear"]);
export const pick = (id) => request(["contacts", id, "pick"]);
export const worklist = () => ask(path("agents", session.agent, "worklist"));

export async function setStatus(status, when) {
  await patiently(() => ask(path("agents", session.agent, "status"), { method: "PUT", body: { status, when } }));
  await look();
}

export async function signOut() {
  const actor = `agent:${session.agent}`;
  await patiently(() => ask(`${of()}?epoch=${session.epoch}`, { method: "DELETE" }));
  over.abort();
  keep(sessionStorage, KEPT, "");
  session.desk = null;
  session.changed();
  session.ended({ why: "signed_out", actor });
}

addEventListener("online", () => session.desk && look());
