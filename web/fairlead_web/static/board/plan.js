// Changing the configuration: its text, the plan of what a changed one would do, and applying just that.

import { acting, button, sureButton } from "../shared/acting.js";
import { el, many, say } from "../shared/dom.js";
import { ask, askText } from "../shared/site.js";

const PATH = "/v1/configuration";
const TOML = "application/toml";
const LONG_S = 120; // a large one is applied object by object

/** What stands below the picture. `applied` is called when the configuration has become another one. */
export function changing(applied) {
  const text = el("textarea", {
    rows: 18,
    spellcheck: "false",
    wrap: "off",
    autocapitalize: "off",
    "aria-label": "Configuration as TOML",
  });
  const [outcome, plans] = [el("p", { class: "hint", role: "status" }), el("ul", { class: "plan" })];
  const { told, act } = acting();
  let [version, planned] = ["", null]; // the ETag of what was read; the text that the plan is of

  const read = async () => {
    ({ text: text.value, tag: version } = await askText(PATH, TOML));
    forget();
    planning.disabled = false;
    say(outcome, `Version ${version.replaceAll('"', "")}, as it is in force`);
  };
  const forget = () => {
    planned = null;
    apply.hidden = true;
    plans.replaceChildren();
    say(outcome, "");
  };
  const send = (query) =>
    ask(`${PATH}${query}`, {
      method: "PUT",
      body: text.value,
      type: TOML,
      headers: { "If-Match": version },
      seconds: LONG_S,
    });
  const plan = async () => {
    const asked = text.value;
    forget();
    const { changes, warnings } = await send("?dry_run=true");
    if (asked !== text.value) return; // it is another text by now
    show(plans, changes, warnings);
    say(outcome, changes.length ? `${many(changes.length)} to change; nothing is changed yet` : "It changes nothing");
    planned = changes.length ? asked : null;
    apply.hidden = planned === null;
  };
  const applies = async () => {
    if (planned === null || planned !== text.value) throw new Error("the text has changed since: plan it first");
    const { changes } = await send("");
    await read();
    say(outcome, `Applied: ${many(changes.length)} changed; version ${version.replaceAll('"', "")} is in force`);
    await applied();
  };
  const apply = sureButton("Apply", "Really apply it?", act, applies);
  apply.hidden = true;
  text.addEventListener("input", forget);
  const planning = button("Plan", act, plan);
  planning.disabled = true; // until the text is there that one would change
  const actions = el("div", { class: "actions" }, planning, apply, button("Read again", act, read));
  const details = el("details", {}, el("summary", {}, "Change it"), text, actions, told, outcome, plans);
  details.addEventListener("toggle", () => details.open && !version && act(actions.lastChild, read));
  return details;
}

function show(plans, changes, warnings) {
  const items = changes.map(({ kind, what, name, details, affects }) =>
    el(
      "li",
      {},
      el("b", {}, `${kind} ${what} ${name}`),
      details.length ? `: ${details.join("; ")}` : "",
      affects ? el("span", { class: "hint" }, ` (${affects})`) : null,
    ),
  );
  plans.replaceChildren(...items, ...warnings.map((one) => el("li", { class: "problem" }, `Warning: ${one}`)));
}
