import {messageOf} from '../core/foreign-error.js';

/** What the system says of a file, for a message that names the file itself: without the call and its path. */
export function fileFault(thrown: unknown): string {
  const {syscall} = (thrown ?? {}) as {syscall?: unknown};
  const message = messageOf(thrown);
  const end = typeof syscall === 'string' ? message.indexOf(`, ${syscall}`) : -1;
  return end < 0 ? message : message.slice(0, end);
}
