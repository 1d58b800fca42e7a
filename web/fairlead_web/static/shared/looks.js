// Before anything is drawn, so that nothing flashes: the theme that was chosen, and whether this is a wall.
"use strict";
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("fairlead-theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing has the theme of its system.
  }
  if (new URLSearchParams(location.search).get("tv") === "1") root.dataset.tv = "1";
})();
