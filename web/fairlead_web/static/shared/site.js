// What the page asks of its server, who asks, and what time it is there.

export class Problem extends Error {
  constructor(status, told) {
    super(told.detail || told.title || `the server answered ${status}`);
    this.status = status;
    this.type = (told.type ?? "").replace("/problems/", "");
    this.told = told;
  }
}

async function fetched(path, options) {
  try {
    const answer = await fetch(path, options);
    return [answer, await answer.text()];
  } catch {
    throw new Problem(0, { detail: "the server does not answer" }); // browsers have other words for it, each its own
  }
}

/** What the server answers; Problem, of status 0 where nothing comes. `body`: becomes JSON, but for a text of another `type`; `seconds`: how long it may take. */
export async function ask(path, { method = "GET", body, type = "application/json", headers = {}, seconds = 8 } = {}) {
  const signal = AbortSignal.timeout(seconds * 1_000);
  const options = { method, headers: { ...headers }, cache: "no-store", signal };
  if (body !== undefined) {
    options.headers["Content-Type"] = type;
    options.body = typeof body === "string" ? body : JSON.stringify(body);
  }
  const [answer, text] = await fetched(path, options);
  let told = {};
  try {
    told = text ? JSON.parse(text) : {};
  } catch (failure) {
    if (answer.ok) throw failure; // else something between here and the server has answered in its own words
  }
  if (!answer.ok) throw new Problem(answer.status, told);
  return told;
}

/** A text of that type, and its version. */
export async function askText(path, type) {
  const options = { headers: { Accept: type }, cache: "no-store", signal: AbortSignal.timeout(8_000) };
  const [answer, text] = await fetched(path, options);
  if (!answer.ok) throw new Problem(answer.status, JSON.parse(text));
  return { text, tag: answer.headers.get("ETag") };
}

export const path = (...parts) => "/v1/" + parts.map(encodeURIComponent).join("/");

const FURTHER = {
  "contacts:write": ["contacts:read"],
  "configuration:write": ["configuration:read"],
  supervise: ["contacts:read", "measures", "events"],
};

export const site = {
  name: "",
  agent: "", // whom the token works as
  scopes: new Set(),
  isTv: document.documentElement.dataset.tv === "1",
  agents: [],
  queues: [],
  behindMs: 0,
  shownAt: 0,

  /** Raises Problem: 401 where a token is needed. */
  async enter() {
    const { name, scopes, agent } = await ask("/v1/access");
    this.name = name;
    this.agent = agent;
    this.scopes = new Set(scopes.flatMap((scope) => [scope, ...(FURTHER[scope] ?? [])]));
  },

  may(scope) {
    return this.scopes.has("admin") || this.scopes.has(scope);
  },

  /** Whether there is something to press: a wall has nobody in front of it. */
  mayAct(scope) {
    return !this.isTv && this.may(scope);
  },

  nowUs() {
    return (Date.now() + this.behindMs) * 1_000;
  },
};

/** The names of queues or statuses, as far as the token shows them; `seen`: those that are known without asking. */
export async function namesOf(section, seen) {
  try {
    return (await ask(`/v1/${section}`)).items.map((one) => one.name);
  } catch (failure) {
    if (failure.status !== 403) throw failure;
    return [...new Set(seen)].sort();
  }
}

/** How long the oldest contact of a queue has waited by now. */
export const age = (queue) => queue.oldest_s + (Date.now() - site.shownAt) / 1_000;
