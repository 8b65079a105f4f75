// Follows the server's stream, and reconnects as long as the page is open. It uses fetch, since EventSource shows neither
// the status of a refusal nor that a connection has gone silent.

const LONGEST_WAIT = 10_000;

/**
 * @param onEvent gets the name and the data of each event
 * @param onState gets 'live', or 'lost' with a reason
 * @param patience milliseconds of silence after which the stream counts as lost
 */
export async function follow(url, { onEvent, onState, patience }) {
  for (let failures = 0; ; failures++) {
    let reason = 'The connection ended.';
    let atLeast = 0;
    try {
      await read(url, patience, (name, data) => {
        failures = 0;
        onState({ state: 'live' });
        onEvent(name, data);
      });
    } catch (error) {
      reason = error.reason ?? 'The server does not answer.';
      atLeast = error.wait ?? 0;
    }
    // A random part, since all pages lost the same server at the same moment.
    const wait = Math.max(atLeast, Math.min(LONGEST_WAIT, 500 * 2 ** failures) * (0.75 + Math.random() / 2));
    onState({ state: 'lost', reason });
    await pause(wait);
  }
}

async function read(url, patience, onEvent) {
  const silence = new AbortController();
  let timer;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), patience());
  };
  try {
    heard();
    const response = await fetch(url, { cache: 'no-store', signal: silence.signal });
    if (!response.ok || !response.headers.get('content-type')?.startsWith('text/event-stream')) throw refusal(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = '', chunk; !(chunk = await reader.read()).done;) {
      heard();
      const events = (text + chunk.value).split('\n\n');
      text = events.pop();
      for (const event of events) deliver(event, onEvent);
    }
  } finally {
    clearTimeout(timer);
  }
}

function deliver(event, onEvent) {
  const fields = Object.fromEntries(event.split('\n').map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
  if (fields.data) onEvent(fields.event, JSON.parse(fields.data));
}

function refusal(response) {
  const wait = 1000 * Number(response.headers.get('retry-after') ?? 0);
  const reason =
    response.status === 503 ? 'The dashboard already has as many pages open as it allows.'
    : response.ok || response.status === 401 || response.status === 403 ? 'The server asks who you are: load the page again to sign in.'
    : `The server answers ${response.status}.`;
  return Object.assign(new Error(reason), { reason, wait });
}

/** Waits. Ends early when the next try is likely to succeed. */
function pause(wait) {
  return new Promise(resolve => {
    const events = new AbortController();
    const done = () => { events.abort(); clearTimeout(timer); resolve(); };
    const timer = setTimeout(done, wait);
    window.addEventListener('online', done, { signal: events.signal });
    document.addEventListener('visibilitychange', () => document.hidden || done(), { signal: events.signal });
  });
}
