import {getEventListeners} from 'node:events';
import {readdirSync, readlinkSync} from 'node:fs';
import {performance} from 'node:perf_hooks';

/** What a process holds: kinds of active resources (`Timeout`, `TCPSocketWrap` …), kinds of handles, and descriptors. */
export type Holdings = ReadonlyMap<string, number>;

/** These come and go by themselves: calls of the file system that are under way too; what they open is counted by its descriptor. */
const PASSING = new Set(['Immediate', 'TickObject', 'Microtask', 'FSReqCallback', 'FSReqPromise', 'CloseReq']);

/** Counts what this process holds now. Idle pooled sockets are unreferenced and show as descriptors only. */
export function holdings(): Holdings {
  const active = process.getActiveResourcesInfo().filter((kind) => !PASSING.has(kind)).map((kind) => `resource ${kind}`);
  const handles = activeHandles().map((handle) => `handle ${handle.constructor.name}`);
  const counts = new Map<string, number>();
  for (const kind of [...active, ...handles, ...descriptors().map((name) => `fd ${name}`)]) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** How many descriptors are open (Linux). */
export function countDescriptors(): number {
  return descriptors().length;
}

/** How many listeners wait for the signal's abort. */
export function countAbortListeners(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

/** Runs it and fails if it leaves anything open: socket, timer, file. What closes within `patience` ms is not counted. */
export async function expectNothingLeft<T>(run: () => Promise<T> | T, patience = 5000): Promise<T> {
  await turn(); // mocha starts its own timer after the synchronous part of a test
  const before = holdings();
  const result = await run();
  const end = performance.now() + patience;
  let left = surplus(before, holdings());
  while (left.length > 0 && performance.now() < end) {
    await turn();
    left = surplus(before, holdings());
  }
  if (left.length > 0) throw new Error(`left open: ${left.join(', ')}`);
  return result;
}

function activeHandles(): object[] {
  return (process as unknown as {_getActiveHandles(): object[]})._getActiveHandles();
}

function turn(): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve); });
}

function surplus(before: Holdings, after: Holdings): string[] {
  return [...after].flatMap(([kind, count]) => {
    const more = count - (before.get(kind) ?? 0);
    return more > 0 ? [`${more} × ${kind}`] : [];
  });
}

function descriptors(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`).replace(/:\[\d+\]$/, '')];
    } catch {
      return [];
    }
  });
}
