// Small forms that act, and say in place what has become of it.

import { el } from "./dom.js";

const SURE_MS = 4_000;

/** Where the outcome of an action is told, by `wordsOf` a failure, and `act`, which does one thing at a time. */
export function acting(then, wordsOf = (problem) => problem.message) {
  const told = el("p", { class: "problem", role: "alert", hidden: true });
  const act = async (button, does) => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true"); // `disabled` would lose the focus
    told.hidden = true;
    try {
      await does();
      await then?.();
    } catch (problem) {
      told.textContent = wordsOf(problem);
      told.hidden = false;
    } finally {
      button.removeAttribute("aria-disabled");
    }
  };
  return { told, act };
}

/** A form with one button: Enter in a field of it acts, too. */
export function form(caption, act, does, ...fields) {
  const button = el("button", { type: "submit" }, caption);
  const made = el("form", { class: "act" }, ...fields, button);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    act(button, does);
  });
  return made;
}

export function button(caption, act, does) {
  const made = el("button", { type: "button" }, caption);
  made.addEventListener("click", () => act(made, does));
  return made;
}

/** A button for what cannot be taken back: it asks once more, and forgets that it was asked. */
export function sureButton(caption, question, act, does) {
  const made = el("button", { type: "button", class: "grave" }, caption);
  let timer = 0;
  const forget = () => {
    clearTimeout(timer);
    timer = 0;
    made.textContent = caption;
  };
  made.addEventListener("click", () => {
    if (timer) {
      forget();
      act(made, does);
      return;
    }
    made.textContent = question;
    timer = setTimeout(forget, SURE_MS);
  });
  return made;
}

export function choice(label, names, chosen = names[0]) {
  const select = el(
    "select",
    {},
    ...names.map((name) => el("option", { value: name, selected: name === chosen }, name)),
  );
  return [el("label", {}, `${label} `, select), select];
}
