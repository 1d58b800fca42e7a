// Doing the same with several contacts of a table: boxes that choose them, and what is pressed above it.

import { acting } from "../shared/acting.js";
import { el, many, say } from "../shared/dom.js";

/**
 * Boxes for the rows of a table. `act` is that of forms; `each` does one thing with each that is chosen, goes on past
 * those that are refused, which stay chosen, and says which.
 */
export function several(then) {
  const [chosen, boxes] = [new Set(), new Map()];
  const { told, act } = acting(then);
  const [all, count] = [el("input", { type: "checkbox" }), el("span", { class: "hint", role: "status" })];
  const show = () => {
    say(count, chosen.size ? `${many(chosen.size)} chosen` : "");
    all.checked = boxes.size > 0 && chosen.size === boxes.size;
    all.indeterminate = chosen.size > 0 && !all.checked;
  };
  const set = (id, isChosen) => {
    if (isChosen) chosen.add(id);
    else chosen.delete(id);
    boxes.get(id).checked = isChosen;
  };
  all.addEventListener("change", () => {
    for (const id of boxes.keys()) set(id, all.checked);
    show();
  });
  const mark = ({ contact_id: id }) => {
    const box = el("input", { type: "checkbox", "aria-label": `Choose ${id}` });
    box.addEventListener("change", () => {
      set(id, box.checked);
      show();
    });
    boxes.set(id, box);
    return box;
  };
  /** These are there now: what has gone is not chosen any more. */
  const seen = (items) => {
    const ids = new Set(items.map((one) => one.contact_id));
    for (const id of [...boxes.keys()].filter((one) => !ids.has(one))) {
      boxes.delete(id);
      chosen.delete(id);
    }
    show();
  };
  const each = async (does) => {
    if (!chosen.size) throw new Error("choose some first");
    const [asked, refused] = [[...chosen], []];
    for (const id of asked) {
      try {
        await does(id);
        set(id, false);
      } catch (problem) {
        if (!problem.status || problem.status >= 500) throw problem;
        refused.push(problem.message);
      }
    }
    show();
    if (refused.length) throw new Error(`${many(refused.length)} of ${many(asked.length)} not: ${refused[0]}`);
  };
  const choice = el("label", { class: "all" }, all, " Choose all");
  return { mark, seen, each, act, told, choice, count };
}
