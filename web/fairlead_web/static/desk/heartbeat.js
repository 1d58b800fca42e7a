// Keeps the session alive, beside the page: browsers slow down the timers of a page that is hidden.

const PATIENCE_MS = 1_500; // the browser may have six connections that have died silently: all together within a lease
const AGAIN_MS = 1_000; // after a quick refusal

onmessage = ({ data }) => beat(data);

async function beat(session) {
  const { path, epoch, everyMs } = session;
  let [status, waitMs] = [0, AGAIN_MS]; // no answer
  try {
    const headers = { "Content-Type": "application/json" };
    const [body, signal] = [JSON.stringify({ epoch }), AbortSignal.timeout(PATIENCE_MS)];
    status = (await fetch(path, { method: "POST", headers, body, signal })).status;
    if (status === 204) waitMs = everyMs;
  } catch (failure) {
    if (failure.name === "TimeoutError") waitMs = 0;
  }
  postMessage(status);
  setTimeout(() => beat(session), waitMs);
}
