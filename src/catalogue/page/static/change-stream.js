/* global AbortController, AbortSignal, TextDecoderStream, clearTimeout, document */
import {Refusal} from './api.js';

const SHORTEST = 2000;
const LONGEST = 30_000;

/**
 * Follows the feed until the signal ends it; a lost connection is made again, behind the last change that was seen. While
 * the tab can't be seen nothing is held open: a browser has only a few connections for a server.
 *
 * onState is told `connected`, `hidden` or `lost`. Throws Refusal when the server wants no such stream.
 */
export async function followChanges(api, {name, after, signal, onChange, onState = () => undefined}) {
  let last = after;
  let pause = SHORTEST;
  const wants = {accept: 'text/event-stream'};
  while (!signal.aborted) {
    const hidden = whenHidden(signal);
    try {
      const response = await api.open('/changes', {name, after: last}, AbortSignal.any([signal, hidden.signal]), wants);
      onState('connected');
      pause = SHORTEST;
      for await (const event of eventsIn(response.body)) {
        last = event.id;
        onChange(JSON.parse(event.data));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal && error.status >= 400 && error.status < 500) throw error;
    } finally {
      hidden.forget();
    }
    if (signal.aborted) return;
    if (hidden.signal.aborted) {
      onState('hidden');
      await visible(signal);
    } else {
      onState('lost');
      await wait(pause, signal);
      pause = Math.min(LONGEST, pause * 2);
    }
  }
}

/** The events of a stream (WHATWG HTML, 9.2), as far as the server uses them. */
async function* eventsIn(body) {
  let rest = '';
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let {done, value} = await reader.read(); !done; {done, value} = await reader.read()) {
      const blocks = `${rest}${value}`.split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const lines = block.split('\n').map((line) => /^(\w+): ?(.*)$/.exec(line) ?? []);
        const {id, data} = Object.fromEntries(lines.map(([, key = '', value]) => [key, value]));
        if (data !== undefined) yield {id, data};
      }
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function whenHidden(signal) {
  const controller = new AbortController();
  const look = () => { if (document.hidden) controller.abort(); };
  document.addEventListener('visibilitychange', look, {signal});
  look();
  return {signal: controller.signal, forget: () => { document.removeEventListener('visibilitychange', look); }};
}

function visible(signal) {
  return new Promise((resolve) => {
    const look = () => { if (!document.hidden || signal.aborted) resolve(); };
    document.addEventListener('visibilitychange', look, {signal});
    signal.addEventListener('abort', look, {once: true});
    look();
  });
}

function wait(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, {once: true});
  });
}
