// Finding a contact by its id, also one that has ended, or the contacts of a customer.

import { by, el } from "../shared/dom.js";
import { ask, path, site } from "../shared/site.js";
import { contactPanel, contactTable } from "./contact.js";

const MOST_PAGES = 50;

export function showSearch() {
  const section = by("search");
  section.hidden = !site.mayAct("contacts:read");
  if (section.hidden || section.childElementCount) return;
  const input = el("input", {
    type: "search",
    required: true,
    maxlength: 64,
    pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]*",
    title: "a name: letters, digits, . _ -",
  });
  const found = el("div", { "aria-live": "polite" });
  const search = el(
    "form",
    { class: "act", role: "search" },
    el("label", {}, "Id of a contact, or of its customer ", input),
    el("button", {}, "Find"),
  );
  search.addEventListener("submit", async (event) => {
    event.preventDefault();
    found.replaceChildren(await find(input.value.trim()));
  });
  section.append(el("h2", { id: "search-title" }, "Find a contact"), search, found);
}

async function find(name) {
  try {
    await ask(path("contacts", name, "timeline"));
    return contactPanel(name);
  } catch (problem) {
    if (problem.status !== 404) return el("p", { class: "problem" }, problem.message);
  }
  return contactTable(
    () => ofCustomer(name),
    `Contacts of ${name}`,
    `There is no contact ${name}, and no customer of this name has one.`,
  ).node;
}

async function ofCustomer(customer) {
  const items = [];
  let cursor = "0";
  for (let page = 0; cursor && page < MOST_PAGES; page += 1) {
    const told = await ask(`/v1/contacts?customer=${encodeURIComponent(customer)}&limit=500&cursor=${cursor}`);
    items.push(...told.items);
    cursor = told.next_cursor;
  }
  return { items };
}
