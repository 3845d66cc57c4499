import {readFileSync, readlinkSync} from 'node:fs';
import {hostname} from 'node:os';

/** A process, told apart from every other one that ever ran: process numbers are used again. */
export interface ProcessOwner {
  /** The machine. */
  readonly host: string;
  /** The time that the machine runs; another one after a restart. */
  readonly boot: string;
  /** The space in which the number counts (containers have their own). */
  readonly space: string;
  readonly pid: number;
  /** When the process began, in the system's own unit. */
  readonly started: string;
}

/** What is known of a process. `unknown`: it belongs to another machine or container. */
export type OwnerState = 'alive' | 'dead' | 'unknown';

/** This process. */
export function currentOwner(): ProcessOwner {
  return {...machine(), pid: process.pid, started: startOf(process.pid) ?? ''};
}

/** Whether a process still runs. */
export function stateOf(owner: ProcessOwner): OwnerState {
  const here = machine();
  if (owner.host !== here.host) return 'unknown';
  if (owner.boot !== here.boot) return 'dead';
  if (owner.space !== here.space) return 'unknown';
  const started = startOf(owner.pid);
  return started !== undefined && started === owner.started ? 'alive' : 'dead';
}

function machine(): Pick<ProcessOwner, 'host' | 'boot' | 'space'> {
  const id = text('/etc/machine-id');
  return {host: `${hostname()} ${id}`.trim(), boot: text('/proc/sys/kernel/random/boot_id'), space: link('/proc/self/ns/pid')};
}

/** When a process began; undefined when there is none. Systems without /proc only say whether it is there. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  // The name in parentheses may hold anything; the start is the 22nd field, the 20th after it (proc(5)).
  const stat = text(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
