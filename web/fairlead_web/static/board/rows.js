// Rows of a table that open: a button in the first cell shows a row below with more.

import { by, el, keyed, say } from "../shared/dom.js";
import { site } from "../shared/site.js";

const MOST = 200; // rows: more would be slow to draw, and nobody reads them

/** The class of a name that may be broken: its column is as wide as a part of it. */
const isLong = (name) => (name.length > 24 ? "long" : "");

/**
 * A row and the one below it. `open` answers what stands there, {node, update}, when it is opened. The key of what is
 * open stands in no address and no storage: a page that is loaded again is closed.
 */
export function opening(name, cells, width, open) {
  const caption = el("span", { class: isLong(name) }, name);
  const below = el("td", { colspan: width });
  const detail = el("tr", { class: "detail", hidden: true }, below);
  const canOpen = open && !site.isTv;
  const button = canOpen
    ? el("button", { type: "button", class: "opens", "aria-expanded": "false" }, caption)
    : caption;
  const row = el("tr", { class: canOpen ? "opens" : "" }, el("th", { scope: "row" }, button), ...cells);
  let inside = null;
  const toggle = () => {
    inside = inside ? null : open();
    below.replaceChildren(...(inside ? [inside.node] : []));
    detail.hidden = !inside;
    button.setAttribute("aria-expanded", String(Boolean(inside)));
  };
  if (canOpen) {
    row.addEventListener("click", (event) => {
      const isText = !event.target.closest("button, a, input, select, summary") && getSelection().isCollapsed;
      if (isText || event.target.closest("button") === button) toggle();
    });
  }
  return { nodes: canOpen ? [row, detail] : [row], row, inside: () => inside };
}

/** Fills a table with rows, in order, at most MOST, of those whose words the filter has. */
export function fill(id, items, keyOf, make, wordsOf, inOrder) {
  const filter = by(`${id}-filter`);
  const wanted = filter.value.trim().toLowerCase();
  const found = wanted ? items.filter((one) => wordsOf(one).toLowerCase().includes(wanted)) : items;
  filter.parentElement.hidden = site.isTv || (items.length <= 12 && !wanted);
  by(`${id}-none`).hidden = items.length > 0;
  by(id).tHead.hidden = !items.length;
  by(`${id}-more`).hidden = found.length <= MOST;
  say(by(`${id}-more`), `and ${found.length - MOST} more: filter them`);
  keyed(by(id).tBodies[0], found.toSorted(inOrder).slice(0, MOST), keyOf, make);
}
