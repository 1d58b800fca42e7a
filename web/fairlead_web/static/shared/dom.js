// Making and changing elements. Whatever comes from the server becomes text, never HTML.

export const by = (id) => document.getElementById(id);

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Sets a text only where it changes: selections and screen readers are left alone. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Shows items as children of a parent, and keeps the nodes of those that stay, with their focus and what is open in
 * them. `make` answers {nodes, update}.
 */
export function keyed(parent, items, keyOf, make) {
  const known = (parent.known ??= new Map());
  const wanted = new Set(items.map(keyOf));
  for (const [key, one] of known) {
    if (wanted.has(key)) continue;
    for (const node of one.nodes) node.remove();
    known.delete(key);
  }
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    if (!known.has(key)) known.set(key, make(item));
    const one = known.get(key);
    one.update(item);
    for (const node of one.nodes) {
      if (node === place) place = place.nextElementSibling;
      else parent.insertBefore(node, place);
    }
  }
}

/** A state by shape, word and colour; `kind`: good, near, bad, busy, away or off. */
export function state(kind, word) {
  return el("span", { class: `state ${kind}` }, word);
}

export function restate(node, kind, word) {
  if (node.className !== `state ${kind}`) node.className = `state ${kind}`;
  say(node, word);
}

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [days, hours, minutes] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3_600) % 24,
    Math.floor(whole / 60) % 60,
  ];
  if (days) return `${days} d ${two(hours)}:${two(minutes)}`;
  return (hours ? `${hours}:${two(minutes)}` : `${minutes}`) + `:${two(whole % 60)}`;
}

const names = new Intl.Collator("en", { numeric: true });
/** The order of names as people count: Desk-2 before Desk-10. */
export const byName = names.compare;
export const share = (percent) => (percent === null ? "–" : `${percent.toFixed(1)} %`);
export const many = (number) => number.toLocaleString("en");
export const timeOf = (us) => new Date(us / 1_000).toLocaleTimeString("en-GB");
