// The form that takes a token: the server gives it back as a cookie that no script can read.

import { by, say } from "./dom.js";
import { ask, site } from "./site.js";

export function askForToken(refused = "") {
  by("entrance").hidden = false;
  by("refused").hidden = !refused;
  say(by("refused"), refused);
  if (!site.isTv) by("token").focus();
}

by("entrance").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await ask("/v1/access", { method: "POST", body: { token: by("token").value.trim() } });
  } catch (problem) {
    return askForToken(problem.message);
  }
  by("token").value = "";
  try {
    await site.enter();
  } catch {
    by("no-cookie").hidden = false;
    return askForToken();
  }
  location.reload();
});

/** Lets this browser forget the token. */
export async function leave() {
  await ask("/v1/access", { method: "DELETE" });
  location.reload();
}
