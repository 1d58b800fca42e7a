// The contacts that the agent may take by hand.

import { acting, button } from "../shared/acting.js";
import { by, clock, el, keyed, say } from "../shared/dom.js";
import { pick, session, worklist } from "./session.js";
import { t, toldOf } from "./texts.js";

const EVERY_MS = 5_000; // who waits there concerns no agent yet, so no event of this one tells of it
const MOST_ATTRIBUTES = 4;

async function load() {
  if (!session.desk || session.isLost || document.hidden) return;
  try {
    const { items } = await worklist();
    by("worklist").hidden = !items.length;
    keyed(by("picks"), items, (one) => one.contact_id, makeRow);
  } catch {
    // The session's own requests tell what is wrong.
  }
}

function makeRow(first) {
  const { told, act } = acting(load, toldOf);
  const [waited, attributes] = [el("span", { class: "timer" }), el("span", { class: "hint" })];
  const takes = button(t("pick"), act, () => pick(first.contact_id));
  takes.setAttribute("aria-label", `${t("pick")}: ${first.contact_id}`);
  const what = el("span", {}, el("b", {}, first.queue), ` ${t(first.channel)} `, first.customer || first.contact_id);
  const update = (one) => {
    say(waited, clock((session.nowUs() - one.queued_us) / 1e6));
    const shown = Object.entries(one.attributes).slice(0, MOST_ATTRIBUTES);
    say(attributes, shown.map(([name, text]) => `${name}: ${text}`).join(", "));
  };
  return { nodes: [el("li", {}, el("div", {}, what, " ", waited, attributes), takes, told)], update };
}

export function setUpWorklist() {
  setInterval(load, EVERY_MS);
  return load;
}
