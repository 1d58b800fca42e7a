// Keeps the session alive, beside the page: browsers slow down the timers of a page that is hidden.

const PATIENCE_MS = 2_000; // a connection that has died silently must not cost the lease, nor two or three of them
const [AGAIN_MS, LONGEST_MS] = [250, 2_000];

onmessage = ({ data }) => beat(data, AGAIN_MS);

async function beat(session, againMs) {
  const { path, epoch, everyMs } = session;
  let status = 0; // no answer
  try {
    const headers = { "Content-Type": "application/json" };
    const [body, signal] = [JSON.stringify({ epoch }), AbortSignal.timeout(PATIENCE_MS)];
    status = (await fetch(path, { method: "POST", headers, body, signal })).status;
  } catch {
    // The page is told of it.
  }
  postMessage(status);
  if (status === 204) setTimeout(() => beat(session, AGAIN_MS), everyMs);
  else setTimeout(() => beat(session, Math.min(LONGEST_MS, 2 * againMs)), againMs);
}
