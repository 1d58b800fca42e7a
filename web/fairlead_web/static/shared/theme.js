// The button that sets the theme: the system's, light or dark. looks.js applies what was chosen before.

import { by, say } from "./dom.js";
import { keep } from "./kept.js";

const THEMES = ["", "light", "dark"];

/** `caption`: what the button says of a theme; "": the system's. */
export function showTheme(caption) {
  const now = document.documentElement.dataset.theme ?? "";
  say(by("theme"), caption(now));
  by("theme").onclick = () => {
    const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
    if (next) document.documentElement.dataset.theme = next;
    else delete document.documentElement.dataset.theme;
    keep(localStorage, "fairlead-theme", next);
    showTheme(caption);
  };
}
