// Keeps the session alive, beside the page: browsers slow down the timers of a page that is hidden.

const AGAIN_MS = 1_000;

onmessage = ({ data }) => beat(data);

async function beat(session) {
  const { path, epoch, everyMs } = session;
  let status = 0; // no answer
  try {
    const headers = { "Content-Type": "application/json" };
    const [body, signal] = [JSON.stringify({ epoch }), AbortSignal.timeout(everyMs)];
    status = (await fetch(path, { method: "POST", headers, body, signal })).status;
  } catch {
    // The page is told of it.
  }
  postMessage(status);
  setTimeout(() => beat(session), status === 204 ? everyMs : AGAIN_MS);
}
