// The agent desk: who signs in, as whom, and what is shown while they work.

import { acting, button, sureButton } from "../shared/acting.js";
import { by, el, restate, say } from "../shared/dom.js";
import { askForToken, leave } from "../shared/entrance.js";
import { kept, keep } from "../shared/kept.js";
import { ask, namesOf, path, site } from "../shared/site.js";
import { showTheme } from "../shared/theme.js";
import { ring, setUpAlarm } from "./alarm.js";
import { showCards } from "./cards.js";
import { setUpKeys } from "./keys.js";
import { resume, session, setStatus, signIn, signOut } from "./session.js";
import { t, toldOf, translate } from "./texts.js";
import { setUpWorklist } from "./worklist.js";

const AGAIN_MS = 2_000;
const NOTICE_MS = 20_000;
const BUILT_IN = ["Available", "Offline"];

let isAtWork = false;
let loadWorklist = () => {};
let agents = null; // names; null: this token does not show them

async function start() {
  try {
    await site.enter();
  } catch (problem) {
    if (problem.status === 401) {
      restate(by("state"), "off", t("signed_out"));
      return askForToken();
    }
    restate(by("state"), "bad", toldOf(problem));
    setTimeout(start, AGAIN_MS);
    return;
  }
  by("forget").hidden = site.name === "http";
  by("wallboard").hidden = !site.may("measures");
  if (!site.agent && !site.may("supervise")) {
    restate(by("state"), "off", t("signed_out"));
    return askForToken(t("scope_missing", { name: site.name }));
  }
  if (!(await resume().catch(() => false)) && by("signin").hidden) askWho();
}

/** The form that signs in, and why it is shown. */
async function askWho(why = "") {
  isAtWork = false;
  by("work").hidden = true;
  by("leave").hidden = true;
  by("signin").hidden = false;
  by("why").hidden = !why;
  say(by("why"), why);
  by("taken").replaceChildren();
  restate(by("state"), "off", t("signed_out"));
  by("who").hidden = Boolean(site.agent);
  by("as-agent").hidden = !site.agent;
  say(by("as-agent"), t("as_agent", { agent: site.agent }));
  by("agent").required = !site.agent;
  by("agent").value = site.agent || kept(localStorage, "fairlead-agent");
  (site.agent ? by("begin") : by("agent")).focus();
  await offerNames();
}

async function offerNames() {
  if (site.agent || agents || !site.may("configuration:read")) return;
  try {
    const [known, profiles] = await Promise.all(["agents", "profiles"].map((section) => ask(`/v1/${section}`)));
    agents = known.items.map((one) => one.name);
    by("agents").replaceChildren(...agents.map((name) => el("option", { value: name })));
    by("profile").replaceChildren(...profiles.items.map(({ name }) => el("option", {}, name)));
    showProfile();
  } catch {
    // A name can be written, too.
  }
}

function showProfile() {
  const name = by("agent").value.trim();
  by("with-profile").hidden = !agents || !name || agents.includes(name);
}

const entering = acting(null, toldOf);

async function begin(takesOver = false) {
  const agent = site.agent || by("agent").value.trim();
  const profile = by("with-profile").hidden ? "" : by("profile").value;
  by("taken").replaceChildren();
  try {
    await signIn(agent, { profile, takesOver });
    if (!site.agent) keep(localStorage, "fairlead-agent", agent);
  } catch (problem) {
    if (problem.type !== "agent-signed-in") throw problem;
    const { holder, lease_left_ms: leftMs } = problem.told;
    const told = t("held_by", { agent, holder, s: Math.ceil(leftMs / 1_000) });
    by("taken").replaceChildren(el("p", {}, told), button(t("take_over"), entering.act, () => begin(true)));
    by("taken").querySelector("button").focus();
  }
}

session.changed = () => {
  tell();
  if (!session.desk) return ring([]);
  if (!isAtWork) openDesk();
  draw();
};

session.ended = ({ why, holder, actor, problem }) => {
  const lease = session.leaseMs / 1_000;
  const isOwn = !actor || actor === `agent:${session.agent}`;
  const texts = {
    problem: () => toldOf(problem),
    elsewhere: () => t("ended_elsewhere", { holder }),
    signed_out: () => (isOwn ? t("ended_signed_out") : t("ended_by", { actor })),
    lost: () => t("ended_lost", { lease }),
  };
  if (problem?.status === 401) location.reload();
  else askWho(texts[why]());
};

let forgetNotice = 0;

session.rescinded = ({ contact, queue, channel, reason }) => {
  clearTimeout(forgetNotice);
  say(by("notice"), t(`rescinded_${reason}`, { contact, queue, channel: t(channel) }));
  forgetNotice = setTimeout(() => say(by("notice"), ""), NOTICE_MS);
};

function openDesk() {
  isAtWork = true;
  by("signin").hidden = true;
  by("work").hidden = false;
  by("leave").hidden = false;
  by("main").focus();
  fillOnce();
  loadWorklist();
}

let isFilled = "";

async function fillOnce() {
  if (isFilled === session.agent) return;
  isFilled = session.agent;
  const got = (asked) => asked.catch(() => []);
  const [statuses, queues, agent] = await Promise.all([
    got(namesOf("statuses", [])),
    got(namesOf("queues", [])),
    ask(path("agents", session.agent)).catch(() => ({})),
  ]);
  say(by("name"), agent.display_name || session.agent);
  const names = [...new Set([...BUILT_IN, ...statuses])];
  by("status").replaceChildren(...names.map((name) => el("option", { value: name }, t(name))));
  by("status").value = session.desk?.status ?? BUILT_IN[0];
  by("targets").replaceChildren(...queues.map((name) => el("option", { value: name })));
}

let shownStatus = "";

function draw() {
  const { status, next_status: next, profile, slots } = session.desk;
  if (!by("name").textContent) say(by("name"), session.agent);
  say(by("profile-shown"), profile);
  const isBusy = slots.some((slot) => slot.kind !== "offered");
  restate(by("doing"), status === "Available" ? (isBusy ? "busy" : "good") : "away", t(status));
  if (status !== shownStatus) by("status").value = status;
  shownStatus = status;
  by("next").hidden = !slots.length;
  by("following").hidden = !next;
  say(by("next-status"), t("next_is", { status: t(next) }));
  by("idle").hidden = slots.length > 0;
  say(by("idle"), status === "Available" ? t("idle") : t("idle_away", { status: t(status) }));
  showCards(slots);
  ring(slots.filter((slot) => slot.kind === "offered"));
  focusOnOffer(slots);
}

let knownToken = 0;

/** Whoever does nothing else at the moment needs but press Enter. */
function focusOnOffer(slots) {
  const newest = Math.max(0, ...slots.map((slot) => slot.token));
  if (newest <= knownToken) return;
  knownToken = newest;
  if (document.activeElement === document.body || document.activeElement === by("main"))
    by("contacts").querySelector(".offered .accept")?.focus();
}

function tell() {
  const seconds = Math.round((Date.now() - session.heardAt) / 1_000);
  by("stale").hidden = !(session.isLost && session.desk);
  document.body.classList.toggle("stale", session.isLost);
  if (session.isLost) {
    say(by("stale"), t("lost_for", { s: seconds, lease: session.leaseMs / 1_000 }));
    restate(by("state"), "bad", t("lost"));
  } else if (session.desk) restate(by("state"), "good", t("live"));
}

function tick() {
  tell();
  if (session.desk) draw();
}

function setUp() {
  translate(by("language"));
  restate(by("state"), "off", t("connecting"));
  showTheme((theme) => t("theme", { theme: t(`theme_${theme || "system"}`) }));
  setUpAlarm();
  setUpKeys();
  loadWorklist = setUpWorklist();
  by("signin").append(entering.told);
  by("signin").addEventListener("submit", (event) => {
    event.preventDefault();
    entering.act(by("begin"), () => begin());
  });
  by("agent").addEventListener("input", showProfile);
  by("forget").addEventListener("click", leave);
  const { told, act } = acting(null, toldOf);
  by("statuses").append(told);
  by("statuses").addEventListener("submit", (event) => {
    event.preventDefault();
    const when = event.submitter === by("next") ? "next" : "now";
    act(event.submitter ?? by("now"), () => setStatus(by("status").value, when));
  });
  by("cancel-next").addEventListener("click", () => act(by("cancel-next"), () => setStatus("", "next")));
  const leaving = sureButton(t("sign_out"), t("sign_out_sure"), act, signOut);
  leaving.id = "leave";
  leaving.hidden = true;
  by("leave").replaceWith(leaving);
  setInterval(tick, 500);
}

setUp();
start();
